"""Credit note and corrective invoice: the opposite of the document, VAT back from where it stands.

A credit note takes a number of its own and names the document it corrects (CGI art. 289-I-5, ann. II art. 242
nonies A); VAT already due is taken back on refund or set-off (CGI art. 272-1). Nothing is ever turned into a credit
note by itself. Before::

    2026-07-15 * "SCI Dupont" "Annulation" #avoir ^D2026-012
      numero: "A2026-001"
      sur: "F2026-003"
      Actif:411:Dupont       -100 PCT

After (F2026-003 being a deposit of 500 € before tax at 20 %)::

    2026-07-15 * "SCI Dupont" "Annulation" #avoir ^D2026-012
      numero: "A2026-001"
      sur: "F2026-003"
      etendu: TRUE
      Actif:411:Dupont       -600.00 EUR
      Passif:4191:Dupont      500.00 EUR
        acompte: "F2026-003"
      Passif:44574:TVA20      100.00 EUR
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from beancount.core.data import Posting

from acompta.chart import DISCOUNT_GIVEN
from acompta.messages import DocumentError, euros, percent
from acompta.posting.bill import (
    Bill,
    BilledLine,
    Timing,
    check_total,
    customer_postings,
    line_postings,
    recovery_postings,
    timing_of,
    typed_meta,
    vat_postings,
)
from acompta.posting.books import Books, Original
from acompta.posting.invoices import bill_invoice, billed_steps
from acompta.posting.retention import retention_back, still_held
from acompta.posting.revisions import unrevise
from acompta.reading.model import NO_RATE, Document, Line, Share, TaxKey
from acompta.register.contract import Contract
from acompta.register.recovering import credit_deposit
from acompta.register.values import Category, Deposit, Group, Progress, Recovery
from acompta.rounding import HUNDRED, ZERO, cents
from acompta.vat import by_category, split_natures, vat_of
from acompta.vocabulary import DISBURSEMENT, PERCENT, Kind, Regime

NO_TAX = TaxKey(NO_RATE, "", "hors-champ")


def bill_credit(document: Document, books: Books) -> Bill:
    """Amounts of a credit note (negative), noted in the register.

    Raises:
        DocumentError: nothing or an unknown document to correct, more than it, or deposits already recovered.
    """
    original = books.original(document)
    if document.whole:
        bill = reverse(original, document.date, books)
    elif original.is_deposit:
        bill = _credit_deposit(document, original)
    else:
        bill = _credit_lines(document, original, books)
        _check_ceiling(original, bill, books)
    check_total(document, bill)
    return bill


def reverse(original: Original, date: datetime.date, books: Books) -> Bill:
    """The exact opposite of a document, its progress and its recoveries given back, as of ``date``.

    Of its retention, what still stands on 4117: what was released is owed on 411.

    Raises:
        DocumentError: a credit note already corrects it, or its deposit was recovered.
    """
    document, bill, contract = original
    for credit in credits_on(document.number or "", books):
        raise DocumentError(
            f"{document.number} est déjà corrigée par {credit.number} : tapez les lignes qui restent à réduire"
        )
    if original.is_deposit:
        return _credit_whole_deposit(original)
    retention = min(bill.retention, still_held(document, date, books)) if bill.retention else ZERO
    recovered = tuple(r._replace(base=-r.base, vat=-r.vat) for r in bill.recovered)
    if contract is not None:
        contract.undo(bill.progress, bill.gross)
        _give_back(contract, recovered)
        if contract.closed_by is document:
            contract.closed_by = None
    return Bill(
        tuple(line._replace(amount=-line.amount) for line in bill.lines),
        {tax: Share(-share.base, -share.vat) for tax, share in bill.gross.items()},
        recovered,
        tuple(_opposite(step) for step in bill.progress),
        -bill.disbursements,
        -retention,
    )


def _opposite(step: Progress) -> Progress:
    return Progress(step.group, step.contract, step.cumulative, -step.amount, ZERO)


def _give_back(contract: Contract, recovered: tuple[Recovery, ...]) -> None:
    for recovery in recovered:
        deposit = contract.deposit(recovery.number)
        if deposit is not None:
            deposit.take(recovery.tax, recovery.base, recovery.vat)


def credits_on(number: str, books: Books) -> list[Document]:
    """The credit notes and correctives already issued on a document."""
    return books.dossier.corrections.get(number, [])


# -- on a deposit -------------------------------------------------------------------------------------------


def _credit_whole_deposit(original: Original) -> Bill:
    contract, deposit = _deposit(original)
    credited = credit_deposit(contract, deposit, None, None)
    _credit_packs(contract, deposit, credited)
    return deposit_credit(credited)


def _credit_deposit(document: Document, original: Original) -> Bill:
    contract, deposit = _deposit(original)
    if document.lines:
        raise DocumentError(
            f"{original.document.number} est un acompte : un avoir sur acompte se tape sur 4191"
            f" ({deposit.account}  100.00 EUR), ou -100 PCT sur le compte client",
            document.lines[0].posting.meta,
        )
    if not document.deposit_lines:
        raise DocumentError(
            "avoir sans ligne : tapez le montant HT à créditer sur 4191, ou -100 PCT sur le compte client"
        )
    credited: list[Recovery] = []
    for line in document.deposit_lines:
        base = line.units
        if line.unit == PERCENT:
            rates = [tax for tax in deposit.given if line.rate in (None, tax.rate)]
            left = sum((deposit.left(tax).base for tax in rates), ZERO)
            base = cents(left * line.units / HUNDRED)
        credited += credit_deposit(contract, deposit, base, line)
    _credit_packs(contract, deposit, credited)
    return deposit_credit(credited)


def _credit_packs(contract: Contract, deposit: Deposit, credited: list[Recovery]) -> None:
    """Prepaid units that are credited cannot be used any more."""
    for recovery in credited:
        left = recovery.base
        for pack in contract.packs:
            if pack.deposit is deposit and pack.tax == recovery.tax and left:
                step = min(left, pack.base * pack.left / pack.units)
                pack.credited += step
                left -= step


def _deposit(original: Original) -> tuple[Contract, Deposit]:
    number = original.document.number or ""
    contract = original.contract
    deposit = contract.deposit(number) if contract is not None else None
    if contract is None or deposit is None:
        raise DocumentError(f"l'acompte {number} n'est pas au registre")
    return contract, deposit


def deposit_credit(credited: list[Recovery]) -> Bill:
    """The bill of a credit note on deposits: 4191 and its VAT, given back."""
    gross: dict[TaxKey, Share] = {}
    for recovery in credited:
        old = gross.get(recovery.tax, Share(ZERO, ZERO))
        gross[recovery.tax] = Share(old.base - recovery.base, old.vat - recovery.vat)
    bases: dict[tuple[str, str], Decimal] = {}
    for recovery in credited:
        key = (recovery.account, recovery.number)
        bases[key] = bases.get(key, ZERO) + recovery.base
    lines = tuple(
        BilledLine(account, -base, NO_TAX, {"acompte": number})
        for (account, number), base in bases.items()
    )
    return Bill(lines, gross, credited=tuple(credited))


# -- by lines -----------------------------------------------------------------------------------------------


class _Reductions:
    """What the lines of one credit note take off, gathered."""

    def __init__(self, document: Document, original: Original, books: Books) -> None:
        self.document = document
        self.bills = books.dossier.bills
        self.chart = books.dossier.chart
        self.original = original
        self.contract = original.contract
        self.lines: list[BilledLine] = []
        self.bases: dict[TaxKey, Decimal] = {}
        self.progress: list[Progress] = []
        self.disbursements = ZERO

    def add(self, line: Line) -> None:
        # A prompt-payment discount is granted by a credit note, or given back with what it was granted on.
        discount = self.chart.get(line.account).role == DISCOUNT_GIVEN
        if line.units <= 0 and not discount:
            raise DocumentError(
                f"signe oublié sur {line.account} : lu {line.units} {line.unit} ; dans un avoir, ce que l'on"
                " réduit se tape en positif",
                line.posting.meta,
            )
        if line.amount is None:
            self._points(line)
        elif line.tax is not None:
            self._amount(line, line.amount, line.tax)

    def _points(self, line: Line) -> None:
        """Points of progress: they can be billed again."""
        if self.contract is None:
            raise DocumentError(
                "un avoir en PCT suppose un contrat : tapez un montant en EUR", line.posting.meta
            )
        steps = self.contract.lower_percent(line, self.document)
        for step in steps:
            self._check_billed(step.group, line)
        self.progress += steps
        self.lines += billed_steps(typed_meta(line.posting), steps)
        for step in steps:
            self.take_off(step.group.tax, step.amount)

    def _amount(self, line: Line, amount: Decimal, tax: TaxKey) -> None:
        """An amount or a quantity: a definitive reduction, which lowers the contract."""
        if tax.regime == DISBURSEMENT:
            self.disbursements += amount
        else:
            lowered = self.contract.reduce(line, self.document.date) if self.contract else None
            if lowered is not None:
                self._check_billed(lowered, line)
            tax = self._as_billed(line, lowered.tax if lowered is not None else tax)
            self.take_off(tax, amount)
        self.lines.append(BilledLine(line.account, amount, tax, typed_meta(line.posting)))

    def _check_billed(self, group: Group, line: Line) -> None:
        """A credit note names the invoice that billed what it reduces: its VAT comes back from where it was put."""
        original = self.original
        billed = {step.group for step in original.bill.progress if step.amount}
        if not billed or group in billed or self.contract is None:
            return
        others = [
            document.number
            for document in self.contract.documents
            if document.number and self._bills(document, group)
        ]
        where = f" ({', '.join(others)})" if others else ""
        what = f"le lot {group.lot}" if group.lot else group.account
        raise DocumentError(
            f"{original.document.number} ne facture rien sur {what} : tapez sous sur: le numéro de la facture qui l'a"
            f" facturé{where}",
            line.meta,
        )

    def _bills(self, document: Document, group: Group) -> bool:
        bill = self.bills.get(document.index)
        return bill is not None and any(s.group == group and s.amount > 0 for s in bill.progress)

    def _as_billed(self, line: Line, tax: TaxKey) -> TaxKey:
        """The key under which the corrected document billed that rate: its VAT comes back from where it stands.

        A line that says no rate, or that of a seller who left or entered the franchise since, is credited as it was
        billed (CGI art. 272-1).
        """
        gross = self.original.bill.gross
        if tax in gross:
            return tax
        said = {**self.document.entry.meta, **line.meta}
        rate = said.get("tva")
        alike = [key for key in gross if key.category == tax.category]
        if not alike and tax.regime in {"", Regime.FRANCHISE.value} and "regime" not in said:
            alike = [key for key in gross if rate in (None, key.rate)]
        if len({key.category for key in alike}) != 1:
            return tax
        return next((key for key in alike if key.nature == tax.nature), alike[0])

    def take_off(self, tax: TaxKey, amount: Decimal) -> None:
        """Count ``amount`` (euros before tax, negative) among what bears that tax."""
        self.bases[tax] = self.bases.get(tax, ZERO) + amount


def _credit_lines(document: Document, original: Original, books: Books) -> Bill:
    reductions = _Reductions(document, original, books)
    for line in document.lines:
        reductions.add(line)
    if not reductions.lines:
        raise DocumentError(
            "avoir sans ligne : tapez ce que l'on réduit (Produits:706:Conseil  100.00 EUR), ou -100 PCT sur le"
            " compte client pour annuler tout le document"
        )
    contract = original.contract
    for revision in unrevise(original.document, contract, reductions.progress, books):
        reductions.lines.append(revision)
        reductions.take_off(revision.tax, revision.amount)
    if contract is not None and contract.counts_cumulatively:
        gross = contract.cumulative_shares(reductions.bases)
    else:
        gross = _credited_shares(original, reductions.bases, books)
    bills = books.dossier.bills
    credits_before = credits_on(original.document.number or "", books)
    earlier = [bills[credit.index] for credit in credits_before if credit.index in bills]
    return Bill(
        tuple(reductions.lines),
        gross,
        (),
        tuple(reductions.progress),
        reductions.disbursements,
        retention_back(document, original, gross, earlier, books),
    )


def _credited_so_far(original: Original, books: Books) -> dict[Category, Share]:
    """Base and VAT (positive) that earlier credit notes took off a document, per rate and regime."""
    totals: dict[Category, Share] = {}
    for credit in credits_on(original.document.number or "", books):
        bill = books.dossier.bills.get(credit.index)
        for tax, share in (bill.gross if bill is not None else {}).items():
            old = totals.get(tax.category, Share(ZERO, ZERO))
            totals[tax.category] = Share(old.base - share.base, old.vat - share.vat)
    return totals


def _credited_shares(
    original: Original, bases: dict[TaxKey, Decimal], books: Books
) -> dict[TaxKey, Share]:
    """VAT of a credit note: cumulative over the credits of one document, so the whole credited is the whole VAT."""
    before = _credited_so_far(original, books)
    billed = _by_category(original.bill.gross)
    shares: dict[TaxKey, Share] = {}
    for category, keys in by_category(bases).items():
        old = before.get(category, Share(ZERO, ZERO))
        whole = billed.get(category, Share(ZERO, ZERO))
        base = old.base - sum((bases[key] for key in keys), ZERO)
        vat = whole.vat if base == whole.base else vat_of(base, category[0])
        shares.update(split_natures(old.vat - vat, bases, sorted(keys)))
    return shares


def _by_category(shares: dict[TaxKey, Share]) -> dict[Category, Share]:
    totals: dict[Category, Share] = {}
    for tax, share in shares.items():
        old = totals.get(tax.category, Share(ZERO, ZERO))
        totals[tax.category] = Share(old.base + share.base, old.vat + share.vat)
    return totals


def _check_ceiling(original: Original, bill: Bill, books: Books) -> None:
    before = _credited_so_far(original, books)
    billed = _by_category(original.bill.gross)
    for category, share in _by_category(bill.gross).items():
        credited = before.get(category, Share(ZERO, ZERO)).base - share.base
        whole = billed.get(category, Share(ZERO, ZERO)).base
        if credited > whole:
            raise DocumentError(
                f"avoir supérieur à la facture : {euros(credited)} hors taxes à {percent(category[0])} crédités sur"
                f" {original.document.number}, qui n'en facture que {euros(whole)} à ce taux"
            )
    earlier = (
        books.dossier.bills.get(c.index) for c in credits_on(original.document.number or "", books)
    )
    outside = -bill.disbursements - sum((b.disbursements for b in earlier if b is not None), ZERO)
    if outside > original.bill.disbursements:
        raise DocumentError(
            f"avoir supérieur à la facture : {euros(outside)} de débours crédités sur {original.document.number}, qui"
            f" n'en refacture que {euros(original.bill.disbursements)}"
        )


# -- corrective ---------------------------------------------------------------------------------------------


def bill_corrective(document: Document, books: Books) -> Bill:
    """Reversal of the document that ``sur:`` names and replacement, in one document with the full new amounts.

    Raises:
        DocumentError: as a credit note or an invoice.
    """
    original = books.original(document)
    if original.is_deposit:
        raise DocumentError(
            f"{original.document.number} est un acompte : annulez-le par un #avoir (-100 PCT) et refaites"
            " l'acompte"
        )
    reversal = reverse(original, document.date, books)
    kind = books.first_kind(original.document)
    bill = bill_invoice(document, original.contract, books, kind)._replace(reversed=reversal)
    if kind is Kind.FINAL and original.contract is not None:
        original.contract.closed_by = document
    return bill


def post_credit(document: Document, bill: Bill, books: Books) -> list[Posting]:
    """The complete postings of a credit note."""
    return _post(document, bill, books.original(document).timing, books)


def post_corrective(document: Document, bill: Bill, books: Books) -> list[Posting]:
    """The complete postings of a corrective invoice: the reversal, then the new amounts."""
    postings = []
    if bill.reversed is not None:
        original = books.original(document)
        number = original.document.number
        for posting in _post(document, bill.reversed, original.timing, books):
            meta = {**(posting.meta or {}), "facture": number}
            postings.append(posting._replace(meta=meta))
    timing = timing_of(document)
    return postings + _post(document, bill, timing, books)


def _post(document: Document, bill: Bill, timing: Timing, books: Books) -> list[Posting]:
    return [
        *customer_postings(document, bill, books.chart),
        *recovery_postings(bill.recovered, timing),
        *line_postings(bill),
        *vat_postings(timing, bill.net(), books.chart),
    ]
