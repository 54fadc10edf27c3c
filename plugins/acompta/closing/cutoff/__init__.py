"""Cut-off: what belongs to another period is proposed as an entry of the last day, reversed on the next.

* ``periode: "2026-01-01/2026-12-31"`` on a line (or its document) spreads it by days: what is billed beyond the period
  goes to 487 (PCA), what is bought beyond it to 486 (CCA); so does what is delivered later (``livraison:``). The share
  earned so far is rounded once on the cumulated days, so that months add up to the cent.
* A document dated after the period, or a draft, whose ``periode:`` began or ``livraison:`` ended in it is revenue to
  bill (FAE, 4181 VAT included, 44587) or an invoice to receive (FNP, 408, or 4084 for an asset, 44586). Goods
  delivered owe their VAT at delivery: 44571.
* A credit note takes the same period as the invoice that it corrects, but for its own ``periode:``; a corrective
  invoice undoes that of the one that it replaces. VAT that is not deducted is part of a cost.
* At a balance-sheet date, deposit invoices not paid are taken off: 4191 and 44574 against 411.

Sources: PCG art. 1214-40, 1214-41 (408, 4181: VAT included), 1214-48, 321-7, 323-9 (486, 487); CGI art. 269-1-a
(delivery). Nothing is written: each proposal is the text of two entries that a person accepts.
"""
