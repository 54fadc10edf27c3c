"""Dossiers to issue from: ready to print, text added by each test."""

from __future__ import annotations

import datetime
import os
import sys
from pathlib import Path
from typing import Final

from tests.roots import ROOTS

from acompta.issuing import Plan, plan_issue
from acompta.loading import Loaded

EMISSION: Final = Path(__file__).with_name("emission")
MAIN: Final = (
    'option "title" "Atelier Lumière"\noption "operating_currency" "EUR"\n'
    + ROOTS
    + """plugin "acompta"

2026-01-01 custom "emetteur" "Atelier Lumière SARL"
  forme: "SARL au capital de 10 000 EUR"
  siret: "73282932000074"
  tva-intracom: "FR44732829320"
  rcs: "Lyon 732 829 320"
  adresse: "12 rue de la République
69002 Lyon"
  iban: "FR7630006000011234567890189"
  regime-tva: "encaissements"
2026-01-01 open Actif:411:Dupont EUR
  raison-sociale: "SCI Dupont"
  siren: "812345676"
  adresse: "3 quai Perrache
69002 Lyon"
2026-01-01 open Passif:44571:TVA20 EUR
  taux: 20
2026-01-01 open Passif:44574:TVA20 EUR
  taux: 20
2026-01-01 open Produits:706:Conseil EUR
  tva: 20
"""
)


def dossier(folder: Path, text: str, main: str = MAIN) -> Path:
    """A ledger in ``folder`` with this text after the accounts; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.beancount").write_text(main + text)
    return folder


def invoice(
    day: str, *, flag: str = "!", tag: str = "facture", more: str = "", euros: str = "-100.00"
) -> str:
    """One plain document of 100 € before tax, 120 € with it; ``more`` are lines under its head."""
    return (
        f'{day} {flag} "SCI Dupont" "Conseil" #{tag}\n{more}  Actif:411:Dupont\n'
        f"  Produits:706:Conseil  {euros} EUR\n"
    )


def no_press(
    loaded: Loaded, day: datetime.date, until: datetime.date, _press: Path
) -> tuple[Plan, dict[str, bytes]]:
    """Instead of the printing: what is tested is the act, and a run then takes a second instead of ten."""
    plan = plan_issue(loaded, day, until)
    return plan, {issue.name: f"%PDF {issue.name}".encode() for issue in plan.issues}


COMMAND: Final = (
    sys.executable,
    "-c",
    "from acompta_cli import emettre, main\n"
    "from tests.issuing.samples import no_press\n"
    "emettre._printed = no_press\n"
    "main()",
    "emettre",
)
ENVIRONMENT: Final = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
