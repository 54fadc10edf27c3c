"""One line at a time: what kind of line it is, and what is wrong with it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from acompta.lint.accounts import split_account
from acompta.lint.dated import MARK, TRANSACTION, check_header, check_marks, directive_word
from acompta.lint.dates import calendar_problem, read_loosely, short_years
from acompta.lint.finding import Problem
from acompta.lint.keys import check_key_line, looks_like_key
from acompta.lint.mask import MASK, Logical, curly_problem
from acompta.lint.postings import Place, check_posting, is_account
from acompta.lint.spelling import CURLY_QUOTES, HIDDEN, ODD_SPACE

_HEADER: Final = re.compile(r"(\d{4,}[-/]\d+[-/]\d+)(?=[^\d]|$)[ \t]*(.*)", re.DOTALL)
_SINGLE_QUOTED: Final = re.compile(r"(?<!\w)['‘’][^'‘’\"]*['‘’](?!\w)")
_FLAGGED_POSTING: Final = re.compile(r"([*!&#?%])[ \t]*(?=[^\W_])|([A-Z])[ \t]+(?=[^\W\d_][\w-]*:)")
_PREAMBLE: Final = re.compile(
    r"(option|include|plugin|pushtag|poptag|pushmeta|popmeta)(?![\w:-])[ \t]*(.*)", re.DOTALL
)
_LIKE_KEYWORD: Final = re.compile(
    r"(option|include|plugin|inclure|extension)s?(?![\w:-])", re.IGNORECASE
)

_DATE_SHAPE: Final = re.compile(
    r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?!\d)|\d{4}[. ]\d{1,2}[. ]\d{1,2}(?!\d)"
)
_SHAPES: Final = {
    "option": ('option "title" "Atelier Lumière"', r'"s"[ \t]*"s"[ \t]*'),
    "include": ('include "2026-01.beancount"', r'"s"[ \t]*'),
    "plugin": ('plugin "acompta"', r'"s"[ \t]*(?:"s"[ \t]*)?'),
    "pushtag": ("pushtag #chantier", r"#[A-Za-z0-9_/.-]+[ \t]*"),
    "poptag": ("poptag #chantier", r"#[A-Za-z0-9_/.-]+[ \t]*"),
    "pushmeta": ('pushmeta lot: "GO"', "(?!)"),
    "popmeta": ("popmeta lot:", r"[a-z][\w-]+[ \t]*:[ \t]*"),
}


class Preamble(NamedTuple):
    """An ``option``, ``include`` or ``plugin`` line and its texts."""

    word: str
    values: tuple[str, ...]


class Checked(NamedTuple):
    """What one line gave; ``in_entry``: whether an indented line may follow."""

    problems: list[Problem]
    in_entry: bool
    preamble: Preamble | None = None


def check_line(logical: Logical, where: Place, *, in_entry: bool) -> Checked:
    """Look closely at one logical line.

    ``in_entry`` says whether the line above belongs to an entry.
    """
    if logical.problem is not None:
        return Checked([logical.problem], in_entry=True)
    if not logical.code.strip(" \t\r"):
        return _without_code(logical, in_entry=in_entry)
    raw = logical.code
    problems: list[Problem] = []
    if found := HIDDEN.search(raw):
        problems.append(_hidden_problem(found[0]))
        raw = HIDDEN.sub("", raw)
    code = ODD_SPACE.sub(" ", raw)
    checked = _dispatch(code, logical, where, in_entry=in_entry)
    problems += checked.problems
    if code != raw:
        problems += _odd_spaces(raw, code, checked.problems)
    return checked._replace(problems=problems)


def _without_code(logical: Logical, *, in_entry: bool) -> Checked:
    """A blank line or a comment: only a comment that is indented leaves the entry open."""
    indented = logical.code[:1] in {" ", "\t"} and logical.comment
    if not indented:
        return Checked([], in_entry=False)
    if in_entry:
        return Checked([], in_entry=True)
    message = "un commentaire hors d'une écriture commence en première colonne ; retirez les espaces avant « ; »"
    return Checked([Problem(";", message)], in_entry=False)


def _dispatch(code: str, logical: Logical, where: Place, *, in_entry: bool) -> Checked:
    stripped = code.strip()
    if not stripped:
        return Checked([], in_entry=False)
    if found := CURLY_QUOTES.search(code):
        return Checked([curly_problem(code, found)], in_entry=True)
    if found := _SINGLE_QUOTED.search(code):
        return Checked([_single_quoted(found[0])], in_entry=True)
    if code[0] in " \t":
        problems = [] if in_entry else [_detached(stripped)]
        problems += _indented(stripped, where)
        return Checked(problems, in_entry=True)
    return _at_margin(stripped, logical, where)


# Spaces and quotes


def _hidden_problem(char: str) -> Problem:
    name = f"U+{ord(char):04X}"
    message = f"un caractère invisible ({name}) s'est glissé dans la ligne ; effacez la ligne et retapez-la au clavier"
    return Problem(name, message)


def _odd_spaces(raw: str, code: str, problems: list[Problem]) -> list[Problem]:
    """The no-break spaces of ``raw`` that no other problem already covers."""
    spans = [_span(code, problem.token) for problem in problems]
    for found in ODD_SPACE.finditer(raw):
        if not any(start <= found.start() < end for start, end in spans):
            name = f"U+{ord(found[0]):04X}"
            message = f"espace insécable ({name}) : Beancount n'y voit pas une espace ; tapez une espace simple"
            return [Problem(name, message)]
    return []


def _span(code: str, token: str) -> tuple[int, int]:
    """Where ``token`` stands in ``code``; a key stands for its whole line."""
    start = code.find(token)
    if start < 0 or not token:
        return (0, 0)
    end = start + len(token)
    value = code[end + 1 :].strip()
    whole = code.lstrip().startswith(f"{token}:") and not value.startswith('"')
    return (start, len(code)) if whole else (start, end)


def _single_quoted(typed: str) -> Problem:
    wanted = f'"{typed[1:-1]}"'
    message = f"« {typed} » : un texte s'écrit entre guillemets droits doubles ; tapez « {wanted} »"
    return Problem(typed, message)


# Inside an entry


def _detached(stripped: str) -> Problem:
    message = (
        "cette ligne décalée ne suit aucune écriture : une ligne vide, ou un commentaire en première colonne, "
        "a fermé celle d'au-dessus ; retirez cette ligne vide, ou décalez le commentaire"
    )
    return Problem(stripped[:40], message)


def _indented(stripped: str, where: Place) -> list[Problem]:
    header = _HEADER.match(stripped)
    if header and (TRANSACTION.match(header[2]) or directive_word(header[2])):
        return [_to_margin(header[1], "une écriture commence")]
    if (preamble := _PREAMBLE.match(stripped)) and preamble[2][:1] in {'"', "#"}:
        return [_to_margin(preamble[1], "cette ligne commence")]
    if stripped[0] in "#^":
        return check_marks(stripped) or _only_marks(stripped)
    flagged = _FLAGGED_POSTING.match(stripped)
    text = stripped[flagged.end() :] if flagged else stripped
    if is_account(text, where):
        return check_posting(text, where)
    if flagged is None and looks_like_key(text):
        return check_key_line(text)
    return [_not_a_line(text, where)]


def _to_margin(word: str, what: str) -> Problem:
    return Problem(word, f"{what} en première colonne ; retirez les espaces avant « {word} »")


def _only_marks(stripped: str) -> list[Problem]:
    rest = MARK.sub("", stripped).strip()
    if not rest:
        return []
    shown = rest.replace(MASK, '"…"')
    return [Problem(shown, f"« {shown} » n'a pas sa place sur une ligne d'étiquettes et de liens")]


def _not_a_line(text: str, where: Place) -> Problem:
    sign = re.match(r"[-+][ \t]*(?=[^\W\d_][\w-]*:)", text)
    if sign:
        message = "le signe précède le montant, non le compte ; tapez « Compte  -100.00 EUR »"
        return Problem(sign[0], message)
    example = f"{where.roots.wanted.assets}:512:Banque"
    message = (
        f"ligne non comprise ; tapez un compte puis un montant (« {example}  100.00 EUR »), "
        "ou une clé et sa valeur (« echeance: 2026-01-31 »)"
    )
    return Problem(text.replace(MASK, '"…"')[:40], message)


# At the margin


def _at_margin(stripped: str, logical: Logical, where: Place) -> Checked:
    if header := _HEADER.match(stripped):
        problem = calendar_problem(header[1])
        problems = [problem] if problem else []
        problems += check_header(header[2], logical, where)
        return Checked(problems, in_entry=True)
    if preamble := _PREAMBLE.match(stripped):
        return _check_preamble(preamble[1], preamble[2].strip(), logical)
    if problem := _french_header(stripped):
        return Checked([problem], in_entry=True)
    flagged = _FLAGGED_POSTING.match(stripped)
    text = stripped[flagged.end() :] if flagged else stripped
    if is_account(text, where):
        message = "une ligne d'écriture est décalée ; tapez deux espaces avant le compte"
        problems = [Problem(split_account(text).account, message), *check_posting(text, where)]
        return Checked(problems, in_entry=True)
    if looks_like_key(text) and not _LIKE_KEYWORD.match(text):
        token = text.partition(":")[0].strip()
        message = f"une clé est décalée ; tapez deux espaces avant « {token}: »"
        return Checked([Problem(token, message)], in_entry=True)
    return Checked([_unknown_at_margin(stripped)], in_entry=True)


def _french_header(stripped: str) -> Problem | None:
    """An entry whose date is not typed year-month-day."""
    if short := short_years(stripped):
        typed, days = short
        wanted = " ou ".join(f"« {day} »" for day in days)
        return Problem(typed, f"« {typed} » : l'année s'écrit en quatre chiffres ; tapez {wanted}")
    read = read_loosely(stripped)
    if read:
        typed, iso = read
        return Problem(typed, f"« {typed} » n'est pas une date pour Beancount ; tapez « {iso} »")
    found = _DATE_SHAPE.match(stripped)
    if found is None:
        return None
    message = (
        f"« {found[0]} » n'est pas une date ; tapez année-mois-jour, par exemple « 2026-01-31 »"
    )
    return Problem(found[0], message)


def _unknown_at_margin(stripped: str) -> Problem:
    token = stripped.split(maxsplit=1)[0].replace(MASK, '"…"')
    if _LIKE_KEYWORD.match(stripped):
        wanted = "« option », « include » ou « plugin »"
        return Problem(token, f"« {token} » n'est pas compris ; tapez {wanted}, en minuscules")
    if stripped[0] in "#^":
        message = f"une étiquette ou un lien suit une écriture ; placez « {token} » sur la ligne de sa date"
        return Problem(token, message)
    message = (
        'ligne non comprise ; une écriture commence par sa date (« 2026-01-31 * "Client" "Objet" »), '
        "un commentaire par un point-virgule (« ; »)"
    )
    return Problem(token[:40], message)


def _check_preamble(word: str, rest: str, logical: Logical) -> Checked:
    if word == "pushmeta" and looks_like_key(rest):
        return Checked(check_key_line(rest), in_entry=False)
    example, shape = _SHAPES[word]
    if not re.fullmatch(shape, rest):
        marks = check_marks(rest) if word in {"pushtag", "poptag"} else []
        problem = Problem(word, f"ligne « {word} » mal formée ; tapez par exemple « {example} »")
        return Checked(marks or [problem], in_entry=False)
    return Checked([], in_entry=False, preamble=Preamble(word, logical.strings))
