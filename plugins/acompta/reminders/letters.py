"""What a reminder and a statement say on paper and by mail: values that a template lays out, never computes.

The words are in ``invoice_templates/``: ``relance.html``, ``releve.html``, and their messages in ``courriels/``; a
dossier may replace each.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, count
from pathlib import Path
from typing import Final

from acompta import french
from acompta.book import Book
from acompta.invoices.emails import text_of
from acompta.invoices.mentions import DEFAULT_PENALTIES, uncapitalised
from acompta.invoices.parties import customer_view, seller_view
from acompta.invoices.rendering import Renderer
from acompta.invoices.view.parties import Customer, Seller
from acompta.mail import Attachment, message, party
from acompta.reminders.penalties import Penalty
from acompta.reminders.rates import INDEMNITY
from acompta.reminders.select import LateInvoice, Letter
from acompta.reminders.statements import Statement

FOLDER: Final = "relances"
STATEMENTS_FOLDER: Final = "releves"
# « Sous huit jours »: the usual delay of a reminder, no legal one.
DAYS_TO_PAY: Final = 8
# Beyond this the subject counts the invoices instead of naming them.
LISTED: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page with the letterhead of the seller that is not an invoice. ``kind`` names its template."""

    kind: str
    title: str
    date: datetime.date
    seller: Seller
    customer: Customer
    object: str
    number: str = ""
    note: str = ""
    draft: bool = False

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.title} {self.customer.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One invoice of a letter, amounts in euros; ``working`` says how its interest is computed."""

    number: str
    date: datetime.date
    due: datetime.date
    days: int
    label: str
    total: Decimal
    amount: Decimal
    interest: Decimal
    indemnity: Decimal
    working: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSheet(Sheet):
    """A reminder as printed. ``last`` is the formal notice; ``claims`` says whether penalties are asked for."""

    letter: Letter = field(repr=False)
    level: int
    last: bool
    rows: tuple[Row, ...]
    deductions: tuple[tuple[str, Decimal], ...]
    claims: bool
    terms: str
    public: bool
    days_to_pay: int = DAYS_TO_PAY
    indemnity: Decimal = INDEMNITY
    listed: int = LISTED
    since: datetime.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSheet(Sheet):
    """A statement of account as printed."""

    statement: Statement = field(repr=False)


def reminder_sheet(book: Book, letter: Letter, ledger_folder: Path) -> ReminderSheet:
    """The page of one letter."""
    dossier = book.dossier
    account = dossier.chart.get(letter.customer)
    public = account.meta.get("public") is True
    numbers = [line.number for line in letter.lines]
    sent = [one.date for line in letter.lines for one in line.sent]
    return ReminderSheet(
        kind="relance",
        title=letter.step.title,
        date=letter.at,
        seller=seller_view(dossier.sellers.at(letter.at), ledger_folder),
        customer=customer_view(account, letter.name),
        object=_object(numbers),
        letter=letter,
        level=letter.step.level,
        last=letter.step.last,
        rows=tuple(_row(line) for line in letter.lines),
        deductions=_deductions(letter),
        claims=letter.claims_penalties and letter.penalties > 0,
        terms=_terms(book, letter),
        public=public,
        since=max(sent, default=None),
    )


def _object(numbers: list[str]) -> str:
    if len(numbers) > LISTED:
        return f"{len(numbers)} factures impayées"
    what = "Facture impayée" if len(numbers) == 1 else "Factures impayées"
    return f"{what} : {', '.join(numbers)}"


def _row(line: LateInvoice) -> Row:
    invoice = line.invoice
    return Row(
        number=invoice.number,
        date=invoice.date,
        due=invoice.due_date,
        days=line.days,
        label=invoice.label,
        total=invoice.total,
        amount=line.amount,
        interest=line.penalty.interest,
        indemnity=line.penalty.indemnity,
        working=_working(line.penalty),
    )


def _working(penalty: Penalty) -> tuple[str, ...]:
    """How the interest is found, one line per rate or principal."""
    lines = [
        f"{french.number(span.principal)} × {french.number(span.rate)}\u00a0% × {span.days}\u00a0j,"
        f" au {french.short_day(span.last)}"
        for span in penalty.spans
    ]
    if penalty.charged.interest:
        lines.append(f"déjà facturés : {french.euros(penalty.charged.interest)}")
    return tuple(lines)


def _deductions(letter: Letter) -> tuple[tuple[str, Decimal], ...]:
    """What the customer may take off, up to what is late."""
    left = letter.deducted
    found = []
    for credit in letter.credits:
        part = max(credit.amount, left)
        if part:
            what = credit.reference or f"règlement du {french.short_day(credit.date)}"
            found.append((what, part))
            left -= part
    return tuple(found)


def _terms(book: Book, letter: Letter) -> str:
    """``penalites:`` of the seller at the date of the oldest invoice, as its invoices print it."""
    first = letter.lines[0]
    document = book.dossier.claims[first.number].document
    return uncapitalised(document.seller.text("penalites") or DEFAULT_PENALTIES)


def statement_sheet(book: Book, statement: Statement, ledger_folder: Path) -> StatementSheet:
    """The page of one statement."""
    dossier = book.dossier
    return StatementSheet(
        kind="releve",
        title="Relevé de compte",
        date=statement.at,
        seller=seller_view(dossier.sellers.at(statement.at), ledger_folder),
        customer=customer_view(dossier.chart.get(statement.account), statement.name),
        object=french.capitalised(french.period(statement.start, statement.at)),
        statement=statement,
    )


# -- files ----------------------------------------------------------------------------------------------------


def letter_stem(letter: Letter, taken: Collection[str] = ()) -> str:
    """Name of the files of a letter, without their suffix: ``2026-11-25-Dupont-niveau-1``; not one of ``taken``."""
    return _free(f"{letter.at}-{_plain(letter.customer)}-niveau-{letter.step.level}", taken)


def statement_stem(statement: Statement, taken: Collection[str] = ()) -> str:
    """Name of the files of a statement, without their suffix: ``2026-11-30-Dupont``; not one of ``taken``."""
    return _free(f"{statement.at}-{_plain(statement.account)}", taken)


def _free(stem: str, taken: Collection[str]) -> str:
    """« Café » and « Cafe » are two customers and would be one file."""
    names = chain([stem], (f"{stem}-{rank}" for rank in count(2)))
    return next(name for name in names if name not in taken)


def _plain(account: str) -> str:
    """The auxiliary of an account as a file name: ``411:Groupe:Filiale`` gives ``Groupe-Filiale``."""
    text = unicodedata.normalize("NFKD", account.split(":", 2)[-1])
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text.encode("ascii", "ignore").decode()) or "client"


def pdf_of(sheet: Sheet, renderer: Renderer) -> bytes:
    """The PDF of a page. Raises `RenderingError`."""
    return renderer.sheet_pdf(f"{sheet.kind}.html", sheet)


def mail_of(sheet: Sheet, ledger_folder: Path | None, attachment: Attachment) -> bytes:
    """The message that carries a page. Raises `EmailError`."""
    subject, body = text_of(
        f"{sheet.kind}.txt",
        sheet.name,
        ledger_folder,
        view=sheet,
        seller=sheet.seller,
        customer=sheet.customer,
    )
    return message(
        party(sheet.seller.name, sheet.seller.email),
        party(sheet.customer.name, sheet.customer.email),
        subject,
        body,
        sheet.date,
        [attachment],
    )
