"""The CA3 of the worked cases and of the example dossiers, and of small ledgers whose boxes are worked in each test."""

from __future__ import annotations

import textwrap
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from acompta.closing.periods import read_period
from acompta.closing.vat_boxes import whole
from acompta.closing.vat_compare import compare
from acompta.closing.vat_return import VatReturn, vat_return
from acompta.closing.vat_settlement import settlement_entry
from acompta.loading import Loaded, load_ledger

D = Decimal
ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
DOSSIERS = sorted(path.parent.name for path in (ROOT / "ledgers").glob("*/main.beancount"))
MONTHS = [f"2026-{month:02d}" for month in range(1, 12)]
TOTALS = {"16", "23", "TD", "25", "27", "28", "32"}

HEAD = """
option "operating_currency" "EUR"
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
plugin "acompta"
2026-01-01 custom "emetteur" "Essai SARL"
  adresse: "{address}"
2026-01-01 open Actif:512:Banque EUR
2026-01-01 open Actif:411:Client EUR
2026-01-01 open Passif:401:Fournisseur EUR
2026-01-01 open Capitaux:101:Capital EUR
2026-01-01 open Passif:44551:TVA EUR
2026-01-01 open Actif:44567:Credit EUR
2026-01-01 open Actif:44566:Biens EUR
2026-01-01 open Actif:44562:Immos EUR
2026-01-01 open Passif:4452:Intra EUR
  taux: 20
2026-01-01 open Passif:44571:TVA20 EUR
  taux: 20
2026-01-01 open Passif:44571:TVA10 EUR
  taux: 10
2026-01-01 open Passif:44571:TVA2-1 EUR
  taux: 2.1
2026-01-01 open Passif:44571:TVA8-5 EUR
  taux: 8.5
2026-01-01 open Passif:44571:TVA19-6 EUR
  taux: 19.6
2026-01-01 open Produits:707:Ventes EUR
2026-01-01 open Produits:758:Arrondis EUR
2026-01-01 open Charges:658:Arrondis EUR
2026-01-01 open Charges:607:Achats EUR
"""


def case(name: str) -> Loaded:
    return load_ledger(CASES / name / "typed.beancount")


def ledger(folder: Path, text: str, address: str = "12 rue Neuve 69002 Lyon") -> Loaded:
    path = folder / "main.beancount"
    path.write_text(HEAD.format(address=address) + textwrap.dedent(text), encoding="utf-8")
    loaded = load_ledger(path)
    assert loaded.errors == []
    return loaded


def declared(loaded: Loaded, period: str) -> VatReturn:
    return vat_return(loaded.entries, loaded.dossier, read_period(period))


def boxes(loaded: Loaded, period: str) -> dict[str, str]:
    """Filled boxes but the totals: « base » for part A, « base/tax » for a rate, « tax » for the rest."""
    found = {}
    for value in declared(loaded, period).filled():
        code = value.box.code
        if code in TOTALS:
            continue
        if value.box.has_base:
            found[code] = f"{value.base}/{value.tax}"
        else:
            found[code] = f"{value.amount}"
    return found


# -- cases worked by hand: base and VAT of what was received in the month -------------------------------------------


@pytest.mark.parametrize(
    ("name", "period", "expected"),
    [
        # Deposit 3 000 + 600 received in January; the balance, 7 000 + 1 400, in April: nothing in March.
        ("acompte-30-pourcent-encaissements-D01", "2026-01", {"A1": "3000", "08": "3000/600"}),
        ("acompte-30-pourcent-encaissements-D01", "2026-03", {}),
        ("acompte-30-pourcent-encaissements-D01", "2026-04", {"A1": "7000", "08": "7000/1400"}),
        # Option for débits: the balance is due with the invoice of March.
        ("acompte-30-pourcent-debits-D02", "2026-01", {"A1": "3000", "08": "3000/600"}),
        ("acompte-30-pourcent-debits-D02", "2026-03", {"A1": "7000", "08": "7000/1400"}),
        ("acompte-30-pourcent-debits-D02", "2026-04", {}),
        # Goods: the balance is due at delivery, in March.
        ("acompte-biens-depuis-2023-D03", "2026-01", {"A1": "3000", "08": "3000/600"}),
        ("acompte-biens-depuis-2023-D03", "2026-03", {"A1": "7000", "08": "7000/1400"}),
        # Refund in February: 3 000 and 600 to take back, nothing else in the month.
        ("rupture-vendeur-rembourse-dommages-D14", "2026-01", {"A1": "3000", "08": "3000/600"}),
        ("rupture-vendeur-rembourse-dommages-D14", "2026-02", {"B5": "3000", "21": "600"}),
        # Arrhes kept: the VAT declared in January comes back in March.
        ("rupture-consommateur-arrhes-conservees-D16", "2026-03", {"B5": "500", "21": "100"}),
        # Reverse charge: nothing but E2 at the subcontractor's, both lines at the main contractor's.
        ("facture-sous-traitant-autoliquidation-D21", "2026-03", {"E2": "10000"}),
        (
            "achat-sous-traitance-autoliquidation-D21",
            "2026-03",
            {"A2": "10000", "08": "10000/2000", "20": "2000"},
        ),
    ],
)
def test_worked_cases(name: str, period: str, expected: dict[str, str]) -> None:
    assert boxes(case(name), period) == expected


def test_settlement_rounded_to_the_euro_d25() -> None:
    """5 000.40 → 5 000; 1 299.90 → 1 300; 499.80 → 500: 3 200 due, 0.70 to 758."""
    loaded = case("ligne-40-liquidation-de-la-tva")
    found = declared(loaded, "2026-02")
    assert [found.boxes[code].tax for code in ("16", "20", "19", "32")] == [5000, 1300, 500, 3200]
    comparison = compare(found, loaded.entries, loaded.dossier)
    assert comparison.rounding == Decimal("0.70")
    assert comparison.due_booked == 3200
    entry = settlement_entry(found, loaded.dossier.chart, loaded.options)
    assert entry is not None
    amounts = {line.account.split(":")[1]: str(line.amount) for line in entry.lines}
    assert amounts == {
        "44571": "5000.40",
        "44566": "-1299.90",
        "44562": "-499.80",
        "44551": "-3200.00",
        "758": "-0.70",
    }


@pytest.mark.parametrize("name", DOSSIERS)
def test_the_year_of_a_dossier_agrees_with_what_was_settled(name: str) -> None:
    """The settlements of the examples were typed by hand: each says what the return says, and clears 44571."""
    loaded = load_ledger(ROOT / "ledgers" / name)
    seen = 0
    for month in MONTHS:
        found = declared(loaded, month)
        comparison = compare(found, loaded.entries, loaded.dossier)
        assert comparison.unexplained == 0, month
        if found.settlements:
            seen += 1
            booked = (comparison.due_booked, comparison.credit_booked)
            assert booked == (found.due, found.credit), month
            assert [check.account for check in comparison.accounts if check.left] == [], month
    assert seen == (1 if name == "plume-et-compagnie" else 10)


def test_a_quarter_is_rounded_once(tmp_path: Path) -> None:
    """Three sales of 100.30 + 20.06: 300.90 and 60.18 rounded together, 301 and 60, not 300 and 60."""
    sale = """
        2026-0{month}-10 * "Client" "Vente"
          Actif:512:Banque       120.36 EUR
          Produits:707:Ventes   -100.30 EUR
          Passif:44571:TVA20     -20.06 EUR
    """
    text = "".join(textwrap.dedent(sale.format(month=month)) for month in (1, 2, 3))
    assert boxes(ledger(tmp_path, text), "2026-T1") == {"A1": "301", "08": "301/60"}


def test_what_was_typed_by_hand_gets_its_base_from_its_lines_or_from_the_tax(
    tmp_path: Path,
) -> None:
    """99.99 at 20 % is 20.00: base 99.99 as typed. A tax alone of 20.00 gives 100.00."""
    loaded = ledger(
        tmp_path,
        """
        2026-01-10 * "Client" "Vente"
          Actif:512:Banque       119.99 EUR
          Produits:707:Ventes    -99.99 EUR
          Passif:44571:TVA20     -20.00 EUR
        2026-01-11 * "Client" "TVA oubliée"
          Actif:512:Banque        20.00 EUR
          Passif:44571:TVA20     -20.00 EUR
        """,
    )
    bases = [(line.base, line.note) for line in declared(loaded, "2026-01").boxes["08"].lines]
    assert bases == [
        (Decimal("99.99"), ""),
        (Decimal("100.00"), "base calculée d'après la taxe"),
    ]


@pytest.mark.parametrize(
    ("address", "account", "tax", "box"),
    [
        ("69002 Lyon", "TVA10", "10.00", "9B"),
        ("20000 Ajaccio", "TVA10", "10.00", "T3"),
        ("69002 Lyon", "TVA2-1", "2.10", "T6"),
        ("20000 Ajaccio", "TVA2-1", "2.10", "T4"),
        ("97400 Saint-Denis", "TVA2-1", "2.10", "11"),
        ("97400 Saint-Denis", "TVA8-5", "8.50", "10"),
        ("97400 Saint-Denis", "TVA20", "20.00", "08"),
        ("69002 Lyon", "TVA8-5", "8.50", "10"),
        ("69002 Lyon", "TVA19-6", "19.60", "13"),
    ],
)
def test_the_rate_and_the_territory_choose_the_box(
    tmp_path: Path, address: str, account: str, tax: str, box: str
) -> None:
    total = Decimal(100) + Decimal(tax)
    text = f"""
        2026-01-10 * "Client" "Vente"
          Actif:512:Banque       {total} EUR
          Produits:707:Ventes   -100.00 EUR
          Passif:44571:{account}  -{tax} EUR
    """
    found = boxes(ledger(tmp_path, text, address), "2026-01")
    assert found == {"A1": "100", box: f"100/{whole(Decimal(tax))}"}


@pytest.mark.parametrize(
    ("seller", "account", "box"),
    [("corse", "", "T3"), ("", "Corse", "T3"), ("Corse", "métropole", "9B"), ("", "", "9B")],
)
def test_a_typed_territory_goes_before_the_address_and_an_account_s_own_before_both(
    tmp_path: Path, seller: str, account: str, box: str
) -> None:
    """10 % of 100: the reduced rate of Corsica is on line T3, that of the mainland on 9B."""
    typed = HEAD.replace(
        'adresse: "{address}"', f'adresse: "{{address}}"\n  territoire: "{seller}"'
    )
    own = f'Passif:44571:TVA10 EUR\n  taux: 10\n  territoire: "{account}"'
    typed = typed.replace("Passif:44571:TVA10 EUR\n  taux: 10", own)
    for said in (seller, account):
        typed = typed if said else typed.replace('\n  territoire: ""', "")
    path = tmp_path / "main.beancount"
    path.write_text(
        typed.format(address="69002 Lyon")
        + '2026-01-10 * "Client" "Vente"\n  Actif:512:Banque  110.00 EUR\n'
        "  Produits:707:Ventes  -100.00 EUR\n  Passif:44571:TVA10  -10.00 EUR\n",
        encoding="utf-8",
    )
    loaded = load_ledger(path)
    assert loaded.errors == []
    assert boxes(loaded, "2026-01") == {"A1": "100", box: "100/10"}


def test_a_typed_box_is_the_one_declared(tmp_path: Path) -> None:
    """A purchase from a seller not established in France, 100 (B4), and 10 of VAT to get back on line 21."""
    loaded = ledger(
        tmp_path,
        """
        2026-01-10 * "Vendeur" "Achat à un non-établi"
          Actif:512:Banque       120.00 EUR
          Produits:707:Ventes   -100.00 EUR
          Passif:44571:TVA20     -20.00 EUR
            case-ca3: "B4"
        2026-01-12 * "Client" "TVA à récupérer d'une créance perdue"
          Actif:44566:Biens       10.00 EUR
            case-ca3: "21"
          Actif:512:Banque       -10.00 EUR
        """,
    )
    assert boxes(loaded, "2026-01") == {"B4": "100", "08": "100/20", "21": "10"}


@pytest.mark.parametrize(
    ("case", "filled"),
    [
        # A rate box that the line says takes base and tax; the operation stays a sale.
        ("T7", {"A1": "100", "T7": "100/20"}),
        ("18", {"A1": "100", "08": "100/20", "18": "20"}),
        ("5B", {"5B": "20"}),
    ],
)
def test_a_box_typed_under_vat_due(tmp_path: Path, case: str, filled: dict[str, str]) -> None:
    loaded = ledger(tmp_path, SALE.format(case=case))
    assert boxes(loaded, "2026-01") == filled
    assert declared(loaded, "2026-01").findings == ()


SALE: Final = """
    2026-01-10 * "Client" "Vente"
      Actif:512:Banque       120.00 EUR
      Produits:707:Ventes   -100.00 EUR
      Passif:44571:TVA20     -20.00 EUR
        case-ca3: "{case}"
    """


@pytest.mark.parametrize("case", ["Z9", "20", "E1", "32"])
def test_a_box_that_cannot_declare_it_is_said(tmp_path: Path, case: str) -> None:
    """It is declared as if nothing were typed, and the reader is told."""
    loaded = ledger(tmp_path, SALE.format(case=case))
    assert boxes(loaded, "2026-01") == {"A1": "100", "08": "100/20"}
    assert [finding.code for finding in declared(loaded, "2026-01").findings] == ["case-ca3"]


def test_an_unknown_box_under_a_sale_without_vat_is_not_declared(tmp_path: Path) -> None:
    loaded = ledger(
        tmp_path,
        """
        2026-01-10 * "Client" "Vente"
          Actif:512:Banque       100.00 EUR
          Produits:707:Ventes   -100.00 EUR
            case-ca3: "Z9"
        """,
    )
    assert boxes(loaded, "2026-01") == {}
    assert [f.code for f in declared(loaded, "2026-01").findings] == ["produit-sans-taux"]


ANNEX: Final = """
    2026-01-01 open Passif:447:TaxesAssimilees EUR
    2026-01-01 open Charges:6351:Vehicules EUR

    2026-01-10 * "Client" "Vente"
      Actif:512:Banque       120.00 EUR
      Produits:707:Ventes   -100.00 EUR
      Passif:44571:TVA20     -20.00 EUR

    2026-01-20 * "DGFiP" "Taxes sur les véhicules de tourisme 2025"
      Charges:6351:Vehicules       310.40 EUR
      Passif:447:TaxesAssimilees  -310.40 EUR
        case-ca3: "29"
    """


def test_a_tax_of_the_annex_is_paid_with_the_return(tmp_path: Path) -> None:
    """20 of VAT and 310.40 of taxes on cars: 310 on line 29, 330 on line 32; 0.40 of rounding kept."""
    loaded = ledger(tmp_path, ANNEX)
    found = declared(loaded, "2026-01")
    assert {code: found.boxes[code].tax for code in ("28", "29", "32")} == {
        "28": D(20),
        "29": D(310),
        "32": D(330),
    }
    entry = settlement_entry(found, loaded.dossier.chart, loaded.options)
    assert entry is not None
    assert {line.account: line.amount for line in entry.lines} == {
        "Passif:44571:TVA20": D("20.00"),
        "Passif:447:TaxesAssimilees": D("310.40"),
        "Passif:44551:TVA": D(-330),
        "Produits:758:Arrondis": D("-0.40"),
    }
    # Typed, the settlement is known as one, and nothing is left.
    settled = ledger(tmp_path, ANNEX.rstrip() + "\n\n" + textwrap.indent(entry.text, "    "))
    after = declared(settled, "2026-01")
    assert (len(after.settlements), after.due) == (1, D(330))
    assert all(not one.left for one in compare(after, settled.entries, settled.dossier).accounts)


def test_a_tax_of_the_annex_typed_under_the_cost_is_said(tmp_path: Path) -> None:
    wrong = ANNEX.replace('        case-ca3: "29"\n', "").replace(
        "310.40 EUR\n", '310.40 EUR\n        case-ca3: "29"\n', 1
    )
    loaded = ledger(tmp_path, wrong)
    found = declared(loaded, "2026-01")
    assert found.boxes["29"].tax == 0
    assert [finding.code for finding in found.findings] == ["case-ca3"]


def test_purchases_from_the_union_and_imports(tmp_path: Path) -> None:
    """Goods from the Union 1 000: B2, 08, 17 and 20. Services 500: A3. An import 200: A4, I1 and 24."""
    loaded = ledger(
        tmp_path,
        """
        2026-01-10 * "Werk GmbH" "Pièces" #achat
          numero: "W-1"
          regime: "intracom-biens"
          Passif:401:Fournisseur
          Charges:607:Achats   1000.00 EUR
        2026-01-11 * "Cloud Ltd" "Serveur" #achat
          numero: "C-1"
          regime: "intracom-services"
          Passif:401:Fournisseur
          Charges:607:Achats    500.00 EUR
        2026-01-12 * "Douane" "TVA autoliquidée à l'importation"
          regime: "import"
          Actif:44566:Biens      40.00 EUR
          Passif:44571:TVA20    -40.00 EUR
            base: 200.00
        """,
    )
    assert boxes(loaded, "2026-01") == {
        "A3": "500",
        "A4": "200",
        "B2": "1000",
        "08": "1500/300",
        "I1": "200/40",
        "17": "200",
        "20": "340",
        "24": "40",
    }


def test_corrections_never_hide_the_other_operations_of_their_rate(tmp_path: Path) -> None:
    """Credit notes of 700 + 140, a sale of 200 + 40, an acquisition of 500 + 100: each is declared.

    Sales net to −500: the sale stays in A1, the credit notes go to B5 and 21, unsigned; the acquisition keeps B2, 17
    and its part of 08 (CGI art. 272-1, 1788 A-4). A supplier's credit note of 100 exceeds what is deducted of goods
    (the acquisition is a fixed asset): 20 to give back in 15.
    """
    loaded = ledger(
        tmp_path,
        """
        2026-02-03 * "Client" "Avoir"
          Actif:411:Client      -840.00 EUR
          Produits:707:Ventes    700.00 EUR
          Passif:44571:TVA20     140.00 EUR
        2026-02-04 * "Client" "Vente"
          Actif:411:Client       240.00 EUR
          Produits:707:Ventes   -200.00 EUR
          Passif:44571:TVA20     -40.00 EUR
        2026-02-05 * "Berlin" "Presse"
          Charges:607:Achats     500.00 EUR
          Passif:401:Fournisseur -500.00 EUR
          Actif:44562:Immos      100.00 EUR
          Passif:4452:Intra     -100.00 EUR
            regime: "intracom-biens"
        2026-02-06 * "Papeterie" "Avoir"
          Charges:607:Achats    -100.00 EUR
          Passif:401:Fournisseur 120.00 EUR
          Actif:44566:Biens      -20.00 EUR
        2026-02-07 * "Client" "Avoir d'exportation"
          Actif:411:Client      -100.00 EUR
          Produits:707:Ventes    100.00 EUR
            regime: "export"
        """,
    )
    assert boxes(loaded, "2026-02") == {
        "A1": "200",
        "B2": "500",
        "B5": "700",
        "F8": "100",
        "08": "700/140",
        "15": "20",
        "17": "100",
        "19": "100",
        "21": "140",
    }
    assert declared(loaded, "2026-02").credit == 80  # 140 + 20 − 100 − 140


def test_vat_deducted_and_given_back_is_due(tmp_path: Path) -> None:
    """Box 15 typed under a credit of 44566 adds to what is due; typed under 44571, the same; neither is a sale."""
    loaded = ledger(
        tmp_path,
        """
        2026-01-06 * "Régularisation" "Coefficient de déduction"
          Charges:658:Arrondis   100.00 EUR
          Actif:44566:Biens     -100.00 EUR
            case-ca3: "15"
        2026-01-07 * "Régularisation" "Complément"
          Charges:658:Arrondis    50.00 EUR
          Passif:44571:TVA20     -50.00 EUR
            case-ca3: "15"
        """,
    )
    found = declared(loaded, "2026-01")
    assert boxes(loaded, "2026-01") == {"15": "150"}
    assert found.due == 150
    assert compare(found, loaded.entries, loaded.dossier).explained


def test_vat_paid_from_the_bank_settles_its_return(tmp_path: Path) -> None:
    """A return paid without going through 44551 is no operation: January still declares 1 000 + 200, and it is paid.

    VAT paid to a forwarding agent (44566 against the bank) is deducted, not a settlement.
    """
    loaded = ledger(
        tmp_path,
        """
        2026-01-15 * "Client" "Vente"
          Actif:411:Client      1200.00 EUR
          Produits:707:Ventes  -1000.00 EUR
          Passif:44571:TVA20    -200.00 EUR
        2026-01-31 * "DGFiP" "TVA de janvier"
          declaration: "2026-01"
          Passif:44571:TVA20     200.00 EUR
          Actif:512:Banque
        2026-02-16 * "Transitaire" "TVA d'importation"
          Actif:44566:Biens       40.00 EUR
          Actif:512:Banque
        """,
    )
    found = declared(loaded, "2026-01")
    assert boxes(loaded, "2026-01") == {"A1": "1000", "08": "1000/200"}
    assert compare(found, loaded.entries, loaded.dossier).due_booked == found.due == 200
    assert boxes(loaded, "2026-02") == {"20": "40"}


def test_balances_taken_over_within_a_year_are_no_operation(tmp_path: Path) -> None:
    """Started on 1 April: VAT of March (200 − 50) is not April's, its credit of 300 is brought forward (box 22).

    What the owner pays himself (108) is an operation of the month: 4 deducted.
    """
    loaded = ledger(
        tmp_path,
        """
        2026-01-01 open Capitaux:108:Exploitant EUR
        2026-04-01 * "Reprise" "Balance au 31 mars"
          Actif:512:Banque      10000.00 EUR
          Passif:44571:TVA20     -200.00 EUR
          Actif:44566:Biens        50.00 EUR
          Actif:44567:Credit      300.00 EUR
          Produits:707:Ventes   -3000.00 EUR
          Charges:607:Achats     2000.00 EUR
          Capitaux:101:Capital
        2026-04-10 * "Caisse" "Ventes"
          Actif:512:Banque        120.00 EUR
          Produits:707:Ventes    -100.00 EUR
          Passif:44571:TVA20      -20.00 EUR
        2026-04-11 * "Papeterie" "Payé par l'exploitant"
          Charges:607:Achats       20.00 EUR
          Actif:44566:Biens         4.00 EUR
          Capitaux:108:Exploitant
        """,
    )
    assert boxes(loaded, "2026-04") == {"A1": "100", "08": "100/20", "20": "4", "22": "300"}
    found = declared(loaded, "2026-04")
    assert compare(found, loaded.entries, loaded.dossier).explained
    assert {finding.code for finding in found.findings} == {"tva-non-liquidee"}


@pytest.mark.parametrize(
    ("typed", "codes"),
    [("2026-1", set()), ("2026-01", set()), ("janvier", {"declaration-illisible"})],
)
def test_the_period_that_a_settlement_names_is_read(
    tmp_path: Path, typed: str, codes: set[str]
) -> None:
    """One settlement of January, however it is typed: never proposed a second time."""
    loaded = ledger(
        tmp_path,
        f"""
        2026-01-15 * "Client" "Vente"
          Actif:411:Client      1200.00 EUR
          Produits:707:Ventes  -1000.00 EUR
          Passif:44571:TVA20    -200.00 EUR
        2026-01-31 * "DGFiP" "TVA de janvier"
          declaration: "{typed}"
          Passif:44571:TVA20     200.00 EUR
          Passif:44551:TVA
        """,
    )
    found = declared(loaded, "2026-01")
    assert len(found.settlements) == 1
    assert {finding.code for finding in found.findings} == codes
    assert declared(loaded, "2026-02").findings == ()


def test_a_quarter_settled_in_the_month_after_leaves_its_credit_to_it(tmp_path: Path) -> None:
    """Quarterly until March, monthly since: T1 settled on 20 April carries 1 000 to box 22 of April."""
    loaded = ledger(
        tmp_path,
        """
        2026-01-01 custom "emetteur" "Essai SARL"
          periodicite-tva: "trimestre"
        2026-04-01 custom "emetteur" "Essai SARL"
        2026-02-10 * "Garage" "Presse"
          Charges:607:Achats    5000.00 EUR
          Actif:44562:Immos     1000.00 EUR
          Passif:401:Fournisseur
        2026-04-20 * "DGFiP" "TVA du trimestre"
          declaration: "2026-T1"
          Actif:44562:Immos    -1000.00 EUR
          Actif:44567:Credit    1000.00 EUR
        """,
    )
    april = declared(loaded, "2026-04")
    assert april.boxes["22"].tax == 1000
    assert april.findings == ()


def test_a_month_of_a_quarter_and_a_refund_too_small_are_said(tmp_path: Path) -> None:
    """760 € at least for a month or a quarter, 150 € at the end of the year (CGI ann. II art. 242-0 C)."""
    text = """
        2026-01-02 custom "emetteur" "Essai SARL"
          periodicite-tva: "trimestre"
        2026-01-01 open Actif:44583:Demande EUR
        2026-02-10 * "Garage" "Presse"
          Charges:607:Achats    5000.00 EUR
          Actif:44562:Immos     1000.00 EUR
          Passif:401:Fournisseur
        {day} * "DGFiP" "TVA"
          declaration: "{name}"
          Actif:44562:Immos    -1000.00 EUR
          Actif:44567:Credit     {kept} EUR
          Actif:44583:Demande    {asked} EUR
        """
    folder = tmp_path

    def codes(name: str, day: str, asked: str, kept: str) -> list[str]:
        loaded = ledger(folder, text.format(day=day, name=name, asked=asked, kept=kept))
        return [finding.code for finding in declared(loaded, name).findings]

    assert codes("2026-T1", "2026-03-31", "759.00", "241.00") == ["remboursement-minimum"]
    assert codes("2026-T1", "2026-03-31", "760.00", "240.00") == []
    loaded = ledger(folder, text.format(day="2026-03-31", name="2026-T1", asked=0, kept=1000))
    assert [f.code for f in declared(loaded, "2026-02").findings] == ["periode-trimestrielle"]


def test_the_credit_is_carried_forward_from_the_last_return(tmp_path: Path) -> None:
    """January: 100.40 to deduct, a credit of 100. February: 60 due, 40 carried forward."""
    loaded = ledger(
        tmp_path,
        """
        2026-01-10 * "Fournisseur" "Achat"
          Charges:607:Achats    502.00 EUR
          Actif:44566:Biens     100.40 EUR
          Actif:512:Banque     -602.40 EUR
        2026-02-20 * "DGFiP" "TVA de janvier, déclarée en février"
          declaration: "2026-01"
          Actif:44566:Biens    -100.40 EUR
          Actif:44567:Credit    100.00 EUR
          Charges:658:Arrondis    0.40 EUR
        2026-02-21 * "Client" "Vente"
          Actif:512:Banque      360.00 EUR
          Produits:707:Ventes  -300.00 EUR
          Passif:44571:TVA20    -60.00 EUR
        """,
    )
    january, february = declared(loaded, "2026-01"), declared(loaded, "2026-02")
    assert january.credit == 100
    assert len(january.settlements) == 1
    assert february.boxes["22"].tax == 100
    assert february.due == 0
    assert february.credit == 40
    entry = settlement_entry(february, loaded.dossier.chart, loaded.options)
    assert entry is not None
    assert [(line.account, str(line.amount)) for line in entry.lines] == [
        ("Passif:44571:TVA20", "60.00"),
        ("Actif:44567:Credit", "-100.00"),
        ("Actif:44567:Credit", "40.00"),
    ]


def test_the_proposed_settlement_clears_the_accounts_when_it_is_pasted(tmp_path: Path) -> None:
    text = """
        2026-01-10 * "Client" "Vente"
          Actif:512:Banque       121.99 EUR
          Produits:707:Ventes   -101.66 EUR
          Passif:44571:TVA20     -20.33 EUR
    """
    loaded = ledger(tmp_path, text)
    entry = settlement_entry(declared(loaded, "2026-01"), loaded.dossier.chart, loaded.options)
    assert entry is not None
    pasted = ledger(tmp_path, textwrap.dedent(text) + entry.text)
    found = declared(pasted, "2026-01")
    comparison = compare(found, pasted.entries, pasted.dossier)
    assert found.due == 20
    assert comparison.due_booked == 20
    assert comparison.rounding == Decimal("0.33")
    assert [check.left for check in comparison.accounts] == [0]
    assert declared(pasted, "2026-02").findings == ()


def test_what_must_be_looked_at_is_said(tmp_path: Path) -> None:
    loaded = ledger(
        tmp_path,
        """
        2026-01-10 * "Client" "Vente sans TVA"
          Actif:512:Banque       100.00 EUR
          Produits:707:Ventes   -100.00 EUR
        2026-01-11 * "Fournisseur" "Autoliquidation"
          Actif:44566:Biens       20.00 EUR
          Passif:44571:TVA20     -20.00 EUR
        2026-02-11 * "Fournisseur" "Achat"
          Charges:607:Achats     100.00 EUR
          Actif:44566:Biens       20.00 EUR
          Actif:512:Banque      -120.00 EUR
        """,
    )
    assert [finding.code for finding in declared(loaded, "2026-01").findings] == [
        "autoliquidation-sans-regime",
        "produit-sans-taux",
    ]
    assert {finding.code for finding in declared(loaded, "2026-02").findings} == {
        "tva-non-liquidee"
    }
    comparison = compare(declared(loaded, "2026-01"), loaded.entries, loaded.dossier)
    assert comparison.unexplained == 0


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.49", 0), ("0.50", 1), ("1.50", 2), ("2.50", 3), ("-0.50", -1)]
)
def test_half_a_euro_counts_for_one(amount: str, rounded: int) -> None:
    assert whole(Decimal(amount)) == rounded


def test_goods_leave_the_union_in_e1_and_services_in_e2(tmp_path: Path) -> None:
    """CGI art. 262, I exports goods only; a service to a business abroad is located there (art. 259, 1°).

    700.00 of goods and 300.00 of advice on one invoice, then 50.00 of advice typed by hand: E1 700, E2 350.
    """
    loaded = ledger(
        tmp_path,
        """
        2026-01-01 open Produits:706:Conseil EUR

        2026-01-10 * "Client" "Machine et mise en route" #facture
          numero: "F2026-001"
          regime: "export"
          Actif:411:Client
          Produits:707:Ventes    -700.00 EUR
            tva: 20
          Produits:706:Conseil   -300.00 EUR
            tva: 20

        2026-01-12 * "Client" "Conseil par téléphone"
          regime: "export"
          Actif:512:Banque         50.00 EUR
          Produits:706:Conseil    -50.00 EUR
        """,
    )
    assert boxes(loaded, "2026-01") == {"E1": "700", "E2": "350"}
