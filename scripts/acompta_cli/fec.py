"""``acompta fec``: the file of accounting entries of a fiscal year; checks any FEC; takes one over as a dossier."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from acompta import french
from acompta_cli.options import CommandError, FrenchDate, open_ledger
from acompta_cli.output import warn_of_errors, write_file

if TYPE_CHECKING:
    from acompta.closing.fec.checker import CheckResult
    from acompta.closing.fec.export import Fec
    from acompta.closing.periods import Period
    from acompta.loading import Loaded

HELP = """\
Fichier des écritures comptables (FEC) d'un exercice, contrôle d'un FEC, reprise d'un FEC.

Un exercice se nomme par l'année où il se termine. Le fichier est écrit avec sa description et la table qui ramène
chaque écriture à sa ligne du journal, puis contrôlé.

\b
acompta fec journal/ 2026
acompta fec journal/ 2026 --out envoi/ --encodage iso-8859-15
acompta fec --controler 732829320FEC20261231.txt
acompta fec --importer 732829320FEC20251231.txt --out nouveau-dossier/

Code de sortie : 0 rien à dire, 1 à regarder (FEC provisoire, alertes), 2 erreurs, ou rien n'a pu être fait.
"""
FOLDER = "fec"
CHARSETS = ("utf-8", "iso-8859-15")


@click.command("fec", help=HELP)
@click.argument("ledger", metavar="[DOSSIER]", required=False, type=click.Path(path_type=Path))
@click.argument("year", metavar="[EXERCICE]", required=False)
@click.option(
    "--controler",
    "checked",
    metavar="FICHIER",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Contrôle un FEC, de ce logiciel ou d'un autre : structure, dates, équilibre, continuité, libellés.",
)
@click.option(
    "--importer",
    "imported",
    metavar="FICHIER",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Fait d'un FEC un dossier : plan de comptes, à-nouveaux, écritures par mois.",
)
@click.option(
    "--out",
    "folder",
    metavar="RÉPERTOIRE",
    type=click.Path(path_type=Path, file_okay=False),
    help="Où écrire ; « fec » à côté du journal par défaut, ou un dossier au nom du FEC pour --importer.",
)
@click.option(
    "--encodage",
    "charset",
    type=click.Choice(CHARSETS),
    default=CHARSETS[0],
    help="Jeu de caractères du FEC : utf-8 par défaut.",
)
@click.option(
    "--validation",
    "validated_on",
    type=FrenchDate(),
    metavar="DATE",
    help="ValidDate des écritures qu'aucune clôture ne couvre ; sans elle, le FEC est provisoire.",
)
@click.option(
    "--malgre-erreurs",
    "despite",
    is_flag=True,
    help="Exporte un journal qui contient des erreurs : les documents en erreur manquent au FEC.",
)
@click.option("--json", "as_json", is_flag=True, help="Sortie JSON pour d'autres programmes.")
@click.pass_context
def command(  # noqa: PLR0913 — one parameter per option
    ctx: click.Context,
    *,
    ledger: Path | None,
    year: str | None,
    checked: Path | None,
    imported: Path | None,
    folder: Path | None,
    charset: str,
    validated_on: datetime.date | None,
    despite: bool,
    as_json: bool,
) -> None:
    """Fichier des écritures comptables."""
    if sum(one is not None for one in (ledger, checked, imported)) != 1:
        raise click.UsageError(
            "tapez un dossier et un exercice (acompta fec journal/ 2026), ou --controler FICHIER, ou"
            " --importer FICHIER."
        )
    if checked is not None:
        ctx.exit(_check(checked, as_json=as_json))
    if imported is not None:
        ctx.exit(_import(imported, folder, as_json=as_json))
    if year is None:
        raise click.UsageError("tapez l'exercice : acompta fec journal/ 2026.")
    loaded = open_ledger(ledger or Path())
    if loaded.errors and not despite:
        raise CommandError(
            french.numbered(f"{len(loaded.errors)} erreur(s) dans ce dossier :")
            + f" tapez « acompta verifier {loaded.path} » et corrigez ce qu'elle dit, ou ajoutez --malgre-erreurs"
        )
    fec = _make(loaded, year, validated_on)
    _write(fec, loaded.path, folder or loaded.path.parent / FOLDER, charset, as_json=as_json)
    ctx.exit(max(warn_of_errors(loaded), 1 if fec.provisional else 0))


# -- export -----------------------------------------------------------------------------------------------------


def _make(loaded: Loaded, year: str, validated_on: datetime.date | None) -> Fec:
    from acompta.closing.fec.export import FecError, make_fec  # noqa: PLC0415 — the engine, when needed

    try:
        return make_fec(loaded, _period(loaded, year), validated_on=validated_on)
    except FecError as error:
        raise CommandError("FEC impossible :\n- " + "\n- ".join(error.reasons)) from error


def _period(loaded: Loaded, year: str) -> Period:
    from acompta.closing.fec.export import exercise  # noqa: PLC0415
    from acompta.closing.periods import PeriodError  # noqa: PLC0415

    try:
        return exercise(loaded, year)
    except PeriodError as error:
        raise click.BadParameter(str(error), param_hint="EXERCICE") from error


def _write(fec: Fec, ledger: Path, folder: Path, charset: str, *, as_json: bool) -> None:
    from importlib.metadata import version  # noqa: PLC0415

    from acompta.closing.fec.checker import check_fec  # noqa: PLC0415
    from acompta.closing.fec.description import description_text  # noqa: PLC0415
    from acompta.closing.fec.export import sources_text  # noqa: PLC0415
    from acompta.closing.fec.form import Charset  # noqa: PLC0415

    chosen = Charset.UTF8 if charset == CHARSETS[0] else Charset.LATIN9
    path, stem = folder / fec.name, fec.name.removesuffix(".txt")
    described = folder / f"{stem}-descriptif.txt"
    traced = folder / f"{stem}-origine.csv"
    software = f"Acompta {version('acompta')}"
    write_file(path, fec.content(chosen))
    write_file(described, description_text(fec, chosen, software).encode(chosen.value, "replace"))
    write_file(traced, sources_text(fec, ledger.resolve().parent).encode())
    result = check_fec(path)
    if as_json:
        facts = {"provisoire": fec.provisional, "non_validees": fec.unvalidated}
        _say_json({**facts, "descriptif": str(described), "origine": str(traced)}, result)
        return
    click.echo(f"{path} écrit, avec sa description et l'origine de chaque écriture.")
    click.echo(_summary(result))
    if fec.cleared:
        click.echo(
            french.numbered(
                f"Hors du fichier : {fec.cleared} écriture(s) de solde des comptes de gestion."
            )
        )
    if fec.provisional:
        click.echo(
            french.numbered(
                f"FEC provisoire : {fec.unvalidated} écriture(s) sans date de validation ;"
            )
            + " clôturez l'exercice, ou donnez --validation DATE.",
            err=True,
        )
    _print_findings(result, but=("validation-vide",))


# -- check ------------------------------------------------------------------------------------------------------


def _check(path: Path, *, as_json: bool) -> int:
    from acompta.closing.fec.checker import check_fec  # noqa: PLC0415 — the engine, when needed
    from acompta.loading import reason_of  # noqa: PLC0415

    try:
        result = check_fec(path)
    except OSError as error:
        raise CommandError(f"« {path} » ne peut pas être lu : {reason_of(error)}") from error
    if as_json:
        _say_json({}, result)
    else:
        click.echo(_summary(result))
        _print_findings(result)
        click.echo(_verdict(result))
    return result.exit_code


def _summary(result: CheckResult) -> str:
    from acompta.french import euros, short_day  # noqa: PLC0415

    separator = {"\t": "tabulation", "|": "« | »"}.get(result.separator, "inconnu")
    lines = f"{result.lines:,}".replace(",", "\u202f")
    entries = f"{result.entries:,}".replace(",", "\u202f")
    text = f"{lines} lignes, {entries} écritures, débit {euros(result.debit)}, crédit {euros(result.credit)}"
    if result.first is not None and result.last is not None:
        text += f"\nDu {short_day(result.first)} au {short_day(result.last)}"
    return f"{text} ({result.charset or 'illisible'}, séparateur {separator})."


def _verdict(result: CheckResult) -> str:
    if not result.findings:
        return "Rien à signaler : le fichier suit l'article A47 A-1 du LPF."
    found = []
    for count, word in ((result.errors, "erreur"), (result.alerts, "alerte")):
        if count:
            found.append(f"{count} {word}{'s' if count > 1 else ''}")
    return " et ".join(found) + ("." if result.errors else " : le fichier reste recevable.")


def _print_findings(result: CheckResult, *, but: tuple[str, ...] = ()) -> None:
    from rich.text import Text  # noqa: PLC0415

    from acompta_cli.screen import make_console, prose_width, typeset  # noqa: PLC0415

    console = make_console()
    width = prose_width(console)
    for finding in result.findings:
        rule = finding.rule
        if rule.code in but:
            continue
        style = "bold red" if finding.is_error else "bold yellow"
        times = f"{finding.count:,} fois".replace(",", "\u202f")
        console.print()
        head = Text.assemble((f"{rule.severity} · {rule.title}", style), f" · {times}")
        console.print(head, soft_wrap=True)
        for place in finding.places:
            where = f"ligne {place.line} : " if place.line else ""
            console.print(Text(typeset(where + place.text, width, "  ")), soft_wrap=True)
        if finding.count > len(finding.places):
            console.print(Text("  …", "dim"))
        console.print(Text(typeset(rule.advice, width, "  → "), "dim"), soft_wrap=True)
    if result.findings:
        console.print()


def _say_json(facts: dict[str, Any], result: CheckResult) -> None:
    content = {
        "fichier": str(result.path),
        **facts,
        "lignes": result.lines,
        "ecritures": result.entries,
        "debit": f"{result.debit:.2f}",
        "credit": f"{result.credit:.2f}",
        "premiere": result.first.isoformat() if result.first else None,
        "derniere": result.last.isoformat() if result.last else None,
        "jeu_de_caracteres": result.charset,
        "separateur": result.separator,
        "journaux": result.journals,
        "erreurs": result.errors,
        "alertes": result.alerts,
        "constats": [
            {
                "regle": finding.rule.code,
                "gravite": finding.rule.severity,
                "titre": finding.rule.title,
                "nombre": finding.count,
                "lieux": [{"ligne": one.line, "lu": one.text} for one in finding.places],
                "conseil": finding.rule.advice,
                "source": finding.rule.source,
            }
            for finding in result.findings
        ],
    }
    text = json.dumps(content, ensure_ascii=False, indent=2)
    sys.stdout.flush()
    sys.stdout.buffer.write((text + "\n").encode("utf-8"))
    sys.stdout.buffer.flush()


# -- import -----------------------------------------------------------------------------------------------------


def _import(path: Path, folder: Path | None, *, as_json: bool) -> int:
    from acompta.closing.fec.export import FecError  # noqa: PLC0415 — the engine, when needed
    from acompta.closing.fec.installing import install  # noqa: PLC0415
    from acompta.loading import reason_of  # noqa: PLC0415

    target = folder or Path(path.stem)
    try:
        done = install(path, target)
    except OSError as error:
        raise CommandError(f"« {error.filename or path} » : {reason_of(error)}") from error
    except FecError as error:
        raise CommandError("Reprise impossible :\n- " + "\n- ".join(error.reasons)) from error
    result = done.origin.check
    if as_json:
        _say_json({"dossier": str(target), "comptes": done.accounts}, result)
    else:
        click.echo(_summary(result))
        click.echo(
            f"{target} écrit : {len(done.origin.movements)} écritures, {done.accounts} soldes égaux à ceux du FEC."
        )
        click.echo("Complétez l'émetteur dans main.beancount avant d'émettre une facture.")
        _print_findings(result)
    return 1 if result.findings else 0
