"""The single pass: scan, read, register, post, settle, then the list of entries as Beancount will see it.

Every document is one ``try``: a mistake is an error at its line and never hides the others. The garbage collector is
paused while the engine runs: it makes many small objects that all stay alive, which collections would only traverse.
"""

from __future__ import annotations

import datetime
import gc
from typing import Any, Final

from beancount.core.data import Custom, Directive, Open, Posting, Price, Transaction

from acompta.chart import RECEIVABLE_ROLES, ROLES, Chart
from acompta.claims import Claim
from acompta.corrections import due_events, supplier_due_events
from acompta.dossier import OPTION, Dossier, Holder
from acompta.expanded import (
    expanded_claim,
    expanded_move,
    expanded_recoveries,
    expanded_supplier_claim,
)
from acompta.held import HeldDeposit
from acompta.messages import (
    AcomptaError,
    DocumentError,
    MissingVatAccountError,
    error_at,
    error_of,
    shown,
)
from acompta.notices import contract_notices
from acompta.numbering import Numbered, check_series, split_number
from acompta.posting.bill import Bill, Timing, timing_of
from acompta.posting.books import Books
from acompta.posting.credits import bill_corrective, bill_credit, post_corrective, post_credit
from acompta.posting.deposits import bill_deposit, post_deposit
from acompta.posting.invoices import bill_invoice, post_invoice
from acompta.posting.making import completed, residual
from acompta.posting.prepaid import bill_prepaid, bill_use, post_prepaid, post_use
from acompta.posting.purchases import bill_purchase, deducted_on_invoice, post_purchase
from acompta.posting.takeovers import take_over
from acompta.posting.terminations import bill_termination, post_termination
from acompta.posting.transfers import transfer
from acompta.reading.documents import DocumentReader
from acompta.reading.keys import wrong_type
from acompta.reading.kinds import kinds_of, misspelt
from acompta.reading.model import Document, Seller
from acompta.reading.parties import check_party
from acompta.reading.purchases import Purchase, read_purchase
from acompta.reading.sellers import Sellers, read_seller
from acompta.reading.values import bad_rate
from acompta.register import Contract
from acompta.revision import Indices
from acompta.settlement import SUPPLIERS, DueEvent, Settlement, Settler, read_settlement
from acompta.vat import ON_PAYMENT
from acompta.vocabulary import (
    ACCOUNT_KEYS,
    KIND_BY_TAG,
    NEEDS_CONTRACT,
    PURCHASES,
    ROLE_WORDS,
    SELLER_DIRECTIVE,
    UNNUMBERED,
    UNPOSTED,
    Kind,
)

ALL_STAGES: Final = frozenset({"comptes", "numeros", "documents", "reglements"})
_RATE_KEYS: Final = frozenset({"taux", "tva"})
_DEPOSITS: Final = frozenset({Kind.DEPOSIT, Kind.ARRHES})
# Without a contract of their own these are registered under their number, or their link.
_OPENS_REGISTER: Final = _DEPOSITS | {Kind.PREPAID}
# The link of these names a contract: other documents of the same link are its documents.
_NAMED_BY_LINK: Final = frozenset({Kind.CONTRACT, Kind.PREPAID})
_CORRECTIONS: Final = frozenset({Kind.CREDIT_NOTE, Kind.CORRECTIVE})
_INVOICES: Final = frozenset({Kind.INVOICE, Kind.FINAL, Kind.PROGRESS})
_OUTSIDE_SERIES: Final = UNNUMBERED | PURCHASES | {Kind.TAKEOVER}

# Date, whether it posts, series and rank, place in the text: what orders the documents.
_Ordered = tuple[datetime.date, bool, str, int, tuple[str, int, int], Document]


def run(
    entries: list[Directive],
    options_map: dict[str, Any],
    stages: frozenset[str] = ALL_STAGES,
    *,
    issue_drafts: bool = False,
) -> tuple[list[Directive], list[AcomptaError], Dossier]:
    """Complete the ledger: new entries, errors, and the `Dossier`.

    With ``issue_drafts``, drafts are computed as if they were issued (to show or number them); nothing is posted for
    them that the caller must not use.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _Run(entries, options_map, stages, issue_drafts=issue_drafts).result()
    finally:
        if collecting:
            _age_objects()
            gc.enable()


def _age_objects() -> None:
    """Put what was made straight into the oldest generation: the first collection would traverse it for nothing."""
    if gc.get_freeze_count() == 0:
        gc.freeze()
        gc.unfreeze()


def load(
    entries: list[Directive], options_map: dict[str, Any], stages: frozenset[str] = ALL_STAGES
) -> tuple[list[Directive], list[AcomptaError]]:
    """`run` as a Beancount plugin: the dossier stays in the options map.

    When another part of the engine already ran on these entries, its stages are run again together with the new ones
    from what was typed, so parts in any order give what the whole plugin gives, and no error shows twice.
    """
    known: list[AcomptaError] = []
    before = options_map.get(OPTION)
    if isinstance(before, Holder) and before.output is entries and before.typed is not None:
        known = before.dossier.errors if before.dossier is not None else []
        entries, stages = before.typed, stages | before.stages
    typed = list(entries)
    completed, errors, dossier = run(typed, options_map, stages)
    options_map[OPTION] = Holder(dossier, typed, completed, stages)
    return completed, [error for error in errors if error not in known] if known else errors


class _Run:
    """State of one pass."""

    def __init__(
        self,
        entries: list[Directive],
        options_map: dict[str, Any],
        stages: frozenset[str],
        *,
        issue_drafts: bool,
    ) -> None:
        self.entries = entries
        self.stages = stages
        self.issue_drafts = issue_drafts
        self.errors: list[AcomptaError] = []
        self.chart = Chart(options_map)
        self.sellers = Sellers([])
        self.tagged: list[tuple[int, Transaction, Kind | None]] = []
        self.plain: list[tuple[int, Transaction]] = []
        self.numbered: list[Numbered] = []
        self.ordered: list[_Ordered] = []
        self.expanded: list[Document] = []
        self.indices = Indices()
        self.contract_entries: dict[str, Transaction] = {}
        self.output: list[Directive] = list(entries)

    def result(self) -> tuple[list[Directive], list[AcomptaError], Dossier]:
        self._scan()
        self.dossier = Dossier(self.chart, self.sellers)
        self.books = Books(self.dossier, self.chart, self.indices)
        self._read()
        self._post()
        added: list[Directive] = []
        if "reglements" in self.stages:
            added += self._settle()
        if "numeros" in self.stages:
            self.errors += check_series(self.numbered)
        if "comptes" in self.stages:
            added += self._missing_accounts()
        dossier = self.dossier
        dossier.notices += contract_notices(dossier)
        dossier.errors = self.errors
        return self.output + added, self.errors, dossier

    # -- scan -----------------------------------------------------------------------------------------------

    def _scan(self) -> None:
        sellers: list[Seller] = []
        add_plain = self.plain.append
        for index, entry in enumerate(self.entries):
            if isinstance(entry, Transaction):
                if entry.tags:
                    self._scan_tagged(index, entry)
                else:
                    add_plain((index, entry))
            elif isinstance(entry, Open):
                self.chart.add(entry)
                if len(entry.meta) > 2:
                    self._check_account(entry)
            elif isinstance(entry, Price):
                self.indices.add(entry)
            elif isinstance(entry, Custom) and entry.type == SELLER_DIRECTIVE:
                seller, errors = read_seller(entry)
                sellers.append(seller)
                self.errors += errors
        self.sellers = Sellers(sellers)

    def _scan_tagged(self, index: int, entry: Transaction) -> None:
        tags = entry.tags
        for tag in tags:
            kind = KIND_BY_TAG.get(tag)
            if kind is not None:
                if len(tags) > 1 and len(set(kinds_of(tags))) > 1:
                    kind = None
                    self.errors.append(_several_kinds(entry))
                self.tagged.append((index, entry, kind))
                return
        error = _misspelt_tag(entry)
        if error is None:
            self.plain.append((index, entry))
        else:
            self.errors.append(error)
            self.tagged.append((index, entry, None))

    def _check_account(self, entry: Open) -> None:
        account = self.chart.get(entry.account)
        if account.role in RECEIVABLE_ROLES:
            self.errors += check_party(entry)
        typed = entry.meta.get("role")
        if isinstance(typed, str) and typed not in ROLE_WORDS and typed not in ROLES:
            words = ", ".join(f'"{word}"' for word in ROLE_WORDS)
            wanted_role = f"tapez l'un de {words}, ou un numéro de compte du PCG connu"
            self.errors.append(error_at(entry, f"clé « role » : lu {shown(typed)} ; {wanted_role}"))
        for key, wanted in ACCOUNT_KEYS.items():
            if key in entry.meta:
                value = entry.meta[key]
                message = wrong_type(key, value, wanted)
                if message is None and key in _RATE_KEYS:
                    message = bad_rate(key, value)
                if message is not None:
                    self.errors.append(error_at(entry, message))

    # -- read -----------------------------------------------------------------------------------------------

    def _read(self) -> None:
        links: set[str] = set()
        contracts, others = [], []
        for tagged in self.tagged:
            _, entry, kind = tagged
            if kind not in _NAMED_BY_LINK:
                others.append(tagged)
                continue
            contracts.append(tagged)
            self.contract_entries.update(dict.fromkeys(entry.links, entry))
            if entry.flag == "*" or self.issue_drafts:
                links |= entry.links
        reader = DocumentReader(self.chart, self.sellers, frozenset(links), self.indices)
        # Contracts first: the customer of a document is that of its contract, wherever it stands in the text.
        for index, entry, kind in contracts + others:
            self._read_one(reader, index, entry, kind)
        self.ordered.sort()
        self.dossier.documents += [ordered[-1] for ordered in self.ordered]

    def _read_one(
        self, reader: DocumentReader, index: int, entry: Transaction, kind: Kind | None
    ) -> None:
        if kind in PURCHASES and kind is not None:
            self._read_purchase(index, entry, kind)
            return
        series, rank = self._count_number(entry, kind)
        if kind is None:
            self._fail(index)
            return
        try:
            document = reader.read(entry, index, kind, self.errors.append)
        except Exception as error:  # noqa: BLE001 - one entry never hides the others
            self.errors.append(error_of(entry, error))
            self._fail(index)
            return
        meta = entry.meta
        place = (meta.get("filename", ""), meta.get("lineno", 0), index)
        self.ordered.append((entry.date, kind not in UNPOSTED, series, rank, place, document))

    def _read_purchase(self, index: int, entry: Transaction, kind: Kind) -> None:
        try:
            purchase = read_purchase(entry, index, kind, self.chart, self.sellers.at(entry.date))
        except Exception as error:  # noqa: BLE001 - one entry never hides the others
            self.errors.append(error_of(entry, error))
            self._fail(index)
        else:
            self.dossier.purchases.append(purchase)

    def _count_number(self, entry: Transaction, kind: Kind | None) -> tuple[str, int]:
        """Series and rank of a document's number; a document in error counts too: its number is used."""
        meta = entry.meta
        number = meta.get("numero")
        if not isinstance(number, str):
            return "", 0
        series, rank = split_number(number)
        if entry.flag != "*":
            return series, rank or 0
        if kind in _OUTSIDE_SERIES:
            if kind is Kind.TAKEOVER:
                self.dossier.numbers.add(number)  # known to settlements, outside our series
        elif rank is not None:
            path, line = meta.get("filename", ""), meta.get("lineno", 0)
            self.numbered.append(Numbered(series, rank, entry.date, path, line, number, entry))
            self.dossier.numbers.add(number)
        return series, rank or 0

    def _fail(self, index: int) -> None:
        self.dossier.failed.add(index)
        entry = self.entries[index]
        if "documents" in self.stages and isinstance(entry, Transaction):
            self.output[index] = entry._replace(postings=[])

    # -- post -----------------------------------------------------------------------------------------------

    def _post(self) -> None:
        self._index_contracts()
        writing = "documents" in self.stages
        failed = self.dossier.failed
        for document in self.dossier.documents:
            kind, entry, index = document[:3]
            if index in failed:
                continue
            if document.expanded:
                self._keep_expanded(document)
            elif kind is Kind.TAKEOVER:
                self._take_over(document)
            elif kind in UNPOSTED or (document.draft and not self.issue_drafts):
                if writing:
                    self.output[index] = completed(entry, [])
            else:
                self._post_one(document, writing=writing)
        for purchase in sorted(self.dossier.purchases, key=_purchase_order):
            self._post_purchase(purchase, writing=writing)

    def _post_one(self, document: Document, *, writing: bool) -> None:
        contract = self._contract_of(document)
        state = contract.snapshot() if contract is not None else None
        entry = document.entry
        try:
            self._check_contract(document, contract)
            if document.kind in _OPENS_REGISTER:
                contract = contract or self._own_contract(document)
            bill, postings = self._compute(document, contract)
            _check_residual(document, postings)
        except Exception as error:  # noqa: BLE001 - one entry never hides the others
            if contract is not None and state is not None:
                contract.restore(state)
            self.errors.append(error_of(entry, error, _line_of_rate(document, error)))
            self._fail(document.index)
            return
        self.dossier.bills[document.index] = bill
        self._claim(document, bill)
        if document.kind in _DEPOSITS and document.seller.deposit_on_receipt:
            account = postings[1].account
            held = HeldDeposit(document.number or "", document.customer, account, bill.due)
            self.dossier.held[held.number] = held
            postings = []
        if document.kind in _CORRECTIONS:
            self.dossier.corrections.setdefault(document.text("sur") or "", []).append(document)
        if contract is not None:
            contract.documents.append(document)
            if document.kind is Kind.FINAL:
                contract.closed_by = document
        if writing:
            self.output[document.index] = completed(entry, postings)

    def _post_purchase(self, purchase: Purchase, *, writing: bool) -> None:
        entry, claims = purchase.entry, self.dossier.supplier_claims
        key = f"{purchase.supplier} {purchase.number}"
        postings: list[Posting] = []
        if purchase.expanded:
            claims.setdefault(key, expanded_supplier_claim(purchase, self.chart))
            return
        if entry.flag == "*":
            try:
                postings = self._compute_purchase(purchase, key)
            except Exception as error:  # noqa: BLE001 - one entry never hides the others
                self.errors.append(error_of(entry, error))
                self._fail(purchase.index)
                return
        if writing:
            self.output[purchase.index] = completed(entry, postings)

    def _compute_purchase(self, purchase: Purchase, key: str) -> list[Posting]:
        dossier = self.dossier
        if key in dossier.supplier_claims:
            raise DocumentError(
                f"facture {purchase.number} de {purchase.supplier} déjà saisie : vérifiez le numéro"
            )
        bill = bill_purchase(purchase, dossier.orders)
        postings = post_purchase(purchase, bill, self.chart)
        net = bill.net()
        waiting = {
            tax: share
            for tax, share in net.items()
            if share.vat and not deducted_on_invoice(purchase, tax)
        }
        dossier.purchase_bills[purchase.index] = bill
        dossier.supplier_claims[key] = Claim(purchase.as_document(), bill.due, net, waiting)
        return postings

    def _compute(self, document: Document, contract: Contract | None) -> tuple[Bill, list[Posting]]:
        """Bill and postings of a document, by kind.

        Raises:
            DocumentError: the document cannot be posted.
        """
        kind = document.kind
        if kind in _INVOICES:
            bill = bill_invoice(document, contract, self.books)
            return bill, post_invoice(document, bill, self.chart)
        if kind in _DEPOSITS and contract is not None:
            bill = bill_deposit(document, contract)
            return bill, post_deposit(document, bill, self.chart)
        if kind in _CORRECTIONS:
            return self._correct(document)
        return self._compute_rarer(document, contract)

    def _correct(self, document: Document) -> tuple[Bill, list[Posting]]:
        if document.kind is Kind.CREDIT_NOTE:
            bill = bill_credit(document, self.books)
            return bill, post_credit(document, bill, self.books)
        bill = bill_corrective(document, self.books)
        return bill, post_corrective(document, bill, self.books)

    def _compute_rarer(
        self, document: Document, contract: Contract | None
    ) -> tuple[Bill, list[Posting]]:
        kind, books = document.kind, self.books
        if kind is Kind.TERMINATION:
            bill = bill_termination(document, contract, books)
            return bill, post_termination(document, bill, books)
        if kind is Kind.PREPAID and contract is not None:
            bill = bill_prepaid(document, contract, books)
            return bill, post_prepaid(document, bill, contract, books)
        if kind is Kind.TRANSFER and contract is not None:
            return transfer(document, contract, books)
        if kind is Kind.USE:
            bill = bill_use(document, contract)
            return bill, post_use(document, bill, books)
        raise DocumentError(
            f"le genre #{document.kind.value} n'est pas encore pris en charge par cette version"
        )

    def _claim(self, document: Document, bill: Bill) -> None:
        number = document.number
        if number is None:
            return
        if number in self.dossier.claims:
            # An error of numbering alone does not stop posting: the second one is owed too.
            number = f"{number} (ligne {document.entry.meta.get('lineno', 0)})"
        timing = self._timing(document)
        net = bill.net()
        total = bill.receivable
        if document.kind is Kind.TERMINATION and total == 0 and bill.credited:
            # Kept as an indemnity: the credit note on the deposits is settled by compensation.
            total = -bill.disbursements
        self.dossier.claims[number] = Claim(document, total, net, timing.waiting(net))

    def _timing(self, document: Document) -> Timing:
        """Whose rules say when the VAT of a document falls due: for a correction, those of the original."""
        if document.kind is Kind.CREDIT_NOTE:
            return self.books.original(document).timing
        if document.kind is Kind.TERMINATION:
            return Timing(Kind.DEPOSIT, document.seller)
        return timing_of(document)

    def _take_over(self, document: Document) -> None:
        """An item taken over posts as typed, drafts included: it is an opening balance."""
        try:
            claim, bill = take_over(document, self._contract_of(document), self.chart)
        except Exception as error:  # noqa: BLE001 - one entry never hides the others
            self.errors.append(error_of(document.entry, error))
            self._fail(document.index)
            return
        self.dossier.bills[document.index] = bill
        if claim is not None and document.number is not None:
            self.dossier.claims.setdefault(document.number, claim)

    def _keep_expanded(self, document: Document) -> None:
        if document.number is None or document.kind in UNPOSTED or document.draft:
            return
        claim = expanded_claim(document, self.chart)
        if claim is not None:
            self.dossier.claims.setdefault(document.number, claim)
            self.expanded.append(document)

    # -- contracts ------------------------------------------------------------------------------------------

    def _index_contracts(self) -> None:
        contracts = self.dossier.contracts
        amendments = []
        for document in self.dossier.documents:
            kind = document.kind
            if kind is Kind.AMENDMENT:
                amendments.append(document)
            if kind is not Kind.CONTRACT:
                continue
            if self._counts(document) and document.contract:
                if document.contract in contracts:
                    self._error(
                        document,
                        f"le contrat ^{document.contract} existe déjà : un avenant se tape avec #avenant",
                    )
                    continue
                contract = Contract(document.contract, document, document.customer)
                contracts[document.contract] = contract
                self._add_lines(contract, document)
            elif not document.entry.links:
                self._error(document, "un contrat porte un lien : tapez par exemple ^D2026-012")
        for document in amendments:
            if self._counts(document):
                contract_or_none = contracts.get(document.contract or "")
                if contract_or_none is None:
                    self._error(document, self._unknown_contract(document))
                else:
                    contract_or_none.amendments.append(document)
                    self._add_lines(contract_or_none, document)

    def _counts(self, document: Document) -> bool:
        return (document.issued or self.issue_drafts) and document.index not in self.dossier.failed

    def _add_lines(self, contract: Contract, document: Document) -> None:
        try:
            contract.add_lines(document)
        except Exception as error:  # noqa: BLE001 - one entry never hides the others
            self.errors.append(error_of(document.entry, error))
            self._fail(document.index)

    def _error(self, document: Document, message: str) -> None:
        self.errors.append(error_at(document.entry, message))
        self._fail(document.index)

    def _contract_of(self, document: Document) -> Contract | None:
        contracts = self.dossier.contracts
        if document.contract is not None:
            return contracts.get(document.contract)
        for link in document.entry.links:
            if link in contracts:
                return contracts[link]
        original = self.dossier.claims.get(document.text("sur") or "")
        if original is not None and document.kind in _CORRECTIONS:
            return contracts.get(original.document.contract or original.number)
        return None

    def _own_contract(self, document: Document) -> Contract:
        """A deposit without a contract is registered under its own number."""
        key = document.number or f"brouillon-{document.index}"
        if document.kind is Kind.PREPAID and document.entry.links:
            key = min(document.entry.links)
        contract = self.dossier.contracts[key] = Contract(key, None, document.customer)
        return contract

    def _unknown_contract(self, document: Document) -> str:
        links = ", ".join(f"^{link}" for link in sorted(document.entry.links))
        if not links:
            return f"#{document.kind.value} sans contrat : ajoutez le lien ^ du contrat, par exemple ^D2026-012"
        for link in sorted(document.entry.links & self.contract_entries.keys()):
            contract = self.contract_entries[link]
            line = contract.meta.get("lineno", 0)
            if contract.flag != "*":
                return (
                    f"le contrat ^{link} (ligne {line}) n'est qu'un brouillon : tapez * au lieu de ! quand il"
                    " est signé"
                )
            return f"le contrat ^{link} est en erreur (ligne {line}) : corrigez-le d'abord"
        return (
            f"contrat inconnu ({links}) : aucun #contrat émis ne porte ce lien ; corrigez le lien ou tapez le"
            " contrat"
        )

    def _check_contract(self, document: Document, contract: Contract | None) -> None:
        if contract is not None:
            return
        if document.kind in NEEDS_CONTRACT or (document.kind in _DEPOSITS and document.entry.links):
            raise DocumentError(self._unknown_contract(document))
        if document.deposit_lines and document.kind not in _OPENS_REGISTER | _CORRECTIONS:
            raise DocumentError(
                "reprise d'acompte sans contrat : ajoutez le lien ^ du contrat, ou du numéro de l'acompte",
                document.deposit_lines[0].posting.meta,
            )

    # -- settle ---------------------------------------------------------------------------------------------

    def _settle(self) -> list[Directive]:
        dossier, chart = self.dossier, self.chart
        customers = Settler(chart, dossier.claims, dossier.contracts, dossier.numbers)
        customers.held = dossier.held
        events = due_events(dossier, customers.extra) + self._known_moves()
        self._run_settler(customers, events)
        dossier.unabsorbed = customers.unabsorbed()
        if not dossier.supplier_claims:
            return list(customers.added)
        suppliers = Settler(chart, dossier.supplier_claims, {}, frozenset(), SUPPLIERS)
        self._run_settler(suppliers, supplier_due_events(dossier) + self._known_supplier_moves())
        return [*customers.added, *suppliers.added]

    def _run_settler(self, settler: Settler, events: list[DueEvent]) -> None:
        settlements: list[Settlement] = []
        for index, entry in self.plain:
            settlement = read_settlement(entry, index, self.chart, settler.side)
            if settlement is not None:
                settlements.append(settlement)
                for name in settlement.accounts:
                    self.chart.use_sibling(name)
        settler.run(settlements, events)
        for index, entry in settler.replaced.items():
            self.output[index] = entry
        self.errors += settler.errors
        self.dossier.notices += settler.notices

    def _known_moves(self) -> list[DueEvent]:
        """VAT entries that a previous load already wrote: applied at their date, never made again."""
        claims = self.dossier.claims
        events = [
            event for document in self.expanded for event in expanded_recoveries(document, claims)
        ]
        for _, entry in self.plain:
            if "exigibilite" in entry.meta:
                for posting in entry.postings:
                    event = expanded_move(entry, posting, claims)
                    if event is not None:
                        events.append(event)
        return events

    def _known_supplier_moves(self) -> list[DueEvent]:
        by_number = {claim.number: claim for claim in self.dossier.supplier_claims.values()}
        return [
            event
            for _, entry in self.plain
            if entry.meta.get("exigibilite") == ON_PAYMENT
            for posting in entry.postings
            if (event := expanded_move(entry, posting, by_number, sign=-1)) is not None
        ]

    # -- accounts -------------------------------------------------------------------------------------------

    def _missing_accounts(self) -> list[Directive]:
        opened = []
        for name, customer in self.chart.missing.items():
            if customer.opened is None:
                continue
            meta = {
                "filename": customer.meta.get("filename", "<acompta>"),
                "lineno": customer.meta.get("lineno", 0),
                "etendu": True,
            }
            opened.append(Open(meta, customer.opened, name, [], None))
        return list(opened)


def _check_residual(document: Document, postings: list[Posting]) -> None:
    """Generated postings add up to exactly zero, never just within Beancount's tolerance."""
    left = residual(postings)
    if left:
        raise AssertionError(f"{document.number}: residual {left}")


def _purchase_order(purchase: Purchase) -> tuple[Any, ...]:
    deposit_first = purchase.kind is not Kind.PURCHASE_DEPOSIT
    return (purchase.entry.date, deposit_first, purchase.number, purchase.supplier)


def _line_of_rate(document: Document, error: Exception) -> dict[str, Any] | None:
    """The first line of a document at the rate that no account serves."""
    if not isinstance(error, MissingVatAccountError):
        return None
    for line in document.lines:
        if line.tax is not None and line.tax.rate == error.rate:
            return line.posting.meta
    return next((d.posting.meta for d in document.deposit_lines if d.rate == error.rate), None)


def _several_kinds(entry: Transaction) -> AcomptaError:
    names = ", ".join(f"#{tag}" for tag in sorted(entry.tags) if tag in KIND_BY_TAG)
    return error_at(entry, f"le document porte plusieurs genres ({names}) : gardez-en un seul")


def _misspelt_tag(entry: Transaction) -> AcomptaError | None:
    for tag in sorted(entry.tags):
        meant = misspelt(tag)
        if meant is not None:
            return error_at(entry, f"étiquette #{tag} : vouliez-vous dire #{meant} ?")
    return None
