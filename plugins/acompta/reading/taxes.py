"""The tax of a line: its own keys, else the document's, else the default of its account (language.md §3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from beancount.core.data import Posting, Transaction

from acompta.chart import DISBURSEMENTS, Account, Chart
from acompta.messages import Code, DocumentError, WrongKeyError, shown
from acompta.reading.model import NO_RATE, Seller, TaxKey
from acompta.reading.values import bad_rate
from acompta.rounding import HUNDRED
from acompta.vocabulary import DISBURSEMENT, GOODS, LINE_REGIMES, PERCENTS, SERVICE, Regime

# Late-payment interest and indemnities compensate a loss: outside VAT (BOI-TVA-BASE-10-10-50).
_OUTSIDE_VAT: Final = ("7581", "7631")
_TAX_KEYS: Final = frozenset({"tva", "regime", "nature", "motif"})


class TaxReader:
    """Finds the tax of each line of one document after another."""

    def __init__(self, chart: Chart) -> None:
        """Take the accounts of the ledger."""
        self.chart = chart
        self._entry: Transaction | None = None
        self._document_taxed = False
        self._defaults: dict[Regime, dict[str, TaxKey | None]] = {regime: {} for regime in Regime}

    def begin(self, entry: Transaction) -> None:
        """The lines to come are those of ``entry``: their account's default serves when neither says more."""
        self._entry = entry
        self._document_taxed = not _TAX_KEYS.isdisjoint(entry[0])

    def tax(
        self, posting: Posting, account: Account, seller: Seller, document: dict[str, Any]
    ) -> TaxKey | None:
        """The tax of a line; a line that says nothing of it shares its account's default, read once.

        ``None``: a percentage that takes the rates of its contract.

        Raises:
            DocumentError: no rate, or one that cannot be.
        """
        meta = posting[5] or {}
        if account.tva is None or self._document_taxed or not _TAX_KEYS.isdisjoint(meta):
            return self._tax_from(meta, posting, account, seller, document)
        defaults = self._defaults[seller.regime]
        tax = defaults.get(account.name)
        if tax is None:
            tax = defaults[account.name] = self._tax_from(meta, posting, account, seller, document)
        return tax

    def of_discount(
        self, discount: Posting, account: Account, seller: Seller, document: dict[str, Any]
    ) -> TaxKey | None:
        """The tax of a discount (665): its own, else the only one of the document's other lines.

        Raises:
            DocumentError: it says none, and the other lines have several.
        """
        meta = discount.meta or {}
        if account.tva is not None or self._document_taxed or not _TAX_KEYS.isdisjoint(meta):
            return self._tax_from(meta, discount, account, seller, document)
        taxes: set[TaxKey | None] = set()
        for posting in self._entry.postings if self._entry is not None else ():
            revenue = self.chart.get(posting.account)
            if revenue.is_revenue:
                taxes.add(self.tax(posting, revenue, seller, document))
        if len(taxes) != 1 or None in taxes:
            raise DocumentError(
                f"taux de TVA inconnu pour {discount.account} : tapez tva: 20 sous la ligne, et une ligne par taux",
                discount.meta,
            )
        return taxes.pop()

    def _tax_from(
        self,
        meta: dict[str, Any],
        posting: Posting,
        account: Account,
        seller: Seller,
        document: dict[str, Any],
    ) -> TaxKey | None:
        """The tax that the keys of a line, those of its document and its account give, read anew."""
        nature = meta.get("nature") or document.get("nature") or account.nature
        if nature not in {GOODS, SERVICE}:
            raise WrongKeyError(
                "nature", f'lu {shown(nature)} ; tapez "bien" ou "service"', posting.meta
            )
        if account.role == DISBURSEMENTS:
            if not (meta.get("motif") or document.get("motif")):
                raise DocumentError(
                    "un débours (467) est refacturé sans TVA pour le compte du client : tapez le motif,"
                    ' par exemple motif: "Frais de dépôt INPI, facture du 3 mars"',
                    posting.meta,
                )
            return TaxKey(NO_RATE, DISBURSEMENT, DISBURSEMENT)
        regime = meta.get("regime") or document.get("regime")
        unused = meta.get("tva", document.get("tva"))
        if unused is not None and (regime is not None or seller.regime is Regime.FRANCHISE):
            typed_rate(
                unused, posting
            )  # said, though nothing is taxed: a mistake is never passed over
        if regime is not None:
            return _exempt(regime, nature, meta.get("motif") or document.get("motif"), posting)
        if seller.regime is Regime.FRANCHISE:
            return TaxKey(NO_RATE, nature, Regime.FRANCHISE.value)
        rate = meta.get("tva")
        if rate is None:
            rate = document.get("tva", account.tva)
        if rate is None:
            return self._without_rate(posting, account, nature)
        return TaxKey(typed_rate(rate, posting), nature)

    def _without_rate(self, posting: Posting, account: Account, nature: str) -> TaxKey | None:
        """A line that says no rate: outside VAT by its account, or a percentage that takes the contract's."""
        if account.number.startswith(_OUTSIDE_VAT):
            return TaxKey(NO_RATE, nature, "hors-champ")
        units = posting.units
        if units is not None and units.currency in PERCENTS:
            return None
        if account.opened is None and self._entry is not None:
            from acompta.lint.opened import unknown_account  # noqa: PLC0415 — only for a mistake

            opened = [name for name, known in self.chart.accounts.items() if known.opened]
            raise DocumentError(
                unknown_account(account.name, self._entry.date, opened),
                posting.meta,
                Code.UNKNOWN_ACCOUNT,
                account.name,
            )
        raise DocumentError(
            f"taux de TVA inconnu pour {account.name} : tapez tva: 20 sous la ligne, ou sous le"
            " « open » du compte",
            posting.meta,
        )


def typed_rate(value: object, posting: Posting) -> Decimal:
    """The rate (percent) typed on a line.

    Raises:
        DocumentError: not a number from 0 to 100.
    """
    if isinstance(value, Decimal) and 0 <= value < HUNDRED:
        return value
    raise DocumentError(bad_rate("tva", value) or "", posting.meta)


def _exempt(regime: object, nature: str, reason: object, posting: Posting) -> TaxKey:
    if isinstance(regime, str) and "marge" in regime:
        raise DocumentError(
            "TVA sur la marge (CGI art. 297 A) : ce régime n'est pas traité par Acompta ; tenez ces ventes à part",
            posting.meta,
        )
    if regime not in LINE_REGIMES:
        wanted = ", ".join(f'"{word}"' for word in sorted(LINE_REGIMES))
        raise WrongKeyError("regime", f"lu {shown(regime)} ; tapez l'un de {wanted}", posting.meta)
    if regime == "exonere" and not reason:
        raise DocumentError(
            'regime: "exonere" demande son fondement : tapez par exemple motif: "Art. 261-4-4° du CGI"',
            posting.meta,
        )
    return TaxKey(NO_RATE, nature, str(regime))
