"""BG-1: the notes of an electronic invoice, from the legal mentions that its page carries.

PMT (fixed indemnity), PMD (late penalties) and AAB (discount) are each wanted exactly once on every document (BR-FR-05
and 06), even where the law asks for none of them: they then say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from acompta.french import euros, percent, short_day
from acompta.invoices.facturx.codes import treatment
from acompta.invoices.view.document import DocumentView, Mention

GENERAL: Final = "AAI"
TAX: Final = "TXD"
TREATMENT: Final = "BAR"
_SUBJECTS: Final = {"indemnite": "PMT", "penalites": "PMD", "escompte": "AAB", "debits": TAX}
_REQUIRED: Final = {
    "PMT": "Indemnité forfaitaire pour frais de recouvrement",
    "PMD": "Pénalités de retard",
    "AAB": "Escompte pour paiement anticipé",
}


def notes_of(view: DocumentView) -> list[dict[str, Any]]:
    """The notes in a fixed order; ``view`` carries its mentions (`mentions.complete`)."""
    by_code = {_SUBJECTS.get(m.code, ""): m for m in view.mentions if m.code in _SUBJECTS}
    notes = [(code, _required(view, code, by_code.get(code))) for code in _REQUIRED]
    if TAX in by_code:
        notes.append((TAX, by_code[TAX].text))
    notes.append((TREATMENT, treatment(view).value))
    notes += [(GENERAL, text) for text in _general(view)]
    return [{"BT-21": code, "BT-22": text} for code, text in notes]


def _required(view: DocumentView, code: str, mention: Mention | None) -> str:
    if mention is not None:
        return mention.text
    why = "avoir" if view.credit is not None else "client non professionnel"
    return f"{_REQUIRED[code]} : sans objet ({why})"


def _general(view: DocumentView) -> Iterator[str]:
    """What the page says besides: its title, what it corrects, its object, the other mentions."""
    yield " – ".join(filter(None, (view.title, view.note, view.object)))
    for mention in view.mentions:
        if mention.code not in _SUBJECTS:
            yield mention.text


def payment_terms(view: DocumentView) -> str:
    """BT-20: the terms agreed, the retention that no field can hold, or what becomes of a credit note."""
    return " ; ".join(filter(None, (_terms(view), _retention(view), *_credit(view))))


def _terms(view: DocumentView) -> str:
    return f"Délai convenu : {view.payment_terms}" if view.payment_terms else ""


def _retention(view: DocumentView) -> str:
    """Guarantee retention (loi 71-584): due, but paid later; the amount due (BT-115) includes it."""
    held = view.retention
    if held is None:
        return ""
    if view.credit is not None:
        return f"dont {euros(held.amount)} de retenue de garantie"
    until = f", à restituer le {short_day(held.release)}" if held.release else ""
    return (
        f"Retenue de garantie de {percent(held.percent)} : {euros(held.amount)} à déduire du règlement{until} "
        f"(loi n° 71-584) ; net à payer : {euros(view.to_pay)}"
    )


def _credit(view: DocumentView) -> Iterator[str]:
    if view.credit is None:
        return
    if view.credit.deducted:
        numbers = ", ".join(view.credit.numbers)
        yield f"À déduire de {numbers} : {euros(view.credit.deducted)}"
    if view.credit.refund:
        yield f"À rembourser : {euros(view.credit.refund)}"
    if not view.credit.deducted and not view.credit.refund:
        yield "Rien n'est à rembourser : les sommes se compensent"
