"""A line of a document: quantity, unit, price and amount before tax, in euros (language.md §3).

``Produits:706:Conseil -2 JOUR @ 500.00 EUR`` is worth 1 000.00 before tax, rounded half-up to the cent (CGI ann. II
art. 242 nonies A, 8°); a line in another currency is converted (CGI art. 289 IV).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from beancount.core.data import Posting, Transaction

from acompta.chart import DISBURSEMENTS, DISCOUNT_GIVEN, PAYABLE_ROLES, Account, Chart
from acompta.messages import DocumentError, WrongKeyError, shown
from acompta.reading.exchange import Exchange, is_currency
from acompta.reading.model import Line, Seller
from acompta.reading.taxes import TaxReader
from acompta.rounding import CENT, ZERO
from acompta.tuples import make
from acompta.vocabulary import DISCOUNT, EUR, PERCENTS, Kind

_EUROS: Final = PERCENTS | {EUR, DISCOUNT}
# The documents whose own discount (665) may be typed.
_DISCOUNTED: Final = frozenset(
    {Kind.INVOICE, Kind.PROGRESS, Kind.FINAL, Kind.CREDIT_NOTE, Kind.CORRECTIVE}
)
# In these a positive revenue line is a reduction, not a forgotten minus.
_SIGN_FREE: Final = frozenset({Kind.AMENDMENT, Kind.CREDIT_NOTE, Kind.CORRECTIVE})
_USE: Final = Kind.USE


class LineReader:
    """Reads the lines of one document after another."""

    def __init__(self, chart: Chart, exchange: Exchange) -> None:
        """Take the accounts of the ledger and its exchange rates."""
        self.chart = chart
        self.exchange = exchange
        self.taxes = TaxReader(chart)
        self._entry: Transaction | None = None

    def begin(self, entry: Transaction) -> None:
        """The lines to come are those of ``entry``."""
        self._entry = entry
        self.taxes.begin(entry)

    def read(
        self,
        posting: Posting,
        account: Account,
        kind: Kind,
        seller: Seller,
        document: dict[str, Any],
    ) -> Line:
        """The line that a posting is, on an account that bears lines.

        Raises:
            DocumentError: it cannot be one; the message says what to type.
        """
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
        tax = self.taxes.tax(posting, account, seller, document)
        if unit in PERCENTS:
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
        tax = self.taxes.of_discount(posting, account, seller, document)
        amount = -number.quantize(CENT, ROUND_HALF_UP)
        units, price = (Decimal(1), number) if number > 0 else (Decimal(-1), -number)
        lot = (posting.meta or {}).get("lot")
        values = (account.name, units, DISCOUNT, price, amount, tax, lot, posting)
        return make(Line, values)

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


def check_rate(rate: object, lines: list[Line]) -> None:
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
