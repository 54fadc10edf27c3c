"""A tagged transaction becomes a `Document`: customer, lines, deposit lines, typed total."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from beancount.core.data import Posting, Transaction

from acompta.chart import (
    DEPOSITS,
    DISBURSEMENTS,
    DISCOUNT_GIVEN,
    PAYABLE_ROLES,
    RECEIVABLE,
    RETENTION,
    Account,
    Chart,
)
from acompta.messages import AcomptaError, Code, DocumentError, WrongKeyError, euros, shown
from acompta.reading.exchange import Exchange, is_currency
from acompta.reading.keys import KeySchemas
from acompta.reading.model import (
    NO_RATE,
    DepositLine,
    Document,
    Line,
    Seller,
    TaxKey,
    delivery_of,
)
from acompta.reading.sellers import Sellers
from acompta.reading.values import DOCUMENT_JUDGES, LINE_JUDGES, bad_rate
from acompta.revision import Indices
from acompta.rounding import CENT, HUNDRED, ZERO
from acompta.tuples import make
from acompta.vocabulary import (
    DISBURSEMENT,
    DISCOUNT,
    DOCUMENT_KEYS,
    EUR,
    GOODS,
    LINE_KEYS,
    LINE_REGIMES,
    NEEDS_CONTRACT,
    PERCENT,
    PERCENT_PERIOD,
    SERVICE,
    TYPED_LINE_KEYS,
    UNNUMBERED,
    Kind,
    Regime,
)

_PERCENTS: Final = frozenset({PERCENT, PERCENT_PERIOD})
_EUROS: Final = _PERCENTS | {EUR, DISCOUNT}
# Late-payment interest and indemnities compensate a loss: outside VAT (BOI-TVA-BASE-10-10-50).
_OUTSIDE_VAT: Final = ("7581", "7631")
# In these a positive revenue line is a reduction, not a forgotten minus.
_SIGN_FREE: Final = frozenset({Kind.AMENDMENT, Kind.CREDIT_NOTE, Kind.CORRECTIVE})
# The documents whose own discount (665) may be typed.
_DISCOUNTED: Final = frozenset(
    {Kind.INVOICE, Kind.PROGRESS, Kind.FINAL, Kind.CREDIT_NOTE, Kind.CORRECTIVE}
)
_TAX_KEYS: Final = frozenset({"tva", "regime", "nature", "motif"})
_PLAIN_META: Final = 2  # filename and lineno: nothing typed on the line
_NUMBER_CHARACTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_-"
_GIVEN: Final = frozenset({Kind.DEPOSIT, Kind.ARRHES, Kind.PREPAID, Kind.TRANSFER})
_CUSTOMER_OF_CONTRACT: Final = NEEDS_CONTRACT | {Kind.USE}
_NAMES_CUSTOMER: Final = frozenset({Kind.CONTRACT, Kind.PREPAID})
_TAKEOVER: Final = Kind.TAKEOVER
_CREDIT_NOTE: Final = Kind.CREDIT_NOTE
_USE: Final = Kind.USE
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
        self.exchange = exchange or Exchange(Indices())
        self._entry: Transaction | None = None
        self._document_taxed = False
        self.chart = chart
        self.sellers = sellers
        self.contract_links = contract_links
        self.customers: dict[str, str] = {}
        self._defaults: dict[Regime, dict[str, TaxKey | None]] = {regime: {} for regime in Regime}

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
        # Lines take the default rate of their account when neither they nor the document say more.
        self._document_taxed = not _TAX_KEYS.isdisjoint(meta)
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
        find = self.chart.accounts.get
        for posting in postings:
            account = find(posting[0]) or self.chart.get(posting[0])
            role = account.role
            if role == RECEIVABLE:
                self._customer_line(posting, kind, typed)
            elif role == DEPOSITS:
                self._deposits_line(posting, kind, typed)
            else:
                lines.append(self._line(posting, account, kind, seller, meta))
        deposits, total = typed.deposits, typed.total
        if total is not None and typed.blank_deposit is not None and not deposits:
            deposits, total = (self._included(typed.blank_deposit, total),), None
        _check_rate(meta.get("cours"), lines)
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
            typed.deposits += (self._deposit_line(posting, kind),)

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
            if kind in _CUSTOMER_OF_CONTRACT or (kind in _GIVEN and linked):
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

    def _line(
        self,
        posting: Posting,
        account: Account,
        kind: Kind,
        seller: Seller,
        document: dict[str, Any],
    ) -> Line:
        name, units, cost, typed_price, _, meta = posting
        blank = meta is not None and "__automatic__" in meta and kind is not _USE
        if blank or not account.bears_lines or cost is not None:
            if account.role == DISCOUNT_GIVEN and kind in _DISCOUNTED and not blank:
                return self._discount_line(posting, account, kind, seller, document)
            raise DocumentError(_not_a_line(account, blank=blank), meta)
        number, unit = units if units is not None else (None, "")
        if number is None:
            raise DocumentError(f"le montant de {name} manque", meta)
        lot = meta.get("lot") if meta is not None else None
        tax = self._tax(posting, account, seller, document)
        if unit in _PERCENTS:
            if kind not in _SIGN_FREE and number > 0:
                raise DocumentError(
                    f"avancement positif sur {name} : lu {number} {unit} ; tapez -{number} {unit}",
                    meta,
                )
            return make(Line, (name, number, unit, None, None, tax, lot, posting))
        price = self._price(posting, unit)
        worth = number if price is None else number * price
        currency = unit if price is None or typed_price is None else typed_price[1]
        if currency != EUR:
            worth = self._in_euros(worth, currency, posting)
        amount = -worth.quantize(CENT, ROUND_HALF_UP)
        if (amount < ZERO or unit == DISCOUNT) and kind not in _SIGN_FREE:
            # A use is taken back by a positive line, and a reason: a forgotten minus never says why.
            if kind is not _USE:
                self._check_sign(posting, number, unit)
            elif not document.get("motif"):
                raise DocumentError(
                    f"signe oublié sur {name} : lu {number} {unit} ; une consommation se tape en négatif"
                    f" (-{number} {unit}). Pour en reprendre une, gardez le positif et dites pourquoi sous la première"
                    ' ligne : motif: "Rendez-vous annulé"',
                    meta,
                )
        return make(Line, (name, number, unit, price, amount, tax, lot, posting))

    def _discount_line(
        self,
        posting: Posting,
        account: Account,
        kind: Kind,
        seller: Seller,
        document: dict[str, Any],
    ) -> Line:
        """A prompt-payment discount on the invoice itself: on 665, before tax, off the base (PCG art. 1222-70).

        Without a rate of its own, it takes the only one of the document's other lines.
        """
        number, unit = posting.units if posting.units is not None else (None, "")
        wrong = kind not in _SIGN_FREE and number is not None and number <= 0
        if number is None or wrong or unit != EUR or posting.price is not None:
            raise DocumentError(
                f"escompte sur {account.name} : lu {shown(posting.units)} ; sur une facture, il se tape hors taxes, en"
                " EUR et en positif : 20.00 EUR",
                posting.meta,
            )
        meta = posting.meta or {}
        if account.tva is not None or not _TAX_KEYS.isdisjoint(meta) or self._document_taxed:
            tax = self._tax_from(meta, posting, account, seller, document)
        else:
            tax = self._only_tax(posting, seller, document)
        amount = -number.quantize(CENT, ROUND_HALF_UP)
        units, price = (Decimal(1), number) if number > 0 else (Decimal(-1), -number)
        values = (account.name, units, DISCOUNT, price, amount, tax, meta.get("lot"), posting)
        return make(Line, values)

    def _only_tax(
        self, discount: Posting, seller: Seller, document: dict[str, Any]
    ) -> TaxKey | None:
        """The tax of a document that has one; a discount is then on it."""
        taxes: set[TaxKey | None] = set()
        for posting in self._entry.postings if self._entry is not None else ():
            account = self.chart.get(posting.account)
            if account.is_revenue:
                taxes.add(self._tax(posting, account, seller, document))
        if len(taxes) != 1 or None in taxes:
            raise DocumentError(
                f"taux de TVA inconnu pour {discount.account} : tapez tva: 20 sous la ligne, et une ligne par taux",
                discount.meta,
            )
        return taxes.pop()

    def _price(self, posting: Posting, unit: str) -> Decimal | None:
        """Unit price of a line; ``None`` for an amount in euros or in a currency with a rate."""
        price = posting[3]
        if unit == EUR and price is not None:
            raise DocumentError(
                "un montant en EUR n'a pas de prix unitaire : tapez par exemple -2 JOUR @ 500.00 EUR",
                posting.meta,
            )
        if price is None:
            if (
                unit == EUR
                or self.exchange.prices.knows(unit)
                or (is_currency(unit) and self._rate(unit) is not None)
            ):
                return None
            raise DocumentError(
                f"prix unitaire manquant : lu {shown(posting.units)} ; tapez"
                f" {shown(posting.units)} @ 100.00 EUR",
                posting.meta,
            )
        number: Decimal | None = price[0]
        if number is None:
            raise DocumentError(f"prix unitaire illisible sur {posting.account}", posting.meta)
        return number

    def _in_euros(self, worth: Decimal, currency: str, posting: Posting) -> Decimal:
        """A line in another currency: the VAT amount is in euros (CGI art. 289 IV), so the line is converted."""
        if self._entry is None:
            return worth
        return self.exchange.in_euros(worth, currency, self._entry, posting.meta)

    def _rate(self, currency: str) -> Decimal | None:
        return self.exchange.rate(currency, self._entry) if self._entry is not None else None

    def _check_sign(self, posting: Posting, number: Decimal, unit: str) -> None:
        if unit == DISCOUNT:
            if number < ZERO:
                raise DocumentError(
                    f"remise négative : lu {number} REMISE ; une remise se tape en positif :"
                    f" {-number} REMISE @ montant EUR",
                    posting.meta,
                )
            return
        if self.chart.get(posting.account).role == DISBURSEMENTS:
            raise DocumentError(
                f"{posting.account} : lu {number} {unit} ; un débours se tape en négatif (-{number} {unit}). Une prime"
                " ou une avance qu'un tiers verse pour le client ne réduit ni le prix ni la TVA : facturez le tout,"
                f" puis passez {posting.account} / 411 dans une écriture qui porte le lien ^ de la facture",
                posting.meta,
            )
        raise DocumentError(
            f"signe oublié sur {posting.account} : lu {number} {unit} ; un produit se tape en négatif"
            f" (-{number} {unit}), une remise en unités de REMISE, une réduction après coup dans un #avoir ; un acompte"
            " est repris par le #solde, ou par une ligne 4191 positive",
            posting.meta,
        )

    def _tax(
        self, posting: Posting, account: Account, seller: Seller, document: dict[str, Any]
    ) -> TaxKey | None:
        """The tax of a line; a line that says nothing of it shares its account's default, read once."""
        meta = posting[5] or {}
        if account.tva is None or self._document_taxed or not _TAX_KEYS.isdisjoint(meta):
            return self._tax_from(meta, posting, account, seller, document)
        defaults = self._defaults[seller.regime]
        tax = defaults.get(account.name)
        if tax is None:
            tax = defaults[account.name] = self._tax_from(meta, posting, account, seller, document)
        return tax

    def _tax_from(
        self,
        meta: dict[str, Any],
        posting: Posting,
        account: Account,
        seller: Seller,
        document: dict[str, Any],
    ) -> TaxKey | None:
        nature = meta.get("nature") or document.get("nature") or account.nature
        if nature not in {GOODS, SERVICE}:
            raise WrongKeyError(
                "nature", f'lu {shown(nature)} ; tapez "bien" ou "service"', posting.meta
            )
        if account.role == DISBURSEMENTS:
            if not (meta.get("motif") or document.get("motif")):
                raise DocumentError(
                    "un débours (467) est refacturé sans TVA pour le compte du client : tapez le motif,"
                    ' par exemple motif: "Frais de dépôt INPI, facture du 3 mars"',
                    posting.meta,
                )
            return TaxKey(NO_RATE, DISBURSEMENT, DISBURSEMENT)
        regime = meta.get("regime") or document.get("regime")
        unused = meta.get("tva", document.get("tva"))
        if unused is not None and (regime is not None or seller.regime is Regime.FRANCHISE):
            _rate(unused, posting)  # said, though nothing is taxed: a mistake is never passed over
        if regime is not None:
            return _exempt(regime, nature, meta.get("motif") or document.get("motif"), posting)
        if seller.regime is Regime.FRANCHISE:
            return TaxKey(NO_RATE, nature, Regime.FRANCHISE.value)
        rate = meta.get("tva")
        if rate is None:
            rate = document.get("tva", account.tva)
        if rate is None:
            return self._without_rate(posting, account, nature)
        return TaxKey(_rate(rate, posting), nature)

    def _without_rate(self, posting: Posting, account: Account, nature: str) -> TaxKey | None:
        """A line that says no rate: outside VAT by its account, or a percentage that takes the contract's."""
        if account.number.startswith(_OUTSIDE_VAT):
            return TaxKey(NO_RATE, nature, "hors-champ")
        units = posting.units
        if units is not None and units.currency in _PERCENTS:
            return None
        if account.opened is None and self._entry is not None:
            from acompta.lint.opened import unknown_account  # noqa: PLC0415 — only for a mistake

            opened = [name for name, known in self.chart.accounts.items() if known.opened]
            raise DocumentError(
                unknown_account(account.name, self._entry.date, opened),
                posting.meta,
                Code.UNKNOWN_ACCOUNT,
                account.name,
            )
        raise DocumentError(
            f"taux de TVA inconnu pour {account.name} : tapez tva: 20 sous la ligne, ou sous le"
            " « open » du compte",
            posting.meta,
        )

    def _deposit_line(self, posting: Posting, kind: Kind) -> DepositLine:
        units = posting.units
        if units is None or units.number is None or units.currency not in {EUR, PERCENT}:
            raise DocumentError(
                f"ligne d'acompte : lu {shown(units)} ; tapez un pourcentage (-30 PCT) ou un montant"
                " hors taxes (-500.00 EUR)",
                posting.meta,
            )
        if kind in _GIVEN and not units.number:
            raise DocumentError(
                f"acompte nul sur {posting.account} : lu {shown(units)} ; tapez par exemple -30 PCT, ou -500.00 EUR",
                posting.meta,
            )
        if kind in _GIVEN and units.number > 0:
            raise DocumentError(
                f"signe oublié sur {posting.account} : lu {shown(units)} ; un acompte se tape en négatif"
                f" : -{shown(units)}",
                posting.meta,
            )
        if kind not in _GIVEN and units.number < 0:
            raise DocumentError(
                f"reprise d'acompte négative sur {posting.account} : lu {shown(units)} ; une reprise se"
                f" tape en positif : {shown(-units)}",
                posting.meta,
            )
        if units.currency == EUR and units.number != units.number.quantize(CENT, ROUND_HALF_UP):
            raise DocumentError(
                f"lu {shown(units)} : un montant d'acompte s'arrête au centime", posting.meta
            )
        rate = (posting.meta or {}).get("tva")
        return DepositLine(
            posting.account,
            units.number,
            units.currency,
            None if rate is None else _rate(rate, posting),
            None,
            posting,
        )

    def _included(self, posting: Posting, total: Decimal) -> DepositLine:
        """411 typed, 4191 left blank: the amount is VAT-inclusive (language.md §5)."""
        if total <= 0:
            raise DocumentError(
                f"acompte TTC : lu {euros(total)} sur le compte client ; tapez un montant positif,"
                f" {abs(total):f} EUR",
                posting.meta,
            )
        rate = (posting.meta or {}).get("tva")
        typed = None if rate is None else _rate(rate, posting)
        return DepositLine(posting.account, -total, EUR, typed, total, posting)

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


def _check_rate(rate: object, lines: list[Line]) -> None:
    """An exchange rate that converts nothing would be believed: the lines of a contract have the contract's."""
    if rate is None:
        return
    for line in lines:
        typed = line.posting.price
        if typed[1] != EUR if typed is not None else line.unit not in _EUROS:
            return
    raise WrongKeyError(
        "cours",
        f"lu {shown(rate)}, et aucune ligne n'est en devise : il n'aurait pas d'effet. Ce qu'un contrat a commandé est"
        " converti une fois, au cours du contrat ; l'écart de change se tape au règlement, sur 656 ou 756",
    )


def _is_blank(posting: Posting) -> bool:
    """Whether Beancount filled the amount in: the accountant left it blank."""
    meta = posting[5]
    return meta is not None and "__automatic__" in meta


def _not_a_line(account: Account, *, blank: bool) -> str:
    """Why a posting is not a line of a document: blank, on another account, or with a cost."""
    if account.role in PAYABLE_ROLES:
        return (
            f"{account.name} est un compte de fournisseur, et ce genre de document facture un client (411) ; une"
            " facture reçue se tape #achat, un acompte versé #achat-acompte, un avoir reçu #achat aux montants négatifs"
            ' avec sur: "…"'
        )
    if blank:
        return (
            f"le compte {account.name} est sans montant ; laissez en blanc la ligne du client"
            " (411) et tapez le montant hors taxes de celle-ci"
        )
    if account.bears_lines:
        return "un document ne porte pas d'accolades { } : tapez quantité @ prix unitaire HT"
    if account.number.startswith("445"):
        return (
            f"{account.name} : la TVA est calculée, elle ne se tape pas ; supprimez cette ligne et"
            " tapez les produits hors taxes"
        )
    return (
        f"{account.name} ne peut pas porter une ligne de document : utilisez un compte de classe 7,"
        " 467 (débours) ou 4191 (acompte)"
    )


def _rate(value: object, posting: Posting) -> Decimal:
    if isinstance(value, Decimal) and 0 <= value < HUNDRED:
        return value
    raise DocumentError(bad_rate("tva", value) or "", posting.meta)


def _exempt(regime: object, nature: str, reason: object, posting: Posting) -> TaxKey:
    if isinstance(regime, str) and "marge" in regime:
        raise DocumentError(
            "TVA sur la marge (CGI art. 297 A) : ce régime n'est pas traité par Acompta ; tenez ces ventes à part",
            posting.meta,
        )
    if regime not in LINE_REGIMES:
        wanted = ", ".join(f'"{word}"' for word in sorted(LINE_REGIMES))
        raise WrongKeyError("regime", f"lu {shown(regime)} ; tapez l'un de {wanted}", posting.meta)
    if regime == "exonere" and not reason:
        raise DocumentError(
            'regime: "exonere" demande son fondement : tapez par exemple motif: "Art. 261-4-4° du CGI"',
            posting.meta,
        )
    return TaxKey(NO_RATE, nature, str(regime))
