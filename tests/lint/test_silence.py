"""What is rightly typed raises nothing: no accountant reads a linter that cries wolf."""

from __future__ import annotations

from pathlib import Path

import pytest
from beancount.parser import parser
from tests.lint.typed import HEAD

from acompta.lint import lint_ledger, lint_text
from acompta.lint.scan import scan

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OWN = sorted((HERE / "ledgers").glob("*.beancount"))
DOSSIERS = sorted((ROOT / "ledgers").glob("*/main.beancount"))

RIGHT = [
    "  Charges:606  1,234.56 EUR",
    "  Charges:606  1,234,567 EUR",
    "  Charges:606  -1,234,567.00 EUR",
    "  Charges:606  +12.50 EUR",
    "  Charges:606  - 12.50 EUR",
    "  Charges:606  -(12.50) EUR",
    "  Charges:606  (10.00 + 2.50) EUR",
    "  Charges:606  100.00/3 EUR",
    "  Charges:606  (1/3) EUR",
    "  Charges:606  50. EUR",
    "  Charges:606  12.50",
    "  Charges:606  EUR",
    "  Charges:606",
    "  Charges:606  ; 1 234,56 € le 31/01/2026, 20%",
    "  Charges:606  2 M3 @@ 10.00 EUR",
    "  Charges:606  2 JOURS-HOMME @ 10.00 EUR",
    '  Charges:606  1 TITRE {10.00 EUR, 2026-01-31, "lot 1,5"}',
    "  Charges:606  1 TITRE {{10.00 EUR}}",
    "  Charges:606  1 TITRE {10.00 # 5.00 EUR}",
    "  Charges:606  -30 PCT",
    "  Charges:606  -20 PCT-MOIS",
    "  ! Charges:606  1.00 EUR",
    "  !Charges:606  1.00 EUR",
    "\tCharges:606\t1.00\tEUR",
    '  libelle: "1 234,56 € le 31/01/2026, 20 %, L’Oréal, « oui », “non”, m²"',
    "  echeance: 2026-01-31",
    "  echeance: 2026/1/31",
    "  echeance:2026-01-31",
    "  livraison: 2026-03-31",
    '  livraison: "2026-03-01/2026-03-31"',
    "  tva: 5.5",
    "  tva: -5.5",
    "  ttc: 1,234.56 EUR",
    "  ttc: 1234.56",
    "  particulier: TRUE",
    "  etendu: FALSE",
    "  note-interne:",
    "  fiche: NULL",
    "  contrepartie: Actif:512:Banque",
    "  etiquette: #chantier",
    "  unite-vente: M2",
    "  calcul: (1 + 2) * 3",
    "  acompte: 30",
    "  ; 1 234,56 €",
    "  #chantier ^D2026-012",
]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_every_kind_of_line_is_silent(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert lint_text(path, text, main=True) == []
    assert scan(path, text, wanted=None, leap=False).findings == []
    assert [error.message for error in parser.parse_file(str(path))[1]] == []


@pytest.mark.parametrize("line", RIGHT)
def test_a_right_line_is_silent(line: str) -> None:
    text = f'{HEAD}2026-01-02 * "Papeterie" "Ramettes"\n{line}\n  Actif:512:Banque  -1.00 EUR\n'
    assert lint_text(Path("main.beancount"), text, main=True) == []
    assert [error.message for error in parser.parse_string(text)[1]] == []


@pytest.mark.parametrize("main", DOSSIERS, ids=lambda main: main.parent.name)
def test_the_example_dossiers_are_silent(main: Path) -> None:
    assert lint_ledger(main) == []


def test_there_are_dossiers_to_be_silent_about() -> None:
    assert len(DOSSIERS) >= 3
    assert len(OWN) >= 2
