"""The commands of Acompta: ``acompta verifier``, ``imprimer``, ``balance-agee``, ``contrat``.

They read arguments, call the engine and print; no accounting lives here. Only click is imported at start: each command
is a module of this package with a ``command`` object, imported when it is called, so that ``acompta --help`` answers at
once. A new command is one module and one line in `COMMANDS`.

Exit codes, the same for all: 0 nothing to say, 1 something to look at, 2 nothing could be done.
"""

from __future__ import annotations

import importlib
from typing import Any, Final, NamedTuple

import click

from acompta_cli.wording import speak_french

EPILOG: Final = """\
\b
DOSSIER est le fichier principal du journal, ou le dossier qui contient main.beancount.
Codes de sortie : 0 rien à signaler, 1 à regarder, 2 erreur.

\b
Complétion par la touche Tab, à ajouter une fois à ~/.bashrc :
  eval "$(_ACOMPTA_COMPLETE=bash_source acompta)"
(zsh : zsh_source dans ~/.zshrc ; fish : fish_source dans ~/.config/fish/config.fish)
"""


class Entry(NamedTuple):
    """A command not imported yet: its module in this package and its line in ``acompta --help``."""

    module: str
    summary: str


COMMANDS: Final[dict[str, Entry]] = {
    "nouveau": Entry("nouveau", "Crée un dossier : fichier principal, plan comptable, taux."),
    "verifier": Entry("verifier", "Cherche toutes les erreurs du journal, et dit quoi taper."),
    "preparer": Entry("preparer", "Écrit les brouillons du mois : récurrences, acomptes, jalons."),
    "imprimer": Entry("imprimer", "Met en PDF les factures, les acomptes et les devis."),
    "envoyer": Entry("envoyer", "Prépare les courriels des factures, PDF joint."),
    "statuts": Entry("statuts", "Donne les encaissements que la plateforme doit dire."),
    "controler-facturx": Entry(
        "controler_facturx", "Dit ce que vaut une facture électronique, reçue ou émise."
    ),
    "emettre": Entry("emettre", "Émet les brouillons : numéro, date, sceau, PDF classé."),
    "sceaux": Entry("sceaux", "Vérifie les sceaux des documents émis, et les exporte."),
    "balance-agee": Entry("balance_agee", "Dit qui doit combien, et depuis quand."),
    "tva": Entry("tva", "Remplit la déclaration de TVA (CA3) d'un mois, case par case."),
    "lettrer": Entry("lettrer", "Rapproche les règlements sans lien des factures ouvertes."),
    "fec": Entry("fec", "Écrit le FEC d'un exercice, contrôle ou reprend un FEC."),
    "cloturer": Entry("cloturer", "Clôt un mois : contrôles, dossier de clôture, sceau."),
    "valider": Entry("valider", "Rend définitives les écritures jusqu'à une date."),
    "contrat": Entry("contrat", "Montre un contrat : commandé, facturé, acomptes, réglé, dû."),
    "relancer": Entry("relancer", "Écrit les relances du jour, jusqu'à la mise en demeure."),
    "releve": Entry("releve", "Fait le relevé de compte d'un client, ou de tous."),
    "rentabilite": Entry("rentabilite", "Dit ce que gagne chaque contrat, temps compris."),
    "tresorerie": Entry("tresorerie", "Prévoit la trésorerie, et dit les jalons oubliés."),
    "retenues": Entry("retenues", "Liste les retenues de garantie par date de libération."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported one at a time, when called."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, in French."""
        speak_french()
        return super().main(*args, **kwargs)

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Names of the commands, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"acompta_cli.{entry.module}")
        speak_french()
        command = module.command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commandes\u00a0"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


def _show_version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415 — only when asked

        click.echo(f"acompta {version('acompta')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    # Names only, for « did you mean »: `LazyGroup` imports the commands themselves.
    commands={name: click.Command(name) for name in COMMANDS},
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help", "--aide"]},
    subcommand_metavar="COMMANDE [ARGUMENTS]...",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
    help="Affiche la version et s'arrête.",
)  # fmt: skip
def cli() -> None:
    """Acomptes, factures et TVA françaises en texte brut.

    « acompta COMMANDE --help » détaille chaque commande.
    """


def main() -> None:
    """Run the commands (the ``acompta`` script)."""
    cli(prog_name="acompta")
