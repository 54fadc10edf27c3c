from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core.data import Transaction
from tests.fava.conftest import MakeSite, Site
from tests.fava.page import Element, rows, total
from tests.fava.samples import LEDGERS, STORY, example_dossier, ledger_text

EXAMPLES = sorted(path.parent.name for path in LEDGERS.glob("*/main.beancount"))
DUPONT, MARTIN = "SCI Dupont 411", "Martin & Fils 411"


def test_what_each_customer_owes_today(site: Site) -> None:
    page = site.page()
    assert rows(page, "clients") == [
        {"Client": MARTIN, "31–60 j": "700,00", "Total dû": "700,00"},
        {
            "Client": DUPONT,
            "Non échu": "240,00",
            "Total dû": "240,00",
            "Acomptes à reprendre": "2 160,00",
            "Retard moyen": "−12 j",
        },
    ]
    assert total(page, "clients") == {
        "Client": "Total",
        "Non échu": "240,00",
        "31–60 j": "700,00",
        "Total dû": "940,00",
        "Acomptes à reprendre": "2 160,00",
    }
    assert "940,00 € dus par 2 clients au 31 mai 2026, dont 700,00 € échus." in page.text


@pytest.mark.parametrize(
    ("time", "day", "martin", "dupont"),
    [
        ("2026-06", "30 juin 2026", "61–90 j", "1–30 j"),
        ("2026-07-01", "1er juillet 2026", "> 90 j", "1–30 j"),
        ("2026-04 to 2026-05", "31 mai 2026", "31–60 j", "Non échu"),
        ("2026", "31 décembre 2026", "> 90 j", "> 90 j"),
    ],
)
def test_the_last_day_of_the_time_filter_is_the_as_of_date(
    site: Site, time: str, day: str, martin: str, dupont: str
) -> None:
    page = site.page(time=time)
    first, second = rows(page, "clients")
    assert first[martin] == "700,00"
    assert second[dupont] == "240,00"
    assert f"au {day}" in page.text


def test_before_a_payment_it_is_still_owed(site: Site) -> None:
    assert rows(site.page(time="2026-04-19"), "clients")[0] == {
        "Client": MARTIN,
        "1–30 j": "1 200,00",
        "Total dû": "1 200,00",
    }


def test_a_period_before_everything_owes_nothing(site: Site) -> None:
    assert site.page(time="2025").one("p", "message").text == "Rien n'est dû au 31 décembre 2025."


def test_a_date_to_come_says_so(site: Site) -> None:
    assert "Date à venir" in site.page(time="2026-06").text
    assert "Date à venir" not in site.page(time="2026-05").text


def test_open_invoices(site: Site) -> None:
    assert rows(site.page(time="2026-06"), "factures") == [
        {
            "Client": "Martin & Fils",
            "N°": "F2026-002",
            "Nature": "Facture",
            "Objet": "Audit",
            "Date": "02/03/2026",
            "Échéance": "01/04/2026",
            "Retard": "90 j",
            "Total TTC": "1 200,00",
            "Réglé": "500,00",
            "Reste dû": "700,00",
        },
        {
            "Client": "SCI Dupont",
            "N°": "F2026-003",
            "Nature": "Facture",
            "Objet": "Réunion",
            "Date": "04/05/2026",
            "Échéance": "03/06/2026",
            "Retard": "27 j",
            "Total TTC": "240,00",
            "Reste dû": "240,00",
        },
    ]


def test_deposits_left_lead_to_the_contract(site: Site) -> None:
    page = site.page()
    [deposit] = rows(page, "acomptes")
    assert deposit["Contrat"] == "^D2026-012"
    assert deposit["Reste TTC"] == "2 160,00"
    filtered = site.follow(page.one("table", "t-acomptes").links()["^D2026-012"])
    assert [row["Client"] for row in rows(filtered, "clients")] == [DUPONT]
    register = site.follow(filtered.links()["Le registre du contrat ^D2026-012"])
    assert [row["Nature"] for row in rows(register, "historique")] == [
        "Contrat",
        "Acompte",
        "Règlement",
    ]


def test_a_customer_opens_to_its_invoices_and_account(site: Site) -> None:
    page = site.page(time="2026-06")
    martin = site.follow(page.one("table", "t-clients").links()["Martin & Fils"])
    assert "Martin & Fils doit 700,00 € au 30 juin 2026" in martin.text
    assert [row["N°"] for row in rows(martin, "factures")] == ["F2026-002"]
    assert not martin.all("table", "t-clients")
    assert martin.links()["Actif:411:Martin"].startswith("/essai/account/Actif:411:Martin/")
    everybody = site.follow(martin.links()["×"])
    assert len(rows(everybody, "clients")) == 2


def test_the_chart_shows_the_biggest_first(site: Site) -> None:
    page = site.page(time="2026-06")
    bars = page.one("figure").one("ul").all("li")
    assert [(bar.one("a").text, bar.one("span", "num").text) for bar in bars] == [
        ("Martin & Fils", "700,00"),
        ("SCI Dupont", "240,00"),
    ]
    drawn = [bar.one("rect").attributes for bar in bars]
    assert [(rect["class"], rect["x"], rect["width"]) for rect in drawn] == [
        ("age-3", "0.000%", "100.000%"),
        ("age-1", "0.000%", "34.286%"),
    ]
    assert bars[0].one("svg").attributes["aria-label"] == "Martin & Fils : 61–90 j : 700,00\u00a0€"


def test_of_one_customer_the_chart_shows_its_invoices(site: Site) -> None:
    page = site.page(client="Actif:411:Martin")
    [bar] = page.one("figure").one("ul").all("li")
    assert bar.one("a").text == "F2026-002"


# -- Fava's filters -------------------------------------------------------------------------------------------


def _numbers(page: Element) -> list[str]:
    return [row["N°"] for row in rows(page, "factures")] if page.all("table", "t-factures") else []


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"account": "Actif:411:Martin"}, ["F2026-002"]),
        ({"account": "Actif:411"}, ["F2026-002", "F2026-003"]),
        ({"account": "Dup.*t$"}, ["F2026-003"]),
        ({"account": "Produits:706"}, ["F2026-002", "F2026-003"]),
        ({"account": "Passif:44571"}, []),  # unpaid services wait on 44574
        ({"filter": "^F2026-002"}, ["F2026-002"]),
        ({"filter": "Audit"}, ["F2026-002"]),
        ({"filter": 'payee:"Dupont"'}, ["F2026-003"]),
        ({"filter": "#facture -Audit"}, ["F2026-003"]),
        ({"filter": ">1000"}, ["F2026-002"]),
        ({"filter": 'any(account:"44574")'}, ["F2026-002", "F2026-003"]),
        ({"filter": "#facture", "account": "Dupont"}, ["F2026-003"]),
        ({"client": "Actif:411:Dupont"}, ["F2026-003"]),
        ({"client": "Actif:411:Dupont", "filter": "Audit"}, []),
    ],
)
def test_filters(site: Site, query: dict[str, str], numbers: list[str]) -> None:
    assert _numbers(site.page(**query)) == numbers


def test_a_filter_in_force_is_said_and_can_be_dropped(site: Site) -> None:
    page = site.page(filter="Audit", time="2026-06")
    assert page.one("span", "limit").text == "filtre Audit ×"
    href = page.one("span", "limit").links()["×"]
    assert "filter=" not in href
    assert "time=2026-06" in href
    assert _numbers(site.follow(href)) == ["F2026-002", "F2026-003"]


@pytest.mark.parametrize(
    "time", ["n'importe quoi", "2026-13", "2026-02-30", "2026-06 - 2026-01", "99999", "fy2026-q9"]
)
def test_an_unreadable_date_is_said(site: Site, time: str) -> None:
    message = site.page(time=time).one("p", "message").text
    assert message.startswith(f"Date illisible dans le filtre : « {time} ».")


@pytest.mark.parametrize("text", ["((", "^", "payee:", 'narration:"', "any("])
def test_an_unreadable_filter_is_said(site: Site, text: str) -> None:
    page = site.page(filter=text)
    assert page.one("p", "message").text.startswith(f"Filtre illisible : « {text} ».")
    assert not page.all("table")


@pytest.mark.parametrize("account", ["Actif:411:Personne", "Actif:512:Banque", "411"])
def test_a_customer_that_does_not_exist_is_said_and_not_remembered(
    site: Site, account: str
) -> None:
    for _ in range(2):
        message = site.page(client=account).one("p", "message").text
        assert message == f"Aucun client n'a le compte « {account} »."


# -- proof and notices ----------------------------------------------------------------------------------------


def test_the_balance_is_checked_against_the_ledger(site: Site) -> None:
    proof = site.page(time="2026-06").one("details", "proof")
    assert proof.one("summary").text == "Rapproché du compte 411 : 940,00 €, comme le grand livre"
    assert [tr.text for tr in proof.one("tbody").all("tr")] == [
        "Actif:411:Dupont 240,00",
        "Actif:411:Martin 700,00",
    ]


def test_under_a_filter_the_proof_stays_whole(site: Site) -> None:
    proof = site.page(filter="Audit").one("details", "proof")
    assert "toute la balance, sans filtre, fait 940,00 €" in proof.one("summary").text


OVERPAID = """
2026-05-10 * "Martin & Fils" "Virement de trop" ^F2026-002
  Actif:512:Banque               800.00 EUR
  Actif:411:Martin

2026-05-12 * "Inconnu" "Virement sans référence"
  Actif:512:Banque               50.00 EUR
  Actif:411:Dupont
"""


def test_what_is_reported_leads_to_its_line(make_site: MakeSite) -> None:
    page = make_site(ledger_text(STORY, OVERPAID)).page()
    remarks = page.one("details", "remarks")
    assert remarks.one("summary").text == "À signaler (2)"
    unlinked, overpaid = (item for item in remarks.all("li"))
    assert unlinked.text.startswith("Encaissement de 50,00 € sur Actif:411:Dupont")
    assert overpaid.text.startswith("Trop-perçu de 100,00 € sur F2026-002")
    [(where, href)] = unlinked.links().items()
    name, line = where.split(":")
    assert name == "main.beancount"
    assert f"line={line}" in href
    assert ledger_text(STORY, OVERPAID).splitlines()[int(line) - 1].startswith("2026-05-12")


def test_of_one_customer_only_what_is_its_own_is_reported(make_site: MakeSite) -> None:
    # Billed below its deposit: what is left stands on 4191, not on 411, and the contract is left to bill.
    below = """
2026-05-20 * "SCI Dupont" "Fin du projet" #solde ^D2026-012
  numero: "F2026-004"
  Actif:411:Dupont
  Produits:706:Conseil        -1000.00 EUR
"""
    site = make_site(ledger_text(STORY, OVERPAID, below))
    assert "(4)" in site.page().one("details", "remarks").text
    found = site.page(client="Actif:411:Dupont").one("details", "remarks")
    assert found.one("summary").text == "À signaler (3)"
    assert "Excédent d'acompte" in found.text
    assert "Trop-perçu" not in found.text


def test_nothing_is_reported_before_its_day(make_site: MakeSite) -> None:
    site = make_site(ledger_text(STORY, OVERPAID))
    assert not site.page(time="2026-05-09").all("details", "remarks")
    assert "(1)" in site.page(time="2026-05-10").one("details", "remarks").text


def test_credits_and_unallocated_amounts_have_their_columns(make_site: MakeSite) -> None:
    page = make_site(ledger_text(STORY, OVERPAID)).page()
    martin, dupont = rows(page, "clients")
    assert (martin["Crédits"], martin["Total dû"]) == ("−100,00", "−100,00")
    assert (dupont["Non affecté"], dupont["Total dû"]) == ("−50,00", "190,00")
    assert [row["Nature"] for row in rows(page, "hors-factures")] == ["Trop-perçu", "Non affecté"]
    page = make_site(ledger_text(STORY, OVERPAID)).page(client="Actif:411:Martin")
    assert "Martin & Fils a 100,00 € à son crédit au 31 mai 2026." in page.text


# -- the example dossiers, against the plain sum of the postings ----------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_customer_of_an_example_owes_the_balance_of_its_accounts(
    tmp_path: Path, name: str
) -> None:
    site = Site(example_dossier(tmp_path, name))
    assert not site.errors()
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for entry in site.ledger.all_entries:
        if isinstance(entry, Transaction) and str(entry.date) <= "2026-09-30":
            for posting in entry.postings:
                _, number, *auxiliary = posting.account.split(":")
                if number in {"411", "4117", "413", "416"}:
                    assert posting.units is not None
                    owed[":".join(auxiliary)] += posting.units.number or 0
    page = site.page(time="2026-Q3")
    shown = {
        link.attributes["title"].rpartition(":")[2]: _amount(row["Total dû"])
        for row, tr in zip(
            rows(page, "clients"),
            page.one("table", "t-clients").one("tbody").all("tr"),
            strict=True,
        )
        for link in tr.all("a", "beside")
    }
    assert {k: v for k, v in shown.items() if v} == {k: v for k, v in owed.items() if v}
    assert shown


def _amount(text: str) -> Decimal:
    return Decimal(text.replace("−", "-").replace(",", ".").replace(" ", "").replace("\u202f", ""))


def test_the_statement_of_a_customer(site: Site) -> None:
    page = site.page(client="Actif:411:Martin")
    assert [(row["Date"], row.get("Pièce"), row["Solde"]) for row in rows(page, "releve")] == [
        ("01/01/2026", None, "0,00"),
        ("02/03/2026", "F2026-002", "1 200,00"),
        ("20/04/2026", "F2026-002", "700,00"),
        ("31/05/2026", None, "700,00"),
    ]
    assert "Relevé de compte du 1er janvier au 31 mai 2026" in page.text
    # A filter would cut the account in the middle: no statement then.
    assert not site.page(client="Actif:411:Martin", filter="Audit").all("table", "t-releve")


def test_how_a_customer_pays(site: Site) -> None:
    # F2026-001 of 15 January, due on 14 February, was paid on 2 February: 18 days, 12 before its due date.
    page = site.page(client="Actif:411:Dupont")
    assert (
        "paie en moyenne 18 jours après la facture, 12 jours avant l'échéance (1 facture en un an)"
        in (page.text)
    )
    late = {row["Client"]: row.get("Retard moyen") for row in rows(site.page(), "clients")}
    assert late == {"SCI Dupont 411": "−12 j", "Martin & Fils 411": None}


def test_more_overdue_than_owed_is_not_said_to_be_part_of_it(make_site: MakeSite) -> None:
    """940,00 owed of which 700,00 late; 600,00 come in that name nothing: 340,00 owed, and still 700,00 late."""
    money = (
        '2026-05-20 * "SCI Dupont" "Virement"\n  Actif:512:Banque  600.00 EUR\n  Actif:411:Dupont\n'
    )
    site = make_site(ledger_text(STORY, money))
    said = "700,00 € échus, avances et trop-perçus à déduire"
    assert f"au 31 mai 2026, {said}." in site.page().text.replace("\xa0", " ")
    assert f"2 clients, {said}" in site.page(vue="accueil").text.replace("\xa0", " ")
