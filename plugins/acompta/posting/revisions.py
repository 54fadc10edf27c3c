"""Price revision of a document: a line of its own, at the rate of the work it revises.

Provisional: ``revision-indice: 2026-01-01`` on the document says which month's index was used. Definitive: a later
document that says ``revision-definitive: "F2026-004"`` bills the difference once the index is published. Nothing
issued changes by itself when an index is typed later. Before::

    2026-03-31 * "SCI Dupont" "Situation n° 1" #situation ^D2026-012
      numero: "F2026-004"
      Actif:411:Dupont
      Produits:704:Travaux     -40 PCT

After (contract of 10 000 €, coefficient 1.0250)::

    2026-03-31 * "SCI Dupont" "Situation n° 1" #situation ^D2026-012
      Actif:411:Dupont        4920.00 EUR
      Produits:704:Travaux   -4000.00 EUR
      Produits:704:Travaux    -100.00 EUR
        libelle: "Révision de prix, coefficient 1,0250"
      Passif:44574:TVA20      -820.00 EUR
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal

from acompta.messages import WrongKeyError, shown
from acompta.posting.bill import BilledLine
from acompta.posting.books import Books
from acompta.reading.model import Document, TaxKey
from acompta.register.contract import Contract
from acompta.register.values import Progress
from acompta.revision import DEFAULT_DECIMALS, coefficient
from acompta.rounding import ZERO, cents
from acompta.vocabulary import Kind


def revise(
    document: Document, contract: Contract, progress: list[Progress], books: Books
) -> list[BilledLine]:
    """The revision lines of a document; none when its contract has no formula.

    Raises:
        DocumentError: the formula or an index cannot be read, or the document to adjust is unknown.
    """
    terms = contract.document
    formula = terms.text("revision") if terms is not None else None
    if terms is None or formula is None:
        return []
    lines: list[BilledLine] = []
    if progress:
        factor = _coefficient(document, terms, formula, books)
        label = f"Révision de prix, coefficient {_french(factor)}"
        lines = _lines(progress, factor - 1, label)
    adjusted = document.text("revision-definitive")
    if adjusted is not None:
        lines += _adjust(adjusted, contract, books)
    return lines


def unrevise(
    original: Document, contract: Contract | None, progress: list[Progress], books: Books
) -> list[BilledLine]:
    """The revision that goes with points of progress taken back from ``original``: at the coefficient it was billed at.

    The points can be billed again, revised again.
    """
    terms = contract.document if contract is not None else None
    formula = terms.text("revision") if terms is not None else None
    if contract is None or terms is None or formula is None or not progress:
        return []
    definitive = _adjusted_by(original.number, contract, books) is not None
    factor = _coefficient(original, terms, formula, books, definitive=definitive)
    return _lines(progress, factor - 1, f"Révision de prix, coefficient {_french(factor)}")


def _coefficient(
    document: Document, terms: Document, formula: str, books: Books, *, definitive: bool = False
) -> Decimal:
    base = terms.entry.meta.get("revision-base", terms.date)
    used = document.entry.meta.get("revision-indice")
    date = used if isinstance(used, datetime.date) and not definitive else document.date
    decimals = terms.entry.meta.get("revision-decimales")
    places = int(decimals) if isinstance(decimals, Decimal) else DEFAULT_DECIMALS
    return coefficient(formula, books.indices, base, date, places)


def _lines(progress: Iterable[Progress], factor: Decimal, label: str) -> list[BilledLine]:
    """One line per account and tax, on what the document itself bills of the contract."""
    bases: dict[tuple[str, TaxKey], Decimal] = {}
    for step in progress:
        key = (step.group.account, step.group.tax)
        bases[key] = bases.get(key, ZERO) + step.amount
    return [
        BilledLine(account, cents(base * factor), tax, {"libelle": label})
        for (account, tax), base in bases.items()
        if cents(base * factor)
    ]


def _adjust(number: str, contract: Contract, books: Books) -> list[BilledLine]:
    """The difference between the definitive and the provisional revision of an earlier document."""
    claim = books.dossier.claims.get(number)
    bill = books.dossier.bills.get(claim.document.index) if claim is not None else None
    if claim is None or bill is None:
        raise WrongKeyError(
            "revision-definitive",
            f"lu {shown(number)}, qui n'est pas une facture émise à cette date",
        )
    _check_adjustable(claim.document, contract, books)
    progress = list(bill.progress)
    for credit in books.dossier.corrections.get(number, ()):
        credited = books.dossier.bills.get(credit.index)
        progress += credited.progress if credited is not None else ()
    terms = contract.document
    formula = terms.text("revision") if terms is not None else None
    if terms is None or formula is None:
        return []
    provisional = _coefficient(claim.document, terms, formula, books)
    final = _coefficient(claim.document, terms, formula, books, definitive=True)
    label = f"Révision définitive de {number}, coefficient {_french(final)} au lieu de {_french(provisional)}"
    return [
        line._replace(amount=cents(line.amount))
        for line in _difference(progress, final - 1, provisional - 1, label)
    ]


def _check_adjustable(original: Document, contract: Contract, books: Books) -> None:
    number = original.number or ""
    if original.contract != contract.link:
        raise WrongKeyError(
            "revision-definitive",
            f"{number} n'est pas une facture du contrat ^{contract.link} ; tapez le"
            " numéro d'une de ses situations",
        )
    done = _adjusted_by(number, contract, books)
    if done is not None:
        raise WrongKeyError(
            "revision-definitive",
            f"la révision de {number} est déjà définitive depuis {done.number} ; retirez la clé",
        )
    for correction in books.dossier.corrections.get(number, ()):
        if correction.whole or correction.kind is Kind.CORRECTIVE:
            raise WrongKeyError(
                "revision-definitive",
                f"{number} est annulée par {correction.number} ; retirez la clé, ou tapez"
                " le numéro de la facture qui la remplace",
            )


def _adjusted_by(number: str | None, contract: Contract, books: Books) -> Document | None:
    """The document of the contract that made the revision of ``number`` definitive, unless it was cancelled whole."""
    for document in contract.documents:
        corrections = books.dossier.corrections.get(document.number or "", ())
        if (
            document.text("revision-definitive") == number
            and document.index in books.dossier.bills
            and not any(c.whole or c.kind is Kind.CORRECTIVE for c in corrections)
        ):
            return document
    return None


def _difference(
    progress: Iterable[Progress], final: Decimal, provisional: Decimal, label: str
) -> list[BilledLine]:
    steps = list(progress)
    before = {(line.account, line.tax): line.amount for line in _lines(steps, provisional, label)}
    after = {(line.account, line.tax): line.amount for line in _lines(steps, final, label)}
    return [
        BilledLine(
            account,
            after.get((account, tax), ZERO) - before.get((account, tax), ZERO),
            tax,
            {"libelle": label},
        )
        for account, tax in dict.fromkeys([*after, *before])
    ]


def _french(factor: Decimal) -> str:
    return f"{factor:f}".replace(".", ",")
