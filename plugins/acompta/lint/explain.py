"""Beancount's own messages, said in French with what to type."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final

from acompta import french
from acompta.lint.finding import ERROR
from acompta.lint.lines import check_line
from acompta.lint.mask import read_line
from acompta.lint.postings import Place
from acompta.lint.roots import DEFAULT_ROOTS, FRENCH_ROOTS, RootTracker

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_OPTION_LINE: Final = 'option "name_assets" "Actif"'
_NO_CURRENCY: Final = re.compile(r"Failed to categorize posting \d+")
_PRICED: Final = re.compile(r"\s([-+]?\d+(?:\.\d+)?)\s*@\s*([^;]+)")
_LAST_NUMBER: Final = re.compile(r"\s[-+]?\d+(?:\.\d+)?(?=\s*(?:;.*)?$)")
_ACCOUNT_LIKE: Final = re.compile(r"(?<![\w:])([A-ZÀ-ÖØ-Þ][\w-]*):\d")

# What Beancount's grammar calls the parts of a line.
_TOKENS: Final = {
    "end of file": "la fin du fichier",
    "EOL": "la fin de la ligne",
    "INDENT": "une ligne décalée",
    "DATE": "une date",
    "ACCOUNT": "un compte",
    "CURRENCY": "une devise ou une unité",
    "CAPITAL": "une lettre capitale",
    "STRING": "un texte entre guillemets",
    "NUMBER": "un nombre",
    "TAG": "une étiquette (#…)",
    "LINK": "un lien (^…)",
    "KEY": "une clé",
    "COLON": "deux-points",
    "COMMA": "une virgule",
    "FLAG": "un signe (%, &, ! ou ?)",
    "ASTERISK": "un astérisque",
    "HASH": "le signe #",
    "PIPE": "une barre verticale",
    "SLASH": "une barre oblique",
    "PLUS": "le signe +",
    "MINUS": "le signe −",
    "LPAREN": "une parenthèse",
    "RPAREN": "une parenthèse fermante",
    "LCURL": "une accolade",
    "RCURL": "une accolade fermante",
    "AT": "le signe @",
    "ATAT": "le signe @@",
    "TILDE": "le signe ~",
    "BOOL": "TRUE ou FALSE",
    "NONE": "NULL",
}


def explain(message: str, line_text: str) -> str | None:
    """The French explanation of one of Beancount's messages, a syntax error or another.

    ``message`` is Beancount's, ``line_text`` the line it points at (empty when it points at none): a syntax error is
    explained by what the linter finds in that line. ``None`` when the message is not a known one of Beancount's.
    """
    found = _from_line(line_text) if is_syntax(message) else _without_currency(message, line_text)
    return found or _first(_SYNTAX, message) or explain_beancount(message)


def _without_currency(message: str, line_text: str) -> str | None:
    if found := _PRICED.search(line_text) if message.startswith("Could not resolve") else None:
        return f"l'unité manque avant « @ » ; tapez par exemple « {found[1]} UNITE @ {found[2].strip()} »"
    number = _LAST_NUMBER.search(line_text) if _NO_CURRENCY.match(message) else None
    return (
        number
        and f"la devise manque après le montant, et rien ne la dit ; tapez « {number[0].strip()} EUR »"
    )


def explain_beancount(message: str) -> str | None:
    """The French explanation of one of Beancount's messages on a ledger that parses (balances, accounts, files).

    ``None`` when the message is not a known one of Beancount's.
    """
    return _first(_VALIDATION, message)


def is_syntax(message: str) -> bool:
    """Whether Beancount could not read the text itself."""
    return message.startswith(
        ("syntax error", "Invalid token", "ValueError", "Unicode", "Invalid account name")
    )


def _from_line(line_text: str) -> str | None:
    """What the linter finds in the line, taken alone."""
    line = line_text.rstrip("\r\n").partition("\n")[0]
    names = {found[1] for found in _ACCOUNT_LIKE.finditer(line)}
    roots = RootTracker(
        "", DEFAULT_ROOTS if names & set(DEFAULT_ROOTS) else FRENCH_ROOTS, file_name=""
    )
    roots.forgive(names)
    checked = check_line(read_line(line + "\n", 0), Place(roots, 1), in_entry=True)
    errors = [problem.message for problem in checked.problems if problem.severity == ERROR]
    return errors[0] if errors else None


def _first(rules: list[_Rule], message: str) -> str | None:
    for pattern, say in rules:
        found = pattern.match(message)
        if found:
            return say(found)
    return None


def _amounts(text: str) -> str:
    """``1234.56 EUR, -3 PCT`` as French readers write it."""
    return re.sub(
        r"(-?[\d,]*\.?\d+) ([A-Z][A-Z0-9'._-]*)", lambda found: _amount(found[1], found[2]), text
    )


def _amount(number: str, currency: str) -> str:
    try:
        value = Decimal(number.replace(",", ""))
    except InvalidOperation:
        return f"{number} {currency}"
    return (
        french.euros(value)
        if currency == "EUR"
        else f"{french.quantity(value)}{french.BEFORE_UNIT}{currency}"
    )


def _unexpected(found: re.Match[str]) -> str:
    got = _TOKENS.get(found[1], found[1])
    if found[1] == "INDENT":
        return (
            "cette ligne décalée ne suit aucune écriture : retirez la ligne vide ou le commentaire en première colonne "
            "qui la sépare de son écriture"
        )
    if not found[2]:
        return f"{got} n'a pas sa place ici ; vérifiez les guillemets de cette ligne et de celle d'au-dessus"
    wanted = [_TOKENS.get(name, name) for name in found[2].split(" or ")]
    return f"{got} n'a pas sa place ici ; Beancount attendait {_either(wanted)}"


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} ou {words[-1]}"


def _invalid_token(found: re.Match[str]) -> str:
    token = found[1]
    if '"' in token:
        return f"« {token} » n'est pas compris : un guillemet manque, sur cette ligne ou plus haut"
    advice = 'tapez un texte entre guillemets droits ("…"), un commentaire après « ; »'
    return f"« {token} » n'est pas compris ; {advice}"


def _unknown_account(found: re.Match[str]) -> str:
    account = found[1]
    return (
        f"le compte « {account} » n'est ouvert nulle part ; vérifiez son orthographe, "
        f"ou tapez « 2026-01-01 open {account} » avec la date de sa première écriture"
    )


def _inactive_account(found: re.Match[str]) -> str:
    return (
        f"le compte « {found[1]} » n'est pas ouvert à cette date ; avancez la date de sa ligne « open », "
        "ou reculez celle de sa ligne « close »"
    )


def _balance_failed(found: re.Match[str]) -> str:
    sense = "de trop" if found["sense"] == "too much" else "de moins"
    currency = found["expected"].split()[-1]
    return (
        f"le compte « {found['account']} » ne porte pas le solde annoncé : {_amounts(found['expected'])} attendus, "
        f"{_amounts(found['actual'])} dans le journal, soit {_amount(found['gap'], currency)} {sense} ; "
        "cherchez l'écriture oubliée ou en double avant cette date, ou corrigez la ligne « balance »"
    )


def _unbalanced(found: re.Match[str]) -> str:
    return (
        f"l'écriture n'est pas équilibrée : il reste {_amounts(found[1])} ; corrigez un montant, "
        "ou laissez vide celui d'une seule ligne pour que Beancount le calcule"
    )


def _currency_refused(found: re.Match[str]) -> str:
    currency, account = found[1], found[2]
    if currency in {"PCT", "PCT-MOIS", "REMISE"}:
        return (
            f"l'unité {currency} est restée sur « {account} » : le document n'a pas été complété ; corrigez les autres "
            'erreurs de ce document, et vérifiez la ligne « plugin "acompta" » du fichier principal'
        )
    if currency == "EUR":
        return (
            f"le compte « {account} » est ouvert dans une autre devise, et la comptabilité est en euros ; tapez EUR à"
            " la fin de sa ligne « open » (une facture en devise reste en devise)"
        )
    return (
        f"le compte « {account} » n'accepte pas {currency} ; tapez une devise de sa ligne « open » (EUR ?), "
        f"ou ajoutez-y {currency}"
    )


def _invalid_account(found: re.Match[str]) -> str:
    root = found[1].partition(":")[0]
    return (
        f"le compte « {found[1]} » ne commence pas par une racine de ce fichier (lu « {root} ») ; corrigez-le, "
        f"ou répétez en haut de ce fichier les options du fichier principal (« {_OPTION_LINE} »…)"
    )


def _said(template: str) -> Callable[[re.Match[str]], str]:
    """A rule whose French text has ``{0}``, ``{1}``… for what the message quotes."""
    return lambda found: template.format(*found.groups())


def _rules(*table: tuple[str, Callable[[re.Match[str]], str] | str]) -> list[_Rule]:
    return [
        (re.compile(pattern, re.DOTALL), _said(say) if isinstance(say, str) else say)
        for pattern, say in table
    ]


_SYNTAX: Final = _rules(
    (
        r"syntax error, unexpected ([\w ]+?)(?:, expecting (.+))?$",
        _unexpected,
    ),
    (
        r"Invalid token: '(.*)'$",
        _invalid_token,
    ),
    (
        r"ValueError: Invalid number format: '(.*)'",
        "« {0} » n'est pas un nombre ; tapez les décimales après un point et sans séparateur de milliers, "
        "par exemple « 1234.56 »",
    ),
    (
        r"ValueError: (?:month must be|day is out of range|year -?\d+ is out)",
        "cette date n'existe pas au calendrier ; tapez année-mois-jour, par exemple « 2026-01-31 »",
    ),
    (
        r"UnicodeDecodeError",
        "ce fichier n'est pas enregistré en UTF-8 ; enregistrez-le en « UTF-8 » (sans BOM) depuis votre "
        "éditeur de texte",
    ),
    (
        r"Invalid account name: (.*)",
        _invalid_account,
    ),
    (
        r"Too many strings on transaction description",
        "trois textes sur la ligne de la date ; tapez seulement le client puis l'objet",
    ),
    (
        r"Pipe symbol is deprecated",
        "la barre verticale ne sépare plus le client de l'objet ; retirez-la",
    ),
)

_VALIDATION: Final = _rules(
    (
        r"Invalid reference to unknown account '(.*)'",
        _unknown_account,
    ),
    (
        r"Invalid reference to inactive account '(.*)'",
        _inactive_account,
    ),
    (
        r"Invalid account name: (.*)",
        _invalid_account,
    ),
    (
        r"Balance failed for '(?P<account>.*)': expected (?P<expected>.*) != accumulated (?P<actual>.*)"
        r" \((?P<gap>[-\d.,E+]+) (?P<sense>too much|too little)\)",
        _balance_failed,
    ),
    (
        r"Transaction does not balance: \((.*)\)",
        _unbalanced,
    ),
    (
        r"Invalid currency '?(\S+?)'? for account '(.*)'",
        _currency_refused,
    ),
    (
        r"Invalid currency '(.*)' for Balance directive",
        "cette devise ({0}) n'est pas de celles du compte ; corrigez la ligne « balance », ou ajoutez la "
        "devise à la ligne « open » du compte",
    ),
    (
        r"Duplicate open directive for (.*)",
        "le compte « {0} » est ouvert deux fois ; retirez l'une des deux lignes « open »",
    ),
    (
        r"Duplicate close directive for (.*)",
        "le compte « {0} » est fermé deux fois ; retirez l'une des deux lignes « close »",
    ),
    (
        r"Unopened account (.*) is being closed",
        "le compte « {0} » est fermé sans avoir été ouvert avant ; vérifiez son orthographe et la date de sa "
        "ligne « close »",
    ),
    (
        r"Duplicate balance assertion with different amounts",
        "deux lignes « balance » du même jour annoncent des soldes différents pour ce compte ; retirez "
        "celle qui est fausse",
    ),
    (
        r"Duplicate commodity directives for '(.*)'",
        "l'unité {0} est déclarée deux fois ; retirez l'une des deux lignes « commodity »",
    ),
    (
        r"Failed to categorize posting (\d+)",
        "la devise manque après le montant, et rien ne la dit ; tapez par exemple « 100.00 EUR », ou "
        "« -30 PCT » pour un pourcentage",
    ),
    (
        r"You may not have more than one auto-posting per currency",
        "deux lignes de l'écriture sont sans montant, Beancount n'en calcule qu'une ; tapez le montant de "
        "l'autre",
    ),
    (
        r"Too many missing numbers for currency group '(.*)'",
        "trop de montants manquent en {0} pour les calculer ; n'en laissez qu'un vide",
    ),
    (
        r"Could not resolve (.*) currency",
        "Beancount ne devine pas la devise ; tapez-la après chaque montant, par exemple « 100.00 EUR »",
    ),
    (
        r"Transaction has incomplete elements",
        "il manque un montant ou une devise ; complétez chaque ligne de l'écriture",
    ),
    (
        r"Duplicate metadata field on entry: KeyValue\(key='(.*?)'",
        "la clé « {0}: » est tapée deux fois ; Beancount garde la première, retirez l'autre",
    ),
    (
        r"Duplicate posting metadata field: KeyValue\(key='(.*?)'",
        "la clé « {0}: » est tapée deux fois sur la même ligne ; Beancount garde la première, retirez "
        "l'autre",
    ),
    (
        r"Too many strings on transaction description",
        "trois textes sur la ligne de la date ; tapez seulement le client puis l'objet",
    ),
    (
        r"Tags or links not allowed after first",
        "une étiquette ou un lien vient après les lignes de l'écriture ; placez-les sur la ligne de la date",
    ),
    (
        r"Unbalanced pushed tag: '(.*)'",
        "« pushtag #{0} » n'est pas refermé ; tapez « poptag #{0} » à la fin",
    ),
    (
        r"Unbalanced metadata key '(.*?)'",
        "« pushmeta {0}: » n'est pas refermé ; tapez « popmeta {0}: » à la fin",
    ),
    (
        r"Attempting to pop absent tag: '(.*)'",
        "« poptag #{0} » ne ferme aucun « pushtag » ; retirez-le",
    ),
    (
        r"Attempting to pop absent metadata key: '(.*)'",
        "« popmeta {0}: » ne ferme aucun « pushmeta » ; retirez-le",
    ),
    (
        r"Invalid option: '(.*)'",
        "l'option « {0} » n'existe pas ; vérifiez son orthographe (les racines sont name_assets, "
        "name_liabilities, name_equity, name_income, name_expenses)",
    ),
    (
        r"Option '(.*)' may not be set",
        "l'option « {0} » ne se choisit pas ; retirez cette ligne",
    ),
    (
        r"Error for option '(.*?)': ",
        "la valeur de l'option « {0} » ne convient pas ; corrigez-la",
    ),
    (
        r"Invalid booking method: (.*)",
        "« {0} » entre guillemets est lu comme une méthode de stock ; la devise d'un compte s'écrit sans "
        "guillemets",
    ),
    (
        r"Unused Pad entry",
        "cette ligne « pad » ne sert à rien : aucune ligne « balance » ne la suit avec un écart ; "
        "retirez-la",
    ),
    (
        r"Attempt to pad an entry with cost",
        "« pad » ne convient pas à un compte tenu au coût ; écrivez l'opération en entier",
    ),
    (
        r'File does not exist: "(.*)"',
        "le fichier « {0} » n'existe pas ; corrigez la ligne « document », ou placez-y le fichier",
    ),
    (
        r'File "(.*)" does not exist',
        "le fichier « {0} » n'existe pas ; vérifiez son nom",
    ),
    (
        r'File glob "(.*)" does not match any files',
        'aucun fichier ne répond à « include "{0}" » ; vérifiez le nom et le dossier',
    ),
    (
        r'Duplicate filename parsed: "(.*)"',
        "le fichier « {0} » est inclus deux fois ; retirez l'une des lignes « include »",
    ),
    (
        r"Document root '(.*)' does not exist",
        "le dossier de pièces « {0} » n'existe pas ; créez-le, ou corrigez l'option « documents »",
    ),
    (
        r"Invalid date on document file '(.*?)'",
        "le nom du fichier « {0} » commence par une date impossible ; renommez-le",
    ),
    (
        r'Error importing "(.*?)"',
        "le plugin « {0} » est introuvable ; vérifiez son orthographe, et qu'acompta est installé dans le "
        "même environnement que Beancount",
    ),
    (
        r'Error applying plugin "(.*?)"',
        "le plugin « {0} » s'est arrêté : le journal n'est pas complété ; signalez-le avec le message de "
        "Beancount",
    ),
    (
        r"Negative prices are not allowed",
        "un prix unitaire n'est jamais négatif ; mettez le signe moins devant la quantité",
    ),
    (
        r"Total price on a posting without units",
        "un prix total (@@) demande une quantité devant lui ; tapez-la",
    ),
    (
        r"Cost and price currencies must match: (.*) != (.*)",
        "le coût et le prix n'ont pas la même devise ({0} et {1}) ; tapez la même",
    ),
    (
        r"No position matches",
        "aucun stock ne répond à ce coût entre accolades ; vérifiez le coût, la date et l'unité",
    ),
    (
        r"Not enough lots to reduce",
        "le stock ne suffit pas pour cette sortie ; vérifiez la quantité",
    ),
    (
        r"Ambiguous matches for",
        "plusieurs lots répondent à ce coût ; précisez la date ou le libellé entre accolades",
    ),
    (
        r"Amount is zero: ",
        "une quantité nulle n'a pas de coût ; retirez la ligne ou corrigez la quantité",
    ),
    (
        r"Cost is negative: ",
        "un coût n'est jamais négatif ; mettez le signe moins devant la quantité",
    ),
)
