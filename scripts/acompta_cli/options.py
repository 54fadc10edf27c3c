"""Arguments and options that several commands share; the engine is imported only when a ledger is opened."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from acompta.closing.periods import Period
    from acompta.loading import Loaded

    _DateType = click.ParamType[datetime.date]
    _TextType = click.ParamType[str]
    _ChoiceType = click.Choice[str]
    _PeriodType = click.ParamType[Period]
else:  # not generic before click 8.4
    _DateType = _TextType = _PeriodType = click.ParamType
    _ChoiceType = click.Choice

F = TypeVar("F", bound=Callable[..., Any])
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_FRENCH: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


class CommandError(click.ClickException):
    """Nothing could be done: one French sentence on stderr, exit code 2."""

    exit_code = 2


class FrenchDate(_DateType):
    """A date typed 2026-03-31 or 31/03/2026."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime.date:
        """Read the date.

        Raises:
            click.BadParameter: neither form, or a day that the calendar does not have.
        """
        if isinstance(value, datetime.date):
            return value
        text = str(value).strip()
        if found := _ISO.fullmatch(text):
            year, month, day = map(int, found.groups())
        elif found := _FRENCH.fullmatch(text):
            day, month, year = map(int, found.groups())
        else:
            self.fail(f"« {text} » ; tapez 2026-03-31 ou 31/03/2026.", param, ctx)
        try:
            return datetime.date(year, month, day)
        except ValueError:
            self.fail(f"« {text} » : ce jour n'existe pas.", param, ctx)


class Unaccented(_ChoiceType):
    """One of some words, typed with or without its accents: « débits », « debits »."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read the word."""
        from acompta.lint.spelling import fold  # noqa: PLC0415 — only when such an option is typed

        return super().convert(fold(str(value)).lower(), param, ctx)


class Link(_TextType):
    """The link of a contract or the number of an invoice, typed with or without its ``^``."""

    name = "lien"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take the ``^`` off.

        Raises:
            click.BadParameter: nothing is left.
        """
        text = str(value).strip().removeprefix("^")
        if not text:
            self.fail("tapez le lien du contrat, par exemple ^D2026-012.", param, ctx)
        return text


def ledger_argument(function: F) -> F:
    """The ledger, first argument of every command."""
    return click.argument("ledger", metavar="DOSSIER", type=click.Path(path_type=Path))(function)


def at_option(function: F) -> F:
    """``--au DATE``: the end of that day, today by default."""
    return click.option(
        "--au", "at", type=FrenchDate(), metavar="DATE",
        help="Date d'arrêté, 2026-03-31 ou 31/03/2026 ; aujourd'hui par défaut.",
    )(function)  # fmt: skip


class PeriodType(_PeriodType):
    """A month typed 2026-03 or a quarter typed 2026-T1."""

    name = "periode"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Period:
        """Read the period.

        Raises:
            click.BadParameter: neither form.
        """
        from acompta.closing.periods import PeriodError, read_period  # noqa: PLC0415 — the engine, when needed

        try:
            return read_period(str(value))
        except PeriodError as error:
            self.fail(str(error), param, ctx)


def period_argument(function: F) -> F:
    """The month or the quarter, after the ledger."""
    return click.argument("period", metavar="PÉRIODE", type=PeriodType())(function)


def today() -> datetime.date:
    """Today, by the clock of this machine."""
    return datetime.date.today()  # noqa: DTZ011 — an accountant's day is the one on the wall


def open_ledger(path: Path) -> Loaded:
    """Load the ledger of a command.

    Raises:
        CommandError: it cannot be used; nothing is printed on stdout.
    """
    from acompta.loading import LedgerError, load_ledger  # noqa: PLC0415 — the engine, not before it is needed

    try:
        return load_ledger(path)
    except LedgerError as error:
        raise CommandError(str(error)) from error
