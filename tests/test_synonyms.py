"""Keys that an accountant would plausibly type: each gets what to type instead, and what is advised is right."""

from __future__ import annotations

import re
from typing import Final

import pytest
from tests.cli.samples import load_text

from acompta.lint.keys import check_key_line
from acompta.loading import Loaded
from acompta.reading.synonyms import PLACES, Place, known_word, plain
from acompta.vocabulary import ACCOUNT_KEYS, BOOLEAN, DATE, NUMBER, TEXT, KeyType

_SHOWN: Final = re.compile(r'([a-z][a-z-]+): ("[^"]*"|\d{4}-\d\d-\d\d|TRUE|[\d.]+)')

every_place = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.where)


@every_place
def test_a_synonym_is_in_its_plain_form_and_no_key_of_its_place(place: Place) -> None:
    assert [word for word in place.hints if plain(word) != word] == []
    assert place.hints.keys() & place.keys.keys() == set()


def _fits(value: str, wanted: KeyType) -> bool:
    if wanted is TEXT:
        return value.startswith('"')
    if wanted is DATE:
        return value.count("-") == 2
    if wanted is BOOLEAN:
        return value == "TRUE"
    return wanted is not NUMBER or value.replace(".", "").isdigit()


@every_place
def test_what_is_advised_may_be_typed(place: Place) -> None:
    """Each « clé: valeur » of an advice is a key of the same place, with a value of its type."""
    shown = {found for advice in place.hints.values() for found in _SHOWN.findall(advice)}
    assert not place.hints or shown
    allowed = {**ACCOUNT_KEYS, **place.keys}  # a customer is an account too
    for key, value in shown:
        assert key in allowed, (place.where, key)
        assert _fits(value, allowed[key]), (place.where, key, value)


def _invoice(document: str = "", line: str = "") -> str:
    return (
        '2026-01-15 * "SCI Dupont" "Conseil" #facture\n'
        '  numero: "F2026-001"\n'
        f"{document}"
        "  Actif:411:Dupont\n"
        "  Produits:704:Travaux  -1000.00 EUR\n"
        f"{line}"
    )


def _said(loaded: Loaded) -> str:
    return "\n".join(error.message for error in loaded.errors)


@pytest.mark.parametrize(
    ("key", "advised"),
    [
        ("date-echeance", "echeance: 2026-01-31"),
        ("date_echeance", "echeance: 2026-01-31"),
        ("dateEcheance", "echeance: 2026-01-31"),
        ("date-d-echeance", "echeance: 2026-01-31"),
        ("ref-client", 'bon-de-commande: "BC-4412"'),
        ("commande", 'bon-de-commande: "BC-4412"'),
        ("numero-facture", 'numero: "F2026-001"'),
        ("conditions-de-paiement", 'delai: "30 jours fin de mois"'),
        ("objet", "second texte de la première ligne"),
        ("client", "Actif:411:Dupont"),
        ("fournisseur", "Passif:401:NomDuFournisseur"),
        ("montant-ht", "Produits:706:Conseil  -1000.00 EUR"),
        ("total-ttc", "Actif:411:Dupont  1200.00 EUR"),
        ("taux-tva", "tva: 10"),
        ("remise", "1 REMISE @ 50.00 EUR"),
        ("escompte", "ligne 665"),
        ("pourcentage-acompte", "acompte: 30"),
        ("devis", "^D2026-012"),
        ("chantier", "^D2026-012"),
        ("retenue-de-garantie", "retenue: 5"),
        ("date-livraison", "livraison: 2026-03-31"),
        ("facture-origine", 'sur: "F2026-001"'),
        ("mode-reglement", "avec le lien ^"),
        ("statut", "avec le lien ^"),
        ("brouillon", "! au lieu de *"),
        ("taux-de-change", "cours: 0.92"),
        ("autoliquidation", 'regime: "autoliquidation-btp"'),
        ("commentaire", "un commentaire"),
        ("date-de-la-facture", "sa première ligne"),
        ("lot", "elle se tape sous une ligne du document"),
        ("iban", 'elle se tape sous custom "emetteur"'),
        ("siret", "elle se tape sous l'ouverture du compte client (411)"),
    ],
)
def test_on_a_document(key: str, advised: str) -> None:
    said = _said(load_text(_invoice(document=f'  {key}: "x"\n')))
    assert f"« {key}: »" in said
    assert advised in said


@pytest.mark.parametrize(
    ("key", "advised"),
    [
        ("taux-tva", "tva: 10"),
        ("taux", "tva: 10"),
        ("base", "sur la ligne elle-même"),
        ("quantite", "-2 JOUR @ 500.00 EUR"),
        ("prix-unitaire", "-2 JOUR @ 500.00 EUR"),
        ("montant", "sur la ligne elle-même"),
        ("ttc", "hors taxes"),
        ("remise", "1 REMISE @ 50.00 EUR"),
        ("designation", 'libelle: "Maquettes"'),
        ("avancement", "-40 PCT"),
        ("phase", 'lot: "SITE"'),
        ("exigibilite", "suit le régime"),
        ("acompte", "Passif:4191:Dupont"),
        ("echeance", "elle se tape sous la première ligne du document"),
    ],
)
def test_on_a_line(key: str, advised: str) -> None:
    said = _said(load_text(_invoice(line=f"    {key}: 10\n")))
    assert f"« {key}: »" in said
    assert advised in said


def test_a_rate_typed_as_acompta_writes_it_is_not_lost() -> None:
    """`taux:` is what Acompta writes under a line of VAT: typed under a sale, it would leave the account's 20 %."""
    loaded = load_text(_invoice(line="    taux: 10\n"))
    assert [error.message for error in loaded.errors] == [
        "clé inconnue « taux: » (lu 10) ; tapez le taux en pour cent : tva: 10"
    ]


@pytest.mark.parametrize(
    ("key", "advised"),
    [
        ("capital", 'forme: "SARL au capital de 10 000 EUR"'),
        ("code-postal", 'adresse: "12 rue de la République, 69002 Lyon"'),
        ("ville", 'adresse: "12 rue de la République, 69002 Lyon"'),
        ("rue", 'adresse: "12 rue de la République, 69002 Lyon"'),
        ("pays", 'territoire: "DOM"'),
        ("raison-sociale", 'custom "emetteur" "Atelier Lumière SARL"'),
        ("numero-tva", 'tva-intracom: "FR44732829320"'),
        ("tva", 'regime-tva: "encaissements"'),
        ("tel", "telephone:"),
        ("mail", "email:"),
        ("rib", "iban:"),
        ("ape", "commentaire"),
        ("echeance", "delai:"),
        ("cloture", 'fin-exercice: "06-30"'),
        ("numerotation", "format-numero:"),
        ("decennale", "forme:"),
    ],
)
def test_on_the_seller(key: str, advised: str) -> None:
    said = _said(load_text(f'2026-01-02 custom "emetteur" "Atelier"\n  {key}: "x"\n'))
    assert f"clé inconnue « {key}: »" in said
    assert advised in said


@pytest.mark.parametrize(
    ("key", "advised"),
    [
        ("capital", 'raison-sociale: "SCI Dupont"'),
        ("capital-social", 'raison-sociale: "SCI Dupont"'),
        ("forme-juridique", 'raison-sociale: "SCI Dupont"'),
        ("interlocuteur", 'adresse: "Service comptable, 3 quai Perrache, 69002 Lyon"'),
        ("ville", 'adresse: "3 quai Perrache, 69002 Lyon"'),
        ("code-postal", 'adresse: "3 quai Perrache, 69002 Lyon"'),
        ("nom", 'raison-sociale: "SCI Dupont"'),
        ("numero-tva", "tva-intracom:"),
        ("echeance", "delai:"),
        ("courriel", "email:"),
        ("engagement", "bon-de-commande:"),
        ("adrese", "vouliez-vous dire « adresse: » ?"),
    ],
)
def test_on_a_customer_it_is_said_without_being_an_error(key: str, advised: str) -> None:
    loaded = load_text(f'2026-01-02 open Actif:411:Petit  EUR\n  {key}: "x"\n')
    assert not loaded.errors
    (notice,) = loaded.dossier.notices
    assert (notice.code, notice.account) == ("cle-sans-effet", "Actif:411:Petit")
    assert notice.message.startswith(f'clé « {key}: » sans effet (lu "x") ; ')
    assert advised in notice.message


def test_a_key_of_ones_own_on_an_account_is_left_alone() -> None:
    loaded = load_text('2026-01-02 open Actif:411:Petit  EUR\n  commercial: "Anne"\n')
    assert not loaded.errors
    assert not loaded.dossier.notices


def test_an_accented_key_is_led_to_the_right_one_at_once() -> None:
    """Beancount cannot read « Date d'échéance: »; the linter names the key, not the same words without accents."""
    (problem,) = check_key_line("Date d'échéance: 2026-01-31")
    assert problem.message.endswith("tapez « echeance: »")
    assert known_word("total-ht") == ""
