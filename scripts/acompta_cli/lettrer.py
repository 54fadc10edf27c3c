"""``acompta lettrer``: proposes the document that each unlinked payment settles, and types the accepted links."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from acompta_cli.asking import agree
from acompta_cli.options import Unaccented, ledger_argument
from acompta_cli.output import say, warn_of_errors
from acompta_cli.writing_desk import open_desk

if TYPE_CHECKING:
    from acompta.acts import Desk
    from acompta.closing.late_links import LateLinks
    from acompta.closing.matching import Confidence, Match, Matches
    from acompta.loading import Loaded

HELP = """\
Rapproche les règlements qui ne nomment aucune facture des factures encore ouvertes.

Pour chacun, une proposition, sa confiance et ses raisons : numéro dans le libellé, montant exact, somme de plusieurs
factures, nom du client. Ce que vous acceptez est tapé dans le journal : le lien ^F2026-001 à la fin de la première
ligne de l'écriture. Le lettrage s'ensuit, et la TVA sur encaissement.

\b
acompta lettrer journal/ --simuler
acompta lettrer journal/
acompta lettrer journal/ --oui --seuil probable

Code de sortie : 0 rien à rapprocher ou tout l'est, 1 il en reste, 2 erreur.
"""
LEVELS = ("sure", "probable", "possible")


@click.command("lettrer", help=HELP)
@ledger_argument
@click.option("--simuler", "dry", is_flag=True, help="Montre les propositions, et n'écrit rien.")
@click.option(
    "--oui",
    "yes",
    is_flag=True,
    help="Accepte sans demander les propositions sûres, ou celles du --seuil.",
)
@click.option(
    "--seuil",
    "level",
    type=Unaccented(LEVELS),
    default=LEVELS[0],
    help="Avec --oui, la moindre confiance acceptée : sure par défaut, probable, possible.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Sortie JSON pour d'autres programmes ; n'écrit qu'avec --oui.",
)
@click.pass_context
def command(
    ctx: click.Context, *, ledger: Path, dry: bool, yes: bool, level: str, as_json: bool
) -> None:
    """Rapproche les règlements des factures ouvertes."""
    look_only = dry or (as_json and not yes)
    with open_desk(ledger, "lettrer", dry=look_only) as desk:
        code = _letter(desk, look_only=look_only, least=level if yes else None, as_json=as_json)
    ctx.exit(code)


def _letter(desk: Desk, *, look_only: bool, least: str | None, as_json: bool) -> int:
    from acompta.closing.late_links import late_links  # noqa: PLC0415
    from acompta.closing.matching import find_matches  # noqa: PLC0415

    loaded = desk.load()
    matches = find_matches(loaded)
    if as_json:
        _say_json(matches)
    else:
        _show(matches, loaded)
    accepted = [] if look_only else _accepted(matches, loaded, least)
    late = late_links(loaded, matches.found if look_only else accepted)
    accepted = [match for match in accepted if match not in late.refused]
    if accepted:
        _write(desk, accepted)
    if not as_json:
        _conclude(matches, len(accepted), look_only=look_only, least=least)
        _say_late(late)
    left = len(matches.found) + len(matches.alone) - len(accepted)
    return max(warn_of_errors(loaded), 1 if left else 0)


def _say_late(late: LateLinks) -> None:
    """What becomes of the payments of closed months."""
    from acompta.closing.late_links import when_due, why_refused  # noqa: PLC0415

    fine = len(late.late) - len(late.refused)
    if fine:
        say(f"{when_due(fine, late.open_day)}.")
    for match in late.refused:
        say(f"Lien refusé, {why_refused(match, late.open_day)}.")


def _accepted(matches: Matches, loaded: Loaded, least: str | None) -> list[Match]:
    from acompta.closing.matching import Confidence  # noqa: PLC0415

    if least is not None:
        threshold = Confidence(len(LEVELS) - LEVELS.index(least))
        return [match for match in matches.found if match.confidence >= threshold]
    return [match for match in matches.found if agree(_question(match, loaded))]


def _question(match: Match, loaded: Loaded) -> str:
    from acompta.french import euros, short_day  # noqa: PLC0415
    from acompta.receivables import customer_name  # noqa: PLC0415

    payment = match.payment
    who = customer_name(payment.party, loaded.dossier.chart)
    numbers = ", ".join(match.numbers)
    return f"{short_day(payment.entry.date)} {who}, {euros(payment.amount)} : lier à {numbers} ?"


def _write(desk: Desk, accepted: list[Match]) -> None:
    from acompta.closing.matching import LINKABLE  # noqa: PLC0415

    act = desk.act("lettrage")
    for match in accepted:
        payment = match.payment
        if all(LINKABLE.fullmatch(number) for number in match.numbers):
            act.transaction(payment.entry, links=match.numbers)
        else:
            act.posting(payment.entry, payment.posting, {"facture": match.numbers[0]})
    act.commit()


def _show(matches: Matches, loaded: Loaded) -> None:
    from acompta.closing.matching_report import matching_report  # noqa: PLC0415
    from acompta_cli.screen import make_console, print_report  # noqa: PLC0415

    if matches.found or matches.alone:
        print_report(matching_report(matches, loaded), make_console())


def _conclude(matches: Matches, written: int, *, look_only: bool, least: str | None) -> None:
    if not matches.found and not matches.alone:
        click.echo("Rien à rapprocher : chaque règlement nomme sa facture ou son contrat.")
    elif look_only:
        click.echo("Rien n'a été écrit (--simuler).")
    elif written:
        click.echo(f"{written} lien{'s' if written > 1 else ''} écrit{'s' if written > 1 else ''}.")
    elif matches.found and least is not None and least != LEVELS[-1]:
        words = "aucune proposition n'est sûre" if least == LEVELS[0] else "aucune n'est probable"
        lower = LEVELS[LEVELS.index(least) + 1]
        click.echo(
            f"Rien n'a été écrit : {words}. Sans --oui, la commande demande pour chacune ; --seuil {lower} les accepte."
        )
    else:
        click.echo("Rien n'a été écrit.")


def _say_json(matches: Matches) -> None:
    content = {
        "propositions": [
            {
                "fichier": str(match.payment.entry.meta["filename"]),
                "ligne": match.payment.entry.meta["lineno"],
                "date": match.payment.entry.date.isoformat(),
                "compte": match.payment.party,
                "montant": str(match.payment.amount),
                "documents": list(match.numbers),
                "reste": str(match.left),
                "confiance": _word(match.confidence),
                "raisons": list(match.reasons),
            }
            for match in matches.found
        ],
        "sans_proposition": [
            {
                "fichier": str(payment.entry.meta["filename"]),
                "ligne": payment.entry.meta["lineno"],
                "date": payment.entry.date.isoformat(),
                "compte": payment.party,
                "montant": str(payment.amount),
            }
            for payment in matches.alone
        ],
    }
    text = json.dumps(content, ensure_ascii=False, indent=2)
    sys.stdout.flush()
    sys.stdout.buffer.write((text + "\n").encode("utf-8"))
    sys.stdout.buffer.flush()


def _word(confidence: Confidence) -> str:
    return LEVELS[len(LEVELS) - confidence]
