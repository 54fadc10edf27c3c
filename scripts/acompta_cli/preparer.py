"""``acompta preparer``: write the month's drafts into the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from acompta_cli.options import ledger_argument
from acompta_cli.writing_desk import open_desk

if TYPE_CHECKING:
    from acompta.acts import Desk
    from acompta.preparing import Month
    from acompta.preparing.amounts import Priced

    _MonthType = click.ParamType[Month]
else:  # not generic before click 8.4
    _MonthType = click.ParamType

HELP = """\
Écrit les brouillons d'un mois : factures récurrentes, acomptes prévus aux contrats, jalons arrivés à leur date.

MOIS se tape 2026-04, 04/2026 ou « avril 2026 ». Ce qui est déjà dans le journal, brouillon ou émis, n'est jamais
proposé une seconde fois : la commande peut être relancée. Les brouillons vont dans le fichier du mois
(2026-04.beancount), ou à la fin du fichier principal ; relisez-les, puis émettez-les.

\b
acompta preparer journal/ 2026-04 --simuler
acompta preparer journal/ 2026-04 --oui

Code de sortie : 0, 1 si quelque chose est à regarder, 2 si rien n'a pu être fait.
"""


class MonthType(_MonthType):
    """A month typed 2026-04, 04/2026 or « avril 2026 »."""

    name = "mois"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Month:
        """Read the month.

        Raises:
            click.BadParameter: it is none.
        """
        from acompta.preparing.months import Month  # noqa: PLC0415 — the engine, when needed

        try:
            return Month.read(str(value))
        except ValueError:
            self.fail(f"« {value} » ; tapez 2026-04, 04/2026 ou « avril 2026 ».", param, ctx)


@click.command("preparer", help=HELP)
@ledger_argument
@click.argument("month", metavar="MOIS", type=MonthType())
@click.option("--simuler", "dry", is_flag=True, help="Montre ce qui serait écrit, et n'écrit rien.")
@click.option("--oui", "yes", is_flag=True, help="Écrit sans demander de confirmation.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Sortie JSON pour d'autres programmes ; n'écrit qu'avec --oui.",
)
@click.pass_context
def command(
    ctx: click.Context, *, ledger: Path, month: Month, dry: bool, yes: bool, as_json: bool
) -> None:
    """Écrit les brouillons d'un mois."""
    look_only = dry or (as_json and not yes)
    with open_desk(ledger, "preparer", dry=look_only) as desk:
        code = _prepare(desk, month, look_only=look_only, yes=yes, as_json=as_json)
    ctx.exit(code)


def _prepare(desk: Desk, month: Month, *, look_only: bool, yes: bool, as_json: bool) -> int:
    from acompta.acts.places import month_file  # noqa: PLC0415 — the engine, when needed
    from acompta.preparing.drafting import add_drafts, drafts_text, month_drafts  # noqa: PLC0415
    from acompta_cli.drafting import accept_drafts, drafts_added, show_drafts  # noqa: PLC0415
    from acompta_cli.output import warn_of_errors  # noqa: PLC0415

    loaded = desk.load()
    found = month_drafts(loaded, month)
    code = 1 if found.remarks or loaded.errors else 0
    place = month_file(loaded, month.first)
    if as_json:
        click.echo(json.dumps(_as_json(found, month, place.path), ensure_ascii=False, indent=2))
    else:
        show_drafts(loaded, found, month)
        warn_of_errors(loaded)
    if not found.drafts:
        if not as_json and not found.remarks:
            click.echo(
                f"Rien à préparer pour {month.words} : tout y est déjà, ou rien n'est prévu."
            )
        return code
    name = place.path.name
    if look_only:
        if not as_json:
            text = drafts_text(draft for draft, _ in found.drafts)
            click.echo(f"À ajouter dans {name} :\n\n{text}\nRien n'a été écrit (--simuler).")
        return code
    accepted = accept_drafts(found.drafts, name, loaded, yes=yes)
    if not accepted:
        click.echo("Rien n'a été écrit.")
        return 1
    act = desk.act(f"préparation de {month}")
    add_drafts(act, loaded, month, accepted)
    act.commit()
    if not as_json:
        click.echo(f"{drafts_added(len(accepted), name)} : relisez, puis émettez.")
    return code if len(accepted) == len(found.drafts) else 1


def _as_json(found: Priced, month: Month, place: Path) -> dict[str, object]:
    return {
        "mois": str(month),
        "fichier": str(place),
        "brouillons": [
            {
                "date": proposal.date.isoformat(),
                "genre": proposal.kind.value,
                "client": proposal.customer,
                "objet": proposal.narration,
                "contrat": proposal.contract,
                "motif": proposal.reason.value,
                "ht": str(amounts.base),
                "tva": str(amounts.vat),
                "a-payer": str(amounts.due),
                "texte": proposal.text,
            }
            for proposal, amounts in found.drafts
        ],
        "remarques": [
            {"message": one.message, "fichier": one.filename, "ligne": one.line}
            for one in found.remarks
        ],
    }
