"""Click's own words in French.

Click takes its texts from gettext, whose catalogues are binary files chosen by the language of the machine. Acompta
speaks French whatever the machine: the few texts that our commands can show are given here, and a text that is missing
stays in English, as with any catalogue.
"""

from __future__ import annotations

import gettext
import re
import sys
from collections.abc import Iterable
from typing import Final

import click

FRENCH: Final[dict[str, str]] = {
    "Usage:": "Usage :",
    # Headings: click puts a colon right after them.
    "Options": "Options\u00a0",
    "Commands": "Commandes\u00a0",
    "Positional arguments": "Arguments\u00a0",
    "Show this message and exit.": "Affiche cette aide et s'arrête.",
    "Show the version and exit.": "Affiche la version et s'arrête.",
    "Error: {message}": "Erreur : {message}",
    "Aborted!": "Interrompu.",
    "Try '{command} {option}' for help.": "Aide : {command} {option}",
    "Missing command.": "il manque la commande.",
    "Missing argument": "il manque l'argument",
    "Missing option": "il manque l'option",
    "Missing parameter": "il manque le paramètre",
    "Missing {param_type}": "il manque {param_type}",
    "Missing parameter: {param_name}": "il manque le paramètre {param_name}",
    "Choose from:\n\t{choices}": "à choisir parmi :\n\t{choices}",
    "Choose from:\n\t{choices}.": "à choisir parmi :\n\t{choices}",
    "Invalid value: {message}": "valeur incorrecte : {message}",
    "Invalid value for {param_hint}: {message}": "valeur incorrecte pour {param_hint} : {message}",
    "No such option {name!r}.": "l'option {name} n'existe pas.",
    "No such option: {name}": "l'option {name} n'existe pas.",
    "No such command {name!r}.": "la commande « {name} » n'existe pas.",
    "Did you mean {possibility}?": "Vouliez-vous dire {possibility} ?",
    "(Did you mean one of: {possibilities}?)": "(Vouliez-vous dire : {possibilities} ?)",
    "(Possible options: {possibilities})": "(Vouliez-vous dire : {possibilities} ?)",
    "Option {name!r} does not take a value.": "l'option {name} ne prend pas de valeur.",
    "Option {name!r} requires an argument.": "l'option {name} demande une valeur.",
    "Option {name!r} requires {nargs} arguments.": "l'option {name} demande {nargs} valeurs.",
    "Argument {name!r} takes {nargs} values.": "l'argument {name} demande {nargs} valeurs.",
    "Got unexpected extra argument ({args})": "argument en trop : {args}",
    "Got unexpected extra arguments ({args})": (
        "arguments en trop : {args} (un texte qui a des espaces se met entre guillemets)"
    ),
    "{value!r} is not {choice}.": "« {value} » n'est pas {choice}.",
    "{value!r} is not one of {choices}.": "« {value} » n'est pas dans {choices}.",
    "{value!r} is not a valid {number_type}.": "« {value} » n'est pas un nombre.",
    "{value} is not in the range {range}.": "{value} n'est pas dans l'intervalle {range}.",
    "file": "fichier",
    "directory": "dossier",
    "path": "chemin",
    "{name} {filename!r} does not exist.": "« {filename} » n'existe pas.",
    "{name} {filename!r} is a file.": "« {filename} » est un fichier.",
    "{name} {filename!r} is a directory.": "« {filename} » est un dossier.",
    "{name} {filename!r} is not readable.": "« {filename} » ne peut pas être lu.",
    "{name} {filename!r} is not writable.": "« {filename} » ne peut pas être écrit.",
    "Could not open file {filename!r}: {message}": "« {filename} » ne s'ouvre pas : {message}",
    "unknown error": "erreur inconnue",
    "default: {default}": "par défaut : {default}",
    "env var: {var}": "variable : {var}",
    "required": "obligatoire",
}


_BREAKLESS: Final = re.compile(r" (?=[:;!?%€»])|(?<=«) ")
_HELD: Final = "\ue000"  # a letter, to what folds the lines


def held(text: str) -> str:
    """``text`` whose lines will not be folded inside « … », nor before a colon: see `released`."""
    return _BREAKLESS.sub(_HELD, text)


def released(text: str) -> str:
    """A `held` text once folded, with plain spaces: what is copied from it is typed as it is."""
    return text.replace(_HELD, " ")


class FrenchHelp(click.HelpFormatter):
    """Help whose lines never break inside « … », nor before a colon."""

    def write_text(self, text: str) -> None:
        """A paragraph, folded."""
        super().write_text(held(text))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Names and what they are, folded."""
        super().write_dl([(name, held(text)) for name, text in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        """What was written."""
        return released(super().getvalue())


def french(message: str) -> str:
    """``message`` in French, or as it is."""
    return FRENCH.get(message, message)


def french_plural(singular: str, plural: str, count: int) -> str:
    """The French text for ``count``: the singular up to one."""
    return french(singular if abs(count) < 2 else plural)


def speak_french() -> None:
    """Make every module of click that is loaded take its texts here, and fold them as French wants."""
    click.Context.formatter_class = FrenchHelp
    for name, module in list(sys.modules.items()):
        if name == "click" or name.startswith("click."):
            for attribute, function in vars(module).copy().items():
                if function is gettext.gettext:
                    setattr(module, attribute, french)
                elif function is gettext.ngettext:
                    setattr(module, attribute, french_plural)
