"""Keys whose type does not make them right: words of a closed list, periods, payment terms, the retention."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from acompta.messages import shown
from acompta.reading.spans import read_span
from acompta.rounding import HUNDRED
from acompta.terms import parse_terms, parse_thresholds
from acompta.vocabulary import RECURRENCES

_MAX_RETENTION: Final = Decimal(5)


class Judge(NamedTuple):
    """How the values of a key are judged: ``wrong`` gives the French message, or ``None``, for those of ``type``."""

    type: type
    wrong: Callable[[Any], str | None]


def _one_of(key: str, *words: str) -> Judge:
    def wrong(value: str) -> str | None:
        if value in words:
            return None
        wanted = ", ".join(f'"{word}"' for word in sorted(words))
        return f"clé « {key} » : lu {shown(value)} ; tapez l'un de {wanted}"

    return Judge(str, wrong)


def _bad_period(key: str) -> Callable[[str], str | None]:
    def wrong(value: str) -> str | None:
        if read_span(value) is not None:
            return None
        wanted = '2026-03-31, ou une période "2026-03-01/2026-03-31"'
        return f"clé « {key} » : lu {shown(value)} ; tapez une date {wanted}"

    return wrong


def bad_terms(value: str) -> str | None:
    """The message for payment terms that cannot be read, or ``None``."""
    if parse_terms(value) is not None:
        return None
    return (
        f'clé « delai » : lu {shown(value)} ; tapez "30 jours" ou "30 jours fin de mois"'
        " (on ajoute les jours, puis on va à la fin du mois)"
    )


def _bad_retention(value: Decimal) -> str | None:
    if 0 <= value <= _MAX_RETENTION:
        return None
    return (
        f"clé « retenue » : lu {shown(value)} ; la retenue de garantie est d'au plus 5 %"
        " (loi 71-584 du 16 juillet 1971) : tapez par exemple retenue: 5"
    )


def bad_thresholds(value: str) -> str | None:
    """The message for reminder levels that cannot be read, or ``None``."""
    if parse_thresholds(value) is not None:
        return None
    return (
        f"clé « relances » : lu {shown(value)} ; tapez les jours de retard de chaque niveau, en croissant :"
        ' relances: "5 15 30" (neuf niveaux au plus ; le dernier est la mise en demeure)'
    )


def _bad_share(value: Decimal) -> str | None:
    if 0 < value <= HUNDRED:
        return None
    return f"clé « acompte » : lu {shown(value)} ; tapez l'acompte convenu en pour cent, par exemple acompte: 30"


def bad_rate(key: str, value: object) -> str | None:
    """The message for a VAT rate that is no percentage between 0 and 100, or ``None``."""
    if isinstance(value, Decimal) and 0 <= value < HUNDRED:
        return None
    return f"clé « {key} » : lu {shown(value)} ; tapez un taux en pour cent, par exemple {key}: 5.5"


LINE_JUDGES: Final[Mapping[str, Judge]] = {
    "livraison": Judge(str, _bad_period("livraison")),
    "periode": Judge(str, _bad_period("periode")),
}
DOCUMENT_JUDGES: Final[Mapping[str, Judge]] = {
    **LINE_JUDGES,
    "recurrence": _one_of("recurrence", *RECURRENCES),
    "acompte": Judge(Decimal, _bad_share),
    "imputation": _one_of("imputation", "solde", "prorata"),
    "retenue-base": _one_of("retenue-base", "TTC", "HT"),
    "stipulation": _one_of("stipulation", "acompte", "arrhes"),
    "par": _one_of("par", "client", "fournisseur", "retractation"),
    "sort": _one_of("sort", "conserve", "rembourse", "double"),
    "qualification": _one_of("qualification", "indemnite", "contrepartie"),
    "delai": Judge(str, bad_terms),
    "retenue": Judge(Decimal, _bad_retention),
}
