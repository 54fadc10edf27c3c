"""How a French accountant types, what Beancount does with it, and what the linter must say.

One row per habit. `typed` is the ledger text under `HEAD`; `line` its line at fault, from 1; `token` and `says` what
the finding must show; `beancount` a piece of Beancount's own message at that line, or `SILENT` when Beancount reads
something else without a word, or `FINE` when it reads what was meant. When `corrected` is true, typing what the
message says in place of what was read leaves nothing to find and nothing for Beancount to refuse.
"""

from __future__ import annotations

from typing import NamedTuple

HEAD = """\
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
plugin "acompta"
2026-01-01 open Actif:512:Banque
2026-01-01 open Charges:606
"""
SILENT = "<lu de travers sans un mot>"
FINE = "<lu comme voulu>"

NBSP = "\u00a0"
NARROW = "\u202f"
THIN = "\u2009"


class Typed(NamedTuple):
    """One habit."""

    typed: str
    line: int
    token: str
    says: str
    beancount: str
    corrected: bool = True
    notice: bool = False


def posting(value: str) -> str:
    """An entry whose second line holds ``value``."""
    return f'2026-01-02 * "Papeterie" "Ramettes"\n  Charges:606  {value}\n  Actif:512:Banque\n'


def key(line: str) -> str:
    """An entry whose second line is ``line``, its keys' types being those of a document."""
    return (
        f'2026-01-02 * "Papeterie" "Ramettes"\n  {line}\n'
        "  Charges:606  10.00 EUR\n  Actif:512:Banque\n"
    )


def opening(account: str) -> str:
    """An account opened under the name ``account``."""
    return f"2026-01-02 open {account}\n"


def header(rest: str) -> str:
    """A dated line."""
    return f"{rest}\n  Charges:606  10.00 EUR\n  Actif:512:Banque\n"


NUMBERS = [
    Typed(posting("1,50 EUR"), 2, "1,50 EUR", "« 1.50 EUR »", "Invalid number format: '1,50'"),
    Typed(posting("5,5 EUR"), 2, "5,5 EUR", "« 5.5 EUR »", "Invalid number format: '5,5'"),
    Typed(posting("1 234,56 EUR"), 2, "1 234,56 EUR", "« 1234.56 EUR »", "Invalid number format"),
    Typed(posting("1 234.56 EUR"), 2, "1 234.56 EUR", "« 1234.56 EUR »", "unexpected NUMBER"),
    Typed(posting("1 234 567 EUR"), 2, "1 234 567 EUR", "« 1234567 EUR »", "unexpected NUMBER"),
    Typed(posting("1,125 M3 @ 10.00 EUR"), 2, "1,125 M3", "« 1.125 M3 »", SILENT),
    Typed(posting("1,125 M3 @ 10.00 EUR"), 2, "1,125 M3", "« 1125 M3 »", SILENT),
    Typed(posting("0,125 M3 @ 10.00 EUR"), 2, "0,125 M3", "qui lit 125 M3", SILENT),
    Typed(posting("2 M3 @ 1,125 EUR"), 2, "1,125 EUR", "« 1.125 EUR »", SILENT),
    Typed(posting("-1,125 EUR"), 2, "-1,125 EUR", "« -1.125 EUR »", SILENT),
    Typed(posting("1 M3 {1,500 EUR}"), 2, "1,500 EUR", "« 1.500 EUR »", SILENT),
    Typed(posting("1,125 €"), 2, "1,125 €", "« 1.125 EUR »", "Invalid token: '€'"),
    Typed(posting("1234,567 EUR"), 2, "1234,567 EUR", "« 1234.567 EUR »", "Invalid number format"),
    Typed(posting("1.234,56 EUR"), 2, "1.234,56 EUR", "« 1234.56 EUR »", "unexpected COMMA"),
    Typed(posting("1.234.567 EUR"), 2, "1.234.567 EUR", "« 1234567 EUR »", "Invalid token: '.567'"),
    Typed(
        posting("12,34,567.00 EUR"), 2, "12,34,567.00 EUR", "« 1234567.00 EUR »", "Invalid number"
    ),
    Typed(
        posting("1'234.56 EUR"), 2, "1'234.56 EUR", "« 1234.56 EUR »", "Invalid token: ''234.56'"
    ),
    Typed(
        posting("1’234.56 EUR"), 2, "1’234.56 EUR", "« 1234.56 EUR »", "Invalid token: '’234.56'"
    ),
    Typed(posting("1_234 EUR"), 2, "1_234 EUR", "« 1234 EUR »", "Invalid token: '_234'"),
    Typed(posting(".50 EUR"), 2, ".50 EUR", "« 0.50 EUR »", "Invalid token: '.50'"),
    Typed(
        posting(f"1{NBSP}234.56 EUR"), 2, "1 234.56 EUR", "« 1234.56 EUR »", "Invalid token", False
    ),
    Typed(
        posting(f"1{NARROW}234,56 EUR"),
        2,
        "1 234,56 EUR",
        "« 1234.56 EUR »",
        "Invalid token",
        False,
    ),
    Typed(posting(f"1{THIN}234,56 €"), 2, "1 234,56 €", "« 1234.56 EUR »", "Invalid token", False),
    Typed(posting("12.50-  EUR"), 2, "12.50-", "« -12.50 »", "unexpected CURRENCY"),
    Typed(posting("–12.50 EUR"), 2, "–12.50 EUR", "« -12.50 EUR »", "Invalid token: '–12.50'"),
    Typed(posting("−12.50 EUR"), 2, "−12.50 EUR", "« -12.50 EUR »", "Invalid token: '−12.50'"),
    Typed(posting("(12.50) EUR"), 2, "(12.50) EUR", "« -12.50 EUR »", SILENT, notice=True),
    Typed(posting("12.5O EUR"), 2, "12.5O", "« 12.50 »", "unexpected CURRENCY"),
    Typed(posting("1000000000000 EUR"), 2, "1000000000000", "nombre trop grand", FINE, False),
    Typed(
        posting("2 M3 @ 1,000,000,000,000.00 EUR"),
        2,
        "1,000,000,000,000",
        "12 chiffres",
        FINE,
        False,
    ),
    Typed(posting("31/01/2026 EUR"), 2, "31/01/2026", "est un calcul", SILENT, False),
    Typed(key("taux: 5,5"), 2, "taux", "« 5.5 »", "Invalid number format: '5,5'"),
    Typed(key("ttc: 1 234,56 €"), 2, "ttc", "« 1234.56 EUR »", "Invalid number format"),
    Typed(key("remise: 1,125"), 2, "remise", "« 1.125 »", SILENT),
]

UNITS = [
    Typed(posting("12.50 €"), 2, "12.50 €", "« 12.50 EUR »", "Invalid token: '€'"),
    Typed(posting("12.50€"), 2, "12.50€", "« 12.50 EUR »", "Invalid token: '€'"),
    Typed(posting("€12.50"), 2, "€12.50", "« 12.50 EUR »", "Invalid token"),
    Typed(posting("$12.50"), 2, "$12.50", "« 12.50 USD »", "Invalid token"),
    Typed(posting("12.50 eur"), 2, "12.50 eur", "« 12.50 EUR »", "Invalid token: 'eur'"),
    Typed(posting("12.50 EUROS"), 2, "12.50 EUROS", "« 12.50 EUR »", SILENT),
    Typed(posting("12.50 Euros"), 2, "12.50 Euros", "« 12.50 EUR »", "Invalid token: 'Euros'"),
    Typed(posting("EUR 12.50"), 2, "EUR 12.50", "« 12.50 EUR »", "unexpected NUMBER"),
    Typed(posting("12.50EUR"), 2, "12.50EUR", "« 12.50 EUR »", FINE, notice=True),
    Typed(posting("12.50 TTC"), 2, "12.50 TTC", "« 12.50 EUR »", SILENT),
    Typed(posting("12.50 EUR HT"), 2, "HT", "retirez-le", "unexpected CURRENCY", False),
    Typed(posting("-30 %"), 2, "-30 %", "« -30 PCT »", "unexpected FLAG"),
    Typed(posting("30%"), 2, "30%", "« 30 PCT »", "unexpected FLAG"),
    Typed(posting("2 m2 @ 10.00 EUR"), 2, "2 m2", "« 2 M2 »", "Invalid token: 'm2'"),
    Typed(posting("2 M² @ 10.00 EUR"), 2, "2 M²", "« 2 M2 »", "Invalid token: 'M²'"),
    Typed(posting("2 Heure @ 10.00 EUR"), 2, "2 Heure", "« 2 HEURE »", "Invalid token: 'Heure'"),
    Typed(posting("2 unité @ 10.00 EUR"), 2, "2 unité", "« 2 UNITE »", "Invalid token"),
    Typed(posting("2 x 10.00 EUR"), 2, "2 x", "le signe @", "Invalid token: 'x'", False),
    Typed(posting("2 M3 @ 12.00 EUR/M3"), 2, "/M3", "retirez-le", "unexpected CURRENCY", False),
    Typed(posting("10.00 EUR  # note"), 2, "# note", "point-virgule", "unexpected HASH", False),
    Typed(posting("10.00 EUR  // note"), 2, "// note", "point-virgule", "unexpected SLASH", False),
    Typed(posting('10.00 EUR  "note"'), 2, '10.00 EUR  "…"', "commentaire", "unexpected STRING", False),
    Typed(key("taux: 20%"), 2, "taux", "« 20 »", "unexpected FLAG"),
    Typed("2026-01-02 price BT01 131,2 EUR\n", 1, "131,2 EUR", "« 131.2 EUR »", "Invalid number"),
    Typed("2026-01-02 price m2 131.2 EUR\n", 1, "m2", "« price M2 »", "Invalid token: 'm2'", False),
    Typed("2026-01-02 commodity heure\n", 1, "heure", "« commodity HEURE »", "Invalid token", False),
    Typed("2026-01-02 balance Actif:512:Banque 1 234,56 €\n", 1, "1 234,56 €", "« 1234.56 EUR »", "Invalid"),
    Typed("2026-01-02 balance Actif:512:Banque 0 ~ 0,01 EUR\n", 1, "0,01 EUR", "« 0.01 EUR »", "Invalid"),
    Typed('2026-01-02 custom "budget" Charges:606 "mensuel" 1 234.00 EUR\n', 1, "1 234.00 EUR",
          "« 1234.00 EUR »", SILENT, notice=True),
]  # fmt: skip

DATES = [
    Typed(key("echeance: 31/01/2026"), 2, "echeance", "« echeance: 2026-01-31 »", SILENT),
    Typed(key("echeance: 31-01-2026"), 2, "echeance", "« echeance: 2026-01-31 »", SILENT),
    Typed(key("echeance: 31/01/26"), 2, "echeance", "« echeance: 2026-01-31 »", SILENT),
    Typed(key("echeance: 31.01.2026"), 2, "echeance", "« echeance: 2026-01-31 »", "Invalid token"),
    Typed(key("echeance: 31 janvier 2026"), 2, "echeance", "« echeance: 2026-01-31 »", "Invalid token"),
    Typed(key("echeance: 1er août 2026"), 2, "echeance", "« echeance: 2026-08-01 »", "Invalid token"),
    Typed(key("echeance: 20260131"), 2, "echeance", "« echeance: 2026-01-31 »", SILENT),
    Typed(key("echeance: 2026-01"), 2, "echeance", "« echeance: 2026-01-01 »", SILENT),
    Typed(key("echeance: 31/02/2026"), 2, "echeance", "n'existe pas", SILENT, False),
    Typed(key("echeance: 30 jours"), 2, "echeance", "n'est pas une date", "Invalid token", False),
    Typed(key("echeance: 2026-02-30"), 2, "echeance", "28 jours", "day is out of range", False),
    Typed(key("facturee-le: 31/01/2026"), 2, "facturee-le", "« facturee-le: 2026-01-31 »", SILENT),
    Typed(key("livraison: 2026-03-01/2026-03-31"), 2, "livraison", '"2026-03-01/2026-03-31"', "unexpected"),
    Typed(header('31/01/2026 * "a" "b"'), 1, "31/01/2026", "« 2026-01-31 »", "unexpected NUMBER"),
    Typed(header('31-01-2026 * "a" "b"'), 1, "31-01-2026", "« 2026-01-31 »", "unexpected NUMBER"),
    Typed(header('31.01.26 * "a" "b"'), 1, "31.01.26", "« 2026-01-31 »", "unexpected NUMBER"),
    Typed(header('31 janvier 2026 * "a" "b"'), 1, "31 janvier 2026", "« 2026-01-31 »", "unexpected NUMBER"),
    Typed(header('20260131 * "a" "b"'), 1, "20260131", "« 2026-01-31 »", "unexpected NUMBER"),
    Typed(header('2026.01.31 * "a" "b"'), 1, "2026.01.31", "« 2026-01-31 »", "unexpected NUMBER"),
    Typed(header('2026–01–31 * "a" "b"'), 1, "2026–01–31", "« 2026-01-31 »", "unexpected NUMBER"),
    Typed(header('2026/13/45 * "a" "b"'), 1, "2026/13/45", "n'existe pas", "month must be", False),
    Typed(header('2026-31-01 * "a" "b"'), 1, "2026-31-01", "« 2026-01-31 »", "month must be"),
    Typed(header('2026-02-30 * "a" "b"'), 1, "2026-02-30", "28 jours", "day is out of range", False),
    Typed(header('20226-01-05 * "a" "b"'), 1, "20226-01-05", "n'existe pas", "year 20226", False),
    Typed(header('99/99/2026 * "a" "b"'), 1, "99/99/2026", "année-mois-jour", "unexpected NUMBER", False),
]  # fmt: skip

VALUES = [
    Typed(key("siret: 01234567800012"), 2, "siret", 'siret: "01234567800012"', SILENT),
    Typed(key("siren: 812345676"), 2, "siren", 'siren: "812345676"', SILENT),
    Typed(key("siren: 812 345 676"), 2, "siren", 'siren: "812 345 676"', "unexpected NUMBER"),
    Typed(key("iban: FR76 3000 6000"), 2, "iban", 'iban: "FR76 3000 6000"', "unexpected NUMBER"),
    Typed(key("iban: FR7630006000"), 2, "iban", 'iban: "FR7630006000"', FINE, notice=True),
    Typed(key("numero: F2026-001"), 2, "numero", 'numero: "F2026-001"', FINE, notice=True),
    Typed(key("numero: F2026/001"), 2, "numero", 'numero: "F2026/001"', "unexpected SLASH"),
    Typed(key("numero: 2026-001"), 2, "numero", "soustraction", SILENT),
    Typed(key("numero: 2026-01-001"), 2, "numero", "lit une date", SILENT),
    Typed(key("numero: 2026001"), 2, "numero", "lit un nombre", SILENT),
    Typed(
        key("adresse: 12 rue Mercière"), 2, "adresse", 'adresse: "12 rue Mercière"', "Invalid token"
    ),
    Typed(key("delai: 30 jours"), 2, "delai", 'delai: "30 jours"', "Invalid token: 'jours'"),
    Typed(key("lot: TRUE"), 2, "lot", 'lot: "TRUE"', SILENT),
    Typed(key("code-postal: 01000"), 2, "code-postal", "zéro de tête", SILENT),
    Typed(
        key("chantier: rue Mercière"), 2, "chantier", 'chantier: "rue Mercière"', "Invalid token"
    ),
    Typed(key('lot: "GO" "CH"'), 2, "lot", "de trop", "unexpected STRING", False),
    Typed(key("tva: vingt"), 2, "tva", "tva: 5.5", "Invalid token: 'vingt'", False),
    *(
        Typed(key(f"particulier: {word}"), 2, "particulier", f"« particulier: {wanted} »", seen)
        for word, wanted, seen in (
            ("vrai", "TRUE", "Invalid token: 'vrai'"),
            ("oui", "TRUE", "Invalid token: 'oui'"),
            ("true", "TRUE", "Invalid token: 'true'"),
            ("Faux", "FALSE", "Invalid token: 'Faux'"),
            ("OUI", "TRUE", SILENT),
            ("NON", "FALSE", SILENT),
        )
    ),
    Typed('2026-01-02 custom "controle" vrai\n', 1, "vrai", "TRUE", "Invalid token: 'vrai'", False),
]

KEYS = [
    Typed(key("échéance: 2026-01-31"), 2, "échéance", "« echeance: »", "Invalid token: 'échéance:'", False),
    Typed(key('Numero: "F2026-001"'), 2, "Numero", "« numero: »", "Invalid token: 'Numero:'", False),
    Typed(key('NUMÉRO: "F2026-001"'), 2, "NUMÉRO", "« numero: »", "Invalid token", False),
    Typed(key('numero : "F2026-001"'), 2, "numero", "« numero: »", "Invalid token: 'numero'", False),
    Typed(key('numero "F2026-001"'), 2, "numero", "« numero: »", "Invalid token: 'numero'", False),
    Typed(key("tva 20"), 2, "tva", "« tva: »", "Invalid token: 'tva'", False),
    Typed(key('bon de commande: "12"'), 2, "bon de commande", "« bon-de-commande: »", "Invalid token", False),
    Typed(key('n: "12"'), 2, "n", "deux au moins", "Invalid token: 'n:'", False),
    Typed(key("Lot:GO"), 2, "Lot", "« lot: »", "Invalid account name: Lot:GO", False),
    Typed(key("Échéance:2026-01-31"), 2, "Échéance", "« echeance: »", "Invalid account name", False),
]  # fmt: skip

ACCOUNTS = [
    Typed(opening("Actif:411:L'Oreal"), 1, "Actif:411:L'Oreal", "« Actif:411:L-Oreal »", "''Oreal'"),
    Typed(opening("Actif:411:L’Oréal"), 1, "Actif:411:L’Oréal", "« Actif:411:L-Oréal »", SILENT, notice=True),
    Typed(opening("Actif:411:dupont"), 1, "Actif:411:dupont", "« Actif:411:Dupont »", "unexpected COLON"),
    Typed(opening("Actif:411:été"), 1, "Actif:411:été", "« Actif:411:Été »", SILENT, notice=True),
    Typed(opening("Actif:411:Dupont Martin"), 1, "Actif:411:Dupont Martin", "« Actif:411:Dupont-Martin »",
          "Invalid token: 'Martin'"),
    Typed(opening("Actif:411:Dupont Martin EUR"), 1, "Actif:411:Dupont Martin",
          "« Actif:411:Dupont-Martin »", "Invalid token: 'Martin'"),
    Typed(opening("Actif:411:DUPONT SARL"), 1, "Actif:411:DUPONT SARL", "« Actif:411:DUPONT-SARL »", SILENT),
    Typed(opening("Actif:411:Dupont & Fils"), 1, "Actif:411:Dupont & Fils", "« Actif:411:Dupont-Fils »",
          "unexpected FLAG"),
    Typed(opening("Actif:411:Dupont&Fils"), 1, "Actif:411:Dupont&Fils", "« Actif:411:Dupont-Fils »",
          "unexpected FLAG"),
    Typed(opening("Actif:411:Dupont_Fils"), 1, "Actif:411:Dupont_Fils", "« Actif:411:Dupont-Fils »", "'_Fils'"),
    Typed(opening("Actif:411:Dupont/Fils"), 1, "Actif:411:Dupont/Fils", "« Actif:411:Dupont-Fils »", "Invalid"),
    Typed(opening("Actif:411:(Dupont)"), 1, "Actif:411:(Dupont)", "« Actif:411:Dupont »", "unexpected COLON"),
    Typed(opening("Actif:411:Dupont€"), 1, "Actif:411:Dupont€", "« Actif:411:Dupont »", SILENT, notice=True),
    Typed(opening("Actif:411:Socie\u0301te\u0301"), 1, "Actif:411:Socie\u0301te\u0301",
          "accents sont décomposés", SILENT),
    Typed(opening("Actif:411:\u200bDupont"), 1, "U+200B", "invisible", SILENT, False),
    Typed(opening("Actif: 411:Dupont"), 1, "Actif:411:Dupont", "sans espace", "Invalid token: 'Actif:'", False),
    Typed(opening("Actif:411 :Dupont"), 1, "Actif:411:Dupont", "sans espace", "unexpected COLON", False),
    Typed(opening("actif:411:Dupont"), 1, "actif:411:Dupont", "« Actif:411:Dupont »", "unexpected KEY"),
    Typed(opening("Actifs:411:Dupont"), 1, "Actifs:411:Dupont", "« Actif:411:Dupont »", "Invalid account name"),
    Typed(opening("Assets:411:Dupont"), 1, "Assets:411:Dupont", "« Actif:411:Dupont »", "Invalid account name"),
    Typed(opening("411:Dupont"), 1, "411:Dupont", "« Actif:411:Dupont »", "unexpected NUMBER"),
    Typed(opening("4191:Dupont"), 1, "4191:Dupont", "« Passif:4191:Dupont »", "unexpected NUMBER"),
    Typed(opening("44566"), 1, "44566", "« Actif:44566 »", "unexpected NUMBER"),
    Typed(opening("Actif"), 1, "Actif", "numéro de compte manque", "Invalid token: 'Actif'", False),
    Typed(opening("Actif:411:Dupont €"), 1, "€", "« EUR »", "Invalid token: '€'"),
    Typed(opening("Actif:411:Dupont eur"), 1, "eur", "« EUR »", "Invalid token: 'eur'"),
    Typed(opening('Actif:411:Dupont "EUR"'), 1, "EUR", "sans guillemets", "Invalid booking method", False),
    Typed(opening("Actif:411:Dupont EUR USD"), 1, "EUR USD", "virgule", "unexpected CURRENCY", False),
    Typed(key("411:dupont  10.00 EUR"), 2, "411:dupont", "« Actif:411:Dupont »", "unexpected NUMBER"),
    Typed(key("606  10.00 EUR"), 2, "606", "« Charges:606 »", "unexpected NUMBER"),
    Typed(key("Actif : 411 : Dupont  10.00 EUR"), 2, "Actif:411:Dupont", "sans espace", "Invalid token", False),
    Typed(key("Actif:411:Dupont Martin  10.00 EUR"), 2, "Actif:411:Dupont Martin",
          "« Actif:411:Dupont-Martin »", "Invalid token: 'Martin'"),
    Typed(key("Actif:411:DUPONT SARL  10.00 EUR"), 2, "Actif:411:DUPONT SARL",
          "« Actif:411:DUPONT-SARL »", "unexpected NUMBER"),
    Typed(key("Actif:411:Dupont:  10.00 EUR"), 2, "Actif:411:Dupont:", "deux-points de trop",
          "unexpected COLON", False),
    Typed(key("-Actif:411:Dupont  10.00 EUR"), 2, "-", "le signe précède le montant", "unexpected MINUS", False),
    Typed(key("Actif.411.Dupont  10.00 EUR"), 2, "Actif.411.Dupont  10.00 EUR", "ligne non comprise",
          "Invalid token", False),
]  # fmt: skip

HEADERS = [
    Typed(header('2026-01-02 * "a" "b" ^Été'), 1, "^Été", "« ^Ete »", "Invalid token: '^Été'"),
    Typed(header('2026-01-02 * "a" "b" #accompté'), 1, "#accompté", "« #accompte »", "Invalid token: 'é'"),
    Typed(header('2026-01-02 * "a" "b" ^D2026:12'), 1, "^D2026:12", "« ^D2026-12 »", "unexpected COLON"),
    Typed(header('2026-01-02 * "a" "b" # acompte'), 1, "#", "« #acompte »", "unexpected HASH", False),
    Typed(header('2026-01-02 * "a" "b" #acompte, #chantier'), 1, ",", "sans virgule", "unexpected COMMA", False),
    Typed(header('2026-01-02 * #acompte "a" "b"'), 1, "#acompte", "après eux", "unexpected STRING", False),
    Typed(header("2026-01-02 * “Dupont” “Acompte”"), 1, "“Dupont”", 'tapez « "Dupont" »', "Invalid token"),
    Typed(header("2026-01-02 * « Dupont » « Acompte »"), 1, "« Dupont »", 'tapez « "Dupont" »', "Invalid token"),
    Typed(header("2026-01-02 * „Dupont” \"b\""), 1, "„Dupont”", 'tapez « "Dupont" »', "Invalid token"),
    Typed(header("2026-01-02 * 'Dupont' \"b\""), 1, "'Dupont'", 'tapez « "Dupont" »', "Invalid token"),
    Typed(header("2026-01-02 * ‘Dupont’ \"b\""), 1, "‘Dupont’", 'tapez « "Dupont" »', "Invalid token"),
    Typed(header('2026-01-02 * Dupont "b"'), 1, "Dupont", "entre guillemets", "Invalid token: 'Dupont'", False),
    Typed(header('2026-01-02 * Dupont"'), 1, '"', "ne se ferme pas", "Invalid token: 'Dupont\"'", False),
    Typed(header('2026-01-02 * "Société "Dupont"" "b"'), 1, '"Société "Dupont"" "b"', "coupent en deux",
          "Invalid token", False),
    Typed(header('2026-01-02 * "C:\\"'), 1, '"C:\\"', "barre oblique inverse", "Invalid token", False),
    Typed(header('2026-01-02 * "a" "b" "c"'), 1, '"…"', "trois textes", "Too many strings", False),
    Typed(header('2026-01-02 "a" "b"'), 1, '"…" "…"', "tapez « * »", "unexpected STRING", False),
    Typed(header("2026-01-02 Actif:512:Banque EUR"), 1, "Actif:512:Banque", "« open Actif:512:Banque »",
          "unexpected ACCOUNT", False),
    Typed(header('2026-01-02 * "a" "b" F2026-001'), 1, "F2026-001", "« ^F2026-001 »", "unexpected CURRENCY"),
    Typed(header('2026-01-02 * "a" "b" acompte ^D1'), 1, "acompte", "« #acompte »", "Invalid token: 'acompte'"),
    Typed(header('26-01-20 * "a" "b"'), 1, "26-01-20", "« 2026-01-20 » ou « 2020-01-26 »", "unexpected NUMBER", False),
    Typed(header("2026-01-02 * \"a\" Charges:606 10.00 EUR"), 1, "Charges:606 10.00 EUR", "ligne suivante",
          "unexpected ACCOUNT", False),
    Typed("2026-01-02 ouvrir Actif:411:Dupont\n", 1, "ouvrir", "« open »", "Invalid token: 'ouvrir'"),
    Typed("2026-01-02 Open Actif:411:Dupont\n", 1, "Open", "« open »", "Invalid token: 'Open'"),
    Typed("2026-01-02 solde Actif:512:Banque 0.00 EUR\n", 1, "solde", "« balance »", "Invalid token"),
    Typed("2026-01-02 note Actif:512:Banque appel du client\n", 1, "Actif:512:Banque appel du client",
          "sans espace", "Invalid token", False),
    Typed("2026-01-02 note Actif:512:Banque\n", 1, "note", "texte entre guillemets", "unexpected EOL", False),
    Typed("2026-01-02 note\n", 1, "note", "compte manque", "unexpected EOL", False),
    Typed("2026-01-02 event \"lieu\" Lyon\n", 1, "event", "deux textes", "Invalid token: 'Lyon'", False),
    Typed("2026-01-02 custom emetteur\n", 1, "custom", "entre guillemets", "Invalid token: 'emetteur'", False),
    Typed('2026-01-02 document Actif:512:Banque "C:\\pieces\\a.pdf"\n', 1, "C:\\pieces\\a.pdf",
          "« C:/pieces/a.pdf »", SILENT),
]  # fmt: skip

MARGINS = [
    Typed('2026-01-02 * "a" "b"\nCharges:606  10.00 EUR\n  Actif:512:Banque\n', 2, "Charges:606",
          "deux espaces", "unexpected ACCOUNT", False),
    Typed('2026-01-02 * "a" "b"\nnumero: "F1"\n  Charges:606  1.00 EUR\n', 2, "numero", "deux espaces",
          "unexpected KEY", False),
    Typed(' 2026-01-02 * "a" "b"\n  Charges:606  0.00 EUR\n', 1, "2026-01-02", "première colonne",
          "unexpected DATE", False),
    Typed('  option "title" "x"\n', 1, "option", "première colonne", "unexpected OPTION", False),
    Typed('2026-01-02 * "a" "b"\n  Charges:606  1.00 EUR\n\n  Actif:512:Banque  -1.00 EUR\n', 4,
          "Actif:512:Banque  -1.00 EUR", "ligne vide", "unexpected INDENT", False),
    Typed('2026-01-02 * "a" "b"\n  Charges:606  1.00 EUR\n; note\n  Actif:512:Banque  -1.00 EUR\n', 4,
          "Actif:512:Banque  -1.00 EUR", "commentaire en première colonne", "unexpected INDENT", False),
    Typed("\n  ; commentaire décalé\n", 2, ";", "première colonne", "unexpected INDENT", False),
    Typed(f'2026-01-02 * "a" "b"\n{NBSP}{NBSP}Charges:606  1.00 EUR\n', 2, "U+00A0", "insécable",
          "unexpected ACCOUNT", False),
    Typed(f'2026-01-02 * "a" "b"\n {NBSP}Charges:606  1.00 EUR\n', 2, "U+00A0", "insécable",
          "Invalid account name", False),
    Typed(f'2026-01-02 * "a" "b"\n  Charges:606{NBSP}  1.00 EUR\n  Actif:512:Banque\n', 2, "U+00A0",
          "insécable", SILENT, False),
    Typed(f'2026-01-02 * "a" "b"\n  Charges:606  1.00{NARROW}EUR\n', 2, "U+202F", "insécable",
          "Invalid token", False),
    Typed(f'2026-01-02{NBSP}* "a" "b"\n  Charges:606  0.00 EUR\n', 1, "U+00A0", "insécable", "Invalid token", False),
    Typed("#chantier\n", 1, "#chantier", "étiquette", "unexpected TAG", False),
    Typed("// commentaire\n", 1, "//", "point-virgule", "unexpected SLASH", False),
    Typed("Voir le devis.\n", 1, "Voir", "ligne non comprise", "Invalid token: 'Voir'", False),
    Typed('inclure "mars.beancount"\n', 1, "inclure", "« include »", "Invalid token: 'inclure'", False),
    Typed("include mars.beancount\n", 1, "include", 'include "2026-01', "Invalid token: 'mars", False),
    Typed("plugin acompta\n", 1, "plugin", 'plugin "acompta"', "Invalid token: 'acompta'", False),
    Typed("pushtag #été\n", 1, "#été", "« #ete »", "unexpected HASH", False),
]  # fmt: skip

TABLE = [*NUMBERS, *UNITS, *DATES, *VALUES, *KEYS, *ACCOUNTS, *HEADERS, *MARGINS]
