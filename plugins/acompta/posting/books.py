"""What a posting module may look up: the chart, and the documents already posted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final, NamedTuple

from beancount.core.data import Directive

from acompta.chart import Chart
from acompta.dossier import Dossier
from acompta.messages import Code, DocumentError, WrongKeyError, shown
from acompta.posting.bill import Bill, Timing, timing_of
from acompta.reading.model import Document
from acompta.register.contract import Contract
from acompta.retentions import Withheld
from acompta.revision import Indices
from acompta.vat import DEPOSIT_KINDS
from acompta.vocabulary import Kind


class Original(NamedTuple):
    """The document that another one corrects, with its bill and contract."""

    document: Document
    bill: Bill
    contract: Contract | None

    @property
    def is_deposit(self) -> bool:
        """Whether it is a deposit invoice, one taken over from another program included."""
        if self.document.kind in DEPOSIT_KINDS:
            return True
        number = self.document.number or ""
        return self.contract is not None and self.contract.deposit(number) is not None

    @property
    def timing(self) -> Timing:
        """The VAT of a correction follows the rules of the corrected document (CGI art. 272-1)."""
        if self.is_deposit:
            return Timing(Kind.DEPOSIT, self.document.seller)
        return timing_of(self.document)


_NEVER_DEPOSITS: Final = frozenset({Kind.INVOICE, Kind.PROGRESS, Kind.FINAL})


class Books:
    """Read access for posting modules."""

    def __init__(
        self,
        dossier: Dossier,
        chart: Chart,
        indices: Indices | None = None,
        entries: Sequence[Directive] = (),
    ) -> None:
        """Look up in ``dossier``; ``indices`` serve price revisions, ``entries`` are the ledger's own."""
        self.entries = entries
        self.dossier = dossier
        self.chart = chart
        self.indices = indices or Indices()

    @cached_property
    def withheld(self) -> Withheld:
        """The retentions of guarantee of what is posted so far."""
        return Withheld(self.dossier, self.entries)

    def original(self, document: Document) -> Original:
        """The document that ``sur:`` names.

        Raises:
            DocumentError: ``sur:`` is missing, or names nothing that was issued before.
        """
        number = document.text("sur")
        if number is None:
            linked = sorted(document.entry.links & self.dossier.claims.keys())
            example = linked[0] if linked else "F2026-001"
            raise DocumentError(
                f'#{document.kind.value} sans document corrigé : tapez sur: "{example}", le numéro de la'
                " facture concernée (CGI ann. II art. 242 nonies A)"
            )
        claim = self.dossier.claims.get(number)
        bill = self.dossier.bills.get(claim.document.index) if claim is not None else None
        if claim is None or bill is None:
            raise WrongKeyError(
                "sur",
                f"lu {shown(number)}, qui n'est pas une facture émise à cette date ; corrigez"
                " le numéro",
            )
        original = claim.document
        if original.customer != document.customer:
            raise DocumentError(
                f"{number} est une facture de {original.customer}, ce document est celui de"
                f" {document.customer}"
            )
        contract = self.dossier.contracts.get(original.contract or number)
        elsewhere = contract is None or contract.deposit(number) is None
        if bill.gross and elsewhere and original.kind not in _NEVER_DEPOSITS:
            # A deposit may have moved to another contract (#report).
            contracts = self.dossier.contracts.values()
            contract = next((c for c in contracts if c.deposit(number) is not None), contract)
        return Original(original, bill, contract)

    def first_kind(self, document: Document) -> Kind:
        """Kind of the invoice that a chain of correctives replaces; that of ``document`` when it is no corrective."""
        while document.kind is Kind.CORRECTIVE:
            claim = self.dossier.claims.get(document.text("sur") or "")
            if claim is None or claim.document is document:
                break
            document = claim.document
        return document.kind

    def default_account(self, role: str, title: str) -> str:
        """The account with ``role``, a shared one first.

        Raises:
            DocumentError: none is open; the message gives the line to type.
        """
        accounts = sorted(
            self.chart.with_role(role), key=lambda account: (account.number, account.name)
        )
        if not accounts:
            root = "Charges" if role.startswith("6") else "Produits"
            raise DocumentError(
                f"aucun compte {role} ({title}) n'est ouvert ; tapez : AAAA-MM-JJ open {root}:{role} EUR",
                code=Code.MISSING_ACCOUNT,
            )
        return accounts[0].name
