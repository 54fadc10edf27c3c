"""``custom "emetteur"``: who sells, dated; the latest one at or before a document's date holds."""

from __future__ import annotations

import bisect
import datetime
from decimal import Decimal
from typing import Any

from beancount.core.data import Custom

from acompta.messages import AcomptaError, error_at, key_error, shown
from acompta.reading.keys import check_keys
from acompta.reading.model import NO_SELLER, Seller
from acompta.reading.values import bad_rate, bad_thresholds
from acompta.vocabulary import RETURN_DAYS, SELLER_KEYS, Regime

_REGIMES = ", ".join(f'"{regime.value}"' for regime in Regime)


def read_seller(entry: Custom) -> tuple[Seller, list[AcomptaError]]:
    """The `Seller` of a ``custom "emetteur"`` line and the mistakes in it; a bad regime falls back to receipts."""
    meta: dict[str, Any] = entry.meta
    errors = check_keys(entry, meta, SELLER_KEYS)
    name = entry.values[0].value if entry.values else ""
    if not isinstance(name, str) or not name.strip():
        errors.append(
            error_at(
                entry, f'émetteur : lu {shown(name)} ; tapez custom "emetteur" "Raison sociale"'
            )
        )
        name = ""
    word = _word(meta, "regime-tva", Regime.RECEIPTS.value)
    try:
        regime = Regime(word)
    except ValueError:
        errors.append(
            key_error(
                entry,
                "regime-tva",
                f"clé « regime-tva » : lu {shown(word)} ; tapez l'un de {_REGIMES}",
            )
        )
        regime = Regime.RECEIPTS
    errors += _bad_terms_of_payment(entry)
    errors += _bad_returns(entry)
    on_debit, deposit_errors = _deposit_on_debit(entry, regime)
    policy = _word(meta, "comptabilisation-acompte", "emission")
    if policy not in {"emission", "encaissement"}:
        wanted = 'tapez "emission" ou "encaissement"'
        errors.append(
            key_error(
                entry,
                "comptabilisation-acompte",
                f"clé « comptabilisation-acompte » : lu {shown(policy)} ; {wanted}",
            )
        )
    encoding = _word(meta, "acomptes-facturx", "lignes")
    if encoding not in {"lignes", "deduits"}:
        wanted = 'tapez "lignes" ou "deduits"'
        errors.append(
            key_error(
                entry,
                "acomptes-facturx",
                f"clé « acomptes-facturx » : lu {shown(encoding)} ; {wanted}",
            )
        )
    on_receipt = policy == "encaissement"
    if on_receipt and on_debit:
        message = (
            "clés « exigibilite-acompte » et « comptabilisation-acompte » : un acompte comptabilisé à l'encaissement"
            ' ne peut être exigible dès sa facture ; supprimez exigibilite-acompte: "debit"'
        )
        errors.append(error_at(entry, message))
        on_debit = False
    return Seller(
        name, entry.date, regime, on_debit, meta, entry, on_receipt
    ), errors + deposit_errors


def _bad_terms_of_payment(entry: Custom) -> list[AcomptaError]:
    """Reminder levels and penalty rate; another type of value was already said to be wrong."""
    thresholds, rate = entry.meta.get("relances"), entry.meta.get("taux-penalites")
    found = {
        "relances": bad_thresholds(thresholds) if isinstance(thresholds, str) else None,
        "taux-penalites": bad_rate("taux-penalites", rate) if isinstance(rate, Decimal) else None,
    }
    return [key_error(entry, key, said) for key, said in found.items() if said is not None]


def _bad_returns(entry: Custom) -> list[AcomptaError]:
    """How VAT is declared; another type of value was already said to be wrong."""
    errors = []
    word = _word(entry.meta, "periodicite-tva", "mois")
    if word not in {"mois", "trimestre"}:
        message = f'clé « periodicite-tva » : lu {shown(word)} ; tapez "mois" ou "trimestre"'
        errors.append(key_error(entry, "periodicite-tva", message))
    day = entry.meta.get("jour-tva")
    if isinstance(day, Decimal) and day not in RETURN_DAYS:
        message = (
            f"clé « jour-tva » : lu {shown(day)} ; tapez le jour du mois où vous payez la TVA, de 15 à 24"
            " (CGI ann. IV art. 39)"
        )
        errors.append(key_error(entry, "jour-tva", message))
    return errors


def _word(meta: dict[str, Any], key: str, default: str) -> str:
    """A word of the seller; another type of value was already said to be wrong (comparing it could raise)."""
    value = meta.get(key, default)
    return value if isinstance(value, str) else default


def _deposit_on_debit(entry: Custom, regime: Regime) -> tuple[bool, list[AcomptaError]]:
    """``exigibilite-acompte``: on receipt, or on debit where the option for débits is taken (opinions differ)."""
    word = _word(entry.meta, "exigibilite-acompte", "encaissement")
    if word == "encaissement":
        return False, []
    if word != "debit":
        wanted = 'tapez "encaissement" ou "debit"'
        return False, [
            key_error(
                entry,
                "exigibilite-acompte",
                f"clé « exigibilite-acompte » : lu {shown(word)} ; {wanted}",
            )
        ]
    if regime is not Regime.DEBITS:
        message = (
            'clé « exigibilite-acompte » : "debit" suppose l\'option pour les débits ; '
            'tapez regime-tva: "debits", ou exigibilite-acompte: "encaissement"'
        )
        return False, [key_error(entry, "exigibilite-acompte", message)]
    return True, []


class Sellers:
    """The sellers of a ledger by date."""

    def __init__(self, sellers: list[Seller]) -> None:
        """Keep them in date order (the last one typed for a date wins)."""
        self.all = sorted(sellers, key=lambda seller: seller.date)
        self._dates = [seller.date for seller in self.all]
        self._known: dict[datetime.date, Seller] = {}

    def at(self, date: datetime.date) -> Seller:
        """The seller in force on ``date``; the first one typed for an earlier date; a nameless one when none is."""
        seller = self._known.get(date)
        if seller is None:
            seller = self._known[date] = self._find(date)
        return seller

    def _find(self, date: datetime.date) -> Seller:
        if not self.all:
            return NO_SELLER
        return self.all[max(0, bisect.bisect_right(self._dates, date) - 1)]
