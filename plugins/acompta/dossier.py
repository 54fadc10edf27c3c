"""What the engine knows about one ledger after one load: commands, Fava and the closing all read it from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from beancount.core.data import Directive, Transaction

from acompta.chart import Chart
from acompta.claims import Claim
from acompta.closing.closings import Closing, Key
from acompta.directives import Directives
from acompta.held import HeldDeposit
from acompta.messages import AcomptaError, Notice
from acompta.notices import contract_notices
from acompta.numbering import Numbered
from acompta.posting.bill import Bill
from acompta.posting.purchases import PurchaseBill, SupplierOrders
from acompta.reading.model import Document
from acompta.reading.purchases import Purchase
from acompta.reading.sellers import Sellers
from acompta.register.contract import Contract
from acompta.seals import Sealed

OPTION: Final = "acompta"


@dataclass(slots=True)
class Dossier:
    """Documents, bills, contracts and claims of one ledger.

    ``documents`` are all those that could be read, in (date, number) order, drafts included; ``bills`` holds the
    amounts of those that have some, by place among the directives (`Document.index`); ``claims`` what each issued
    number entitles to; ``corrections`` the credit notes and correctives on each number; ``failed`` the indexes of the
    documents in error; ``retaining`` the documents that withhold on 4117, or give back of it, in order; ``held`` the
    deposits posted on receipt; ``unabsorbed`` the money received on a contract that no document has absorbed (the last
    receipt and the amount in euros); ``purchases``, ``purchase_bills``, ``supplier_claims`` and ``orders`` the same for
    suppliers; ``numbered`` the numbers of our series with their place, ``seals`` the sealed documents, each compared
    with its seal; ``directives`` the reminders sent and the time spent; ``noted`` what settlements report.
    """

    chart: Chart
    sellers: Sellers
    documents: list[Document] = field(default_factory=list)
    bills: dict[int, Bill] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    purchases: list[Purchase] = field(default_factory=list)
    purchase_bills: dict[int, PurchaseBill] = field(default_factory=dict)
    supplier_claims: dict[str, Claim] = field(default_factory=dict)
    orders: SupplierOrders = field(default_factory=SupplierOrders)
    corrections: dict[str, list[Document]] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)
    numbered: list[Numbered] = field(default_factory=list)
    seals: list[Sealed] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)
    retaining: list[Document] = field(default_factory=list)
    held: dict[str, HeldDeposit] = field(default_factory=dict)
    unabsorbed: dict[str, tuple[Transaction, Decimal]] = field(default_factory=dict)
    directives: Directives = field(default_factory=Directives)
    noted: list[Notice] = field(default_factory=list)
    errors: list[AcomptaError] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    changed_closings: dict[Key, list[AcomptaError]] = field(default_factory=dict)
    _notices: list[Notice] | None = None

    @property
    def notices(self) -> list[Notice]:
        """What is reported without being an error, once the load has ended.

        What the register and the claims say is worked out when first asked for: a bare load shows none of it.
        """
        known = self._notices
        if known is None:
            known = self._notices = self.noted + contract_notices(self)
        return known

    def bill(self, document: Document) -> Bill | None:
        """The computed amounts of a document, or ``None`` (in error, or nothing to compute)."""
        return self.bills.get(document.index)

    def by_number(self, number: str) -> Document | None:
        """The issued document of that number."""
        claim = self.claims.get(number)
        if claim is not None:
            return claim.document
        return next((document for document in self.documents if document.number == number), None)


class Holder:
    """Carries a `Dossier` in Beancount's options map; it pickles to nothing, so no cache ever holds stale figures."""

    __slots__ = ("dossier", "output", "stages", "typed")

    def __init__(
        self,
        dossier: Dossier | None = None,
        typed: list[Directive] | None = None,
        output: list[Directive] | None = None,
        stages: frozenset[str] = frozenset(),
    ) -> None:
        """Hold ``dossier``, with the ``typed`` entries and the ``output`` that ``stages`` made of them."""
        self.dossier = dossier
        self.typed = typed
        self.output = output
        self.stages = stages

    def __reduce__(self) -> tuple[type[Holder], tuple[()]]:
        """Forget the dossier when pickled."""
        return Holder, ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Holder:
        """Share the dossier: it is read-only once the load has ended."""
        return self


def dossier_of(options_map: dict[str, Any]) -> Dossier | None:
    """The dossier that the plugin left in the options map, or ``None`` when it did not run."""
    holder = options_map.get(OPTION)
    return holder.dossier if isinstance(holder, Holder) else None
