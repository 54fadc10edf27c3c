"""Reads, compares and rewrites the golden folders of this directory (their format is told in README.md)."""

from __future__ import annotations

import datetime
import difflib
import io
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from beancount import loader
from beancount.core.data import Directive, Transaction
from beancount.parser import booking, parser, printer
from tests.roots import ROOTS

from acompta.alerts import legal_alerts
from acompta.dossier import dossier_of
from acompta.receivables import due_date

CASES = Path(__file__).parent
GENERATED = "OD de TVA"
_WRITTEN_OUT = 'option "operating_currency" "EUR"\nplugin "acompta"\n'
_FINDING = re.compile(r"(?:(?P<file>[\w.-]+):)?(?P<line>\d+|\*): (?P<words>\S.*)")


class Entry(NamedTuple):
    """A posted entry: amounts summed per account, empty accounts left out.

    ``payee`` and ``number`` are ``None`` where nothing was typed; a generated entry has only a date and amounts.
    """

    date: datetime.date
    payee: str | None
    narration: str
    number: str | None
    amounts: tuple[tuple[str, Decimal], ...]

    @property
    def generated(self) -> bool:
        """Whether nobody typed it: the VAT moves of one day, added together."""
        return self.payee is None and self.narration == GENERATED

    @property
    def order(self) -> tuple[datetime.date, bool, str, str]:
        """By date; on one day the VAT moves come last."""
        return (self.date, self.generated, self.number or "", self.narration)


class Finding(NamedTuple):
    """An error or a notice: ``line`` 0 stands for any line, ``words`` for a message or the words it must hold."""

    file: str
    line: int
    words: str

    def matches(self, actual: Finding) -> bool:
        """Whether ``actual`` is at that line and says all of these words."""
        if self.line and (self.file, self.line) != (actual.file, actual.line):
            return False
        said = plain(actual.words)
        return all(word in said for word in plain(self.words).split())

    def __str__(self) -> str:
        """As in `expected.errors`."""
        where = "" if self.file == "typed.beancount" else f"{self.file}:"
        return f"{where}{self.line or '*'}: {self.words}"


class Loaded(NamedTuple):
    """A case as Beancount and the plugin see it."""

    directives: list[Directive]
    options: dict[str, Any]
    entries: list[Entry]
    errors: list[Finding]
    notices: list[Finding]
    alerts: list[Finding]
    due: dict[str, datetime.date]


class Case:
    """One folder: what is typed, and what must come out of it."""

    def __init__(self, folder: Path) -> None:
        """Name the files of ``folder``."""
        self.folder = folder
        self.typed = folder / "typed.beancount"

    def expected(self, what: str) -> str:
        """Text of ``expected.<what>``; empty when there is no such file."""
        path = self.folder / f"expected.{what}"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def gap(self) -> str:
        """Why the engine does not give the expected entries yet; empty when it must."""
        path = self.folder / "known-gap"
        return path.read_text(encoding="utf-8").strip() if path.exists() else ""

    @property
    def read_on(self) -> datetime.date | None:
        """The day at which `expected.alertes` is read, on its first line; ``None`` without such a file."""
        text = self.expected("alertes")
        return (
            datetime.date.fromisoformat(text.split("\n", 1)[0].removeprefix("au "))
            if text
            else None
        )

    def rewrite(self, what: str, text: str) -> str:
        """Replace ``expected.<what>`` (removed when empty) and return the difference, to be read by a person."""
        path = self.folder / f"expected.{what}"
        before = self.expected(what)
        if before == text:
            return ""
        if text:
            aside = path.with_name(f".{path.name}.new")
            with aside.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        else:
            path.unlink()
        return difference(before, text, path.name)


def all_cases() -> list[Case]:
    """Every folder, by name."""
    return [Case(path.parent) for path in sorted(CASES.glob("*/typed.beancount"))]


# -- reading --------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Lower case, without accents, every kind of space made an ordinary one."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def _amounts(transactions: Iterable[Transaction]) -> tuple[tuple[str, Decimal], ...]:
    total: dict[str, Decimal] = defaultdict(Decimal)
    for transaction in transactions:
        for posting in transaction.postings:
            assert posting.units is not None
            assert posting.units.number is not None
            total[posting.account] += posting.units.number
    return tuple(sorted((account, number) for account, number in total.items() if number))


def _entry(transaction: Transaction) -> Entry:
    number = transaction.meta.get("numero")
    return Entry(
        transaction.date,
        transaction.payee,
        transaction.narration or "",
        number if isinstance(number, str) else None,
        _amounts([transaction]),
    )


def _place(transaction: Transaction) -> tuple[str, int, str]:
    return (transaction.meta["filename"], transaction.meta["lineno"], transaction.narration or "")


def typed_transactions(path: Path) -> list[Transaction]:
    """The transactions of a file and of what it includes, as typed: parsed, nothing more."""
    directives, errors, options = parser.parse_file(str(path))
    assert not errors, errors
    found = [entry for entry in directives if isinstance(entry, Transaction)]
    for include in options["include"]:
        found += typed_transactions(path.parent / include)
    return found


def booked(path: Path) -> list[Any]:
    """Errors of parsing and booking a file and what it includes, without any plugin."""
    directives, errors, options = parser.parse_file(str(path))
    # Beancount types neither its booking nor its printer.
    _, booking_errors = booking.book(directives, options)  # type: ignore[no-untyped-call]
    found = [*errors, *booking_errors]
    for include in options["include"]:
        found += booked(path.parent / include)
    return found


def posted(directives: Sequence[Directive], typed: Iterable[Transaction]) -> list[Entry]:
    """What is posted: typed entries one by one, generated ones added together day by day; none without an amount."""
    places = {_place(transaction) for transaction in typed}
    entries, added = [], defaultdict(list)
    for transaction in directives:
        if not isinstance(transaction, Transaction):
            continue
        if _place(transaction) in places:
            entries.append(_entry(transaction))
        else:
            added[transaction.date].append(transaction)
    entries += [
        Entry(date, None, GENERATED, None, _amounts(transactions))
        for date, transactions in added.items()
    ]
    return sorted((entry for entry in entries if entry.amounts), key=lambda entry: entry.order)


def load(case: Case) -> Loaded:
    """Load a case through Beancount, plugin included."""
    directives, errors, options = loader.load_file(str(case.typed))
    dossier = dossier_of(options)
    assert dossier is not None, "le greffon acompta n'a pas tourné"
    at = case.read_on
    alerts = [] if at is None else legal_alerts(dossier, directives, at)
    return Loaded(
        directives,
        options,
        posted(directives, typed_transactions(case.typed)),
        [Finding(Path(e.source["filename"]).name, e.source["lineno"], e.message) for e in errors],
        [Finding(Path(n.path).name, n.line, n.message) for n in dossier.notices],
        [Finding(Path(n.path).name, n.line, n.message) for n in alerts],
        {number: due_date(claim.document, dossier) for number, claim in dossier.claims.items()},
    )


def read_entries(text: str) -> list[Entry]:
    """The entries of an `expected.beancount`."""
    directives, errors, _ = parser.parse_string(ROOTS + text)
    assert not errors, errors
    entries = [_entry(entry) for entry in directives if isinstance(entry, Transaction)]
    return sorted(entries, key=lambda entry: entry.order)


def read_findings(text: str) -> list[Finding]:
    """The lines of an `expected.errors` or `expected.reports`."""
    findings = []
    for line in text.splitlines():
        found = _FINDING.fullmatch(line)
        assert found is not None, f"ligne illisible : {line}"
        number = 0 if found["line"] == "*" else int(found["line"])
        findings.append(Finding(found["file"] or "typed.beancount", number, found["words"]))
    return findings


def read_pairs(text: str) -> dict[str, str]:
    """« account amount » or « number date » lines, as a mapping."""
    pairs = {}
    for line in text.splitlines():
        key, value = line.split(maxsplit=1)
        pairs[key] = value
    return pairs


def balances(entries: Iterable[Entry]) -> dict[str, Decimal]:
    """Balance of each account after all entries."""
    total: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        for account, number in entry.amounts:
            total[account] += number
    return total


def turned_over(text: str) -> str:
    """The same ledger with its directives in the opposite order (they are separated by blank lines)."""
    head, plugin, body = text.partition('plugin "acompta"\n')
    return head + plugin + "\n" + "\n\n".join(reversed(body.strip().split("\n\n"))) + "\n"


def written_out(loaded: Loaded) -> tuple[list[Directive], list[Any]]:
    """Directives and errors after the expanded ledger was printed and loaded a second time."""
    text = io.StringIO()
    printer.print_entries(loaded.directives, file=text)  # type: ignore[no-untyped-call]
    directives, errors, options = loader.load_string(ROOTS + _WRITTEN_OUT + text.getvalue())
    assert dossier_of(options) is not None
    return directives, list(errors)


def amounts_by_date(directives: Iterable[Directive]) -> Counter[tuple[datetime.date, Any]]:
    """What each transaction posts on which day, whatever it is called."""
    return Counter(
        (entry.date, _amounts([entry]))
        for entry in directives
        if isinstance(entry, Transaction) and _amounts([entry])
    )


# -- writing and comparing ------------------------------------------------------------------------------------


def render(entries: Iterable[Entry]) -> str:
    """The canonical text of `expected.beancount`."""
    blocks = []
    for entry in sorted(entries, key=lambda entry: entry.order):
        payee = "" if entry.payee is None else f'"{entry.payee}" '
        lines = [f'{entry.date} * {payee}"{entry.narration}"']
        if entry.number is not None:
            lines.append(f'  numero: "{entry.number}"')
        lines += [f"  {account:<38}{number:>14.2f} EUR" for account, number in entry.amounts]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def render_balances(wanted: Iterable[str], entries: Iterable[Entry]) -> str:
    """The canonical text of `expected.balances`, for the accounts that it names."""
    total = balances(entries)
    return "".join(
        f"{account:<38}{total.get(account, Decimal()):>14.2f} EUR\n" for account in wanted
    )


def render_due(wanted: Iterable[str], due: dict[str, datetime.date]) -> str:
    """The canonical text of `expected.echeances`, for the numbers that it names."""
    return "".join(f"{number} {due.get(number, '-')}\n" for number in wanted)


def render_alerts(text: str, actual: list[Finding]) -> str:
    """The text of `expected.alertes`: its day, then its findings as `render_findings` gives them."""
    if not text:
        return ""
    day, _, rest = text.partition("\n")
    return f"{day}\n{render_findings(read_findings(rest), actual)}"


def render_findings(wanted: list[Finding], actual: list[Finding]) -> str:
    """Expected lines that still hold, as they were; whole messages for what is new."""
    missing, unexpected = unmatched(wanted, actual)
    kept = list(wanted)
    for finding in missing:
        kept.remove(finding)
    return "".join(f"{' '.join(str(finding).split())}\n" for finding in [*kept, *unexpected])


def unmatched(wanted: list[Finding], actual: list[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Expected findings that nothing matches, and actual ones that nothing expected; each serves once."""
    left, missing = list(actual), []
    # Exact lines first, so that « any line » takes what remains.
    for finding in sorted(wanted, key=lambda finding: not finding.line):
        match = next((candidate for candidate in left if finding.matches(candidate)), None)
        if match is None:
            missing.append(finding)
        else:
            left.remove(match)
    return missing, left


def difference(before: str, after: str, name: str) -> str:
    """What changed, line by line, as a person reads it."""
    return "".join(
        difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"{name} (attendu)",
            f"{name} (obtenu)",
        )
    )
