"""Well-formed entries that are probably not what was meant: a wrong supplier, a sign, a year, a tag forgotten.

The engine posts them as typed, since each may be right; a person is told before the closing is. Computed for the reader
of `acompta verifier`, never in a load.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from beancount.core.data import Custom, Directive, Transaction

from acompta.balancing import gap
from acompta.chart import (
    BILLS,
    DEPOSITS,
    DISCOUNT_GIVEN,
    PAYABLE_ROLES,
    RECEIVABLE,
    RECEIVABLE_ROLES,
    VAT_DUE,
    VAT_PENDING,
    Account,
)
from acompta.claims import Claim
from acompta.directives import HOURLY_COST, REMINDER, TIME
from acompta.dossier import Dossier
from acompta.french import percent, short_day
from acompta.invoices.identifiers import EUROPEAN_UNION
from acompta.invoices.view.parties import FRANCE
from acompta.lint.spelling import fold
from acompta.messages import Notice, euros
from acompta.misnumbered import misnumbered
from acompta.posting.purchases import DEDUCTIBLE
from acompta.reading.model import NO_SELLER, Line
from acompta.rounding import ZERO
from acompta.settlement.reading import LOSSES, read_settlement
from acompta.vat import DEPOSIT_KINDS, is_french_rate, was_french_rate
from acompta.vocabulary import (
    CLOSING_DIRECTIVE,
    DISCOUNT,
    EUR,
    GOODS,
    KIND_BY_TAG,
    SELLER_DIRECTIVE,
    VALIDATION_DIRECTIVE,
    Kind,
)

# A schedule of instalments may run to the end of the next year; beyond, the year was mistyped.
_FAR: Final = datetime.timedelta(days=400)
_WORDS: Final = (
    SELLER_DIRECTIVE,
    CLOSING_DIRECTIVE,
    VALIDATION_DIRECTIVE,
    REMINDER,
    TIME,
    HOURLY_COST,
    "journal",
)
# External services, whose VAT waits for their payment; travel and meals (625) are paid on the spot, 604 may be goods.
_SERVICES: Final = ("61", "621", "622", "623", "624", "626", "628")
UNBALANCED: Final = "ecart-d-equilibre"
# Where French VAT is the ordinary one: overseas with its own rates, Monaco (CGI art. 256-0, BOI-TVA-CHAMP-20-10).
_FRENCH_VAT: Final = frozenset({FRANCE, "MC", "GP", "MQ", "RE"})
# Penalties and indemnities may be claimed by an ordinary entry.
_NO_SALE: Final = ("758", "763")
# Entries that another program or the engine wrote complete.
_WRITTEN: Final = frozenset({"ecriture", "exigibilite", "regularisation", "extourne"})


class _Moves(NamedTuple):
    """The euros of an entry by account, debit positive."""

    entry: Transaction
    lines: tuple[tuple[Account, Decimal], ...]

    def on(self, roles: Iterable[str]) -> list[tuple[Account, Decimal]]:
        """The lines on accounts of these roles."""
        return [(account, amount) for account, amount in self.lines if account.role in roles]

    @property
    def cash(self) -> Decimal:
        """What came into class 5, in euros."""
        return sum((amount for account, amount in self.lines if account.is_treasury), ZERO)

    @property
    def names(self) -> frozenset[str]:
        """The links of the entry and the invoices that its lines name."""
        typed = {
            str(posting.meta["facture"])
            for posting in self.entry.postings
            if posting.meta and "facture" in posting.meta
        }
        return self.entry.links | typed


def slips(dossier: Dossier, entries: Iterable[Directive], at: datetime.date) -> list[Notice]:
    """What looks mistyped in a ledger read on the day ``at``."""
    found = [
        *_claims(dossier),
        *_due_dates(dossier),
        *_without_seller(dossier),
        *_deposits_as_discounts(dossier),
        *taxed_abroad(dossier, entries),
        *_rates(dossier),
        *_credits_of_nothing(dossier),
        *_misnumbered(dossier),
    ]
    suppliers = _suppliers(dossier)
    for entry in entries:
        if isinstance(entry, Custom):
            found += _unread(entry)
        if isinstance(entry, Transaction) and (left := gap(entry)):
            found.append(_gap(entry, left))
        if not isinstance(entry, Transaction) or not _WRITTEN.isdisjoint(entry.meta):
            continue
        if entry.date > at + _FAR:
            found.append(_far(entry, at))
        if not entry.tags & KIND_BY_TAG.keys():
            found += _plain(dossier, suppliers, _moves(dossier, entry))
    return found


class _Suppliers(NamedTuple):
    """What suppliers claim, by auxiliary (one supplier's 401, 403 and 404 share it) and by number."""

    by_auxiliary: dict[str, list[Claim]]
    by_number: dict[str, list[Claim]]


def _suppliers(dossier: Dossier) -> _Suppliers:
    known = _Suppliers({}, {})
    for claim in dossier.supplier_claims.values():
        auxiliary = dossier.chart.get(claim.document.customer).auxiliary
        known.by_auxiliary.setdefault(auxiliary, []).append(claim)
        known.by_number.setdefault(claim.number, []).append(claim)
    return known


def _moves(dossier: Dossier, entry: Transaction) -> _Moves:
    lines = tuple(
        (dossier.chart.get(posting.account), posting.units.number)
        for posting in entry.postings
        if posting.units is not None and posting.units.currency == EUR and posting.units.number
    )
    return _Moves(entry, lines)


def _notice(entry: Transaction | Custom, code: str, message: str, amount: Decimal = ZERO) -> Notice:
    meta = entry.meta
    return Notice(
        meta.get("filename", ""), meta.get("lineno", 0), code, message, entry.date, "", amount
    )


def _unread(entry: Custom) -> Iterator[Notice]:
    """A ``custom`` whose word is nearly one of ours: nobody reads it."""
    word = fold(entry.type).lower()
    close = difflib.get_close_matches(word, _WORDS, n=1, cutoff=0.8)
    if entry.type not in _WORDS and close:
        message = f'custom "{entry.type}" n\'est lu par personne ; vouliez-vous dire custom "{close[0]}" ?'
        yield _notice(entry, "mot-inconnu", message)


# -- documents ------------------------------------------------------------------------------------------------


def _far(entry: Transaction, at: datetime.date) -> Notice:
    message = f"écriture datée du {short_day(entry.date)}, plus d'un an après le {short_day(at)} ; vérifiez l'année"
    return _notice(entry, "date-lointaine", message)


def _gap(entry: Transaction, left: Decimal) -> Notice:
    """Beancount refuses a gap beyond its tolerance only: the text says this one, as the FEC would."""
    side = "au débit" if left > 0 else "au crédit"
    message = (
        f"cette écriture ne s'équilibre pas au centime : {euros(abs(left))} de trop {side} ; corrigez un montant, et"
        " tapez deux décimales (1200.50), car un montant qui n'en a qu'une cache l'écart"
    )
    return _notice(entry, UNBALANCED, message, left)


def _without_seller(dossier: Dossier) -> Iterator[Notice]:
    """Documents of days that no ``custom "emetteur"`` covers: VAT on receipts is then supposed (language.md §2)."""
    for document in dossier.documents:
        if document.issued and dossier.sellers.at(document.date) is NO_SELLER:
            message = (
                f"aucun émetteur au {short_day(document.date)} : la TVA est supposée sur les encaissements, et rien ne"
                ' s\'imprime ; tapez custom "emetteur" "Raison sociale" à cette date ou avant'
            )
            yield _notice(document.entry, "emetteur-absent", message)
            return


def taxed_abroad(dossier: Dossier, entries: Iterable[Directive]) -> Iterator[Notice]:
    """French VAT, by the default rate of an account alone, for a business established in another country.

    A service is taxed where the customer is (CGI art. 259, 1°); goods sent abroad are exempt (art. 262 ter, I and 262,
    I). A rate typed under the line or the document is a decision, never questioned: a building, goods handed over in
    France. A sealed document is corrected by another: once it was, or its month closed, nothing more is said.
    """
    closed = max(
        (e.date for e in entries if isinstance(e, Custom) and e.type == CLOSING_DIRECTIVE),
        default=datetime.date.min,
    )
    corrected = {document.text("sur") for document in dossier.documents}
    for document in dossier.documents:
        sealed = "sceau" in document.meta
        if sealed and (document.date <= closed or document.number in corrected):
            continue
        meta = dossier.chart.get(document.customer).meta
        country = str(meta.get("pays") or FRANCE)
        if country in _FRENCH_VAT or meta.get("particulier") is True or "tva" in document.meta:
            continue
        line = next((line for line in document.lines if _taxed_by_default(line)), None)
        if line is None or document.kind is Kind.CREDIT_NOTE:
            continue
        if country not in EUROPEAN_UNION:
            words = '"export"'
        elif line.tax is not None and line.tax.nature == GOODS:
            words = '"intracom-biens"'
        else:
            words = '"intracom-services"'
        advice = (
            f"si elle n'est pas due, refaites-la par une #rectificative, avec regime: {words} sous la ligne"
            if sealed
            else f"tapez regime: {words} sous la ligne, ou son taux tva: si elle est bien due (immeuble, bien remis en"
            " France)"
        )
        message = (
            f"{document.number or document.entry.narration} : TVA française à une entreprise établie à l'étranger"
            f" ({country}, CGI art. 259, 262 et 262 ter) ; {advice}"
        )
        yield _notice(document.entry, "tva-a-l-etranger", message)


def _taxed_by_default(line: Line) -> bool:
    return line.tax is not None and line.tax.rate > 0 and "tva" not in line.meta


def _due_dates(dossier: Dossier) -> Iterator[Notice]:
    """A document due before it exists; what is taken over has the dates of another program."""
    issued = [d.entry for d in dossier.documents if d.issued and d.kind is not Kind.TAKEOVER]
    for entry in [*issued, *(purchase.entry for purchase in dossier.purchases)]:
        due = entry.meta.get("echeance")
        if isinstance(due, datetime.date) and due < entry.date:
            message = (
                f"{entry.meta.get('numero', 'document')} : échéance du {short_day(due)}, avant sa date du"
                f" {short_day(entry.date)} ; corrigez echeance:"
            )
            yield _notice(entry, "echeance-passee", message)


def _deposits_as_discounts(dossier: Dossier) -> Iterator[Notice]:
    """A deposit taken off as a discount: the sale would lose it, and 4191 keep it (PCG art. 1214-41)."""
    for document in dossier.documents:
        for line in document.lines:
            if line.unit == DISCOUNT and "acompte" in (line.label or "").lower():
                message = (
                    f"{document.number or 'brouillon'} : un acompte déduit en remise diminuerait la vente, et le 4191"
                    " le garderait ; supprimez la ligne, un #solde reprend ses acomptes, une autre facture par une"
                    " ligne 4191 positive"
                )
                yield _notice(document.entry, "acompte-en-remise", message)


def _claims(dossier: Dossier) -> Iterator[Notice]:
    """Money given back to who had paid nothing, and suppliers paid too much."""
    for claim in dossier.claims.values():
        if claim.total > 0 and claim.paid < 0:
            message = (
                f"{claim.number} : {euros(-claim.paid)} rendus à un client qui n'avait rien payé ; vérifiez le signe,"
                " un encaissement est positif sur le compte de banque"
            )
            yield _notice(_last(claim), "rendu-sans-encaissement", message, -claim.paid)
    for claim in dossier.supplier_claims.values():
        supplier, excess = claim.document.customer, claim.paid - claim.total
        if claim.total > 0 and claim.paid < 0:
            message = (
                f"{claim.number} de {supplier} : {euros(-claim.paid)} reçus pour une facture à payer ; vérifiez le"
                " signe, un paiement est négatif sur le compte de banque"
            )
            yield _notice(_last(claim), "paiement-a-l-envers", message, -claim.paid)
        elif claim.total < 0 < claim.paid:
            message = (
                f"{claim.number} de {supplier} est un avoir, ses montants étant négatifs, et {euros(claim.paid)} y sont"
                " payés ; corrigez le signe de ses lignes, ou le lien"
            )
            yield _notice(_last(claim), "avoir-paye", message, claim.paid)
        elif claim.total > 0 and excess > 0:
            message = (
                f"{euros(excess)} payés en trop sur {claim.number} de {supplier} ; corrigez le lien ou le montant, ou"
                " demandez-les au fournisseur"
            )
            yield _notice(_last(claim), "trop-paye", message, excess)


def _rates(dossier: Dossier) -> Iterator[Notice]:
    """A rate of another time; on a purchase, one of another country too: France gives nothing back of it.

    What corrects or takes over a document of then has its rate.
    """
    for document in dossier.documents:
        bill = dossier.bill(document)
        now = document.kind is not Kind.TAKEOVER and document.text("sur") is None
        for tax in bill.gross if bill is not None and now else ():
            if was_french_rate(tax.rate, document.date):
                message = (
                    f"{document.number} : le taux de {percent(tax.rate)} n'est plus en vigueur au"
                    f" {short_day(document.date)} ; corrigez tva:"
                )
                yield _notice(document.entry, "taux-perime", message)
    for purchase in dossier.purchases:
        if purchase.kind is Kind.TAKEOVER:
            continue
        rates = {line.tax.rate for line in purchase.lines if line.amount > ZERO}
        rates |= {
            line.tax.rate for line in purchase.deposit_lines if line.tax and line.units > ZERO
        }
        for rate in sorted(rates - {ZERO}):
            if not is_french_rate(rate, purchase.entry.date):
                message = (
                    f"{purchase.number} de {purchase.supplier} : aucun taux français n'est de {percent(rate)} au"
                    f" {short_day(purchase.entry.date)} ; corrigez tva:, ou, si c'est la TVA d'un autre pays, qui ne se"
                    " déduit pas ici, tapez le montant TTC et tva: 0"
                )
                yield _notice(purchase.entry, "taux-perime", message)


def _credits_of_nothing(dossier: Dossier) -> Iterator[Notice]:
    """A supplier's credit note whose ``sur:`` names no purchase of that supplier: it is set off against nothing."""
    claims = dossier.supplier_claims
    for purchase in dossier.purchases:
        name = purchase.entry.meta.get("sur")
        if isinstance(name, str) and f"{purchase.supplier} {name}" not in claims:
            message = (
                f"{purchase.number} : aucun achat n° {name} chez {purchase.supplier} ; corrigez sur:, ou reprenez cette"
                " facture d'un exercice antérieur par #reprise"
            )
            yield _notice(purchase.entry, "avoir-sans-facture", message)


def _misnumbered(dossier: Dossier) -> Iterator[Notice]:
    """A number that opens a series by a slip: nothing says that a number is missing."""
    for used, meant in misnumbered(dossier.numbered):
        message = (
            f"{used.number} : ce numéro ouvre une autre série que celle en usage ; vouliez-vous dire {meant} ? Une"
            " série voulue se tape avec la clé serie: ou diffère de plus d'un signe"
        )
        yield _notice(used.entry, "numero-douteux", message)._replace(about="numero")


def _last(claim: Claim) -> Transaction:
    return claim.events[-1].entry if claim.events else claim.document.entry


# -- ordinary entries -----------------------------------------------------------------------------------------


def _plain(dossier: Dossier, suppliers: _Suppliers, moves: _Moves) -> Iterator[Notice]:
    if "numero" in moves.entry.meta:
        yield from _untagged(moves)
    elif not moves.cash:
        yield from _deducted_unpaid(moves)
        yield from _billed_by_hand(moves)
    if moves.on(RECEIVABLE_ROLES):
        yield from _pays_nothing(dossier, moves)
    else:
        yield from _vat_by_hand(moves)
    if moves.cash:
        yield from _on_deposits(dossier, moves)
        yield from _discounted_bills(moves)
        yield from _to_suppliers(suppliers, moves)


def _untagged(moves: _Moves) -> Iterator[Notice]:
    """A number under an ordinary entry that bills or buys: its tag was forgotten, and its VAT with it."""
    classes = {account.number[:1] for account, _ in moves.lines}
    number = moves.entry.meta["numero"]
    if moves.on(RECEIVABLE_ROLES) and "7" in classes:
        tags = "#facture, #acompte, #solde"
    elif moves.on(PAYABLE_ROLES) and classes & {"2", "6"}:
        tags = "#achat"
    else:
        return
    message = (
        f"{number} : cette écriture n'a pas d'étiquette, et n'est donc pas un document ; tapez {tags}… à la fin de sa"
        " première ligne, ou piece: au lieu de numero:"
    )
    yield _notice(moves.entry, "etiquette-oubliee", message)


def _deducted_unpaid(moves: _Moves) -> Iterator[Notice]:
    """VAT on services typed as deducted with the invoice: it is deducted when paid (CGI art. 269-2-c, 271-I-2)."""
    owed = [account for account, amount in moves.on(PAYABLE_ROLES) if amount < 0]
    services = [
        account
        for account, amount in moves.lines
        if account.number.startswith(_SERVICES) and amount > 0
    ]
    vat = sum((amount for _, amount in moves.on({DEDUCTIBLE}) if amount > 0), ZERO)
    if not (owed and services and vat) or any(
        account.meta.get("debits") is True for account in owed
    ):
        return
    message = (
        f"{euros(vat)} de TVA sur des services ({services[0].name}) déduits avec la facture : elle se déduit quand"
        f" {owed[0].name} est payé ; tapez #achat à la fin de la première ligne et laissez la TVA au calcul, ou debits:"
        " TRUE sous l'ouverture de ce compte si le fournisseur est aux débits"
    )
    yield _notice(moves.entry, "tva-deduite-impayee", message, vat)


def _billed_by_hand(moves: _Moves) -> Iterator[Notice]:
    """A customer's account debited by a sale, with neither tag nor number: no invoice, whatever it says."""
    if moves.names:
        return  # it is about a document
    debited = [a for a, amount in moves.on({RECEIVABLE}) if amount > 0 and a.auxiliary]
    sold = sum(
        (
            -amount
            for a, amount in moves.lines
            if a.is_revenue and not a.number.startswith(_NO_SALE)
        ),
        ZERO,
    )
    if debited and sold > 0:
        message = (
            f"{euros(sold)} de ventes facturés à {debited[0].name} sans étiquette : ce n'est pas une facture, rien ne"
            " la règle ni ne la relance ; tapez #facture au bout de la première ligne, numero: dessous, et"
            " laissez le 411 en blanc, sans ligne de TVA"
        )
        yield _notice(moves.entry, "etiquette-oubliee", message, sold)


def _on_deposits(dossier: Dossier, moves: _Moves) -> Iterator[Notice]:
    """Money against 4191: the invoice of the deposit is on it already, and stays unpaid on 411."""
    for account, amount in moves.on({DEPOSITS}):
        customer = dossier.chart.customer_of(account)
        if customer is None or moves.cash * amount > 0:
            continue
        asked = any(claim.document.kind in DEPOSIT_KINDS for claim in _of(dossier, customer.name))
        message = (
            f"{euros(abs(amount))} portés de la banque sur {account.name} : la facture d'acompte l'a déjà crédité, et"
            f" resterait impayée ; tapez {customer.name}"
            if asked
            else f"{euros(abs(amount))} portés de la banque sur {account.name}, sans facture d'acompte : aucun solde ne"
            f" les reprendrait ; tapez tout le montant reçu sur {customer.name}, sans TVA, avec le lien du contrat, et"
            " la facture #acompte (CGI art. 289-I-1-c)"
        )
        yield _notice(moves.entry, "banque-au-4191", message, amount)


def _pays_nothing(dossier: Dossier, moves: _Moves) -> Iterator[Notice]:
    """A receipt that clears the customer's account with more than pays: the VAT of the rest would wait for ever."""
    if not any(name in dossier.claims or name in dossier.contracts for name in moves.names):
        return
    settlement = read_settlement(moves.entry, 0, dossier.chart)
    if settlement is None or settlement.received <= 0 or settlement.not_paid <= 0:
        return
    by_hand = {*LOSSES, DISCOUNT_GIVEN}
    if moves.on(by_hand):
        return  # typed before VAT, its VAT beside it
    others = [
        account.name for account, amount in moves.lines
        if amount > 0 and not account.is_treasury and account.role not in RECEIVABLE_ROLES
    ]  # fmt: skip
    message = (
        f"{euros(settlement.not_paid)} sur {', '.join(others) or 'un autre compte'} ne sont pas un paiement : la"
        " facture reste due, et sa TVA en attente, alors que le compte du client est soldé ; tapez un #avoir, un"
        " escompte (665) ou une perte (654), TTC, ou portez au 467 ce qu'un tiers paie pour lui"
    )
    yield _notice(moves.entry, "solde-sans-paiement", message, settlement.not_paid)


def _vat_by_hand(moves: _Moves) -> Iterator[Notice]:
    """VAT moved from 44574 to 44571 apart from any payment: each payment that names its invoice moves its own."""
    waiting = sum((amount for _, amount in moves.on({VAT_PENDING})), ZERO)
    due = sum((amount for _, amount in moves.on({VAT_DUE})), ZERO)
    if waiting > 0 > due:
        message = (
            f"{euros(-due)} de TVA passés du 44574 au 44571 à la main : Acompta le fait à chaque règlement qui nomme sa"
            " facture, et cette TVA serait déclarée deux fois ; supprimez l'écriture, ou liez le règlement"
        )
        yield _notice(moves.entry, "tva-passee-a-la-main", message, -due)


def _discounted_bills(moves: _Moves) -> Iterator[Notice]:
    """A bill sold to the bank: VAT is due when the customer pays it, at its term (CGI art. 269-2-c)."""
    interest = [amount for account, amount in moves.lines if account.number.startswith("661")]
    bills = [amount for account, amount in moves.on({BILLS}) if amount < 0]
    if moves.cash > 0 and interest and bills:
        message = (
            "effet remis à l'escompte : la TVA des services n'est due qu'à son échéance, quand le client le paie (CGI"
            " art. 269-2-c) ; portez l'avance de la banque au 519, et soldez le 413 par le 519 à l'échéance"
        )
        yield _notice(moves.entry, "effet-escompte", message, sum(bills, ZERO))


def _of(dossier: Dossier, customer: str) -> Iterator[Claim]:
    return (claim for claim in dossier.claims.values() if claim.document.customer == customer)


def _to_suppliers(suppliers: _Suppliers, moves: _Moves) -> Iterator[Notice]:
    """A payment that names no invoice of its supplier, or one of another."""
    for account, amount in moves.on(PAYABLE_ROLES):
        claims = suppliers.by_auxiliary.get(account.auxiliary, [])
        names = moves.names
        if any(claim.number in names or claim.document.contract in names for claim in claims):
            continue
        others = [claim for name in sorted(names) for claim in suppliers.by_number.get(name, ())]
        if others:
            owner = others[0].document.customer
            message = (
                f"{others[0].number} est une facture de {owner}, le paiement mouvemente {account.name} ; corrigez le"
                " compte ou le lien"
            )
            yield _notice(moves.entry, "paiement-d-un-autre", message, amount)
        elif amount > 0:
            yield from _unlinked(moves, account, amount, claims)


def _unlinked(
    moves: _Moves, account: Account, amount: Decimal, claims: list[Claim]
) -> Iterator[Notice]:
    """Only where VAT waits for the payment (CGI art. 271-I-2): the rest is a matter of lettering."""
    waiting = [c for c in claims if c.shares and c.open > 0 and c.date <= moves.entry.date]
    if not waiting:
        return
    exact = next((claim for claim in waiting if claim.open == amount), waiting[0])
    message = (
        f"paiement de {euros(amount)} à {account.name} sans le lien de sa facture : la TVA de {exact.number} reste à"
        f" déduire ; ajoutez ^{exact.number} à la fin de la première ligne (« acompta lettrer » le propose)"
    )
    yield _notice(moves.entry, "paiement-sans-lien", message, amount)
