"""The ledger blocks of the documents, and what the engine makes of each.

A document is written by hand except for what the engine says of its blocks. HTML comments, invisible to the reader,
tell which is which; they stand alone on the line above:

* ``<!-- comptes -->``: this ledger block is the prelude of all the others (« les comptes du chapitre 2 »). A document
  without one has ``preamble.beancount`` as its prelude.
* ``<!-- seul -->``: this ledger block is a whole ledger, loaded without the prelude.
* ``<!-- écritures -->``: the table below is the entries that the ledger block above posts, as an accountant writes
  them.
* ``<!-- devient -->``: the ledger block below is what the one above becomes, as Beancount prints it.
* ``<!-- signalements -->``: the text block below holds the notices that the ledger block above gives.
* ``<!-- aide : verifier -->``: the text block below is the help of that command.
* ``<!-- sortie : balance-agee --au 2026-03-31 -->``: the text block below is what that command says of the first
  story of the document (the ledger blocks of its first section that has some).
* ``<!-- fautes -->``: the second column of the table below is what the linter says of the first.
* ``<!-- situations -->``: the last column of the table below leads to the golden folders named after each row
  (``ligne-07-…`` for row 7); a row without any keeps what is written.
* ``<!-- genres -->``: the columns « n° de la série », « écriture passée » and « PDF » of the table below.
* ``<!-- clés -->``: the table below is every key of the vocabulary, with the type of its value in each place.

A ledger block is loaded after the prelude and after the ledger blocks above it under the same heading (of level two to
four). `regenerate` writes all that the engine says again; a document is right when that changes nothing.
"""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple

from beancount import loader
from beancount.core.data import Directive, Open, Transaction
from beancount.parser import printer
from tests.roots import ROOTS

from acompta import vocabulary
from acompta.dossier import dossier_of
from acompta.french import number, short_day
from acompta.invoices.from_dossier import PRINTABLE
from acompta.lint import lint_text
from acompta.vocabulary import Kind

ROOT: Final = Path(__file__).parents[2]
PREAMBLE: Final = Path(__file__).with_name("preamble.beancount")
CASES: Final = ROOT / "tests" / "cases"
LEDGER: Final = "beancount"
DOCUMENTS: Final = tuple(
    ROOT / name for name in ("README.md", "docs/guide.md", "docs/language.md", "docs/rules.md")
)

_COMMENT: Final = re.compile(r"<!-- (?P<word>[^ :>]+)(?: : (?P<argument>[^>]+?))? -->")
_FENCE: Final = re.compile(r"(?P<ticks>```+)(?P<info>\S*)\s*")
_HEADING: Final = re.compile(r"(?P<level>#{1,6}) (?P<title>.+)")
_TABLES: Final = frozenset({"écritures", "fautes", "clés", "situations", "genres"})


class Marker(NamedTuple):
    """An HTML comment that says what comes next."""

    word: str
    argument: str


@dataclass(slots=True)
class Block:
    """A fenced block: its language, its lines without the fences, the line (from 1) of its first line."""

    info: str
    lines: list[str]
    line: int
    section: str
    marker: Marker | None

    @property
    def text(self) -> str:
        """The content, ending with a newline."""
        return "\n".join(self.lines) + "\n"

    @property
    def is_typed(self) -> bool:
        """Whether it is a ledger that a reader would type (not one that the engine printed)."""
        return self.info == LEDGER and (self.marker is None or self.marker.word != "devient")


@dataclass(slots=True)
class Document:
    """A Markdown file taken apart."""

    path: Path
    blocks: list[Block] = field(default_factory=list)

    @property
    def prelude(self) -> str:
        """What is loaded before each block: its own accounts, else the shared preamble."""
        for block in self.blocks:
            if block.marker is not None and block.marker.word == "comptes":
                return block.text
        return PREAMBLE.read_text(encoding="utf-8")

    @property
    def story(self) -> str:
        """The prelude and the ledger blocks of the first section that has some."""
        typed = [block for block in self.blocks if block.is_typed and block.marker is None]
        return self.prelude + "".join(b.text for b in typed if b.section == typed[0].section)

    def before(self, block: Block) -> list[Block]:
        """The ledger blocks above ``block`` in its section."""
        return [
            other
            for other in self.blocks
            if other.is_typed
            and other.marker is None
            and other.section == block.section
            and other.line < block.line
        ]


def read(path: Path) -> Document:
    """Read a document."""
    return parse(path, path.read_text(encoding="utf-8"))


def parse(path: Path, text: str) -> Document:
    """Take the text of a document apart."""
    document = Document(path)
    section, marker, block, ticks = "", None, None, ""
    for index, line in enumerate(text.splitlines(), 1):
        if block is not None:
            if line.strip() == ticks:
                document.blocks.append(block)
                block = None
            else:
                block.lines.append(line)
            continue
        fence = _FENCE.fullmatch(line)
        if fence:
            ticks = fence["ticks"]
            block = Block(fence["info"], [], index + 1, section, marker)
            marker = None
            continue
        heading = _HEADING.fullmatch(line)
        if heading and len(heading["level"]) <= 4:
            section = f"{index}: {heading['title']}"
        comment = _COMMENT.fullmatch(line.strip())
        if comment:
            marker = Marker(comment["word"], comment["argument"] or "")
        elif line.strip():
            marker = None
    assert block is None, f"{path.name} : le bloc de la ligne {block.line} ne se ferme pas"
    return document


# -- loading ----------------------------------------------------------------------------------------------------------


class Loaded(NamedTuple):
    """What a block gives: the accounts that the plugin opened, the transactions that the block types or causes, all
    errors, and its own notices.
    """

    opened: list[Open]
    entries: list[Transaction]
    errors: list[str]
    notices: list[str]


def load(document: Document, block: Block, folder: Path) -> Loaded:
    """Load a block with what stands before it. ``folder`` is an empty folder to write in."""
    alone = block.marker is not None and block.marker.word in {"comptes", "seul"}
    above = "" if alone else document.prelude
    above += "".join(other.text for other in ([] if alone else document.before(block)))
    ledger = write_ledger(above + block.text, folder)
    first = above.count("\n") + 1
    entries, errors, options = loader.load_file(str(ledger))
    dossier = dossier_of(options)
    assert dossier is not None, (
        f"{document.path.name} ligne {block.line} : le greffon n'a pas tourné"
    )
    return Loaded(
        [
            entry
            for entry in entries
            if isinstance(entry, Open) and entry.meta.get("etendu") is True
        ],
        [
            entry
            for entry in entries
            if isinstance(entry, Transaction) and _is_from(entry.meta, ledger, first)
        ],
        [
            f"{document.path.name} ligne {block.line + error.source.get('lineno', 0) - first} : {error.message}"
            for error in errors
        ],
        [notice.message for notice in dossier.notices if notice.line >= first],
    )


def write_ledger(text: str, folder: Path) -> Path:
    """Write a main file where the guide says to: in a folder of its own, beside the chart."""
    home = folder / "mon-dossier"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "ledgers" / "pcg.beancount", folder / "pcg.beancount")
    ledger = home / "main.beancount"
    ledger.write_text(text, encoding="utf-8")
    return ledger


def _is_from(meta: dict[str, object], ledger: Path, first: int) -> bool:
    line = meta.get("lineno", 0)
    return meta.get("filename") == str(ledger) and isinstance(line, int) and line >= first


# -- what the engine says ---------------------------------------------------------------------------------------------


def journal(entries: list[Transaction]) -> list[str]:
    """The entries as the rows of a journal: date, piece, label, account, debit, credit."""
    rows = ["| Date | Pièce | Libellé | Compte | Débit | Crédit |", "|---|---|---|---|--:|--:|"]
    for entry in entries:
        first = True
        for posting in entry.postings:
            units = posting.units
            assert units is not None
            assert units.number is not None
            debit, credit = _columns(units.number)
            head = (short_day(entry.date), _piece(entry), entry.narration or "")
            date, piece, label = head if first else ("", "", "")
            rows.append(
                f"| {date} | {piece} | {label} | {_name(posting.account)} | {debit} | {credit} |"
            )
            first = False
    return rows


def _columns(amount: Decimal) -> tuple[str, str]:
    return (number(amount), "") if amount > 0 else ("", number(-amount))


def _piece(entry: Transaction) -> str:
    typed = entry.meta.get("numero")
    if isinstance(typed, str):
        return typed
    named = {str(p.meta["facture"]) for p in entry.postings if p.meta and "facture" in p.meta}
    return ", ".join(sorted(named or entry.links))


def _name(account: str) -> str:
    return " ".join(account.split(":")[1:])


def printed(loaded: Loaded) -> list[str]:
    """What the ledger becomes as Beancount prints it, one blank line between two entries."""
    directives: list[Directive] = [*loaded.opened, *loaded.entries]
    return "\n".join(printer.format_entry(entry) for entry in directives).rstrip("\n").split("\n")


# Where the linter finds a fragment: under the line of a document, unless it starts a line of its own.
_ABOVE: Final = ROOTS + 'plugin "acompta"\n'
_DOCUMENT: Final = '2026-02-02 * "SCI Dupont" "Conseil" #facture\n  numero: "F2026-001"\n'
_DATED: Final = re.compile(r"\d+[-/]\d+[-/]\d+ ")
_MISTAKE: Final = re.compile(r"\| `(?P<typed>[^`]+)` \|.*")


def findings(typed: str) -> list[str]:
    """What the linter says of a fragment typed in an otherwise good ledger."""
    if _DATED.match(typed):
        text = f"{_ABOVE}{typed}\n"
        if " * " in typed:
            text += "  Actif:512:Banque  1.00 EUR\n  Actif:411:Dupont\n"
    else:
        text = f"{_ABOVE}{_DOCUMENT}  {typed}\n  Actif:411:Dupont\n"
    return [finding.message for finding in lint_text(Path("main.beancount"), text, main=True)]


def mistakes(rows: list[str]) -> list[str]:
    """The table of typing mistakes: what is typed, what the linter answers (its last finding, the precise one)."""
    output = rows[:2]
    for row in rows[2:]:
        found = _MISTAKE.fullmatch(row)
        assert found is not None, f"ligne illisible : {row}"
        said = findings(found["typed"])
        output.append(f"| `{found['typed']}` | {_coded(said[-1]) if said else ''} |")
    return output


def _coded(message: str) -> str:
    """A message in Markdown: what it quotes is code."""
    return re.sub(r"« (.+?) »(?! »)", r"`\1`", " ".join(message.split()))


_TYPES: Final = (
    (vocabulary.TEXT, "texte"),
    (vocabulary.DATE, "date"),
    (vocabulary.NUMBER, "nombre"),
    (vocabulary.RETAINED, "nombre"),
    (vocabulary.BOOLEAN, "TRUE, FALSE"),
    (vocabulary.AMOUNT, "montant"),
    (vocabulary.PERIOD, "date, période"),
)
PLACES: Final = (
    vocabulary.DOCUMENT_KEYS,
    vocabulary.LINE_KEYS,
    vocabulary.SETTLEMENT_KEYS,
    vocabulary.PARTY_KEYS,
    vocabulary.ACCOUNT_KEYS,
    vocabulary.SELLER_KEYS,
)


def keys(rows: list[str]) -> list[str]:
    """The table of all keys: one row a key, one column a place, the type of the value in the cell."""
    words = dict(_TYPES)
    return rows[:2] + [
        f"| `{key}` | "
        + " | ".join(words[place[key]] if key in place else "" for place in PLACES)
        + " |"
        for key in sorted({key for place in PLACES for key in place})
    ]


def situations(rows: list[str]) -> list[str]:
    """The table of situations: where a row has golden folders, its last column names and links them."""
    output = rows[:2]
    for row in rows[2:]:
        cells = row.strip("|").split("|")
        folders = sorted(CASES.glob(f"ligne-{int(cells[0]):02}-*/"))
        if folders:
            links = (f"[{_title(f)}](../tests/cases/{f.name}/)" for f in folders)
            cells[-1] = f" {', '.join(links)} "
        output.append(f"|{'|'.join(cells)}|")
    return output


def _title(folder: Path) -> str:
    """What a golden folder says that it is about, on the first line of its ledger."""
    first = (folder / "typed.beancount").read_text(encoding="utf-8").partition("\n")[0]
    return first.rpartition(" : ")[2].strip().replace("|", "/")


NOT_YET: Final = "pas encore pris en charge"
_OUT_OF_SERIES: Final = vocabulary.UNNUMBERED | vocabulary.PURCHASES | {Kind.TAKEOVER}
_NEVER_PRINTED: Final = _OUT_OF_SERIES - {Kind.QUOTE}
_KIND_CELL: Final = re.compile(r"`#([a-z-]+)`.*")


def is_posted(kind: Kind, folder: Path) -> bool:
    """Whether the engine knows how to post this kind, whatever else it finds wrong in an empty document."""
    document = (
        f'2026-01-31 * "SCI Dupont" "Essai" #{kind.value}\n  numero: "X-1"\n  Actif:411:Dupont\n'
    )
    text = PREAMBLE.read_text(encoding="utf-8") + document
    _, errors, _ = loader.load_file(str(write_ledger(text, folder)))
    return not any(NOT_YET in error.message for error in errors)


def is_printed(kind: Kind) -> bool:
    """Whether a document of this kind is printed, and has a page to be printed on."""
    return kind in PRINTABLE and (ROOT / "invoice_templates" / f"{kind.value}.html").is_file()


def kinds(rows: list[str], folder: Callable[[], Path]) -> list[str]:
    """The table of kinds: what is numbered, posted and printed in this version."""
    names = [cell.strip() for cell in rows[0].strip("|").split("|")]
    output = rows[:2]
    for row in rows[2:]:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        found = _KIND_CELL.fullmatch(cells[0])
        assert found is not None, f"ligne illisible : {row}"
        kind = vocabulary.KIND_BY_TAG[found[1]]
        posted = kind in vocabulary.UNPOSTED or is_posted(kind, folder())
        words = {
            "n° de la série": "non" if kind in _OUT_OF_SERIES else "oui",
            "écriture passée": "–" if kind in vocabulary.UNPOSTED else _yes(posted),
            "PDF": "–" if kind in _NEVER_PRINTED else _yes(is_printed(kind)),
        }
        written = [words.get(name, cell) for name, cell in zip(names, cells, strict=True)]
        output.append(f"| {' | '.join(written)} |")
    return output


def _yes(there: bool) -> str:
    return "oui" if there else "à venir"


def wrapped(messages: list[str]) -> list[str]:
    """One message a paragraph, no longer than a page is wide."""
    return [
        line
        for message in messages
        for part in message.splitlines()
        for line in textwrap.wrap(part, 100, subsequent_indent="    ", break_on_hyphens=False)
    ]


class Writer:
    """Writes a document again: what is typed stays, what the engine says is asked anew."""

    def __init__(
        self, path: Path, text: str, folder: Callable[[], Path], run: Callable[[list[str]], str]
    ) -> None:
        """Take the text apart; see `regenerate`."""
        self.document = parse(path, text)
        self.lines = text.splitlines()
        self.folder = folder
        self.run = run
        self.output: list[str] = []
        self.last: Block | None = None
        self.marker: Marker | None = None

    def text(self) -> str:
        """The whole document."""
        by_line = {block.line: block for block in self.document.blocks}
        position = 0
        while position < len(self.lines):
            line = self.lines[position]
            block = by_line.get(position + 2)
            if block is not None:
                position += self._block(line, block)
            elif self.marker is not None and self.marker.word in _TABLES and line.startswith("|"):
                position += self._table(self.marker.word, position)
            else:
                self._line(line)
                position += 1
        return "\n".join(self.output) + "\n"

    def _line(self, line: str) -> None:
        comment = _COMMENT.fullmatch(line.strip())
        if comment:
            self.marker = Marker(comment["word"], comment["argument"] or "")
        elif line.strip():
            self.marker = None
        self.output.append(line)

    def _block(self, fence: str, block: Block) -> int:
        """Write a block, its fences included; how many lines it had."""
        self.output += [fence, *self._content(block), fence.rstrip("abcdefghijklmnopqrstuvwxyz")]
        self.last = block if block.is_typed else self.last
        self.marker = None
        return len(block.lines) + 2

    def _content(self, block: Block) -> list[str]:
        word, argument = block.marker or Marker("", "")
        if word == "aide":
            names = [] if argument == "acompta" else [argument]
            return self._said([*names, "--help"])
        if word == "sortie":
            command, *others = argument.split()
            ledger = write_ledger(self.document.story, self.folder())
            return self._said([command, str(ledger), *others])
        if word == "devient":
            return printed(self._loaded(block.line))
        if word == "signalements":
            return wrapped(self._loaded(block.line).notices)
        return block.lines

    def _said(self, arguments: list[str]) -> list[str]:
        """What a command prints, blank lines at both ends left out."""
        return [line.rstrip() for line in self.run(arguments).strip("\n").split("\n")]

    def _table(self, word: str, position: int) -> int:
        """Write a table; how many rows it had."""
        rows = list(takewhile(lambda row: row.startswith("|"), self.lines[position:]))
        if word == "fautes":
            self.output += mistakes(rows)
        elif word == "clés":
            self.output += keys(rows)
        elif word == "genres":
            self.output += kinds(rows, self.folder)
        elif word == "situations":
            self.output += situations(rows)
        else:
            self.output += journal(self._loaded(position + 1).entries)
        self.marker = None
        return len(rows)

    def _loaded(self, line: int) -> Loaded:
        """What the ledger block above ``line`` gives."""
        assert self.last is not None, (
            f"{self.document.path.name} ligne {line} : aucun bloc au-dessus"
        )
        return load(self.document, self.last, self.folder())


def regenerate(
    path: Path, text: str, folder: Callable[[], Path], run: Callable[[list[str]], str]
) -> str:
    """The text of a document with all that the engine says written again.

    ``folder`` gives an empty folder at each call, ``run`` what ``acompta`` prints for some arguments.
    """
    return Writer(path, text, folder, run).text()


# -- links ------------------------------------------------------------------------------------------------------------

_LINK: Final = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_CODE: Final = re.compile(r"`[^`]*`")


class Link(NamedTuple):
    """A link of a document to a file of the project, or to a heading of one."""

    line: int
    target: str


def internal_links(text: str) -> Iterator[Link]:
    """The links that are not to another site, blocks and inline code left out."""
    fenced = False
    for index, line in enumerate(text.splitlines(), 1):
        if _FENCE.fullmatch(line):
            fenced = not fenced
        if fenced:
            continue
        for found in _LINK.finditer(_CODE.sub("", line)):
            if "://" not in found["target"] and not found["target"].startswith("mailto:"):
                yield Link(index, found["target"])


def anchors(text: str) -> set[str]:
    """The anchors that a Markdown page gives to its headings, as GitHub makes them."""
    found: dict[str, int] = {}
    names = set()
    fenced = False
    for line in text.splitlines():
        if _FENCE.fullmatch(line):
            fenced = not fenced
        heading = None if fenced else _HEADING.fullmatch(line)
        if heading is None:
            continue
        name = re.sub(r"[^\w\- ]", "", heading["title"].lower()).strip().replace(" ", "-")
        seen = found.get(name, 0)
        found[name] = seen + 1
        names.add(f"{name}-{seen}" if seen else name)
    return names
