"""The VAT return as a report: boxes, entries behind them, comparison with the accounts, settlement entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from beancount.core.data import Directive

from acompta import french
from acompta.closing.entries import ProposedEntry
from acompta.closing.periods import Period
from acompta.closing.vat_boxes import BoxValue
from acompta.closing.vat_compare import VatComparison, compare
from acompta.closing.vat_entries import TaxEntry
from acompta.closing.vat_form import Section
from acompta.closing.vat_movements import CREDIT_FORWARD, TO_PAY
from acompta.closing.vat_reading import VatLine
from acompta.closing.vat_return import VatReturn, vat_return
from acompta.closing.vat_settlement import settlement_entry
from acompta.dossier import Dossier
from acompta.rounding import ZERO
from acompta.tables import Cell, Column, Kind, Line, Report, Show, Table

BOXES: Final = "cases"
ENTRIES: Final = "ecritures"
ACCOUNTS: Final = "comptes"
RECONCILIATION: Final = "cadrage"


class UnknownBoxError(LookupError):
    """A box that the form does not have; the message is one French sentence."""


@dataclass(frozen=True, slots=True)
class VatDeclaration:
    """Everything that one period's VAT says: the return, its comparison, and the entry it calls for."""

    declared: VatReturn
    comparison: VatComparison
    settlement: ProposedEntry | None


def declaration(
    entries: Sequence[Directive],
    dossier: Dossier,
    options: dict[str, Any],
    period: Period,
    taxed: Sequence[TaxEntry] | None = None,
) -> VatDeclaration:
    """The return of ``period`` with its comparison and settlement; ``options`` are the ledger's.

    ``taxed`` are the `tax_entries` of the ``entries``, for a caller that has them.
    """
    declared = vat_return(entries, dossier, period, taxed)
    return VatDeclaration(
        declared,
        compare(declared, entries, dossier),
        settlement_entry(declared, dossier.chart, options),
    )


def vat_report(whole: VatDeclaration, title: str, *, detail: str | None = None) -> Report:
    """The return of the ledger ``title``; ``detail`` keeps only the entries behind one box.

    Raises:
        UnknownBoxError: the form has no such box.
    """
    declared = whole.declared
    facts: tuple[tuple[str, str, str], ...] = (
        ("dossier", "Dossier", title),
        ("periode", "Période", french.period(declared.period.start, declared.period.end)),
        ("regime", "Exigibilité", _regime(declared)),
    )
    if detail is not None:
        value = _box(declared, detail)
        name = f"TVA {declared.period.of_title}, case {value.box.code}"
        facts = (*facts, ("case", f"Case {value.box.code}", value.box.title))
        return Report(name, facts, (_entries_table([value]),), _box_lines(value))
    return Report(
        f"TVA {declared.period.of_title} (CA3)",
        facts,
        (
            _boxes_table(declared),
            _accounts_table(whole),
            _reconciliation_table(whole.comparison),
            _entries_table(declared.filled()),
        ),
        _closing_lines(whole),
        _warnings(whole),
    )


def _regime(declared: VatReturn) -> str:
    words = {
        "encaissements": "TVA sur les encaissements",
        "debits": "option pour les débits",
        "franchise": "franchise en base",
    }
    where = "" if declared.territory == "métropole" else f", {declared.territory}"
    return words[declared.seller.regime.value] + where


def _box(declared: VatReturn, code: str) -> BoxValue:
    wanted = code.strip().upper()
    for value in declared.boxes.values():
        box = value.box
        if wanted in {box.code, box.number, *box.edi.split("/")} - {""}:
            return value
    known = ", ".join(value.box.code for value in declared.filled() if value.lines)
    raise UnknownBoxError(
        f"case « {code} » inconnue du formulaire ; cases remplies : {known or 'aucune'}"
    )


_BOX_COLUMNS: Final = (
    Column("section", "Partie", Kind.TEXT, Show.EXPORT),
    Column("case", "Case", Kind.CODE),
    Column("edi", "EDI", Kind.CODE, Show.ALWAYS, give_way=4),
    Column("code", "N°", Kind.CODE, Show.EXPORT),
    Column("libelle", "Opération"),
    Column("base", "Base HT", Kind.EUROS),
    Column("taxe", "TVA", Kind.EUROS),
    Column("base-exacte", "Base exacte", Kind.AMOUNT, Show.ALWAYS, give_way=3),
    Column("taxe-exacte", "TVA exacte", Kind.AMOUNT, Show.ALWAYS, give_way=2),
    Column("ecritures", "Écritures", Kind.COUNT, Show.EXPORT),
)
_STRONG: Final = frozenset({"16", "23", "TD", "25", "27", "32"})


def _boxes_table(declared: VatReturn) -> Table:
    filled = declared.filled()
    rows = tuple(_box_row(value) for value in filled)
    strong = frozenset(i for i, value in enumerate(filled) if value.box.code in _STRONG)
    return Table(BOXES, "Cases de la déclaration", _BOX_COLUMNS, rows, strong=strong)


def _box_row(value: BoxValue) -> tuple[Cell, ...]:
    box = value.box
    taxed = box.section not in {Section.TAXED, Section.UNTAXED}
    based = box.has_base or not taxed
    exact = bool(value.lines) or box.code == "22"
    return (
        box.section.value,
        box.code,
        box.edi,
        box.number,
        box.title,
        value.base if based else None,
        value.tax if taxed else None,
        value.exact_base if based and exact else None,
        value.exact_tax if taxed and exact else None,
        len(value.lines),
    )


_ENTRY_COLUMNS: Final = (
    Column("case", "Case", Kind.CODE, grouped=True),
    Column("date", "Date", Kind.DATE),
    Column("libelle", "Écriture"),
    Column("compte", "Compte", Kind.CODE, Show.ALWAYS, give_way=5),
    Column("taux", "Taux", Kind.RATE, Show.IF_ANY, give_way=6),
    Column("base", "Base HT", Kind.AMOUNT, Show.IF_ANY),
    Column("taxe", "TVA", Kind.AMOUNT, Show.IF_ANY),
    Column("ou", "Où", Kind.CODE, Show.ALWAYS, give_way=3),
    Column("note", "Remarque", Kind.TEXT, Show.IF_ANY, give_way=4),
    Column("fichier", "Fichier", Kind.CODE, Show.EXPORT),
    Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT),
)


def _entries_table(values: Sequence[BoxValue]) -> Table:
    rows = tuple(_entry_row(value.box.code, line) for value in values for line in value.lines)
    return Table(ENTRIES, "Écritures derrière les cases", _ENTRY_COLUMNS, rows)


def _entry_row(code: str, line: VatLine) -> tuple[Cell, ...]:
    place = line.place
    name = place.path.replace("\\", "/").rpartition("/")[2]
    return (
        code,
        line.date,
        line.label,
        line.account,
        line.rate,
        line.base,
        line.tax,
        f"{name}:{place.line}",
        line.note,
        place.path,
        place.line,
    )


def _box_lines(value: BoxValue) -> tuple[Line, ...]:
    lines = []
    if value.box.has_base or value.box.section in {Section.TAXED, Section.UNTAXED}:
        lines.append(Line("base", "Base", value.exact_base, note=_declared(value.base)))
    if value.box.section not in {Section.TAXED, Section.UNTAXED}:
        lines.append(Line("taxe", "TVA", value.exact_tax, note=_declared(value.tax)))
    return tuple(lines)


def _declared(amount: Decimal) -> str:
    return f"déclaré {french.number(amount, 0)}\u00a0€"


def _accounts_table(whole: VatDeclaration) -> Table:
    columns = (
        Column("compte", "Compte", Kind.CODE),
        Column("mouvement", "Mouvement", Kind.AMOUNT),
        Column("liquidation", "Liquidé", Kind.AMOUNT),
        Column("reste", "Reste", Kind.AMOUNT),
    )
    rows = tuple(
        (check.account, check.moved, check.settled, check.left)
        for check in whole.comparison.accounts
    )
    return Table(ACCOUNTS, "Comptes de TVA", columns, rows)


def _reconciliation_table(comparison: VatComparison) -> Table:
    columns = (
        Column("cle", "Clé", Kind.CODE, Show.EXPORT),
        Column("ligne", "Du chiffre d'affaires à la base déclarée"),
        Column("montant", "Montant HT", Kind.AMOUNT),
    )
    lines = comparison.turnover
    rows = tuple((line.key, line.title, line.amount) for line in lines)
    return Table(
        RECONCILIATION,
        "Cadrage de la TVA",
        columns,
        rows,
        ("", "Base déclarée des ventes", comparison.declared),
        frozenset({len(rows) - 1}) if not comparison.explained else frozenset(),
    )


def _closing_lines(whole: VatDeclaration) -> tuple[Line, ...]:
    declared, comparison = whole.declared, whole.comparison
    booked, amount = comparison.due_booked, declared.due
    title, key = "TVA nette due", "tva-nette-due"
    if declared.credit or declared.boxes["25"].tax:
        title, key, amount = "Crédit à reporter", "credit-a-reporter", declared.credit
        booked = comparison.credit_booked
    note = _settled(booked, amount)
    if booked is None and whole.settlement is None:
        note = "rien à liquider"
    lines = [Line(key, title, amount, strong=True, note=note)]
    if comparison.rounding:
        where = "produit, 758" if comparison.rounding > 0 else "charge, 658"
        lines.append(Line("arrondi", "Arrondi à l'euro", comparison.rounding, note=where))
    return tuple(lines)


def _settled(booked: Decimal | None, amount: Decimal) -> str:
    if booked is None:
        return "écriture de liquidation à passer"
    if booked == amount:
        return "conforme à l'écriture de liquidation"
    return f"l'écriture de liquidation dit {french.euros(booked)}"


def _warnings(whole: VatDeclaration) -> tuple[str, ...]:
    declared, comparison = whole.declared, whole.comparison
    found = []
    if declared.franchise:
        found.append(
            "Franchise en base (CGI art. 293 B) : aucune CA3 n'est à déposer, sauf TVA due malgré la franchise."
        )
    for finding in declared.findings:
        where = f" ({finding.place.path}:{finding.place.line})" if finding.place else ""
        found.append(finding.message[:1].upper() + finding.message[1:] + where)
    if not comparison.explained and not declared.franchise:
        found.append(
            f"Le chiffre d'affaires n'explique pas {french.euros(comparison.unexplained)} de la base déclarée :"
            " voyez le cadrage et les écritures de 70 et de 44571."
        )
    found += [
        f"{check.account} n'est pas soldé par la liquidation : reste {french.euros(check.left)}."
        for check in comparison.accounts
        if comparison.due_booked is not None and check.left
    ]
    found += _booked_warning(whole)
    return tuple(found)


def _booked_warning(whole: VatDeclaration) -> list[str]:
    declared, comparison = whole.declared, whole.comparison
    found = []
    pairs = (
        (TO_PAY, "la TVA due", comparison.due_booked, declared.due),
        (CREDIT_FORWARD, "le crédit à reporter", comparison.credit_booked, declared.credit),
    )
    for account, what, booked, amount in pairs:
        if booked is not None and booked != amount:
            found.append(
                f"L'écriture de liquidation met {french.euros(booked)} au {account} ; {what} de la déclaration est"
                f" {french.euros(amount)}."
            )
    return found


def is_nil(declared: VatReturn) -> bool:
    """Whether nothing is declared: a « néant » return (box 0010)."""
    return all(value.base == ZERO and value.tax == ZERO for value in declared.boxes.values())
