"""A supplier's invoice or deposit invoice becomes a `Purchase`: supplier, lines, deposits recovered.

The mirror of `acompta.reading.documents`: expenses and assets are debits, so their ordinary sign is positive.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Posting, Transaction

from acompta.chart import (
    DEPOSITS,
    PAYABLE_ROLES,
    RECEIVABLE_ROLES,
    SUPPLIER_DEPOSITS,
    Account,
    Chart,
)
from acompta.messages import AcomptaError, Code, DocumentError, WrongKeyError, key_error, shown
from acompta.reading.exchange import Exchange, is_currency
from acompta.reading.keys import check_keys
from acompta.reading.model import NO_RATE, Document, Seller, TaxKey, delivery_of
from acompta.reading.values import bad_rate
from acompta.rounding import HUNDRED, ZERO, cents
from acompta.vocabulary import (
    DOCUMENT_KEYS,
    EUR,
    GOODS,
    LINE_KEYS,
    LINE_REGIMES,
    PERCENT,
    SERVICE,
    TYPED_LINE_KEYS,
    Kind,
)

ASSET: Final = "immobilisation"
_GOODS_PREFIXES: Final = ("601", "602", "606", "607", "609", "21", "3")
# Who pays a purchase in the company's place: employees, partners.
_PAYERS: Final = ("42", "45")
_DEFAULT_RATE: Final = Decimal(20)
# What a purchase says where a sale says an export: the VAT of an importation, self-assessed (CGI art. 293 A).
_REGIMES: Final = LINE_REGIMES - {"export"} | {"import"}


class PurchaseLine(NamedTuple):
    """A line before tax: ``amount`` in euros, a cost positive; ``deductible`` is the percent of its VAT."""

    account: str
    amount: Decimal
    tax: TaxKey
    rate: Decimal
    deductible: Decimal
    posting: Posting


class SupplierDepositLine(NamedTuple):
    """A line on 4091: a deposit asked (positive EUR), credited or recovered (negative EUR or ``PCT``).

    ``deductible`` is the percent of its VAT, of a deposit asked.
    """

    account: str
    units: Decimal
    unit: str
    tax: TaxKey | None
    deductible: Decimal
    posting: Posting


@dataclass(frozen=True, slots=True)
class Purchase:
    """A supplier's document as typed; ``order`` is its link, ``on_debit`` a supplier whose VAT is due on invoice."""

    kind: Kind
    entry: Transaction
    index: int
    number: str
    supplier: str
    order: str | None
    on_debit: bool
    seller: Seller
    lines: tuple[PurchaseLine, ...]
    deposit_lines: tuple[SupplierDepositLine, ...]
    typed_total: Decimal | None
    expanded: bool = False

    @property
    def delivered(self) -> datetime.date:
        """The day typed as ``livraison:``, on the document or else the latest of its lines; else its own date."""
        lines = (line.posting for line in self.lines)
        return delivery_of(self.entry, lines) or self.entry.date

    def as_document(self) -> Document:
        """The purchase as a document: its supplier is the third party, its order the contract."""
        return Document(
            self.kind,
            self.entry,
            self.index,
            self.number,
            draft=False,
            customer=self.supplier,
            contract=self.order,
            seller=self.seller,
            lines=(),
            deposit_lines=(),
            typed_total=None,
            expanded=self.expanded,
            delivery=delivery_of(self.entry),
        )


def read_purchase(
    entry: Transaction,
    index: int,
    kind: Kind,
    chart: Chart,
    seller: Seller,
    exchange: Exchange,
) -> Purchase:
    """The purchase that a tagged transaction is, its keys being right (`key_errors`).

    Raises:
        DocumentError: a line or the supplier cannot be read.
    """
    expanded = _is_posted(entry, kind)
    number = entry.meta.get("numero")
    if not isinstance(number, str) or not number:
        raise DocumentError(
            'facture fournisseur sans numéro : tapez numero: "…", celui que le fournisseur y a imprimé'
        )
    lines: list[PurchaseLine] = []
    deposits: list[SupplierDepositLine] = []
    supplier: Account | None = None
    typed: Decimal | None = None
    for posting in entry.postings:
        account = chart.get(posting.account)
        if kind is Kind.TAKEOVER and account.role == SUPPLIER_DEPOSITS:
            supplier = supplier or _supplier_of(account, chart)
            deposits.append(_deposit_line(posting, account, Kind.PURCHASE_DEPOSIT, entry, exchange))
        blank = posting.meta is not None and "__automatic__" in posting.meta
        if account.role in PAYABLE_ROLES:
            supplier = account
            if not blank and posting.units is not None and posting.units.number is not None:
                typed = (typed or Decimal(0)) - posting.units.number
        elif expanded:
            continue
        elif account.role == SUPPLIER_DEPOSITS:
            deposits.append(_deposit_line(posting, account, kind, entry, exchange))
        else:
            lines.append(_line(posting, account, entry, exchange))
    if supplier is None:
        raise DocumentError(
            "le fournisseur manque : ajoutez une ligne sans montant sur son compte, par exemple"
            f" {chart.liabilities}:401:NomDuFournisseur"
        )
    return Purchase(
        kind,
        entry,
        index,
        number,
        supplier.name,
        min(entry.links) if entry.links else None,
        supplier.meta.get("debits") is True,
        seller,
        tuple(lines),
        tuple(deposits),
        typed,
        expanded,
    )


def is_supplier_takeover(entry: Transaction, chart: Chart) -> bool:
    """Whether a ``#reprise`` is that of a supplier's invoice or deposit, by its accounts."""
    roles = {chart.get(posting.account).role for posting in entry.postings}
    ours = roles & (PAYABLE_ROLES | {SUPPLIER_DEPOSITS})
    return bool(ours) and not roles & (RECEIVABLE_ROLES | {DEPOSITS})


def _supplier_of(deposit: Account, chart: Chart) -> Account | None:
    """The supplier's account beside its 4091."""
    return next(
        (
            account
            for role in sorted(PAYABLE_ROLES)
            for account in chart.with_role(role)
            if account.auxiliary == deposit.auxiliary
        ),
        None,
    )


def _is_posted(entry: Transaction, kind: Kind) -> bool:
    """Whether the postings stand as they are: completed by a previous load, or taken over."""
    return kind is Kind.TAKEOVER or entry.meta.get("etendu") is True


def key_errors(entry: Transaction, kind: Kind) -> list[AcomptaError]:
    """The mistakes of the keys of a purchase and of its lines, all of them."""
    allowed = LINE_KEYS if _is_posted(entry, kind) else TYPED_LINE_KEYS
    errors = check_keys(entry, entry.meta, DOCUMENT_KEYS)
    for posting in entry.postings:
        errors += check_keys(entry, posting.meta or {}, allowed)
    if entry.flag == "!" and "sceau" in entry.meta:
        errors.append(
            key_error(entry, "sceau", "un brouillon n'a pas de sceau : supprimez la clé sceau")
        )
    return errors


def _worth(units: Amount, posting: Posting, entry: Transaction, exchange: Exchange) -> Decimal:
    """What a line says, in euros: a quantity times its unit price, a currency at its rate."""
    worth = units.number or ZERO
    currency, price = units.currency, posting.price
    if price is not None and price.number is not None and currency != EUR:
        worth, currency = worth * price.number, price.currency
    elif currency == PERCENT or not (is_currency(currency) or exchange.prices.knows(currency)):
        raise DocumentError(
            f"prix unitaire manquant : lu {shown(units)} ; tapez {shown(units)} @ 100.00 EUR",
            posting.meta,
        )
    if currency != EUR:
        worth = exchange.in_euros(worth, currency, entry, posting.meta)
    return cents(worth)


def _line(
    posting: Posting, account: Account, entry: Transaction, exchange: Exchange
) -> PurchaseLine:
    units = posting.units
    if account.is_treasury or account.number.startswith(_PAYERS):
        raise DocumentError(
            f"{account.name} n'est pas un compte de fournisseur : l'achat se tape sur un 401 ou un 404, et ce qui le"
            " paie dans une écriture à part, qui le nomme (401 au débit,"
            f" {account.name} au crédit, ^{entry.meta.get('numero')})",
            posting.meta,
        )
    if units is None or units.number is None or "__automatic__" in (posting.meta or {}):
        raise DocumentError(
            f"le montant de {account.name} manque : laissez en blanc la ligne du fournisseur (401) et tapez le"
            " montant hors taxes de celle-ci",
            posting.meta,
        )
    if account.number[:1] not in {"2", "3", "6"} and account.role not in {"486", "467"}:
        hint = (
            "la TVA est calculée, supprimez cette ligne"
            if account.number.startswith("445")
            else "utilisez un compte de charge (6) ou d'immobilisation (2)"
        )
        raise DocumentError(
            f"{account.name} ne peut pas porter une ligne d'achat : {hint}", posting.meta
        )
    amount = _worth(units, posting, entry, exchange)
    rate, tax = _tax(posting, account, entry.meta)
    return PurchaseLine(account.name, amount, tax, rate, _deductible(posting, account), posting)


def _deductible(posting: Posting, account: Account) -> Decimal:
    """The percent of the VAT of a line that is deducted: its own, else that of its account, else all."""
    deductible = (posting.meta or {}).get("deductible", account.meta.get("deductible", HUNDRED))
    if not isinstance(deductible, Decimal) or not 0 <= deductible <= HUNDRED:
        raise WrongKeyError(
            "deductible",
            f"lu {shown(deductible)} ; tapez un pourcentage, par exemple deductible: 80",
            posting.meta,
        )
    return deductible


def _tax(posting: Posting, account: Account, document: dict[str, Any]) -> tuple[Decimal, TaxKey]:
    """Rate of the VAT of a line and its tax key (nature, or asset; reverse charge as regime)."""
    meta = posting.meta or {}
    nature = meta.get("nature") or account.meta.get("nature")
    if nature not in {GOODS, SERVICE}:
        nature = GOODS if account.number.startswith(_GOODS_PREFIXES) else SERVICE
    regime = meta.get("regime") or document.get("regime")
    rate = meta.get("tva", document.get("tva", account.tva))
    if regime is not None:
        if regime not in _REGIMES | LINE_REGIMES:
            wanted = ", ".join(f'"{word}"' for word in sorted(_REGIMES))
            raise WrongKeyError(
                "regime", f"lu {shown(regime)} ; tapez l'un de {wanted}", posting.meta
            )
        if regime == "exonere":
            return NO_RATE, TaxKey(NO_RATE, nature, str(regime))
        _check_rate(rate, posting)
        rate = rate if isinstance(rate, Decimal) else _DEFAULT_RATE
        # A fixed asset keeps its own account of VAT, 44562, whoever owes the tax (PCG art. 1214-44).
        nature = ASSET if account.pcg_class == "2" else nature
        return rate, TaxKey(rate, nature, str(regime))
    _check_rate(rate, posting)
    if not isinstance(rate, Decimal):
        raise DocumentError(
            f"taux de TVA inconnu pour {account.name} : tapez tva: 20 sous la ligne (tva: 0 si la facture n'en"
            " porte pas)",
            meta,
        )
    asset = ASSET if account.pcg_class == "2" else ""
    return rate, TaxKey(rate, nature, asset)


def _check_rate(rate: object, posting: Posting) -> None:
    wrong = bad_rate("tva", rate) if isinstance(rate, Decimal) else None
    if wrong is not None:
        raise DocumentError(wrong, posting.meta, Code.KEY, "tva")


def _deposit_line(
    posting: Posting, account: Account, kind: Kind, entry: Transaction, exchange: Exchange
) -> SupplierDepositLine:
    units = posting.units
    if units is not None and units.number is not None and units.currency not in {EUR, PERCENT}:
        units = Amount(_worth(units, posting, entry, exchange), EUR)
    if units is None or units.number is None or units.currency not in {EUR, PERCENT}:
        raise DocumentError(
            f"ligne d'acompte versé : lu {shown(units)} ; tapez un montant HT ou un pourcentage",
            posting.meta,
        )
    asks = kind is Kind.PURCHASE_DEPOSIT
    if not asks and units.number > 0:
        raise DocumentError(
            f"signe sur {posting.account} : lu {shown(units)} ; un acompte repris se tape en négatif",
            posting.meta,
        )
    rate = (posting.meta or {}).get("tva")
    tax = None
    if asks:
        if not isinstance(rate, Decimal):
            raise DocumentError(
                "acompte fournisseur : tapez le taux, par exemple tva: 20, sous la ligne 4091",
                posting.meta,
            )
        _check_rate(rate, posting)
        regime = (posting.meta or {}).get("regime") or entry.meta.get("regime") or ""
        tax = TaxKey(rate, (posting.meta or {}).get("nature", SERVICE), str(regime))
    elif "deductible" in (posting.meta or {}):
        raise DocumentError(
            f"clé « deductible » sur {posting.account} : elle se tape sous la ligne de l'acompte (#achat-acompte) ; la"
            " facture reprend ce qui en a été déduit",
            posting.meta,
        )
    deductible = _deductible(posting, account) if asks else HUNDRED
    return SupplierDepositLine(
        posting.account, units.number, units.currency, tax, deductible, posting
    )
