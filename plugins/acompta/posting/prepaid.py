"""Prepaid credits and their use (CGI art. 256 ter, single-purpose and multi-purpose vouchers).

Rate known when sold (single-purpose): a deposit, 4191 before tax + VAT on receipt; use moves 4191 to revenue without
VAT. Rate unknown (multi-purpose, typed on 4191 without ``tva:``): 4191 VAT-inclusive; VAT is due on use. Before::

    2026-02-01 * "SCI Dupont" "Carnet de 10 heures" #prepaye ^CR-01
      numero: "F2026-006"
      Actif:411:Dupont
      Produits:706:Conseil    -10 HEURE @ 90.00 EUR
        tva: 20

    2026-02-20 * "SCI Dupont" "Consultation" #consommation ^CR-01
      Produits:706:Conseil   -2.5 HEURE @ 90.00 EUR

After::

    2026-02-01 * "SCI Dupont" "Carnet de 10 heures" #prepaye ^CR-01
      Actif:411:Dupont       1080.00 EUR
      Passif:4191:Dupont     -900.00 EUR
      Passif:44574:TVA20     -180.00 EUR

    2026-02-20 * "SCI Dupont" "Consultation" #consommation ^CR-01
      Passif:4191:Dupont      225.00 EUR
      Produits:706:Conseil   -225.00 EUR
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from beancount.core.amount import Amount
from beancount.core.data import Posting

from acompta.chart import DEPOSITS, VAT_DUE
from acompta.messages import DocumentError, euros, shown
from acompta.posting.bill import (
    Bill,
    BilledLine,
    check_total,
    line_postings,
    recovery_postings,
    timing_of,
    typed_meta,
    vat_postings,
)
from acompta.posting.books import Books
from acompta.reading.model import NO_RATE, Document, Line, Share, TaxKey
from acompta.register.contract import Contract
from acompta.register.values import Deposit, Recovery
from acompta.rounding import ZERO, cents, proportional
from acompta.vat import base_of, tax_shares
from acompta.vocabulary import EUR, SERVICE, Kind

MULTI_PURPOSE = TaxKey(NO_RATE, SERVICE, "bon-multi-usages")


@dataclass(slots=True)
class Pack:
    """Units bought together: what was sold and what is left (units, and euros before tax)."""

    deposit: Deposit
    account: str
    unit: str
    tax: TaxKey
    units: Decimal
    base: Decimal
    used: Decimal = ZERO
    expires: object = None
    credited: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """Units neither used nor credited (``credited`` is in euros before tax)."""
        if not self.credited:
            return self.units - self.used
        return self.units * (1 - self.credited / self.base) - self.used


def bill_prepaid(document: Document, contract: Contract, books: Books) -> Bill:
    """Amounts of prepaid credits, noted in the register with their units.

    Raises:
        DocumentError: no units, or mixed single- and multi-purpose credits.
    """
    account = books.chart.sibling(document.customer, DEPOSITS)
    if document.deposit_lines:
        bill = _multi_purpose(document, contract)
    elif document.lines:
        bases: dict[TaxKey, Decimal] = {}
        for line in document.lines:
            if line.amount is None or line.tax is None:
                raise DocumentError(
                    "des crédits prépayés se tapent en quantités : -10 HEURE @ 90.00 EUR",
                    line.posting.meta,
                )
            bases[line.tax] = bases.get(line.tax, ZERO) + line.amount
        deposit = Deposit(document, account, tax_shares(bases))
        contract.deposits.append(deposit)
        contract.packs += [_pack(line, deposit, document) for line in document.lines]
        bill = Bill((), deposit.given)
    else:
        raise DocumentError(
            "crédits prépayés sans ligne : tapez par exemple Produits:706:Conseil  -10 HEURE @ 90.00 EUR"
        )
    check_total(document, bill)
    return bill


def _pack(line: Line, deposit: Deposit, document: Document) -> Pack:
    tax = line.tax or MULTI_PURPOSE
    expires = line.meta.get("expire") or document.entry.meta.get("expire")
    return Pack(
        deposit, line.account, line.unit, tax, -line.units, line.amount or ZERO, ZERO, expires
    )


def _multi_purpose(document: Document, contract: Contract) -> Bill:
    if document.lines or len(document.deposit_lines) > 1:
        raise DocumentError(
            "un bon à usages multiples se tape sur une seule ligne 4191, sans produit",
            document.deposit_lines[0].posting.meta,
        )
    line = document.deposit_lines[0]
    if line.rate is not None:
        raise DocumentError(
            "taux connu à la vente : tapez les crédits sur un compte de produit"
            " (Produits:706:Conseil  -10 HEURE @ 90.00 EUR) ; sans taux connu, supprimez tva:",
            line.posting.meta,
        )
    amount = line.amount_included if line.amount_included is not None else -line.units
    deposit = Deposit(document, line.account, {MULTI_PURPOSE: Share(amount, ZERO)})
    contract.deposits.append(deposit)
    return Bill((), deposit.given)


def post_prepaid(document: Document, bill: Bill, contract: Contract, books: Books) -> list[Posting]:
    """The complete postings of prepaid credits: as a deposit."""
    account = contract.deposits[-1].account
    books.chart.use(account, document.customer)
    base = sum((share.base for share in bill.gross.values()), ZERO)
    return [
        Posting(document.customer, Amount(bill.due, EUR), None, None, None, None),
        Posting(account, Amount(-base, EUR), None, None, None, None),
        *vat_postings(timing_of(document), bill.gross, books.chart),
    ]


def bill_use(document: Document, contract: Contract | None) -> Bill:
    """Amounts of a use of prepaid credits.

    Raises:
        DocumentError: no credits, another unit or price, or more than what is left.
    """
    if contract is None or not contract.deposits:
        raise DocumentError("consommation sans crédits : ajoutez le lien ^ d'un #prepaye")
    if not document.lines:
        raise DocumentError(
            "consommation sans ligne : tapez ce qui est consommé, par exemple Produits:706:Conseil  -2 HEURE"
            " @ 90.00 EUR"
        )
    if any(MULTI_PURPOSE in deposit.given for deposit in contract.deposits):
        return _use_multi_purpose(document, contract)
    lines: list[BilledLine] = []
    gross: dict[TaxKey, Share] = {}
    recovered: list[Recovery] = []
    for line in document.lines:
        for recovery in _use_line(line, contract):
            recovered.append(recovery)
            old = gross.get(recovery.tax, Share(ZERO, ZERO))
            gross[recovery.tax] = Share(old.base + recovery.base, old.vat + recovery.vat)
            lines.append(
                BilledLine(line.account, recovery.base, recovery.tax, typed_meta(line.posting))
            )
    return Bill(tuple(lines), gross, tuple(recovered))


def _use_line(line: Line, contract: Contract) -> list[Recovery]:
    packs = [p for p in contract.packs if p.account == line.account and p.unit == line.unit]
    available = sum((pack.left for pack in packs), ZERO)
    wanted = -line.units
    if not packs:
        bought = (
            ", ".join(dict.fromkeys(f"{p.unit} sur {p.account}" for p in contract.packs)) or "aucun"
        )
        raise DocumentError(
            f"crédits en {line.unit} sur {line.account} inconnus ; crédits achetés : {bought}",
            line.posting.meta,
        )
    if wanted > available:
        raise DocumentError(
            f"consommation de {shown(wanted)} {line.unit} : il n'en reste que {shown(available)} sur"
            f" ^{contract.link}",
            line.posting.meta,
        )
    used = sum((pack.used for pack in packs), ZERO)
    if -wanted > used:
        raise DocumentError(
            f"reprise de {shown(-wanted)} {line.unit} : {shown(used)} seulement sont consommés sur ^{contract.link}",
            line.posting.meta,
        )
    recoveries = []
    for pack in packs if wanted > ZERO else reversed(packs):
        step = min(wanted, pack.left) if wanted > ZERO else max(wanted, -pack.used)
        if step:
            recoveries.append(_use_pack(pack, step, line))
            wanted -= step
    return recoveries


def _use_pack(pack: Pack, units: Decimal, line: Line) -> Recovery:
    price = pack.base / pack.units
    if line.price is not None and cents(line.price) != cents(price):
        raise DocumentError(
            f"prix de {euros(line.price)} : ces crédits ont été vendus {euros(price)} l'unité",
            line.posting.meta,
        )
    before = proportional(pack.base, pack.used, pack.units)
    pack.used += units
    base = proportional(pack.base, pack.used, pack.units) - before
    given, left = pack.deposit.given[pack.tax], pack.deposit.left(pack.tax)
    done = given.base - left.base + base
    vat = proportional(given.vat, done, given.base) - (given.vat - left.vat)
    pack.deposit.take(pack.tax, base, vat)
    return Recovery(pack.deposit.number, pack.deposit.account, pack.tax, pack.tax, base, vat)


def _use_multi_purpose(document: Document, contract: Contract) -> Bill:
    """VAT on use (CGI art. 256 ter): the credits pay the VAT-inclusive total."""
    lines, gross = _included(document) if document.deposit_lines else _before_tax(document)
    left = sum((share.total for share in gross.values()), ZERO)
    total = left
    recovered = []
    for deposit in contract.deposits if left > ZERO else reversed(contract.deposits):
        remains = deposit.left(MULTI_PURPOSE).base
        used = deposit.given[MULTI_PURPOSE].base - remains
        step = min(left, remains) if left > ZERO else max(left, -used)
        if step:
            deposit.take(MULTI_PURPOSE, step, ZERO)
            recovered.append(
                Recovery(deposit.number, deposit.account, MULTI_PURPOSE, MULTI_PURPOSE, step, ZERO)
            )
            left -= step
    if left < ZERO:
        raise DocumentError(
            f"reprise de {euros(-total)} TTC : {euros(left - total)} seulement sont consommés sur ^{contract.link}"
        )
    if left:
        raise DocumentError(
            f"consommation de {euros(total)} TTC : il ne reste que {euros(total - left)} de crédits sur"
            f" ^{contract.link}"
        )
    return Bill(tuple(lines), gross, tuple(recovered))


def _before_tax(document: Document) -> tuple[list[BilledLine], dict[TaxKey, Share]]:
    """Lines typed before tax."""
    bases: dict[TaxKey, Decimal] = {}
    lines = []
    for line in document.lines:
        if line.amount is None or line.tax is None:
            raise DocumentError("tapez un montant hors taxes et son taux", line.posting.meta)
        bases[line.tax] = bases.get(line.tax, ZERO) + line.amount
        lines.append(BilledLine(line.account, line.amount, line.tax, typed_meta(line.posting)))
    return lines, tax_shares(bases)


def _included(document: Document) -> tuple[list[BilledLine], dict[TaxKey, Share]]:
    """What is taken from the voucher, VAT included, typed on 4191; the product's line left blank."""
    total = sum((line.units for line in document.deposit_lines), ZERO)
    if len(document.lines) != 1 or document.lines[0].tax is None:
        raise DocumentError(
            "consommation TTC : tapez le montant sur 4191 et une seule ligne de produit, en blanc",
            document.deposit_lines[0].posting.meta,
        )
    line, tax = document.lines[0], document.lines[0].tax
    base = base_of(total, tax.rate)
    billed = BilledLine(line.account, base, tax, typed_meta(line.posting))
    return [billed], {tax: Share(base, total - base)}


def post_use(document: Document, bill: Bill, books: Books) -> list[Posting]:
    """The complete postings of a use: 4191 / 70x, with VAT only for multi-purpose credits."""
    timing = timing_of(document)
    postings = [*recovery_postings(bill.recovered, timing), *line_postings(bill)]
    if any(recovery.tax == MULTI_PURPOSE for recovery in bill.recovered):
        postings += [
            Posting(
                books.chart.vat_account(VAT_DUE, tax.rate),
                Amount(-share.vat, EUR),
                None,
                None,
                None,
                {"taux": tax.rate, "base": share.base},
            )
            for tax, share in bill.gross.items()
            if share.vat
        ]
    return postings


__all__ = ["MULTI_PURPOSE", "Kind", "Pack", "bill_prepaid", "bill_use", "post_prepaid", "post_use"]
