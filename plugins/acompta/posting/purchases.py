"""Supplier's invoice and deposit invoice: 401, 4091, 44564 until paid then 44566, 44562 for fixed assets.

The buyer deducts when the VAT is due at the supplier and the invoice is held (CGI art. 271-I-2, II-2): goods at once,
services and deposits when paid unless the supplier opted for the débits (``debits: TRUE`` on its 401). Before::

    2026-01-05 * "Hébergeur" "Acompte serveur" #achat-acompte ^CDE-7
      numero: "FR-8891"
      Passif:401:Hebergeur
      Actif:4091:Hebergeur    3000.00 EUR
        tva: 20

    2026-03-20 * "Hébergeur" "Serveur" #achat ^CDE-7
      numero: "FR-9001"
      Passif:401:Hebergeur
      Charges:604:Etudes     10000.00 EUR
        tva: 20
      Actif:4091:Hebergeur     -100 PCT

After::

    2026-01-05 * "Hébergeur" "Acompte serveur" #achat-acompte ^CDE-7
      Passif:401:Hebergeur  -3600.00 EUR
      Actif:4091:Hebergeur   3000.00 EUR
      Actif:44564:TVA20       600.00 EUR

    2026-03-20 * "Hébergeur" "Serveur" #achat ^CDE-7
      Passif:401:Hebergeur  -8400.00 EUR
      Charges:604:Etudes    10000.00 EUR
      Actif:4091:Hebergeur  -3000.00 EUR
      Actif:44564:TVA20      1400.00 EUR
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from beancount.core.amount import Amount
from beancount.core.data import Posting

from acompta.chart import VAT_DUE, Chart
from acompta.messages import DocumentError, euros
from acompta.reading.model import Share, TaxKey
from acompta.reading.purchases import ASSET, Purchase, PurchaseLine, SupplierDepositLine
from acompta.rounding import HUNDRED, ZERO, cents, proportional
from acompta.vat import vat_of
from acompta.vocabulary import EUR, GOODS, PERCENT, Kind, Regime

DEDUCTIBLE = "44566"
DEDUCTIBLE_PENDING = "44564"
DEDUCTIBLE_ON_ASSETS = "44562"
INTRA_EU_DUE = "4452"
_CENTS_OF_ROUNDING = Decimal("0.10")
_GOODS_REGIMES = frozenset({"intracom-biens", "import", "export"})
_SELF_ASSESSED = frozenset(
    {"autoliquidation-btp", "intracom-biens", "intracom-services", "import", "export"}
)


class SupplierRecovery(NamedTuple):
    """What a supplier's invoice takes back of one deposit paid, in euros; ``kept``: its VAT on 4091."""

    number: str
    account: str
    tax: TaxKey
    base: Decimal
    vat: Decimal
    kept: Decimal = ZERO

    @property
    def held(self) -> Decimal:
        """What it takes off 4091."""
        return self.base + self.kept

    @property
    def deducted(self) -> Share:
        """What of it is, or will be, deducted."""
        return Share(self.base, self.vat - self.kept)


@dataclass(slots=True)
class SupplierDeposit:
    """A supplier's deposit invoice in the register; ``kept`` is the VAT that is not deducted and stands on 4091."""

    number: str
    account: str
    given: dict[TaxKey, Share]
    recovered: dict[TaxKey, Share] = field(default_factory=dict)
    kept: dict[TaxKey, Decimal] = field(default_factory=dict)

    def take(self, tax: TaxKey, step: Decimal) -> SupplierRecovery:
        """Recover ``step`` euros before tax, with their part of the VAT: the last one clears to the cent."""
        given, left = self.given[tax], self.left(tax)
        before = given.base - left.base
        done = before + step
        vat = proportional(given.vat, done, given.base) - (given.vat - left.vat)
        kept = self.kept.get(tax, ZERO)
        if kept:
            kept = proportional(kept, done, given.base) - proportional(kept, before, given.base)
        old = self.recovered.get(tax, Share(ZERO, ZERO))
        self.recovered[tax] = Share(old.base + step, old.vat + vat)
        return SupplierRecovery(self.number, self.account, tax, step, vat, kept)

    def left(self, tax: TaxKey) -> Share:
        """What remains to recover."""
        given, taken = self.given[tax], self.recovered.get(tax, Share(ZERO, ZERO))
        return Share(given.base - taken.base, given.vat - taken.vat)


@dataclass(frozen=True, slots=True)
class PurchaseBill:
    """Computed amounts of a purchase, euros: ``costs`` per line with the VAT that is not deducted, ``vat`` deducted."""

    costs: tuple[tuple[str, Decimal, dict[str, Any] | None], ...]
    vat: dict[TaxKey, Share]
    self_assessed: dict[TaxKey, Share]
    recovered: tuple[SupplierRecovery, ...]
    total: Decimal

    @property
    def due(self) -> Decimal:
        """What is owed to the supplier."""
        return self.total - sum(
            (r.base if r.tax.regime in _SELF_ASSESSED else r.base + r.vat for r in self.recovered),
            ZERO,
        )

    def net(self) -> dict[TaxKey, Share]:
        """Deductible base and VAT once the deposits are recovered."""
        net = dict(self.vat)
        for recovery in self.recovered:
            base, vat = recovery.deducted
            if not vat:
                continue
            key = _against(recovery.tax, net)
            old = net.get(key, Share(ZERO, ZERO))
            net[key] = Share(old.base - base, old.vat - vat)
        return net

    def net_self_assessed(self) -> dict[TaxKey, Share]:
        """VAT to self-assess once the deposits, already self-assessed, are recovered."""
        net = dict(self.self_assessed)
        for recovery in self.recovered:
            if recovery.vat and recovery.tax.regime in _SELF_ASSESSED:
                key = _against(recovery.tax, net)
                old = net.get(key, Share(ZERO, ZERO))
                net[key] = Share(old.base - recovery.base, old.vat - recovery.vat)
        return net


def _against(tax: TaxKey, net: dict[TaxKey, Share]) -> TaxKey:
    """The key of the invoice that a deposit's VAT is set against: the same, else another of its rate."""
    if tax in net:
        return tax
    return next((key for key in net if key.rate == tax.rate and net[key].vat >= 0), tax)


class SupplierOrders:
    """Deposits paid, by supplier and order."""

    def __init__(self) -> None:
        """Start empty."""
        self.deposits: dict[tuple[str, str | None], list[SupplierDeposit]] = {}

    def of(self, purchase: Purchase) -> list[SupplierDeposit]:
        """The deposits of the same supplier and order."""
        return self.deposits.setdefault((purchase.supplier, purchase.order), [])

    def noted(self, purchase: Purchase) -> list[tuple[SupplierDeposit, dict[TaxKey, Share]]]:
        """What the order holds now, to `forget` what a purchase in error noted."""
        if not purchase.deposit_lines:
            return []
        return [(deposit, dict(deposit.recovered)) for deposit in self.of(purchase)]

    def forget(
        self, purchase: Purchase, before: list[tuple[SupplierDeposit, dict[TaxKey, Share]]]
    ) -> None:
        """Put the order back as it was ``before``: a purchase in error takes and gives nothing."""
        if purchase.deposit_lines:
            self.of(purchase)[:] = [deposit for deposit, _ in before]
        for deposit, recovered in before:
            deposit.recovered = recovered


def take_over(purchase: Purchase, orders: SupplierOrders, chart: Chart) -> None:
    """Note a supplier's deposit that another program paid (``#reprise``): an invoice of its order recovers it.

    Raises:
        DocumentError: a line on a charge or revenue, which the opening balance holds already.
    """
    for posting in purchase.entry.postings:
        if chart.get(posting.account).pcg_class in {"6", "7"}:
            raise DocumentError(
                f"une reprise ne touche pas {posting.account} : la charge est déjà dans le bilan d'ouverture ;"
                " tapez la contrepartie sur le compte de bilan d'ouverture",
                posting.meta,
            )
    for line in purchase.deposit_lines:
        if line.deductible != HUNDRED:
            raise DocumentError(
                "la reprise d'un acompte versé ne lit pas « deductible: » : tapez au 4091 le seul hors taxes, et la TVA"
                " qui n'en est pas déduite dans la charge de la facture",
                line.posting.meta,
            )
    given = {
        line.tax: Share(line.units, vat_of(line.units, line.tax.rate))
        for line in purchase.deposit_lines
        if line.tax is not None
    }
    if given:
        account = purchase.deposit_lines[0].account
        orders.of(purchase).append(SupplierDeposit(purchase.number, account, given))


def bill_purchase(purchase: Purchase, orders: SupplierOrders) -> PurchaseBill:
    """Amounts of a purchase, noted in the register of its order.

    Raises:
        DocumentError: no line, a total that differs from the one typed, or deposits that are not there to recover.
    """
    if purchase.kind is Kind.PURCHASE_DEPOSIT and _credits(purchase):
        bill = _credit_deposit(purchase, orders)
    elif purchase.kind is Kind.PURCHASE_DEPOSIT:
        bill = _bill_deposit(purchase, orders)
    else:
        bill = _bill_invoice(purchase, orders)
    if purchase.typed_total is not None and purchase.typed_total != bill.due:
        raise DocumentError(
            f"total TTC : lu {euros(purchase.typed_total)} sur {purchase.supplier}, calculé {euros(bill.due)} ;"
            f" corrigez le montant ou le taux d'une ligne{_rounding_hint(purchase.typed_total - bill.due)}"
        )
    return bill


def _rounding_hint(gap: Decimal) -> str:
    """What to type when the supplier rounds line by line: its total is the one owed."""
    if abs(gap) > _CENTS_OF_ROUNDING:
        return ""
    return f", ou, si le fournisseur arrondit autrement, ajoutez une ligne 658 de {gap:.2f} EUR avec tva: 0"


def _bill_deposit(purchase: Purchase, orders: SupplierOrders) -> PurchaseBill:
    if not purchase.deposit_lines or purchase.lines:
        raise DocumentError(
            "un acompte fournisseur se tape sur 4091, sans charge : Actif:4091:Fournisseur  1000.00 EUR"
        )
    given: dict[TaxKey, Share] = {}
    kept: dict[TaxKey, Decimal] = {}
    costs = []
    franchise = purchase.seller.regime is Regime.FRANCHISE
    for line in purchase.deposit_lines:
        tax = line.tax
        if tax is None or line.unit == PERCENT:
            raise DocumentError(
                "un acompte fournisseur se tape en EUR hors taxes", line.posting.meta
            )
        base = line.units
        # Goods from the Union, importations: their deposits make no tax due (CGI art. 269-2-d, 293-A).
        vat = ZERO if tax.regime in _GOODS_REGIMES else vat_of(base, tax.rate)
        cost = vat - cents(vat * (ZERO if franchise else line.deductible) / HUNDRED)
        costs.append((line.account, base + cost, _kept(line.posting)))
        if franchise and tax.regime not in _SELF_ASSESSED:
            base, vat, cost = (
                base + vat,
                ZERO,
                ZERO,
            )  # nothing is deducted: it is a price, VAT included
        if cost:
            kept[tax] = kept.get(tax, ZERO) + cost
        old = given.get(tax, Share(ZERO, ZERO))
        given[tax] = Share(old.base + base, old.vat + vat)
    account = purchase.deposit_lines[0].account
    orders.of(purchase).append(SupplierDeposit(purchase.number, account, given, kept=kept))
    reverse = {tax: share for tax, share in given.items() if tax.regime in _SELF_ASSESSED}
    total = sum(
        (share.base if tax in reverse else share.total for tax, share in given.items()), ZERO
    )
    deducted = {
        tax: Share(share.base, share.vat - kept.get(tax, ZERO)) for tax, share in given.items()
    }
    return PurchaseBill(tuple(costs), deducted, reverse, (), total)


def _credits(purchase: Purchase) -> bool:
    return any(line.units < 0 for line in purchase.deposit_lines)


def _credit_deposit(purchase: Purchase, orders: SupplierOrders) -> PurchaseBill:
    """A supplier's credit note on a deposit: what it takes off is no more to recover (CGI art. 272-1)."""
    costs = []
    vat: dict[TaxKey, Share] = {}
    reverse: dict[TaxKey, Share] = {}
    total = ZERO
    for line in purchase.deposit_lines:
        rate = line.tax.rate if line.tax is not None else None
        for one in _recover_line(line, orders.of(purchase), purchase.supplier, rate):
            self_assessed = one.tax.regime in _SELF_ASSESSED
            meta = {**(_kept(line.posting) or {}), "acompte": one.number}
            costs.append((line.account, -one.held, meta))
            total -= one.base if self_assessed else one.base + one.vat
            _take_off(vat, one.tax, one.deducted)
            if self_assessed:
                _take_off(reverse, one.tax, Share(one.base, one.vat))
    return PurchaseBill(tuple(costs), vat, reverse, (), total)


def _take_off(shares: dict[TaxKey, Share], tax: TaxKey, part: Share) -> None:
    old = shares.get(tax, Share(ZERO, ZERO))
    shares[tax] = Share(old.base - part.base, old.vat - part.vat)


def _bill_invoice(purchase: Purchase, orders: SupplierOrders) -> PurchaseBill:
    if not purchase.lines:
        raise DocumentError(
            "achat sans ligne : tapez au moins une charge, par exemple Charges:6135  100.00 EUR"
        )
    costs: list[tuple[str, Decimal, dict[str, Any] | None]] = []
    deducted: dict[TaxKey, Share] = {}
    self_assessed: dict[TaxKey, Share] = {}
    total = ZERO
    for tax, lines in _by_tax(purchase).items():
        base = sum((line.amount for line in lines), ZERO)
        vat = vat_of(base, lines[0].rate)
        reverse = tax.regime in _SELF_ASSESSED
        total += base if reverse else base + vat
        if reverse:
            self_assessed[tax] = Share(base, vat)
        franchise = purchase.seller.regime is Regime.FRANCHISE
        kept = _deductible(lines, vat, franchise=franchise)
        for line, part in kept:
            costs.append((line.account, line.amount + part, _kept(line.posting)))
        allowed = vat - sum((part for _, part in kept), ZERO)
        if allowed:
            deducted[tax] = Share(base, allowed)
    recovered = _recover(purchase, orders)
    return PurchaseBill(tuple(costs), deducted, self_assessed, tuple(recovered), total)


def line_costs(purchase: Purchase) -> Iterator[tuple[PurchaseLine, Decimal]]:
    """Each line as typed, with what it costs in euros: its amount and the VAT that it does not deduct."""
    franchise = purchase.seller.regime is Regime.FRANCHISE
    costs: dict[int, Decimal] = {}
    for lines in _by_tax(purchase).values():
        vat = vat_of(sum((line.amount for line in lines), ZERO), lines[0].rate)
        for line, part in _deductible(lines, vat, franchise=franchise):
            costs[id(line)] = line.amount + part
    for line in purchase.lines:
        yield line, costs[id(line)]


def is_self_assessed(tax: TaxKey) -> bool:
    """Whether the buyer owes the VAT: the supplier bills none (CGI art. 283, 293 A)."""
    return tax.regime in _SELF_ASSESSED


def _by_tax(purchase: Purchase) -> dict[TaxKey, list[PurchaseLine]]:
    lines: dict[TaxKey, list[PurchaseLine]] = {}
    for line in purchase.lines:
        lines.setdefault(line.tax, []).append(line)
    return lines


def _deductible(
    lines: list[PurchaseLine], vat: Decimal, *, franchise: bool
) -> list[tuple[PurchaseLine, Decimal]]:
    """Per line, the VAT that is not deducted and stays in the cost (CGI ann. II art. 205; franchise: all of it)."""
    kept = []
    base = done = ZERO
    for place, line in enumerate(lines, 1):
        base += line.amount
        # Differences of rounded cumuls: each line bears its own VAT, a discount its own negative one.
        share = (vat if place == len(lines) else vat_of(base, line.rate)) - done
        done += share
        percent = Decimal(0) if franchise else line.deductible
        kept.append((line, share - cents(share * percent / HUNDRED)))
    return kept


def _recover(purchase: Purchase, orders: SupplierOrders) -> list[SupplierRecovery]:
    recoveries: list[SupplierRecovery] = []
    for line in purchase.deposit_lines:
        recoveries += _recover_line(line, orders.of(purchase), purchase.supplier, None)
    return recoveries


def _recover_line(
    line: SupplierDepositLine,
    deposits: list[SupplierDeposit],
    supplier: str,
    rate: Decimal | None,
) -> list[SupplierRecovery]:
    """What a line takes of the deposits of an order, at that ``rate`` (percent) or at any."""
    available = sum(
        (d.left(tax).base for d in deposits for tax in d.given if rate in {None, tax.rate}), ZERO
    )
    if not deposits or not available:
        raise DocumentError(
            f"aucun acompte à reprendre chez {supplier} : vérifiez le lien de la commande",
            line.posting.meta,
        )
    wanted = -line.units if line.unit == EUR else cents(available * -line.units / HUNDRED)
    if wanted > available:
        raise DocumentError(
            f"reprise de {euros(wanted)} : il ne reste que {euros(available)} hors taxes d'acomptes à"
            " reprendre",
            line.posting.meta,
        )
    return _take(deposits, wanted, rate)


def _take(
    deposits: list[SupplierDeposit], wanted: Decimal, rate: Decimal | None
) -> list[SupplierRecovery]:
    recoveries = []
    for deposit in deposits:
        for tax in deposit.given:
            if rate not in {None, tax.rate}:
                continue
            step = min(wanted, deposit.left(tax).base)
            if step:
                recoveries.append(deposit.take(tax, step))
                wanted -= step
    return recoveries


def _kept(posting: Posting) -> dict[str, Any] | None:
    return posting.meta


def deducted_on_invoice(purchase: Purchase, tax: TaxKey) -> bool:
    """Whether the VAT is deductible with the invoice (goods, débits, reverse charge), else when it is paid."""
    if tax.regime in _SELF_ASSESSED:
        return True
    if purchase.kind is Kind.PURCHASE_DEPOSIT:
        return False
    if tax.nature == GOODS:  # due at the supplier's when delivered (CGI art. 269-2-a, 271-I-2)
        return purchase.delivered <= purchase.entry.date
    return purchase.on_debit


def deductible_role(tax: TaxKey) -> str:
    """44562 for fixed assets, else 44566."""
    return DEDUCTIBLE_ON_ASSETS if ASSET in {tax.regime, tax.nature} else DEDUCTIBLE


def post_purchase(purchase: Purchase, bill: PurchaseBill, chart: Chart) -> list[Posting]:
    """The complete postings of a purchase; their sum is exactly zero."""
    postings = []
    if bill.due:
        postings.append(Posting(purchase.supplier, Amount(-bill.due, EUR), None, None, None, None))
    postings += [
        Posting(account, Amount(amount, EUR), None, None, None, meta)
        for account, amount, meta in bill.costs
        if amount
    ]
    bases: dict[tuple[str, str], Decimal] = {}
    for recovery in bill.recovered:
        key = (recovery.account, recovery.number)
        bases[key] = bases.get(key, ZERO) + recovery.held
    for (account, number), base in bases.items():
        meta = {"acompte": number}
        postings.append(Posting(account, Amount(-base, EUR), None, None, None, meta))
    return postings + _vat_postings(purchase, bill, chart)


def _vat_postings(purchase: Purchase, bill: PurchaseBill, chart: Chart) -> list[Posting]:
    postings = []
    for tax, share in bill.net().items():
        if share.vat:
            at_once = deducted_on_invoice(purchase, tax)
            role = deductible_role(tax) if at_once else DEDUCTIBLE_PENDING
            postings.append(_vat(chart.vat_account(role, tax.rate), share.vat, tax, share.base))
    for tax, share in bill.net_self_assessed().items():
        if share.vat:
            intra = tax.regime.startswith("intracom")
            role = INTRA_EU_DUE if intra and chart.with_role(INTRA_EU_DUE) else VAT_DUE
            postings.append(_vat(chart.vat_account(role, tax.rate), -share.vat, tax, share.base))
    return postings


def _vat(account: str, amount: Decimal, tax: TaxKey, base: Decimal) -> Posting:
    meta: dict[str, Any] = {"taux": tax.rate, "base": base}
    if tax.regime and tax.regime != ASSET:
        meta["regime"] = tax.regime
    if tax.nature == GOODS or (tax.nature == ASSET and tax.regime in _GOODS_REGIMES):
        meta["nature"] = GOODS
    return Posting(account, Amount(amount, EUR), None, None, None, meta)
