"""``acompta balance-agee``: who owes what, and since when."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acompta_cli.options import (
    CommandError,
    Link,
    at_option,
    ledger_argument,
    open_ledger,
    today,
)
from acompta_cli.output import Output, emit, output_options, warn_of_errors

if TYPE_CHECKING:
    from acompta.chart import Chart
    from acompta.loading import Loaded
    from acompta.tables import Report

HELP = """\
Balance âgée : ce que chaque client doit, échu ou non, à une date.

Factures ouvertes par retard, avances et trop-perçus, acomptes restant à reprendre, montants qui ne nomment aucune
facture. Le total est celui des comptes 411, 4117, 413 et 416 du grand livre, et la commande le vérifie.

\b
acompta balance-agee journal/ --au 31/03/2026
acompta balance-agee main.beancount --client Dupont --xlsx creances.xlsx

Code de sortie : 0, ou 1 si le journal contient des erreurs, 2 s'il est illisible.
"""
TABLES = {
    "clients": "par client",
    "factures": "factures ouvertes",
    "hors-factures": "avances, trop-perçus, non affecté",
    "acomptes": "acomptes à reprendre",
}


@click.command("balance-agee", help=HELP)
@ledger_argument
@at_option
@click.option(
    "--client",
    metavar="CLIENT",
    help="Un seul client : son compte, son nom, ou un morceau de son nom.",
)
@click.option(
    "--contrat", "link", type=Link(), metavar="^LIEN", help="Un seul contrat, ou une seule facture."
)
@output_options(TABLES)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    ledger: Path,
    at: datetime.date | None,
    client: str | None,
    link: str | None,
    output: Output,
) -> None:
    """Balance âgée : ce que chaque client doit, échu ou non, à une date."""
    loaded = open_ledger(ledger)
    date = at or today()
    report = _report(loaded, date, client, link)
    emit(report, loaded, output, first="clients", at=date.isoformat())
    ctx.exit(warn_of_errors(loaded))


def _report(loaded: Loaded, at: datetime.date, client: str | None, link: str | None) -> Report:
    from acompta.receivables import AgedBalance, aged_balance, reconcile  # noqa: PLC0415 — the engine, when needed
    from acompta.reports import aged_report  # noqa: PLC0415

    book = loaded.book()
    balance = aged_balance(book, at, link=link or "")
    if link is not None and not balance.customers and not _is_known(loaded, link):
        raise CommandError(f"^{link} : aucun contrat ni facture de ce nom dans ce dossier")
    only = [f"^{link}"] if link is not None else []
    if client is not None:
        accounts = find_customers(loaded.dossier.chart, client)
        customers = tuple(c for c in balance.customers if c.account in accounts)
        balance = AgedBalance(at, customers)
        only += accounts.values()
    proof = reconcile(book, loaded.entries, at) if not only else None
    return aged_report(balance, loaded.title, proof=proof, only=", ".join(only))


def _is_known(loaded: Loaded, link: str) -> bool:
    dossier = loaded.dossier
    return link in dossier.contracts or link in dossier.numbers


def find_customers(chart: Chart, text: str) -> dict[str, str]:
    """Accounts of the customers that ``text`` names, with their names: the account, else any part of the name.

    Raises:
        CommandError: nobody has that name; the message lists the nearest.
    """
    import difflib  # noqa: PLC0415 — only when asked

    from acompta.chart import RECEIVABLE  # noqa: PLC0415
    from acompta.receivables import customer_name  # noqa: PLC0415

    # The chart opens 411 and 4111: without a name of its own, no customer is meant by them.
    customers = [
        a for a in chart.with_role(RECEIVABLE) if a.auxiliary or a.meta.get("raison-sociale")
    ]
    names = {a.name: customer_name(a.name, chart) for a in customers}
    if text in names:
        return {text: names[text]}
    wanted = text.casefold()
    exact = {
        a: n
        for a, n in names.items()
        if wanted in {n.casefold(), chart.get(a).auxiliary.casefold()}
    }
    found = exact or {
        a: n for a, n in names.items() if wanted in n.casefold() or wanted in a.casefold()
    }
    if not found:
        near = difflib.get_close_matches(text, names.values(), n=3) or sorted(names.values())[:5]
        raise CommandError(
            f"client « {text} » inconnu ; clients du dossier : {', '.join(near) or 'aucun'}"
        )
    return found
