"""What the proposed drafts come to: the engine computes them as if they were issued; nothing of it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Directive
from beancount.parser import booking, parser

from acompta.dossier import OPTION, Dossier, Holder
from acompta.engine import run
from acompta.loading import Loaded
from acompta.preparing.proposals import Preparation, Proposal, Remark
from acompta.rounding import ZERO

_ROOTS: Final = ("name_assets", "name_liabilities", "name_equity", "name_income", "name_expenses")
_FILE: Final = "<acompta preparer>"


class Amounts(NamedTuple):
    """A draft in euros: before tax and VAT once the deposits are recovered, and what it asks of the customer."""

    base: Decimal
    vat: Decimal
    due: Decimal


@dataclass(frozen=True, slots=True)
class Priced:
    """Proposals that post without error, each with its amounts; ``remarks`` tells of the others too."""

    drafts: tuple[tuple[Proposal, Amounts], ...]
    remarks: tuple[Remark, ...]


def priced(loaded: Loaded, preparation: Preparation) -> Priced:
    """Compute the proposals of a ledger; one that would be in error is not to be written, and a remark says why."""
    if not preparation.proposals:
        return Priced((), preparation.remarks)
    head = "".join(f'option "{name}" "{loaded.options[name]}"\n' for name in _ROOTS)
    starts: list[int] = []
    text = head
    for proposal in preparation.proposals:
        starts.append(text.count("\n") + 1)
        text += proposal.text + "\n"
    parsed, _, options = parser.parse_string(text, report_filename=_FILE)
    drafts, _ = booking.book(parsed, options)  # type: ignore[no-untyped-call]
    holder = loaded.options.get(OPTION)
    typed = holder.typed if isinstance(holder, Holder) and holder.typed else loaded.entries
    entries: list[Directive] = [*typed, *drafts]
    _, errors, dossier = run(entries, loaded.options, issue_drafts=True)
    wrong = {
        _rank(starts, error.source.get("lineno", 0)): error.message
        for error in errors
        if error.source.get("filename") == _FILE
    }
    amounts = _amounts(dossier, starts)
    found, remarks = [], list(preparation.remarks)
    for rank, proposal in enumerate(preparation.proposals):
        if rank in wrong:
            remarks.append(
                Remark(f"« {proposal.narration} » ({proposal.why}) : {wrong[rank]}", "", 0)
            )
        elif rank in amounts:
            found.append((proposal, amounts[rank]))
    return Priced(tuple(found), tuple(remarks))


def _rank(starts: list[int], line: int) -> int:
    """Which proposal a line of the text is of."""
    return max((rank for rank, start in enumerate(starts) if start <= line), default=0)


def _amounts(dossier: Dossier, starts: list[int]) -> dict[int, Amounts]:
    amounts = {}
    for document in dossier.documents:
        bill = dossier.bill(document)
        if bill is not None and document.meta.get("filename") == _FILE:
            net = bill.net().values()
            base = sum((share.base for share in net), ZERO)
            vat = sum((share.vat for share in net), ZERO)
            amounts[_rank(starts, document.meta["lineno"])] = Amounts(base, vat, bill.due)
    return amounts
