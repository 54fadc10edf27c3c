"""Lines that begin with a date: transactions and directives."""

from __future__ import annotations

import re
from typing import Final

from acompta.lint.accounts import split_account
from acompta.lint.amounts import UNIT, check_custom_values, check_whole_amount
from acompta.lint.finding import Problem
from acompta.lint.mask import MASK, Logical
from acompta.lint.postings import Place, check_account, is_account
from acompta.lint.spelling import as_key, as_link, as_unit
from acompta.vocabulary import KIND_BY_TAG

TRANSACTION: Final = re.compile(r"(?:[*!&#?%]|txn(?!\w)|[A-Z](?=[ \t]|$))(.*)", re.DOTALL)
_WORD: Final = re.compile(r"[^\W\d_][\w-]*")
_GOOD_TRANSACTION: Final = re.compile(
    r"[ \t]*(?:\"s\"[ \t]*|\|[ \t]*){0,}(?:[#^][A-Za-z0-9_/.-]+[ \t]*)*"
)
MARK: Final = re.compile(r"[#^][^\s\"#^;,]*")
_WORDS_OF_MARKS: Final = re.compile(r"[A-Za-z0-9_/.-]+")
_GOOD_MARK: Final = re.compile(r"[#^][A-Za-z0-9_/.-]+")
_BOOKING: Final = frozenset(
    {"STRICT", "STRICT_WITH_SIZE", "NONE", "AVERAGE", "FIFO", "LIFO", "HIFO"}
)
_BOOLEAN_WORDS: Final = frozenset({"vrai", "oui", "true", "faux", "non", "false"})
_ACCOUNT_VALUE: Final = re.compile(r"(?<![\w:])[^\W\d_][\w-]*(?::[\w-]+)+")
_DIRECTIVES: Final = frozenset(
    "open close commodity pad event query custom price note document balance txn".split()
)
_WITH_ACCOUNT: Final = frozenset({"open", "close", "pad", "note", "document", "balance"})
_FRENCH_DIRECTIVES: Final = {
    "ouvrir": "open", "ouverture": "open", "ouvre": "open", "fermer": "close", "cloture": "close", "fermeture": "close",
    "solde": "balance", "cours": "price", "prix": "price", "evenement": "event", "piece": "document",
    "monnaie": "commodity", "devise": "commodity", "unite": "commodity",
}  # fmt: skip


def directive_word(rest: str) -> str | None:
    """The directive of a dated line, ``None`` for a transaction or a word that is none."""
    found = _WORD.match(rest)
    return found[0] if found and found[0] in _DIRECTIVES else None


def check_header(rest: str, logical: Logical, where: Place) -> list[Problem]:
    """The problems of a dated line, ``rest`` being what follows the date."""
    word = directive_word(rest)
    if word and word != "txn":
        return _check_directive(word, rest[len(word) :].strip(), logical, where)
    if found := TRANSACTION.match(rest):
        return _check_transaction(found[1].strip(), where)
    return [_no_flag(rest, where)]


def _no_flag(rest: str, where: Place) -> Problem:
    """A date followed by neither a flag nor a directive."""
    if rest.startswith(MASK):
        message = "le signe manque après la date ; tapez « * », ou « ! » pour un brouillon, devant le client"
        return Problem(rest.replace(MASK, '"…"')[:40], message)
    if is_account(rest, where):
        account = split_account(rest, currencies_follow=True).account
        return Problem(
            account, f"un mot manque avant le compte ; tapez « open {account} » pour l'ouvrir"
        )
    word = _WORD.match(rest)
    folded = as_key(word[0]) if word else ""
    wanted = folded if folded in _DIRECTIVES else _FRENCH_DIRECTIVES.get(folded)
    if word and wanted:
        return Problem(word[0], f"« {word[0]} » n'est pas compris ; tapez « {wanted} »")
    token = (word[0] if word else rest.replace(MASK, '"…"'))[:40]
    message = (
        "après la date, tapez « * » (ou « ! » pour un brouillon) puis le client et l'objet entre guillemets, "
        "ou « open », « balance », « price », « note », « document », « custom »"
    )
    return Problem(token or "date", message)


def check_marks(code: str) -> list[Problem]:
    """The problems of the tags and links in ``code``."""
    problems = []
    for found in MARK.finditer(code):
        mark = found[0]
        if _GOOD_MARK.fullmatch(mark):
            continue
        kind = "étiquette" if mark[0] == "#" else "lien"
        one = "une" if mark[0] == "#" else "un"
        following = re.match(r"[ \t]*([\w/.-]+)", code[found.end() :]) if len(mark) == 1 else None
        body = as_link(following[1] if following else mark[1:])
        reason = (
            "se colle à son signe" if len(mark) == 1 else "s'écrit sans accent, ni espace, ni « : »"
        )
        problems.append(
            Problem(
                mark,
                f"{kind} « {mark} » : {one} {kind} {reason} ; tapez « {mark[0]}{body or '…'} »",
            )
        )
    return problems


def _check_transaction(tail: str, where: Place) -> list[Problem]:
    """The problems of what follows the flag of a transaction."""
    if not _GOOD_TRANSACTION.fullmatch(tail):
        return check_marks(tail) or [_bad_transaction(tail, where)]
    if tail.count(MASK) <= 2:
        return []
    return [
        Problem(
            '"…"', "trois textes sur la ligne de la date ; tapez seulement le client puis l'objet"
        )
    ]


def _bad_transaction(tail: str, where: Place) -> Problem:
    """What has no place on the line of a transaction."""
    rest = MARK.sub(" ", tail.replace(MASK, " ")).strip()
    if not rest:
        mark = MARK.search(tail)
        token = mark[0] if mark else tail
        return Problem(
            token,
            f"le client et l'objet précèdent les étiquettes et les liens ; placez « {token} » après eux",
        )
    if set(rest) <= {",", " ", "\t"}:
        return Problem(",", "étiquettes et liens se séparent par une espace, sans virgule")
    shown = rest[:40]
    if mark_wanted := _unmarked(rest, tail):
        return Problem(shown, f"« {shown} » : un signe manque devant ; tapez « {mark_wanted} »")
    if is_account(rest, where):
        return Problem(shown, f"tapez « {shown} » à la ligne suivante, décalé de deux espaces")
    return Problem(
        shown, f'« {shown} » : mettez le client et l\'objet entre guillemets droits ("…")'
    )


def _unmarked(rest: str, tail: str) -> str:
    """A link or a tag typed without its sign after the texts; ``""`` for anything else."""
    if not tail.startswith(MASK) or not _WORDS_OF_MARKS.fullmatch(rest):
        return ""
    if rest.lower() in KIND_BY_TAG:
        return f"#{rest.lower()}"
    return f"^{rest}" if any(char.isdigit() for char in rest) else ""


def _check_directive(word: str, tail: str, logical: Logical, where: Place) -> list[Problem]:
    if word in _WITH_ACCOUNT:
        return _check_account_directive(word, tail, logical, where)
    if word in {"price", "commodity"}:
        return _check_unit_directive(word, tail)
    if word == "custom":
        return _check_custom(tail, where)
    if not re.fullmatch(r'"s"[ \t]*"s"[ \t]*', tail):
        return [
            Problem(
                word, f'« {word} » attend deux textes entre guillemets ; tapez « {word} "…" "…" »'
            )
        ]
    return []


def _check_account_directive(word: str, tail: str, logical: Logical, where: Place) -> list[Problem]:
    if not tail or tail[0] == '"':
        example = f"{word} {where.roots.wanted.assets}:512:Banque"
        return [Problem(word, f"un compte manque après « {word} » ; tapez « {example} »")]
    problems, rest = check_account(tail, where, opening=word == "open")
    rest = rest.strip()
    if word == "open":
        problems += _check_currencies(rest, logical)
    elif word == "pad" and rest:
        second, rest = check_account(rest, where)
        problems += second
        problems += [_left_over(rest)] if rest.strip() else []
    elif word == "close" and rest:
        problems.append(_left_over(rest))
    elif word == "balance":
        problems += check_whole_amount(rest)
    elif word in {"note", "document"}:
        problems += _check_text(word, rest, logical)
    return problems


def _check_text(word: str, rest: str, logical: Logical) -> list[Problem]:
    """The problems of the text of a ``note``, or of the file name of a ``document``."""
    if not rest.startswith(MASK):
        return [
            Problem(
                word, f'« {word} » attend un texte entre guillemets après le compte ; tapez « "…" »'
            )
        ]
    if word == "document" and "\\" in logical.strings[0]:
        return [backslash_problem(logical.strings[0])]
    problems = check_marks(rest)
    left = MARK.sub("", rest.removeprefix(MASK)).strip()
    return problems if problems or not left else [_left_over(left)]


def _left_over(text: str) -> Problem:
    shown = text.replace(MASK, '"…"')
    return Problem(shown, f"« {shown} » est de trop ; retirez-le, ou tapez-le après « ; »")


def backslash_problem(name: str) -> Problem:
    """A Windows path: Beancount drops the backslashes."""
    wanted = name.replace("\\", "/")
    message = f"« {name} » : Beancount efface les barres obliques inverses ; tapez « {wanted} »"
    return Problem(name, message)


def _check_currencies(rest: str, logical: Logical) -> list[Problem]:
    """The problems of what follows the account of an ``open``."""
    if MASK in rest:
        method = logical.strings[0] if logical.strings else ""
        if method not in _BOOKING:
            message = (
                f'« "{method}" » : la devise s\'écrit sans guillemets ; tapez « {as_unit(method)} »'
            )
            return [Problem(method, message)]
        rest = rest.replace(MASK, " ").strip()
    if not rest:
        return []
    words = [word for word in re.split(r"[ \t,]+", rest) if word]
    for word in words:
        if not UNIT.fullmatch(word):
            message = f"« {word} » n'est pas une devise ; tapez « {as_unit(word) or 'EUR'} »"
            return [Problem(word, message)]
    if not re.fullmatch(r"[^ \t,]+(?:[ \t]*,[ \t]*[^ \t,]+)*", rest):
        message = f"« {rest} » : tapez les devises séparées par une virgule (et le nom du compte sans espace)"
        return [Problem(rest, message)]
    return []


def _check_unit_directive(word: str, tail: str) -> list[Problem]:
    """The problems of ``price UNIT amount`` and ``commodity UNIT``."""
    found = re.match(r"[^ \t]+", tail)
    unit = found[0] if found else ""
    if not UNIT.fullmatch(unit):
        wanted = as_unit(unit) if re.search(r"[^\W\d_]|€", unit) else "HEURE"
        message = f"« {unit} » : une unité s'écrit en capitales, sans accent ni signe ; tapez « {word} {wanted} »"
        return [Problem(unit or word, message)]
    rest = tail[len(unit) :].strip()
    if word == "price":
        return check_whole_amount(rest)
    return [_left_over(rest)] if rest else []


def _check_custom(tail: str, where: Place) -> list[Problem]:
    """The problems of the values of a ``custom``; a list of numbers is legitimate there."""
    if not tail.startswith(MASK):
        return [
            Problem(
                "custom",
                '« custom » attend un nom entre guillemets ; tapez par exemple « custom "emetteur" »',
            )
        ]
    problems: list[Problem] = []
    for found in _ACCOUNT_VALUE.finditer(tail):
        problem = where.roots.see(found[0], where.number)
        problems += [problem] if problem else []
    values = _ACCOUNT_VALUE.sub(" ", tail.replace(MASK, " "))
    for word in re.findall(r"(?<![\w:-])[^\W\d_]+(?![\w:-])", values):
        if as_key(word) in _BOOLEAN_WORDS and word not in {"TRUE", "FALSE"}:
            message = f"« {word} » : oui et non s'écrivent TRUE et FALSE, en capitales"
            return [*problems, Problem(word, message)]
    return problems + check_custom_values(values)
