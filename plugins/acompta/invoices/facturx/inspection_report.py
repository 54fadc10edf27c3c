"""What `controler-facturx` shows of a file: what its XML says, sums, and what is wrong, as a `Report`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acompta.french import counted, percent, quantity, short_day, unit_price
from acompta.invoices.facturx import codes
from acompta.invoices.facturx.inspection import ERROR, Inspection
from acompta.invoices.facturx.reader import Content, LineRow, Party
from acompta.invoices.facturx.schemas import RULE_WORDS
from acompta.tables import Cell, Column, Kind, Report, Show, Table

_SYNTAXES: Final = {
    "cii": "CII (Factur-X, ZUGFeRD 2)",
    "zugferd-1": "ZUGFeRD 1.0 (CII de 2013)",
    "orderx": "Order-X",
    "ubl-invoice": "UBL, facture",
    "ubl-credit-note": "UBL, avoir",
}
_PROFILES: Final = {
    "minimum": "MINIMUM",
    "basicwl": "BASIC WL",
    "basic": "BASIC",
    "en16931": "EN 16931",
    "extended": "EXTENDED",
    "extended-ctc-fr": "EXTENDED-CTC-FR",
}
# The units that invoices use most, of UN/ECE recommendations 20 and 21; any other is shown as its code.
_UNITS: Final = {
    "C62": "unité", "EA": "unité", "H87": "pièce", "LS": "forfait", "E48": "unité de service", "P1": "%",
    "MIN": "minute", "HUR": "heure", "DAY": "jour", "WEE": "semaine", "MON": "mois", "QAN": "trimestre", "ANN": "an",
    "MTR": "m", "KMT": "km", "MTK": "m²", "MTQ": "m³", "LTR": "litre", "GRM": "g", "KGM": "kg", "TNE": "tonne",
    "KWH": "kWh", "PR": "paire", "SET": "lot", "XBX": "boîte", "XCT": "carton", "XPK": "paquet", "XPX": "palette",
}  # fmt: skip
_LETTERS: Final = {"B": "biens", "S": "services", "M": "biens et services"}
_FRAMES: Final = {
    "1": "facture",
    "2": "déjà payée",
    "3": "paiement direct d'un sous-traitant",
    "4": "définitive après acompte",
    "5": "sous-traitant",
    "6": "cotraitant",
    "7": "TVA déjà collectée",
    "8": "plusieurs vendeurs",
    "9": "dans les deux sens",
}

LINES: Final = (
    Column("rang", "N°", Kind.CODE),
    Column("designation", "Désignation"),
    Column("quantite", "Quantité", Kind.CODE, give_way=2),
    Column("prix", "Prix", Kind.CODE, give_way=3),
    Column("tva", "TVA", Kind.CODE, give_way=1),
    Column("montant", "Montant HT", Kind.AMOUNT),
)
TAXES: Final = (
    Column("categorie", "Catégorie", Kind.CODE),
    Column("taux", "Taux", Kind.RATE),
    Column("base", "Base HT", Kind.AMOUNT),
    Column("montant", "TVA", Kind.AMOUNT),
    Column("motif", "Motif", show=Show.IF_ANY, give_way=1),
)
TOTALS: Final = (
    Column("terme", "Terme", Kind.CODE, give_way=1),
    Column("titre", "Total"),
    Column("ecrit", "Dans le fichier", Kind.AMOUNT),
    Column("calcule", "Recalculé", Kind.AMOUNT),
)
FINDINGS: Final = (
    Column("gravite", "Gravité", Kind.CODE, grouped=True),
    Column("regle", "Règle", Kind.CODE),
    Column("texte", "Ce qui ne va pas"),
)


def inspection_report(found: Inspection) -> Report:
    """The report of one file."""
    content = found.content
    tables = (
        Table(
            "constats",
            "Constats",
            FINDINGS,
            tuple((f.gravity, f.rule, f.text) for f in found.findings),
        ),
        Table(
            "totaux",
            "Totaux",
            TOTALS,
            tuple((c.term, c.title, c.found, c.computed) for c in found.checks),
        ),
        Table(
            "tva",
            "TVA",
            TAXES,
            tuple((t.category, t.rate, t.base, t.vat, t.reason) for t in content.taxes),
        ),
        Table("lignes", "Lignes", LINES, tuple(_lines(content))),
    )
    return Report(f"{found.path.name} – {verdict(found)}", tuple(_facts(found)), tables)


def verdict(found: Inspection) -> str:
    """One phrase: right, right but for remarks, or wrong."""
    wrong = sum(finding.gravity == ERROR for finding in found.findings)
    others = len(found.findings) - wrong
    remarks = f"{others} point{'s' if others > 1 else ''} à regarder" if others else ""
    if wrong:
        said = "1 erreur" if wrong == 1 else f"{wrong} erreurs"
        return f"{said}, {remarks}" if remarks else said
    return f"conforme, {remarks}" if remarks else "conforme"


def _lines(content: Content) -> Iterator[tuple[Cell, ...]]:
    for line in content.lines:
        rate = percent(line.rate) if line.rate is not None else ""
        yield (
            line.rank,
            line.name,
            _how_many(line),
            unit_price(line.price) if line.price is not None else "",
            " ".join(filter(None, (line.category, rate))),
            line.amount,
        )


def _how_many(line: LineRow) -> str:
    if line.quantity is None:
        return ""
    word = _UNITS.get(line.unit)
    if word is None:
        return f"{quantity(line.quantity)} {line.unit}".strip()
    return counted(line.quantity, word)


def _facts(found: Inspection) -> list[tuple[str, str, str]]:
    content = found.content
    profile = _PROFILES.get(found.profile, found.profile or content.guideline)
    facts = [
        ("format", "Format", f"{_SYNTAXES[content.syntax]}, profil {profile}"),
        ("pdf", "PDF", _pdf(found)),
        ("regles", "Règles appliquées", _rules(found)),
        (
            "document",
            "Document",
            f"{codes.TYPE_WORDS.get(content.type, 'type inconnu')} (BT-3 = {content.type})",
        ),
        ("numero", "Numéro", content.number),
        ("cadre", "Cadre", _frame(content.frame)),
        ("date", "Date", short_day(content.date) if content.date else ""),
        ("echeance", "Échéance", short_day(content.due) if content.due else ""),
        ("vendeur", "Vendeur", _party(content.seller)),
        ("acheteur", "Acheteur", _party(content.buyer)),
        ("references", "Factures antérieures", _references(content)),
        ("iban", "IBAN", content.iban),
        ("devise", "Devise", content.currency if content.currency != "EUR" else ""),
    ]
    return [fact for fact in facts if fact[2]]


def _pdf(found: Inspection) -> str:
    markers = found.source.markers
    if markers is None:
        return ""
    parts = [f"PDF/A-{markers.pdf_a}" if markers.pdf_a else "sans marque PDF/A"]
    parts += [f"PDF/UA-{markers.pdf_ua}"] if markers.pdf_ua else []
    parts.append(f"{found.source.name} ({markers.relationship or 'sans relation'})")
    parts += [f"niveau annoncé {markers.level}"] if markers.level else []
    parts += [f"autres fichiers : {', '.join(markers.others)}"] if markers.others else []
    return ", ".join(parts)


def _rules(found: Inspection) -> str:
    if not found.rules:
        return "schéma seul" if found.profile else "aucune"
    return ", ".join(["schéma", *(RULE_WORDS.get(name, name) for name in found.rules)])


def _frame(frame: str) -> str:
    words = [_LETTERS.get(frame[:1], ""), _FRAMES.get(frame[1:], "")]
    said = ", ".join(word for word in words if word)
    return f"{frame} ({said})" if said and len(frame) == 2 else frame


def _party(party: Party) -> str:
    legal = "SIREN " if party.legal_scheme == codes.SIREN_SCHEME else "identifiant "
    parts = [
        party.name,
        f"{legal}{party.legal}" if party.legal else "",
        f"TVA {party.vat}" if party.vat else "",
        f"adresse {party.address}" if party.address else "",
        party.country if party.country != "FR" else "",
    ]
    return ", ".join(part for part in parts if part)


def _references(content: Content) -> str:
    return ", ".join(
        f"{r.number} du {short_day(r.date)}" if r.date else r.number for r in content.references
    )
