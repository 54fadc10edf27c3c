"""A small dossier with every kind of entry, copied, closed and changed by the tests of the closing."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path
from typing import Final

from beancount.core.data import BeancountError
from tests.roots import ROOTS

from acompta.acts import writing
from acompta.closing.checks import run_checks
from acompta.closing.period_view import PeriodView
from acompta.closing.periods import Period, read_period
from acompta.closing.plan import plan_closing, plan_seal, prepare_act
from acompta.loading import Loaded, load_ledger

ROOT = Path(__file__).parents[2]
CLOSED_ON: Final = datetime.date(2026, 12, 5)
MAIN: Final = """
option "title" "Essai"
option "operating_currency" "EUR"
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
plugin "acompta"
2026-01-01 custom "emetteur" "Essai SARL"
  siren: "732829320"
  adresse: "12 rue Neuve
69002 Lyon"
2026-01-01 open Actif:512:Banque EUR
2026-01-01 open Actif:411:Dupont EUR
  raison-sociale: "SCI Dupont"
2026-01-01 open Capitaux:101:Capital EUR
2026-01-01 open Passif:44551:TVA EUR
2026-01-01 open Passif:44571:TVA20 EUR
  taux: 20
2026-01-01 open Passif:44574:TVA20 EUR
  taux: 20
2026-01-01 open Produits:706:Conseil EUR
  tva: 20
2026-01-01 open Charges:627:Frais EUR
include "2026-01.beancount"
include "2026-02.beancount"
"""
JANUARY: Final = """
2026-01-02 * "Apport" "Capital"
  Actif:512:Banque        1000.00 EUR
  Capitaux:101:Capital   -1000.00 EUR

2026-01-05 * "SCI Dupont" "Conseil" #facture
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:706:Conseil    -500.00 EUR

2026-01-15 * "Banque" "Frais de janvier"
  Charges:627:Frais         12.00 EUR
  Actif:512:Banque         -12.00 EUR

2026-01-15 * "Banque" "Frais de carte"
  Charges:627:Frais          3.00 EUR
  Actif:512:Banque          -3.00 EUR

2026-01-20 * "SCI Dupont" "Virement" ^F2026-001
  Actif:512:Banque         600.00 EUR
  Actif:411:Dupont

2026-01-31 * "DGFiP" "TVA de janvier"
  Passif:44571:TVA20       100.00 EUR
  Passif:44551:TVA        -100.00 EUR
"""
FEBRUARY: Final = """
2026-02-01 balance Actif:512:Banque  1585.00 EUR
  releve: "n° 1"

2026-02-20 * "DGFiP" "TVA de janvier payée"
  Passif:44551:TVA         100.00 EUR
  Actif:512:Banque        -100.00 EUR

2026-03-01 balance Actif:512:Banque  1485.00 EUR
  releve: "n° 2"
"""


def write_dossier(folder: Path) -> Path:
    """The dossier of this module, in ``folder``; its main file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.beancount").write_text(MAIN, encoding="utf-8")
    (folder / "2026-01.beancount").write_text(ROOTS + JANUARY, encoding="utf-8")
    (folder / "2026-02.beancount").write_text(ROOTS + FEBRUARY, encoding="utf-8")
    return folder / "main.beancount"


def copy_example(name: str, folder: Path) -> Path:
    """A copy of an example dossier, with the chart beside it; its main file."""
    shutil.copy(ROOT / "ledgers" / "pcg.beancount", folder / "pcg.beancount")
    shutil.copytree(ROOT / "ledgers" / name, folder / name)
    return folder / name / "main.beancount"


def view_of(loaded: Loaded, period: Period) -> PeriodView:
    """The period of a loaded ledger."""
    return PeriodView(loaded.entries, loaded.errors, loaded.dossier, loaded.options, period)


def close_month(
    main: Path, name: str, *, reports: bool = False, day: datetime.date = CLOSED_ON
) -> None:
    """Close a month on ``day`` as the command does, whatever the checks say; the reports only when asked for."""
    with writing(main, "cloturer") as desk:
        loaded = desk.load()
        period = read_period(name)
        if reports:
            view = view_of(loaded, period)
            plan = plan_closing(loaded, view, run_checks(view), day)
        else:
            plan = plan_seal(loaded, period, day)
        prepare_act(desk, plan, f"clôture de {name}").commit()


def errors_of(main: Path) -> list[tuple[str, int, str]]:
    """File name, line and message of every error of a ledger."""
    return errors_in(load_ledger(main))


def errors_in(loaded: Loaded) -> list[tuple[str, int, str]]:
    """File name, line and message of every error of a ledger already loaded."""
    return [_located(error) for error in loaded.errors]


def _located(error: BeancountError) -> tuple[str, int, str]:
    source = error.source
    return Path(str(source["filename"])).name, int(source["lineno"]), error.message
