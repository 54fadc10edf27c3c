"""SIREN, SIRET, VAT numbers, IBAN and BIC: whether they are right, and how they are printed."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from stdnum import bic, iban
from stdnum.eu import vat
from stdnum.fr import siren, siret
from stdnum.fr import tva as french_vat

SIREN_LENGTH: Final = 9
# The same few parties stand on thousands of documents.
_KNOWN: Final = 4096

# CGI art. 256-0 and directive 2006/112/CE: Northern Ireland (XI) is treated as a member for goods.
EUROPEAN_UNION: Final = frozenset(code.upper() for code in vat.MEMBER_STATES) | {"GR"}


@lru_cache(_KNOWN)
def is_siren(text: str) -> bool:
    """Whether the nine digits and their check digit are right."""
    return bool(siren.is_valid(text))


@lru_cache(_KNOWN)
def is_siret(text: str) -> bool:
    """Whether the fourteen digits and their check digits are right (La Poste has its own rule)."""
    return bool(siret.is_valid(text))


@lru_cache(_KNOWN)
def is_french_vat(text: str) -> bool:
    """Whether a French VAT number has the right key for its SIREN."""
    return text.upper().startswith("FR") and bool(french_vat.is_valid(text))


@lru_cache(_KNOWN)
def is_european_vat(text: str) -> bool:
    """Whether a VAT number follows the rule of the member state that its first two letters name."""
    return bool(vat.is_valid(text))


@lru_cache(_KNOWN)
def is_iban(text: str) -> bool:
    """Whether an IBAN has the right length for its country and the right key."""
    return bool(iban.is_valid(text))


@lru_cache(_KNOWN)
def is_bic(text: str) -> bool:
    """Whether a BIC has its eight or eleven characters."""
    return bool(bic.is_valid(text))


def compact(text: str) -> str:
    """Take the spaces out of a typed identifier."""
    return "".join(text.split())


def siren_in_vat(text: str) -> str:
    """Return the SIREN inside a French VAT number, or ``""`` when the number is not a right French one."""
    return compact(text)[-SIREN_LENGTH:] if is_french_vat(text) else ""


def vat_from_siren(text: str) -> str:
    """Compute the French VAT number of a right SIREN: key = (12 + 3 × (SIREN mod 97)) mod 97."""
    digits = compact(text)
    return f"FR{(12 + 3 * (int(digits) % 97)) % 97:02d}{digits}"


def grouped(text: str, *sizes: int) -> str:
    """Write an identifier in groups; the last size repeats: ``grouped("FR763000…", 4)`` → ``FR76 3000 …``."""
    rest, groups, index = compact(text), [], 0
    while rest:
        size = sizes[min(index, len(sizes) - 1)]
        groups.append(rest[:size])
        rest, index = rest[size:], index + 1
    return " ".join(groups)


def printed_siren(text: str) -> str:
    """Write a SIREN as ``732 829 320``."""
    return grouped(text, 3)


def printed_siret(text: str) -> str:
    """Write a SIRET as ``732 829 320 00074``."""
    return grouped(text, 3, 3, 3, 5)


def printed_iban(text: str) -> str:
    """Write an IBAN in groups of four."""
    return grouped(text, 4)
