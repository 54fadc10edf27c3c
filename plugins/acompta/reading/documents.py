"""A tagged transaction becomes a `Document`: customer, lines, deposit lines, typed total."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from beancount.core.data import Posting, Transaction

from acompta.chart import (
    DEPOSITS,
    RECEIVABLE,
    RETENTION,
    Chart,
)
from acompta.messages import AcomptaError, DocumentError, WrongKeyError, shown
from acompta.reading.deposits import GIVEN, deposit_line, included_deposit
from acompta.reading.exchange import Exchange
from acompta.reading.keys import KeySchemas
from acompta.reading.lines import LineReader, check_rate
from acompta.reading.model import (
    DepositLine,
    Document,
    Line,
    delivery_of,
)
from acompta.reading.sellers import Sellers
from acompta.reading.values import DOCUMENT_JUDGES, LINE_JUDGES
from acompta.revision import Indices
from acompta.rounding import HUNDRED
from acompta.tuples import make
from acompta.vocabulary import (
    DOCUMENT_KEYS,
    EUR,
    LINE_KEYS,
    NEEDS_CONTRACT,
    PERCENT,
    TYPED_LINE_KEYS,
    UNNUMBERED,
    Kind,
)

_PLAIN_META: Final = 2  # filename and lineno: nothing typed on the line
_NUMBER_CHARACTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_-"
_CUSTOMER_OF_CONTRACT: Final = NEEDS_CONTRACT | {Kind.USE}
_NAMES_CUSTOMER: Final = frozenset({Kind.CONTRACT, Kind.PREPAID})
_TAKEOVER: Final = Kind.TAKEOVER
_CREDIT_NOTE: Final = Kind.CREDIT_NOTE
_DOCUMENT_SCHEMAS: Final = KeySchemas(DOCUMENT_KEYS, DOCUMENT_JUDGES)
_LINE_SCHEMAS: Final = KeySchemas(TYPED_LINE_KEYS, LINE_JUDGES)
_POSTED_LINE_SCHEMAS: Final = KeySchemas(LINE_KEYS, LINE_JUDGES)


class _Typed:
    """What the customer's and deposits' lines of one document say, while it is read."""

    customer: str | None = None
    total: Decimal | None = None
    deposits: tuple[DepositLine, ...] = ()
    blank_deposit: Posting | None = None
    whole = False


class DocumentReader:
    """Reads the tagged transactions of one ledger."""

    def __init__(
        self,
        chart: Chart,
        sellers: Sellers,
        contract_links: frozenset[str],
        exchange: Exchange | None = None,
    ) -> None:
        """Take what the scan has found: accounts, sellers, links that name a contract, and exchange rates."""
        self._entry: Transaction | None = None
        self._lines = LineReader(chart, exchange or Exchange(Indices()))
        self.chart = chart
        self.sellers = sellers
        self.contract_links = contract_links
        self.customers: dict[str, str] = {}

    def read(
        self, entry: Transaction, index: int, kind: Kind, report: Callable[[AcomptaError], None]
    ) -> Document:
        """The document of a tagged transaction.

        Key mistakes go to ``report``, all of them.

        Raises:
            DocumentError: the document cannot be read (the mistakes, if several, were reported).
        """
        meta, date, flag, _, _, _, links, postings = entry
        self._entry = entry
        posted = kind is _TAKEOVER or meta.get("etendu") is True
        self._check_document_keys(entry, _POSTED_LINE_SCHEMAS if posted else _LINE_SCHEMAS, report)
        self._lines.begin(entry)
        draft = flag != "*"
        if "recurrence" in meta and (kind is not Kind.INVOICE or not draft):
            raise WrongKeyError(
                "recurrence",
                "elle se tape sur un brouillon (!) de #facture, qui sert de modèle ; « acompta"
                " preparer » en tire le brouillon de chaque mois",
            )
        number = self._number(entry, kind, draft=draft)
        seller = self.sellers.at(date)
        contract = self._contract(links) if links else None
        if posted:
            return self._posted(entry, index, kind, number, contract)
        lines: list[Line] = []
        typed = _Typed()
        find, read_line = self.chart.accounts.get, self._lines.read
        for posting in postings:
            account = find(posting[0]) or self.chart.get(posting[0])
            role = account.role
            if role == RECEIVABLE:
                self._customer_line(posting, kind, typed)
            elif role == DEPOSITS:
                self._deposits_line(posting, kind, typed)
            else:
                lines.append(read_line(posting, account, kind, seller, meta))
        deposits, total = typed.deposits, typed.total
        if total is not None and typed.blank_deposit is not None and not deposits:
            deposits, total = (included_deposit(typed.blank_deposit, total),), None
        check_rate(meta.get("cours"), lines)
        customer = self._customer(typed.customer, contract, kind, linked=bool(links))
        delivery = delivery_of(entry, (line.posting for line in lines))
        return make(
            Document,
            (
                kind,
                entry,
                index,
                number,
                draft,
                customer,
                contract,
                seller,
                tuple(lines),
                deposits,
                total,
                False,
                typed.whole,
                delivery,
            ),
        )

    def _posted(
        self, entry: Transaction, index: int, kind: Kind, number: str | None, contract: str | None
    ) -> Document:
        """A document whose postings stand as they are: completed by a previous load, or taken over."""
        return Document(
            kind,
            entry,
            index,
            number,
            entry.flag != "*",
            self._expanded_customer(entry, contract, kind),
            contract,
            self.sellers.at(entry.date),
            (),
            (),
            None,
            expanded=entry.meta.get("etendu") is True,
            delivery=delivery_of(entry),
        )

    def _customer_line(self, posting: Posting, kind: Kind, typed: _Typed) -> None:
        if typed.customer is not None and typed.customer != posting.account:
            raise DocumentError(
                f"un document a un seul client : lu {typed.customer} et {posting.account} ; faites deux factures",
                posting.meta,
            )
        typed.customer = posting.account
        if _is_blank(posting):
            return
        units = posting.units
        if kind is _CREDIT_NOTE and units is not None and units.currency == PERCENT:
            if units.number != -HUNDRED:
                raise DocumentError(
                    f"avoir total : lu {shown(units)} sur le compte client ; tapez -100 PCT pour annuler tout le"
                    " document, ou les lignes à réduire",
                    posting.meta,
                )
            typed.whole = True
            return
        typed.total = self._typed_total(posting, typed.total)

    def _deposits_line(self, posting: Posting, kind: Kind, typed: _Typed) -> None:
        if _is_blank(posting):
            typed.blank_deposit = posting
        else:
            typed.deposits += (deposit_line(posting, kind),)

    # -- the transaction ------------------------------------------------------------------------------------

    def _check_document_keys(
        self, entry: Transaction, lines: KeySchemas, report: Callable[[AcomptaError], None]
    ) -> None:
        found = _DOCUMENT_SCHEMAS.errors(entry, entry.meta)
        for posting in entry.postings:
            meta = posting[5]
            if meta is not None and len(meta) > _PLAIN_META + ("__automatic__" in meta):
                errors = lines.errors(entry, meta)
                if errors:
                    found = [*found, *errors]
        if found:
            for error in found[:-1]:
                report(error)
            raise DocumentError.of(found[-1])

    def _number(self, entry: Transaction, kind: Kind, *, draft: bool) -> str | None:
        number = entry.meta.get("numero")
        if number is None:
            if draft or kind in UNNUMBERED:
                return None
            raise DocumentError(
                'un document émis (*) porte son numéro : tapez numero: "F2026-001" sous la première'
                " ligne, ou ! au lieu de * si ce n'est qu'un brouillon"
            )
        if not isinstance(number, str) or not number or number.strip(_NUMBER_CHARACTERS):
            raise WrongKeyError(
                "numero",
                f"lu {shown(number)} ; un numéro est fait de lettres sans accent, de"
                " chiffres, de / _ et -, sans espace",
            )
        if (
            kind not in UNNUMBERED
            and not number[-1].isdigit()
            and not any(map(str.isdigit, number))
        ):
            raise WrongKeyError(
                "numero", f"lu {shown(number)} ; un numéro contient des chiffres : F2026-001"
            )
        if draft and kind not in UNNUMBERED:
            raise DocumentError(
                f"un brouillon (!) n'a pas de numéro (lu {shown(number)}) : supprimez la clé numero, ou"
                " tapez * si le document est émis"
            )
        return number

    def _contract(self, links: frozenset[str] | set[str]) -> str | None:
        found = links & self.contract_links if len(links) > 1 else links
        if len(found) == 1:
            (link,) = found
            return link if link in self.contract_links else None
        if found:
            names = ", ".join(f"^{link}" for link in sorted(found))
            raise DocumentError(
                f"le document nomme plusieurs contrats ({names}) : gardez un seul lien"
            )
        return None

    def _customer(
        self, typed: str | None, contract: str | None, kind: Kind, *, linked: bool
    ) -> str:
        known = self.customers.get(contract) if contract is not None else None
        if known is not None and typed is not None and typed != known:
            raise DocumentError(
                f"le contrat ^{contract} est celui de {known}, ce document est celui de {typed} :"
                " corrigez le compte client ou le lien du contrat"
            )
        customer = known or typed
        if customer is None:
            if kind in _CUSTOMER_OF_CONTRACT or (kind in GIVEN and linked):
                return ""  # no contract gives it: that is the error to say
            raise DocumentError(
                "le client manque : ajoutez une ligne sur son compte, sans montant (ou 0.00 EUR si le total du document"
                f" est nul) : {self._named_customer()}"
            )
        if contract is not None and kind in _NAMES_CUSTOMER:
            self.customers[contract] = customer
        return customer

    def _named_customer(self) -> str:
        """The 411 of the customer whom the first line of the document names, else an example."""
        from acompta.lint.spelling import fold  # noqa: PLC0415 — only for a mistake

        payee = fold((self._entry and self._entry.payee) or "").lower()
        for account in self.chart.with_role(RECEIVABLE):
            name = fold(str(account.meta.get("raison-sociale") or account.auxiliary)).lower()
            if payee and name and (payee in name or name in payee):
                return account.name
        return f"par exemple {self.chart.assets}:411:NomDuClient"

    def _typed_total(self, posting: Posting, already: Decimal | None) -> Decimal:
        units = posting.units
        if units is None or units.number is None or units.currency != EUR:
            raise DocumentError(
                f"la ligne du client porte {shown(units)} ; laissez-la en blanc, ou tapez le total TTC"
                " en EUR",
                posting.meta,
            )
        return (already or Decimal(0)) + units.number

    # -- the lines ------------------------------------------------------------------------------------------

    def _expanded_customer(self, entry: Transaction, contract: str | None, kind: Kind) -> str:
        """The customer of a document that a previous load expanded; it may have no posting left."""
        accounts = [self.chart.get(posting.account) for posting in entry.postings]
        found = [account.name for account in accounts if account.role == RECEIVABLE]
        customer = found[0] if found else self.customers.get(contract or "", "")
        for account in accounts:
            # A retention taken over alone names its customer by its auxiliary.
            beside = self.chart.customer_of(account) if account.role == RETENTION else None
            customer = customer or (beside.name if beside is not None else "")
        if contract is not None and kind is Kind.CONTRACT and customer:
            self.customers[contract] = customer
        return customer


def _is_blank(posting: Posting) -> bool:
    """Whether Beancount filled the amount in: the accountant left it blank."""
    meta = posting[5]
    return meta is not None and "__automatic__" in meta
