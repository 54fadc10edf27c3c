"""Legal delays as of a date: what a person must do soon. Never computed in the plugin: the date is the reader's.

* withdrawal: everything refunded within 14 days of the notice (C. conso art. L221-24);
* arrhes and sums paid in advance by a consumer: interest at the legal rate after three months (art. L214-2);
* retention: released one year after acceptance (loi 71-584);
* prepaid credits past their ``expire:`` date.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable
from decimal import Decimal

from beancount.core.data import Directive, Transaction

from acompta.dossier import Dossier
from acompta.messages import Notice, euros
from acompta.posting.books import Books
from acompta.posting.terminations import is_arrhes
from acompta.register.contract import Contract
from acompta.register.values import Deposit
from acompta.retentions import retentions
from acompta.rounding import ZERO
from acompta.vocabulary import Kind

REFUND_DAYS = 14
INTEREST_MONTHS = 3


def legal_alerts(dossier: Dossier, entries: Iterable[Directive], at: datetime.date) -> list[Notice]:
    """The delays that are over, or running, on ``at``."""
    return [*contract_alerts(dossier, at), *_retentions(dossier, entries, at)]


def contract_alerts(dossier: Dossier, at: datetime.date) -> list[Notice]:
    """The same, but for the retentions to claim, which stand in a table of their own."""
    return [*_withdrawals(dossier, at), *_interest(dossier, at), *_expired(dossier, at)]


def _notice(
    entry: Transaction, code: str, message: str, date: datetime.date, amount: Decimal
) -> Notice:
    meta = entry.meta
    return Notice(meta.get("filename", ""), meta.get("lineno", 0), code, message, date, "", amount)


def _withdrawals(dossier: Dossier, at: datetime.date) -> list[Notice]:
    notices = []
    for claim in dossier.claims.values():
        document = claim.document
        if document.kind is not Kind.TERMINATION or document.text("par") != "retractation":
            continue
        owed = -claim.open_at(at)
        limit = document.date + datetime.timedelta(days=REFUND_DAYS)
        if owed > 0 and document.date <= at:
            state = "est dépassé" if at > limit else f"court jusqu'au {limit:%d/%m/%Y}"
            message = (
                f"rétractation : {euros(owed)} restent à rembourser sur {document.number} ; le délai de 14 jours"
                f" {state} (C. conso art. L221-24 ; majoration art. L242-4)"
            )
            notices.append(_notice(document.entry, "retractation", message, limit, owed))
    return notices


def _add_months(date: datetime.date, months: int) -> datetime.date:
    month = date.month - 1 + months
    year, month = date.year + month // 12, month % 12 + 1
    return date.replace(
        year=year, month=month, day=min(date.day, calendar.monthrange(year, month)[1])
    )


def _interest(dossier: Dossier, at: datetime.date) -> list[Notice]:
    books = Books(dossier, dossier.chart)
    notices = []
    for contract in dossier.contracts.values():
        for deposit in contract.deposits:
            notice = _interest_on(deposit, contract, books, at)
            if notice is not None:
                notices.append(notice)
    return notices


def _interest_on(
    deposit: Deposit, contract: Contract, books: Books, at: datetime.date
) -> Notice | None:
    """Interest runs from the end of the third month after the payment, until delivery or refund."""
    claim = books.dossier.claims.get(deposit.number)
    if claim is None or deposit.is_spent or not is_arrhes(deposit.document, contract, books):
        return None
    if books.chart.get(deposit.document.customer).meta.get("particulier") is not True:
        return None
    paid = [event for event in claim.events if event.amount > 0 and event.date <= at]
    if not paid:
        return None
    start = _add_months(paid[0].date, INTEREST_MONTHS)
    if at <= start:
        return None
    left = sum((deposit.left(tax).total for tax in deposit.given), ZERO)
    amount = min(left, sum((event.amount for event in paid), ZERO))
    if amount <= 0:
        return None
    message = (
        f"{deposit.number} : {euros(amount)} versés d'avance par un consommateur produisent intérêt au taux légal"
        f" depuis le {start:%d/%m/%Y}, à déduire du solde (C. conso art. L214-2)"
    )
    return _notice(deposit.document.entry, "interets-arrhes", message, start, amount)


def _retentions(dossier: Dossier, entries: Iterable[Directive], at: datetime.date) -> list[Notice]:
    notices = []
    for retention in retentions(dossier, entries, at):
        if retention.is_due(at) and retention.release is not None:
            document = retention.document
            message = (
                f"retenue de garantie de {euros(retention.left)} sur {document.number} libérable depuis le"
                f" {retention.release:%d/%m/%Y} (loi 71-584) : demandez-la, ou soldez 4117"
            )
            notices.append(
                _notice(
                    document.entry, "retenue-liberable", message, retention.release, retention.left
                )
            )
    return notices


def _expired(dossier: Dossier, at: datetime.date) -> list[Notice]:
    notices = []
    for contract in dossier.contracts.values():
        for pack in contract.packs:
            if isinstance(pack.expires, datetime.date) and pack.expires < at and pack.left:
                entry = pack.deposit.document.entry
                message = (
                    f"{pack.deposit.number} : {_units(pack.left)} {pack.unit} non consommés ont expiré le"
                    f" {pack.expires:%d/%m/%Y} ; passez-les par une #consommation (la TVA reste due)"
                )
                notices.append(_notice(entry, "credits-expires", message, pack.expires, ZERO))
    return notices


def _units(units: Decimal) -> str:
    return f"{units.normalize():f}".replace(".", ",")
