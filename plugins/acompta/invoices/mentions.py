"""Legal mentions of a document, by kind, customer, regime and date.

Every wording that quotes a legal text is a row of `WORDINGS`, with the days between which it holds, because French
VAT law moves from the CGI to the CIBS on 1 January 2027 (ordonnance 2025-1247, deferred by ordonnance 2026-671).
References to the CGI remain tolerated until 30 June 2028 (BOI-RES-TVA-000253); the table keeps them until then where
no other wording is enough, and says nothing of CIBS articles that nobody has checked: a later document without a
valid wording is refused (`MissingWordingError`) rather than printed with a dead reference.

Sources: CGI ann. II art. 242 nonies A, I (numbers in brackets below); C. com. art. L441-9, L441-10, D441-5; C. civ.
art. 1590; loi 71-584. Directives of the Union are not touched by the French recodification.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from acompta.french import short_day
from acompta.invoices.view.document import DocumentView, Mention, Slot
from acompta.invoices.view.lines import LineRegime, Nature
from acompta.vocabulary import Kind, Regime

CGI_TOLERATED_UNTIL: Final = datetime.date(2028, 6, 30)
LAST_DAY_OF_CGI: Final = datetime.date(2026, 12, 31)
FIRST_DAY_OF_CIBS: Final = datetime.date(2027, 1, 1)

# C. com. art. L441-10, II: the rate that applies when the parties say nothing.
DEFAULT_PENALTIES: Final = "taux de refinancement de la BCE majoré de 10 points"
DEFAULT_DISCOUNT: Final = "Pas d'escompte pour paiement anticipé"


class MissingWordingError(LookupError):
    """No wording of a mandatory mention is known for a date."""

    def __init__(self, code: str, date: datetime.date) -> None:
        """Keep the mention's code and the date of the document."""
        super().__init__(f"mention {code} on {date}")
        self.code = code
        self.date = date

    @property
    def sentence(self) -> str:
        """What to tell the accountant."""
        return (
            f"mention « {self.code} » : la référence légale connue d'Acompta ne vaut plus au "
            f"{short_day(self.date)} ; mettez Acompta à jour avant d'imprimer"
        )


class Wording(NamedTuple):
    """Printed text of a mention from ``valid_from`` to ``valid_to``, both included; ``None`` is unbounded."""

    code: str
    text: str
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None

    def holds(self, date: datetime.date) -> bool:
        """Whether the wording may be printed on a document of this date."""
        started = self.valid_from is None or self.valid_from <= date
        return started and (self.valid_to is None or date <= self.valid_to)


WORDINGS: Final = (
    # (12°) The wording is imposed by CGI art. 293 E; its CIBS form is not in this table (see above).
    Wording(
        "franchise",
        "TVA non applicable, art. 293 B du CGI",
        valid_to=CGI_TOLERATED_UNTIL,
    ),
    # (11° bis) décret 2022-1299.
    Wording("debits", "Option pour le paiement de la taxe d'après les débits"),
    # (13°) asks for the word alone; the article is there to help the customer's accountant.
    Wording(
        LineRegime.REVERSE_CHARGE_BUILDING,
        "Autoliquidation : TVA due par le preneur, art. 283-2 nonies du CGI",
        valid_to=LAST_DAY_OF_CGI,
    ),
    Wording(
        LineRegime.REVERSE_CHARGE_BUILDING,
        "Autoliquidation : TVA due par le preneur (sous-traitance de travaux immobiliers)",
        valid_from=FIRST_DAY_OF_CIBS,
    ),
    # (12°) accepts the article of the directive in place of the national one.
    Wording(
        LineRegime.INTRACOM_GOODS,
        "Exonération de TVA, art. 262 ter, I du CGI et art. 138 de la directive 2006/112/CE",
        valid_to=LAST_DAY_OF_CGI,
    ),
    Wording(
        LineRegime.INTRACOM_GOODS,
        "Exonération de TVA, art. 138 de la directive 2006/112/CE",
        valid_from=FIRST_DAY_OF_CIBS,
    ),
    Wording(
        LineRegime.INTRACOM_SERVICES,
        "Autoliquidation : TVA due par le preneur, art. 44 et 196 de la directive 2006/112/CE",
    ),
    Wording(
        LineRegime.EXPORT,
        "Exonération de TVA, art. 262, I du CGI et art. 146 de la directive 2006/112/CE",
        valid_to=LAST_DAY_OF_CGI,
    ),
    Wording(
        LineRegime.EXPORT,
        "Exonération de TVA, art. 146 de la directive 2006/112/CE",
        valid_from=FIRST_DAY_OF_CIBS,
    ),
    # (12°) asks for the reason of an exemption; a service located abroad is in no French one (CGI art. 259, 1°).
    Wording(
        LineRegime.SERVICES_ABROAD,
        "TVA non applicable : prestation de services à un preneur établi hors de l'Union européenne, art. 259, 1° du "
        "CGI et art. 44 de la directive 2006/112/CE",
        valid_to=LAST_DAY_OF_CGI,
    ),
    Wording(
        LineRegime.SERVICES_ABROAD,
        "TVA non applicable : prestation de services à un preneur établi hors de l'Union européenne, art. 44 de la "
        "directive 2006/112/CE",
        valid_from=FIRST_DAY_OF_CIBS,
    ),
    Wording(LineRegime.EXEMPT, "Exonération de TVA : {motive}"),
    Wording("debours", "Débours hors TVA : {motive}"),
    # (12°) Penalties and fixed indemnities pay for no supply (CGI art. 256, I; BOI-TVA-BASE-10-10-50).
    Wording("hors-champ", "Hors du champ de la TVA"),
    # (8° bis) décret 2022-1299.
    Wording("nature", "Nature des opérations : {nature}"),
    Wording("penalites", "Pénalités de retard : {penalties} (C. com. art. L441-10)"),
    Wording(
        "indemnite",
        "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 € "
        "(C. com. art. D441-5)",
    ),
    # A public buyer owes interest of its own (CCP art. L2192-12 to L2192-14), said in the places of the other.
    Wording(
        "penalites-publiques",
        "Intérêts moratoires : taux de refinancement de la BCE majoré de 8 points (code de la commande publique, art. "
        "R2192-31)",
    ),
    Wording(
        "indemnite-publique",
        "Indemnité forfaitaire pour frais de recouvrement en cas de retard de paiement : 40 € (code de la commande "
        "publique, art. D2192-35)",
    ),
    Wording("escompte", "{discount}"),
    Wording(
        "arrhes",
        "Arrhes : le client peut se dédire en les perdant, le vendeur en restituant le double "
        "(C. civ. art. 1590)",
    ),
    Wording(
        "arrhes-par-defaut",
        "Somme versée d'avance par un consommateur : arrhes, faute de stipulation contraire (C. conso. art. L214-1) ; "
        "le client peut se dédire en les perdant, le vendeur en restituant le double (C. civ. art. 1590)",
    ),
    Wording(
        "qualification-par-defaut",
        "Sommes versées d'avance par un consommateur, qualifiées d'arrhes faute de stipulation contraire "
        "(C. conso. art. L214-1)",
    ),
    Wording(
        "arrhes-doublees",
        "Arrhes restituées au double par le vendeur qui se dédit (C. civ. art. 1590) ; le dédit est hors du champ de "
        "la TVA",
    ),
    Wording(
        "arrhes-conservees",
        "Arrhes conservées, le client s'étant dédit (C. civ. art. 1590) : indemnité forfaitaire, hors du champ de la "
        "TVA (CJUE, C-277/05)",
    ),
    # CJUE 18 July 2007, C-277/05, Société thermale d'Eugénie-les-Bains; BOI-TVA-BASE-10-10-50.
    Wording(
        "indemnite-conservee",
        "Somme conservée à titre d'indemnité de résiliation, hors du champ de la TVA (CJUE, C-277/05)",
    ),
    # CJUE 23 December 2015, C-250/14 and C-289/14, Air France-KLM.
    Wording(
        "contrepartie-conservee",
        "Somme conservée en contrepartie du service réservé : la TVA reste due (CJUE, C-250/14)",
    ),
    Wording(
        "retractation",
        "Rétractation : toutes les sommes versées sont remboursées dans les quatorze jours (C. conso. art. L221-24)",
    ),
    Wording(
        LineRegime.MULTI_PURPOSE,
        "Bon à usages multiples : TVA due lors de l'utilisation, art. 256 ter du CGI",
        valid_to=LAST_DAY_OF_CGI,
    ),
    Wording(
        LineRegime.MULTI_PURPOSE,
        "Bon à usages multiples : TVA due lors de l'utilisation, art. 30 bis et 30 ter de la directive 2006/112/CE",
        valid_from=FIRST_DAY_OF_CIBS,
    ),
    Wording(
        "retenue",
        "Retenue de garantie restituée un an après la réception, sauf opposition motivée "
        "(loi n° 71-584 du 16 juillet 1971)",
    ),
)

NATURE_WORDS: Final = {
    frozenset({Nature.GOODS}): "Livraison de biens",
    frozenset({Nature.SERVICE}): "Prestation de services",
    frozenset({Nature.GOODS, Nature.SERVICE}): "Livraison de biens et prestation de services",
}


def wording(code: str, date: datetime.date) -> str:
    """Return the text of a mention on a date.

    Raises `MissingWordingError` when the table has none for that date.
    """
    for row in WORDINGS:
        if row.code == code and row.holds(date):
            return row.text
    raise MissingWordingError(code, date)


def mentions_of(view: DocumentView) -> tuple[Mention, ...]:
    """Return all the mentions that a document must carry, in the order printed.

    Raises `MissingWordingError` when a wording is out of date (see the module).
    """
    return tuple(mention for rule in RULES for mention in rule(view))


def complete(view: DocumentView) -> DocumentView:
    """Return the document with its mentions. Raises `MissingWordingError`."""
    return view.with_mentions(mentions_of(view))


def _mention(view: DocumentView, code: str, slot: Slot, **words: str) -> Mention:
    return Mention(code, wording(code, view.date).format(**words), slot)


def _nature(view: DocumentView) -> Iterator[Mention]:
    """(8° bis) Goods, services or both."""
    words = NATURE_WORDS.get(view.natures)
    if words is not None:
        yield _mention(view, "nature", Slot.VAT, nature=words)


def _franchise(view: DocumentView) -> Iterator[Mention]:
    """(12°) What is billed in franchise, today or by the contract.

    A credit note on what was taxed before the franchise bears VAT, and not these words; nor does an invoice that takes
    back all that the contract ordered in franchise.
    """
    billed = any(total.regime is LineRegime.FRANCHISE and total.base for total in view.totals.rates)
    if billed or (view.franchise and not any(line.rate for line in view.lines)):
        yield _mention(view, "franchise", Slot.VAT)


def _debits(view: DocumentView) -> Iterator[Mention]:
    """(11° bis) The option concerns services only: goods are due at delivery anyway."""
    if view.seller.regime is Regime.DEBITS and Nature.SERVICE in view.natures:
        yield _mention(view, "debits", Slot.VAT)


def _line_regimes(view: DocumentView) -> Iterator[Mention]:
    """(12°, 13°) One mention per regime met on the lines, one per motive for exemptions."""
    if view.franchise:
        return
    for regime in LineRegime:
        if regime in view.regimes and regime not in {LineRegime.EXEMPT, LineRegime.FRANCHISE}:
            yield _mention(view, regime, Slot.VAT)
    for motive in _motives(view, lambda line_regime, _: line_regime is LineRegime.EXEMPT):
        yield _mention(view, LineRegime.EXEMPT, Slot.VAT, motive=motive)


def _disbursements(view: DocumentView) -> Iterator[Mention]:
    """Sums paid in the customer's name stay out of the base (CGI art. 267, II, 2°)."""
    for motive in _motives(view, lambda _, nature: nature is Nature.DISBURSEMENT):
        yield _mention(view, "debours", Slot.VAT, motive=motive)


def _out_of_scope(view: DocumentView) -> Iterator[Mention]:
    """Lines at 0 % without a regime: no French rate is zero, they are outside VAT."""
    if not view.franchise and any(
        line.regime is LineRegime.NONE and not line.rate and line.nature is not Nature.DISBURSEMENT
        for line in view.lines
    ):
        yield _mention(view, "hors-champ", Slot.VAT)


def _motives(view: DocumentView, wanted: Callable[[LineRegime, Nature], bool]) -> tuple[str, ...]:
    """Motives of the wanted lines, each once, in order."""
    found = (line.motive for line in view.lines if wanted(line.regime, line.nature))
    return tuple(dict.fromkeys(motive for motive in found if motive))


def _late_payment(view: DocumentView) -> Iterator[Mention]:
    """C. com. art. L441-9: penalties, fixed indemnity and discount, between businesses only."""
    if view.customer.consumer or not view.asks_payment:
        return
    if view.customer.public:
        for code, public in (
            ("penalites", "penalites-publiques"),
            ("indemnite", "indemnite-publique"),
        ):
            yield Mention(code, wording(public, view.date), Slot.PAYMENT)
    else:
        penalties = uncapitalised(view.seller.penalties or DEFAULT_PENALTIES)
        yield _mention(view, "penalites", Slot.PAYMENT, penalties=penalties)
        yield _mention(view, "indemnite", Slot.PAYMENT)
    yield _mention(view, "escompte", Slot.PAYMENT, discount=_discount(view))


def _discount(view: DocumentView) -> str:
    """The seller's words, said to be of a discount when they do not say it themselves.

    A document that grants one cannot say that there is none.
    """
    words = (view.seller.discount_terms or DEFAULT_DISCOUNT).rstrip(".")
    refused = words.lower().startswith(("pas ", "aucun", "néant", "sans "))
    if refused and any(line.prompt for line in view.lines):
        return "Escompte pour paiement anticipé déduit sur ce document"
    named = "escompte" in words.lower()
    return words if named else f"Escompte pour paiement anticipé : {uncapitalised(words)}"


def _arrhes(view: DocumentView) -> Iterator[Mention]:
    if view.kind is Kind.ARRHES:
        yield _mention(view, "arrhes", Slot.PAYMENT)


def _clauses(view: DocumentView) -> Iterator[Mention]:
    """What only the dossier can decide: how sums kept or given back are qualified."""
    for code in view.clauses:
        yield _mention(view, code, Slot.PAYMENT)


def _retention(view: DocumentView) -> Iterator[Mention]:
    if view.retention is not None and view.credit is None:
        yield _mention(view, "retenue", Slot.PAYMENT)


def uncapitalised(text: str) -> str:
    """Let a typed sentence follow a colon: « Taux de… » → « taux de… », but « BCE + 10 points » stays."""
    first, second = text[:1], text[1:2]
    text = first.lower() + text[1:] if second.islower() or second == " " else text
    return text.rstrip(".")


RULES: Final[tuple[Callable[[DocumentView], Iterator[Mention]], ...]] = (
    _nature,
    _franchise,
    _debits,
    _line_regimes,
    _disbursements,
    _out_of_scope,
    _late_payment,
    _arrhes,
    _clauses,
    _retention,
)
