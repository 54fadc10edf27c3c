"""A supplier's or our own electronic invoice, judged: official rules, sums recomputed, numbers, marks of the PDF."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from acompta.french import euros, number, percent, short_day
from acompta.invoices import identifiers
from acompta.invoices.facturx import codes
from acompta.invoices.facturx.explained import explained, schema_words
from acompta.invoices.facturx.files import Markers, Source, UnreadableFileError, open_source
from acompta.invoices.facturx.reader import Content, Party, UnknownDocumentError, read
from acompta.invoices.facturx.schemas import Problem, rule_problems, schema_problems
from acompta.invoices.view.parties import FRANCE
from acompta.rounding import HUNDRED, ZERO, cents

ERROR: Final = "erreur"
WARNING: Final = "à regarder"
# The breakdown of a final invoice is a difference of rounded amounts: EN 16931 itself tolerates one euro.
_VAT_TOLERANCE: Final = Decimal("0.05")
_LINE_TOLERANCE: Final = Decimal("0.01")
_NO_EMPTY_ELEMENT: Final = "PEPPOL-EN16931-R008"
_DELIVERY: Final = "ApplicableHeaderTradeDelivery"
_MOST_SCHEMA_PROBLEMS: Final = 10
_EN: Final = "urn:cen.eu:en16931:2017"
_NAMES: Final = {"orderx": "order-x.xml", "cii": "factur-x.xml", "zugferd-1": "zugferd-invoice.xml"}
_OTHER_NAMES: Final = frozenset({"zugferd-invoice.xml", "xrechnung.xml"})
_XMP_LEVELS: Final = {
    "minimum": "MINIMUM",
    "basicwl": "BASIC WL",
    "basic": "BASIC",
    "en16931": "EN 16931",
    "extended": "EXTENDED",
}


class Finding(NamedTuple):
    """One thing wrong or worth a look; ``rule`` is the official code, or the French word of what was looked at."""

    gravity: str
    rule: str
    text: str


class Check(NamedTuple):
    """A sum of the file beside ours; ``found`` is ``None`` when the file does not say it."""

    term: str
    title: str
    found: Decimal | None
    computed: Decimal


class Inspection(NamedTuple):
    """All that is known of one file. ``rules`` are the sets that were run, in French words."""

    path: Path
    source: Source
    content: Content
    profile: str
    rules: tuple[str, ...]
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]

    @property
    def wrong(self) -> bool:
        """Whether something is wrong, and not only worth a look."""
        return any(finding.gravity == ERROR for finding in self.findings)


def inspect(path: Path, *, official: bool = True) -> Inspection:
    """Open and judge a file; without ``official`` the schema and the sets of rules, which take seconds, are left out.

    Raises `UnreadableFileError`.
    """
    source = open_source(path)
    try:
        content = read(source.root)
    except UnknownDocumentError as error:
        raise UnreadableFileError(str(error)) from error
    profile, schema, rules = profile_of(content)
    broken = list(_official(source, schema, rules)) if official else []
    checks = tuple(recomputed(content)) if content.totals.get("BT-112") is not None else ()
    findings = [
        *_profile(content, profile),
        *broken,
        *_sums(checks),
        *_taxes(content),
        *_lines(content),
        *_numbers(content),
        *_unseen(content),
        *_marks(source.markers, source.name, content, profile),
    ]
    ran = tuple(name for name in rules if not any(f.rule == "schéma" for f in broken))
    ran = ran if official else ()
    return Inspection(path, source, content, profile, ran, checks, tuple(dict.fromkeys(findings)))


# -- which rules ------------------------------------------------------------------------------------------------


def profile_of(content: Content) -> tuple[str, str, tuple[str, ...]]:
    """The profile that BT-24 names (``""``: unknown), the schema and the sets of rules that go with it."""
    if content.syntax == "zugferd-1":
        return "zugferd-1", "zugferd-1", ()
    if content.syntax == "orderx":
        level = content.guideline.rpartition(":")[2]
        name = f"orderx-{level}"
        return (name, name, (name,)) if level in {"basic", "comfort", "extended"} else ("", "", ())
    profile = _invoice_profile(content.guideline)
    french = content.seller.country == FRANCE and profile not in {"minimum", ""}
    if content.syntax.startswith("ubl"):
        if profile not in {"en16931", "extended-ctc-fr"}:
            return profile, content.syntax, ()
        return profile, content.syntax, (f"ubl-{profile}", *(("br-fr-ubl",) if french else ()))
    if not profile:
        return "", "", ()
    return profile, profile, (profile, *(("br-fr",) if french else ()))


def _invoice_profile(guideline: str) -> str:
    last = guideline.rpartition(":")[2].lower()
    if last in {"minimum", "basicwl", "basic", "extended", "extended-ctc-fr"}:
        return last
    # XRechnung, Peppol: EN 16931 with rules of their own, which are not ours to run. An extension is another thing.
    return "en16931" if guideline.startswith(_EN) and "#conformant#" not in guideline else ""


def _profile(content: Content, profile: str) -> Iterator[Finding]:
    if not profile:
        text = f"profil inconnu : BT-24 = « {content.guideline} » ; les règles officielles n'ont pas pu être appliquées"
        yield Finding(ERROR, "profil", text)


def _official(source: Source, schema: str, rules: tuple[str, ...]) -> Iterator[Finding]:
    if not schema:
        return
    problems = schema_problems(source.root, schema)
    if problems:
        for problem in problems[:_MOST_SCHEMA_PROBLEMS]:
            yield Finding(ERROR, "schéma", schema_words(problem.text))
        return
    for name in rules:
        for problem in rule_problems(source.xml, name):
            if _is_imposed(problem):
                continue
            yield Finding(WARNING if problem.warning else ERROR, problem.rule, _words(problem))


def _is_imposed(problem: Problem) -> bool:
    """A warning against an empty element that the schema itself imposes when there is no delivery to tell."""
    return problem.rule == _NO_EMPTY_ELEMENT and _DELIVERY in problem.location.rpartition("/")[2]


def _words(problem: Problem) -> str:
    french = explained(problem.rule, problem.text, problem.location)
    return french[:1].upper() + french[1:] if french else problem.text


# -- sums -------------------------------------------------------------------------------------------------------


def recomputed(content: Content) -> Iterator[Check]:
    """The totals that the lines and the breakdown make, each beside what the file says."""
    totals = content.totals
    if content.lines:
        lines = sum((line.amount or ZERO for line in content.lines), ZERO)
        yield Check("BT-106", "Somme des lignes", totals["BT-106"], lines)
    before = (totals["BT-106"] or ZERO) - content.allowances + content.charges
    if content.lines or totals["BT-106"] is not None:
        yield Check("BT-109", "Total hors taxes", totals["BT-109"], before)
    vat = totals["BT-110"] or ZERO
    if content.taxes:
        vat = sum((tax.vat or ZERO for tax in content.taxes), ZERO)
        yield Check("BT-110", "TVA", totals["BT-110"], vat)
    total = (totals["BT-109"] or ZERO) + (totals["BT-110"] or ZERO)
    yield Check("BT-112", "Total TTC", totals["BT-112"], total)
    due = (totals["BT-112"] or ZERO) - (totals["BT-113"] or ZERO) + (totals["BT-114"] or ZERO)
    yield Check("BT-115", "À payer", totals["BT-115"], due)


def _sums(checks: tuple[Check, ...]) -> Iterator[Finding]:
    for check in checks:
        found = check.found
        if found is None:
            if check.computed:
                text = f"{check.title} ({check.term}) : absent, alors que le calcul donne {number(check.computed)}"
                yield Finding(WARNING, "calcul", text)
        elif found != check.computed:
            gap = number(found - check.computed)
            wrote = f"{number(found)} écrit, {number(check.computed)} calculé (écart {gap})"
            text = f"{check.title} ({check.term}) : {wrote}"
            yield Finding(ERROR, "calcul", text)


def _taxes(content: Content) -> Iterator[Finding]:
    for tax in content.taxes:
        if tax.base is None or tax.vat is None:
            continue
        wanted = cents(tax.base * (tax.rate or ZERO) / HUNDRED)
        if abs(wanted - tax.vat) > _VAT_TOLERANCE:
            rate = percent(tax.rate or ZERO)
            text = f"TVA à {rate} : {number(tax.vat)} écrit, {number(wanted)} sur une base de {number(tax.base)}"
            yield Finding(ERROR, "calcul", text)


def _lines(content: Content) -> Iterator[Finding]:
    for line in content.lines:
        if line.quantity is None or line.price is None or line.amount is None:
            continue
        wanted = line.quantity * line.price / (line.basis or Decimal(1))
        if abs(wanted - line.amount) > _LINE_TOLERANCE:
            text = (
                f"ligne {line.rank} : quantité × prix fait {number(wanted)}, le montant est {number(line.amount)} "
                "(remise ou frais de ligne ?)"
            )
            yield Finding(WARNING, "calcul", text)


# -- numbers ----------------------------------------------------------------------------------------------------


def _numbers(content: Content) -> Iterator[Finding]:
    """Check digits, which no official rule looks at."""
    yield from _party_numbers(content.seller, "du vendeur")
    yield from _party_numbers(content.buyer, "de l'acheteur")
    if content.iban and not identifiers.is_iban(content.iban):
        yield Finding(
            ERROR,
            "IBAN",
            f"IBAN « {content.iban} » : clé ou longueur fausse ; ne payez pas sans vérifier",
        )


def _party_numbers(party: Party, whose: str) -> Iterator[Finding]:
    if party.legal_scheme == codes.SIREN_SCHEME and not identifiers.is_siren(party.legal):
        yield Finding(ERROR, "SIREN", f"SIREN {whose} « {party.legal} » : clé fausse")
    if party.siret and not identifiers.is_siret(party.siret):
        yield Finding(ERROR, "SIRET", f"SIRET {whose} « {party.siret} » : clé fausse")
    if not party.vat:
        return
    name = f"numéro de TVA {whose} « {party.vat} »"
    french = party.vat.upper().startswith(FRANCE)
    right = identifiers.is_french_vat if french else identifiers.is_european_vat
    if not right(party.vat):
        yield Finding(ERROR if french else WARNING, "TVA", f"{name} : clé ou forme fausse")
        return
    siren = party.legal if party.legal_scheme == codes.SIREN_SCHEME else ""
    if french and siren and identifiers.siren_in_vat(party.vat) != siren:
        yield Finding(WARNING, "TVA", f"{name} : ce n'est pas celui du SIREN {siren}")


def _unseen(content: Content) -> Iterator[Finding]:
    """What official rules let through."""
    for code, text in content.notes:
        if not text.strip():
            yield Finding(ERROR, "note", f"la note {code or 'sans code'} est vide")
    if content.frame[1:] == "4" and not content.references:
        text = f"cadre {content.frame} (définitive après acompte) sans référence à aucun acompte (BG-3)"
        yield Finding(WARNING, "acompte", text)
    if content.date and content.due and content.due < content.date and content.frame[1:] != "2":
        text = (
            f"échéance {short_day(content.due)} avant la date de facture {short_day(content.date)}"
        )
        yield Finding(WARNING, "échéance", text)
    if content.type in codes.CREDIT_TYPES and (content.totals["BT-112"] or ZERO) < 0:
        text = f"un avoir se dit en montants positifs ; celui-ci fait {euros(content.totals['BT-112'] or ZERO)}"
        yield Finding(WARNING, "avoir", text)


# -- the PDF ----------------------------------------------------------------------------------------------------


def _marks(markers: Markers | None, name: str, content: Content, profile: str) -> Iterator[Finding]:
    """PDF/A-3, the name and the role of the XML, and the level that the PDF announces (Factur-X 1.09, §6)."""
    if markers is None:
        return
    if not markers.pdf_a:
        yield Finding(ERROR, "PDF/A", "le PDF ne se dit pas PDF/A-3 : il n'est pas un Factur-X")
    elif not markers.pdf_a.startswith("3"):
        yield Finding(
            ERROR,
            "PDF/A",
            f"le PDF se dit PDF/A-{markers.pdf_a} ; un fichier joint demande PDF/A-3",
        )
    wanted = _NAMES.get(content.syntax)
    if wanted is not None and name.lower() not in {wanted, *_OTHER_NAMES}:
        text = f"le XML s'appelle « {name} » ; le nom attendu est {wanted}"
        yield Finding(WARNING, "PDF", text)
    if markers.relationship not in {"Data", "Source", "Alternative"}:
        said = f"« {markers.relationship} »" if markers.relationship else "absente"
        text = f"relation du XML au PDF {said} ; Data, Source ou Alternative attendue"
        yield Finding(WARNING, "PDF", text)
    yield from _announced(markers, name, profile)


def _announced(markers: Markers, name: str, profile: str) -> Iterator[Finding]:
    """The metadata against what is inside."""
    level = _XMP_LEVELS.get(profile)
    if not markers.level:
        text = "les métadonnées du PDF ne disent pas le niveau Factur-X (fx:ConformanceLevel)"
        yield Finding(WARNING, "PDF", text)
    elif level is not None and markers.level.upper() not in {level, "XRECHNUNG"}:
        text = f"le PDF annonce le niveau « {markers.level} », le XML est « {level} »"
        yield Finding(WARNING, "PDF", text)
    if markers.document_file and markers.document_file != name:
        text = f"le PDF annonce le fichier « {markers.document_file} », le XML s'appelle « {name} »"
        yield Finding(WARNING, "PDF", text)
