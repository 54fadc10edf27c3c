"""A `Table` as a page shows it: French cells, what they sort by, and where they lead."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from acompta.closing.check import State as Mark
from acompta.fava.documents import State
from acompta.fava.fit import Break, ColumnTexts, breaks, cards_from
from acompta.fava.links import VIEW, Links
from acompta.receivables import Place, age
from acompta.reports import kind_title
from acompta.rounding import HUNDRED, ZERO
from acompta.seals import State as Seal
from acompta.tables import NUMERIC, Cell, Column, Kind, Table, written
from acompta.vocabulary import Kind as DocumentKind

ROWS_PER_PAGE: Final = 50
BROKEN_SEALS: Final = frozenset(Seal) - {Seal.INTACT, Seal.UNSEALED}
# Of a closing: what it closed is no longer the same.
CHANGED: Final = "✗ changée"
# A zero here says something: what it is about is settled, or paid on the day.
_ZERO_SHOWN: Final = frozenset(
    {"solde", "reste-du", "avancement", "retard-moyen", "depuis-facture", "apres-echeance"}
)
# In these tables every zero does: they prove something.
_PROOFS: Final = frozenset({"cadrage", "comptes", "taux"})
_ONE: Final = Decimal(1)
# What stands between the numbers of a list, kept by the cut.
_BETWEEN: Final = re.compile(r"(, | et )")
_QUOTE: Final = kind_title(DocumentKind.QUOTE)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link: ``leaves`` when it opens something that Fava does not show in its own page."""

    href: str
    text: str = ""
    title: str = ""
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head; ``css`` are the classes of its cells too.

    ``sort`` is how the page itself sorts (``num``, ``string``); where it does not hold all the rows, ``href`` sorts
    them. ``order`` is how they are sorted now (``asc``, ``desc``).
    """

    title: str
    css: str
    sort: str
    href: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class GridCell:
    """What a cell shows: ``sort`` is what it sorts by, ``swatch`` the column of the aged balance (0 to 4).

    ``share`` is the length of the bar under the text, in percent; ``parts`` the text cut where a part leads somewhere.
    """

    text: str
    css: str
    label: str
    sort: str = ""
    title: str = ""
    anchor: Anchor | None = None
    beside: Anchor | None = None
    swatch: int | None = None
    share: Decimal | None = None
    parts: tuple[str | Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the shown rows stand among all of them."""

    first: int
    last: int
    count: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table ready to be shown. ``count`` is the number of its rows; ``whole`` leads to those that are not shown.

    ``cards`` is the width in pixels from which, down, its rows are cards.
    """

    key: str
    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[GridCell, ...], ...]
    total: tuple[GridCell, ...] | None
    strong: frozenset[int]
    note: str
    csv: str
    pages: Pages | None
    breaks: tuple[Break, ...]
    cards: int
    count: int
    whole: str

    @property
    def label_from(self) -> int | None:
        """The width in pixels above which a column of free text takes the room that is left; ``None`` without one."""
        if not any(head.css.startswith("c-libelle") for head in self.heads):
            return None
        return next((found.width for found in self.breaks if found.key == "libelle"), 0)


Row = dict[str, Cell]
Anchors = Callable[[Row], Anchor | None]


class GridMaker:
    """Makes the grids of one page; ``args`` say which page of each table is asked for, and sorted by what."""

    def __init__(self, links: Links, args: Mapping[str, str]) -> None:
        """Keep how to link and to turn pages."""
        self.links = links
        self.args = args
        self.anchors: dict[str, Anchors] = {
            "client": self._client,
            "numero": self._number,
            "contrat": self._contract,
            "reference": self._reference,
            "date": self._entry,
            "signe": self._entry,
            "compte": self._account,
            "case": self._box,
            "texte": self._entry,
        }

    def grid(
        self,
        table: Table,
        hidden: frozenset[str] = frozenset(),
        *,
        most: int = 0,
        whole: str = "",
    ) -> Grid:
        """The grid of ``table`` without the columns of ``hidden``.

        ``most`` shows that many rows and no more (0: all, by pages), the rest being at the address ``whole``. Of rows
        that are not all there, a head sorts all, not those that are shown.
        """
        shown = [i for i in table.on_screen() if table.columns[i].key not in hidden]
        columns = [table.columns[index] for index in shown]
        order = range(len(table.rows)) if most else self._order(table)
        placed, pages = (order[:most], None) if most else self._cut(table, order)
        rows = [table.rows[index] for index in placed]
        filed = self._files_pdfs(table)
        is_cut = len(rows) < len(table.rows)
        heads = [self._head(table, column, whole if most else "", is_cut) for column in columns]
        if filed:
            heads.append(Head("PDF", "pdf", "" if is_cut else "string"))
        total = table.total if table.rows and len(table.rows) > 1 else None
        shown_rows = tuple(self._row(table, shown, row, filed=filed) for row in rows)
        last_row = self._total(table, shown, total, filed=filed) if total else None
        texts = _texts(columns, (*shown_rows, *((last_row,) if last_row else ())), filed=filed)
        return Grid(
            table.key,
            table.title,
            tuple(heads),
            shown_rows,
            last_row,
            frozenset(place for place, index in enumerate(placed) if index in table.strong),
            table.note,
            self.links.download(table.key, "csv"),
            pages,
            breaks(texts),
            cards_from(texts),
            len(table.rows),
            whole if is_cut else "",
        )

    # -- rows -----------------------------------------------------------------------------------------------

    def _head(self, table: Table, column: Column, whole: str, is_cut: bool) -> Head:
        sort = "num" if column.kind in NUMERIC else "string"
        asked = "" if whole else self._sorted_by(table)
        order = {column.key: "asc", f"-{column.key}": "desc"}.get(asked, "")
        if not is_cut:
            return Head(column.title, _css(column), sort, "", order)
        by = {sort_parameter(table.key): f"-{column.key}" if order == "asc" else column.key}
        href = self.links.adding(whole, by) if whole else self.links.here(**by)
        return Head(column.title, _css(column), "", href, order)

    def _sorted_by(self, table: Table) -> str:
        """The column that the address sorts ``table`` by, ``-`` before it for the largest first; ``""`` for none."""
        asked = self.args.get(sort_parameter(table.key), "")
        keys = {column.key for column in table.columns}
        return asked if asked.removeprefix("-") in keys else ""

    def _order(self, table: Table) -> Sequence[int]:
        """The rows in the order asked for; empty cells come last, whichever the order."""
        asked = self._sorted_by(table)
        if not asked:
            return range(len(table.rows))
        keys = [column.key for column in table.columns]
        at = keys.index(asked.removeprefix("-"))
        filled: list[int] = []
        empty: list[int] = []
        for index, row in enumerate(table.rows):
            (filled if _says(table, at, row[at]) else empty).append(index)
        filled.sort(key=lambda index: _rank(table.rows[index][at]), reverse=asked[0] == "-")
        return [*filled, *empty]

    def _cut(self, table: Table, order: Sequence[int]) -> tuple[Sequence[int], Pages | None]:
        count = len(order)
        if count <= ROWS_PER_PAGE:
            return order, None
        last_page = (count - 1) // ROWS_PER_PAGE + 1
        page = min(max(1, self._page_of(table.key)), last_page)
        first = (page - 1) * ROWS_PER_PAGE
        rows = order[first : first + ROWS_PER_PAGE]
        turn = page_parameter(table.key)
        by = {sort_parameter(table.key): self._sorted_by(table) or None}
        return rows, Pages(
            first + 1,
            first + len(rows),
            count,
            self.links.here(**{turn: str(page - 1), **by}) if page > 1 else "",
            self.links.here(**{turn: str(page + 1), **by}) if page < last_page else "",
        )

    def _page_of(self, key: str) -> int:
        text = self.args.get(page_parameter(key), "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1

    def _files_pdfs(self, table: Table) -> bool:
        return self.links.desk.has_pdfs and any(c.key == "numero" for c in table.columns)

    def _row(
        self, table: Table, shown: list[int], row: tuple[Cell, ...], *, filed: bool
    ) -> tuple[GridCell, ...]:
        named = {column.key: cell for column, cell in zip(table.columns, row, strict=True)}
        # Where a customer comes once, its account stands beside its name.
        once = table.key == "clients"
        cells = [self._cell(table, index, row, named, with_account=once) for index in shown]
        if filed:
            cells.append(self._pdf(named))
        return tuple(cells)

    def _total(
        self, table: Table, shown: list[int], total: tuple[Cell, ...], *, filed: bool
    ) -> tuple[GridCell, ...]:
        cells = [_plain(table, index, total) for index in shown]
        if cells and not cells[0].text:
            # The column that carries the word « Total » may be hidden here.
            first = table.columns[shown[0]]
            cells[0] = GridCell("Total", _css(first), first.title)
        if filed:
            cells.append(GridCell("", "pdf", "PDF"))
        return tuple(cells)

    def _cell(
        self, table: Table, index: int, cells: tuple[Cell, ...], row: Row, *, with_account: bool
    ) -> GridCell:
        column, cell = table.columns[index], cells[index]
        plain = _plain(table, index, cells)
        anchor = (
            self.anchors[column.key](row) if column.key in self.anchors and plain.text else None
        )
        beside = self._customer_account(row) if with_account and column.key == "client" else None
        return GridCell(
            plain.text,
            f"{plain.css} late" if _is_alarming(column, cell) else plain.css,
            plain.label,
            plain.sort,
            plain.text if column.kind is Kind.TEXT else "",
            anchor,
            beside,
            _swatch(column, cell),
            _share(column, row),
            self._numbers(plain.text) if column.key == "numeros" else (),
        )

    # -- where cells lead -----------------------------------------------------------------------------------

    def _client(self, row: Row) -> Anchor | None:
        account = row.get("compte")
        if not account:
            return None
        return Anchor(
            self.links.view("creances", client=str(account)), title=f"Ce que doit {row['client']}"
        )

    def _customer_account(self, row: Row) -> Anchor | None:
        account = row.get("compte")
        if not account:
            return None
        name = str(account)
        return Anchor(self.links.account(name), account_number(name), f"Compte {name}")

    def _account(self, row: Row) -> Anchor | None:
        return Anchor(self.links.account(str(row["compte"])))

    def _number(self, row: Row) -> Anchor | None:
        number = str(row["numero"])
        if number.startswith("^"):
            # Money received before any invoice stands under its contract.
            href = self.links.view("contrats", contrat=number[1:])
            return Anchor(href, title="Le registre du contrat")
        if self.links.own.get(VIEW) == "factures" and self.links.place(number) is not None:
            return Anchor(self.links.fiche(number), title=f"{number}, son écriture et son PDF")
        href = self.links.document(number)
        return Anchor(href, title=f"L'écriture de {number}") if href else None

    def _numbers(self, text: str) -> tuple[str | Anchor, ...]:
        """« F1, F2 et 3 autres »: each number leads to its entry; ``()`` when none does."""
        parts = [self._named(part) for part in _BETWEEN.split(text)]
        return tuple(parts) if any(isinstance(part, Anchor) for part in parts) else ()

    def _named(self, part: str) -> str | Anchor:
        href = self.links.document(part)
        return Anchor(href, part, f"L'écriture de {part}") if href else part

    def _contract(self, row: Row) -> Anchor | None:
        link = str(row["contrat"]).removeprefix("^")
        if self.links.own.get(VIEW) != "creances" and link in self.links.desk.dossier.contracts:
            return Anchor(self.links.view("contrats", contrat=link), title="Le registre du contrat")
        return Anchor(self.links.here(filter=f"^{link}"), title=f"N'afficher que ^{link}")

    def _reference(self, row: Row) -> Anchor | None:
        name = str(row["reference"]).removeprefix("^")
        if name in self.links.desk.dossier.contracts:
            return Anchor(self.links.view("contrats", contrat=name), title="Le registre du contrat")
        href = self.links.document(name)
        return Anchor(href, title=f"L'écriture de {name}") if href else None

    def _box(self, row: Row) -> Anchor | None:
        """A box of the VAT return; totals have no entry of their own."""
        if not row.get("ecritures", 1) or self.links.own.get("case"):
            return None
        code = str(row["case"])
        return Anchor(
            self.links.here(case=code, tout=None), title=f"Les écritures de la case {code}"
        )

    def _entry(self, row: Row) -> Anchor | None:
        path, line = row.get("fichier"), row.get("ligne")
        if not isinstance(path, str) or not isinstance(line, int):
            return None
        return Anchor(self.links.entry(Place(path, line)), title="L'écriture")

    def _pdf(self, row: Row) -> GridCell:
        name = self._printed_name(row)
        href = self.links.pdf(name)
        if not href:
            return GridCell("", "pdf", "PDF")
        anchor = Anchor(href, title=f"Le PDF de {name}", leaves=True)
        return GridCell("PDF", "pdf", "PDF", "1", "", anchor)

    def _printed_name(self, row: Row) -> str:
        """The number of the document typed at this row; a quote bears its contract's link. A payment prints nothing."""
        number = str(row.get("numero") or "")
        if not number:
            return self.links.own.get("contrat", "") if row.get("nature") == _QUOTE else ""
        own = self.links.place(number) == (row.get("fichier"), row.get("ligne"))
        return number if own else ""


_ALARMS: Final = {
    "etat": frozenset({State.LATE.value}) | {seal.value for seal in BROKEN_SEALS},
    "sceau": frozenset(seal.value for seal in BROKEN_SEALS),
    "marque": frozenset({Mark.BAD.value}),
    "intact": frozenset({CHANGED}),
}


def _is_alarming(column: Column, cell: Cell) -> bool:
    return cell in _ALARMS.get(column.key, ())


def page_parameter(key: str) -> str:
    """The name of the parameter that says which page of a table to show."""
    return f"page-{key}"


def sort_parameter(key: str) -> str:
    """The name of the parameter that says which column of a table to sort by."""
    return f"tri-{key}"


def _rank(cell: Cell) -> tuple[int, Decimal | datetime.date | str]:
    """Figures by value, dates by day, words as a French reader files them: accents and capitals do not count."""
    if isinstance(cell, Decimal | int):
        return 0, Decimal(cell)
    if isinstance(cell, datetime.date):
        return 1, cell
    plain = unicodedata.normalize("NFKD", str(cell))
    return 2, "".join(char for char in plain if not unicodedata.combining(char)).casefold()


def account_number(name: str) -> str:
    """The number in an account's name: ``411`` of ``Actif:411:Dupont``."""
    return next((part for part in name.split(":") if part.isdigit()), name)


def _texts(
    columns: list[Column], rows: Sequence[tuple[GridCell, ...]], *, filed: bool
) -> list[ColumnTexts]:
    """What `fit` measures: the texts of each column."""
    texts = [
        ColumnTexts(
            column.key,
            column.title,
            column.kind in NUMERIC,
            column.give_way,
            [_printed(row[index]) for row in rows],
        )
        for index, column in enumerate(columns)
    ]
    if filed:
        texts.append(ColumnTexts("pdf", "PDF", False, 0, ()))
    return texts


def _printed(cell: GridCell) -> str:
    """The cell's text, with what stands beside it."""
    beside = f" {cell.beside.text}" if cell.beside is not None else ""
    return cell.text + beside + ("  " if cell.swatch is not None else "")


def _css(column: Column) -> str:
    names = [f"c-{column.key}"]
    if column.kind in NUMERIC:
        names.append("num")
    if column.kind is Kind.DATE:
        names.append("day")
    if column.kind is Kind.TEXT:
        names.append("text")
    return " ".join(names)


def _plain(table: Table, index: int, cells: tuple[Cell, ...]) -> GridCell:
    """A cell that leads nowhere."""
    column, cell = table.columns[index], cells[index]
    text = written(column.kind, cell) if _says(table, index, cell) else ""
    return GridCell(text, _css(column), column.title, _sort(cell))


def _says(table: Table, index: int, cell: Cell) -> bool:
    """Whether a cell shows something: a zero does where it means something."""
    if cell is None:
        return False
    return bool(cell) or table.columns[index].key in _ZERO_SHOWN or table.key in _PROOFS


def _sort(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _share(column: Column, row: Row) -> Decimal | None:
    """How long the bar under a cell is, in percent: billed, paid, of what is ordered; deposits left, of those given."""
    part, whole = {
        "avancement": (row.get("avancement"), HUNDRED),
        "facture-ttc": (row.get("facture-ttc"), row.get("commande-ttc")),
        "regle": (row.get("regle"), row.get("commande-ttc")),
        "acomptes-a-reprendre": (row.get("acomptes-a-reprendre"), row.get("acomptes-demandes")),
    }.get(column.key, (None, None))
    if not isinstance(part, Decimal) or not isinstance(whole, Decimal) or whole <= 0:
        return None
    if not part and column.key == "acomptes-a-reprendre":
        return None  # nothing waits: no bar
    return min(HUNDRED, max(ZERO, part * HUNDRED / whole))


def _swatch(column: Column, cell: Cell) -> int | None:
    """Which column of the aged balance a delay belongs to."""
    if column.key != "jours-de-retard" or not isinstance(cell, int):
        return None
    return age(_ONE, cell).index(_ONE)
