"""A mistake stays where it was typed: the other documents are posted as if it were not there, and nothing raises."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from beancount.core.data import Transaction
from hypothesis import given, note
from hypothesis import strategies as st
from tests.properties.figures import NIL
from tests.properties.ledger import BANK, Entry, Ledger, Leg, day, text
from tests.properties.loading import Loaded, content, load, number_of
from tests.properties.payments import Act, acts, played
from tests.properties.profiles import examples
from tests.properties.stories import Dossier, dossiers

from acompta.vocabulary import (
    ACCOUNT_KEYS,
    DOCUMENT_KEYS,
    KIND_BY_TAG,
    LINE_KEYS,
    PARTY_KEYS,
    SELLER_KEYS,
    SETTLEMENT_KEYS,
    Kind,
)

_PLUGIN_FAILED: Final = "Error applying plugin"


# -- one mistake among the documents ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Mistake:
    """A way to spoil a document; ``make`` gives the spoilt entry."""

    name: str
    make: Callable[[Entry], Entry]


def _with_leg(
    account: str, number: str, unit: str = "EUR", **meta: str
) -> Callable[[Entry], Entry]:
    leg = Leg(account, Decimal(number), unit, None, meta)
    return lambda entry: replace(entry, legs=(*entry.legs, leg))


def _wrong_total(entry: Entry) -> Entry:
    customer = next(leg for leg in entry.legs if ":411:" in leg.account)
    others = tuple(leg for leg in entry.legs if leg is not customer)
    if any(
        leg.number is None for leg in others
    ):  # a deposit typed with its total has nothing to contradict
        return entry.with_meta(echeance='"demain"')
    return replace(entry, legs=(replace(customer, number=Decimal("1234567.89")), *others))


def _without_number(entry: Entry) -> Entry:
    return replace(entry, meta={key: value for key, value in entry.meta.items() if key != "numero"})


MISTAKES: Final = (
    Mistake("clé inconnue", lambda entry: entry.with_meta(echeanse="2026-03-01")),
    Mistake("clé du mauvais type", lambda entry: entry.with_meta(echeance="31/01/2026")),
    Mistake("lot inconnu", _with_leg("Produits:706:Conseil", "-10", "PCT", lot=text("NULLE"))),
    Mistake("compte absent du contrat", _with_leg("Produits:708:Divers", "-10", "PCT")),
    Mistake("plus de 100 %", _with_leg("Produits:706:Conseil", "-150", "PCT")),
    Mistake("signe oublié", _with_leg("Produits:706:Conseil", "10.00")),
    Mistake("charge sur une facture", _with_leg("Charges:627:Banque", "10.00")),
    Mistake("taux impossible", _with_leg("Produits:706:Conseil", "-10.00", tva="120")),
    Mistake("taux négatif", _with_leg("Produits:706:Conseil", "-10.00", tva="-20")),
    Mistake("unité sans prix", _with_leg("Produits:706:Conseil", "-10", "HEURE")),
    Mistake("acompte sans mesure", _with_leg("Passif:4191:Dupont", "-10000", "PCT")),
    Mistake("reprise sans mesure", _with_leg("Passif:4191:Dupont", "99999999.99")),
    Mistake("total faux", _wrong_total),
    Mistake("contrat inconnu", lambda entry: replace(entry, links=("D1999-999",))),
    Mistake("étiquette mal écrite", lambda entry: replace(entry, tag=f"{entry.tag}s")),
    Mistake("numéro oublié", _without_number),
)


def _spoilt(dossier: Dossier, mistake: Mistake, victim: str) -> Ledger:
    """The dossier with a mistake in the document of that number."""
    ledger = dossier.ledger()
    entries = [
        mistake.make(entry) if entry.meta.get("numero") == text(victim) else entry
        for entry in ledger.entries
    ]
    return replace(ledger, entries=tuple(entries))


def _of(loaded: Loaded, payee: str) -> list[tuple[Any, ...]]:
    """Everything the books say of a customer, documents, settlements and VAT entries."""
    return sorted(
        (content(entry) for entry in loaded.transactions if entry.payee == payee), key=repr
    )


@given(dossiers(count=2), acts(), st.sampled_from(MISTAKES), st.integers(0, 9))
@examples(65)
def test_a_mistake_changes_nothing_for_the_other_customers(
    dossier: Dossier, todo: list[Act], mistake: Mistake, target: int
) -> None:
    spoilt_story, other = dossier.stories
    victim = spoilt_story.numbers[target % len(spoilt_story.numbers)]
    payments = [payment.entry for payment in played(dossier, load(dossier.ledger()), todo)]
    right = load(dossier.ledger().with_entries(payments))
    ledger = _spoilt(dossier, mistake, victim).with_entries(payments)
    note(mistake.name + "\n\n" + "\n".join(entry.text() for entry in ledger.entries))
    wrong = load(ledger)
    assert wrong.messages
    assert not any(_PLUGIN_FAILED in message for message in wrong.messages)
    assert _of(wrong, other.customer) == _of(right, other.customer)


@given(dossiers(least=3), st.sampled_from(MISTAKES), st.integers(0, 9))
@examples(130)
def test_a_document_in_error_leaves_no_trace_on_its_contract(
    dossier: Dossier, mistake: Mistake, target: int
) -> None:
    story = dossier.story
    victim = story.numbers[target % len(story.numbers)]
    ledger = _spoilt(dossier, mistake, victim)
    note(
        mistake.name + " : " + victim + "\n\n" + "\n".join(entry.text() for entry in ledger.entries)
    )
    wrong = load(ledger)
    kept = tuple(e for e in dossier.ledger().entries if e.meta.get("numero") != text(victim))
    without = load(replace(dossier.ledger(), entries=kept))
    assert _error_line(wrong, ledger, victim)
    seen, want = wrong.contents_by_number(), without.contents_by_number()
    for number in set(story.numbers) - {victim}:
        assert seen[number] == want[number]


def _error_line(loaded: Loaded, ledger: Ledger, victim: str) -> bool:
    """Whether an error points into the text of the document."""
    lines = ledger.text().splitlines()
    spoilt = next(
        (index for index, line in enumerate(lines, 1) if text(victim) in line),
        None,
    )
    places = {(error.source or {}).get("lineno") for error in loaded.errors}
    if spoilt is None:  # the number itself is what was forgotten
        return bool(places)
    end = next((i for i, line in enumerate(lines, 1) if i > spoilt and not line), len(lines))
    return any(place is not None and spoilt - 1 <= place <= end for place in places)


@given(dossiers(), st.integers(0, 9))
@examples(35)
def test_a_draft_leaves_no_trace_on_its_contract(dossier: Dossier, target: int) -> None:
    story = dossier.story
    victim = story.numbers[target % len(story.numbers)]
    entries = dossier.ledger().entries
    drafted = [
        replace(_without_number(e), flag="!") if e.meta.get("numero") == text(victim) else e
        for e in entries
    ]
    kept = [e for e in entries if e.meta.get("numero") != text(victim)]
    draft = load(replace(dossier.ledger(), entries=tuple(drafted)))
    without = load(replace(dossier.ledger(), entries=tuple(kept)))
    assert draft.contents_by_number() == without.contents_by_number()
    posted = [entry for entry in draft.transactions if entry.flag == "!" and entry.postings]
    assert posted == []


# -- anything at all as metadata -------------------------------------------------------------------------------

_VALUES: Final = st.one_of(
    st.sampled_from(
        [
            '"F2026-001"',
            '"2026-03-01/2026-03-31"',
            '"30 jours fin de mois"',
            '"encaissements"',
            '"bien"',
            '"411"',
            '""',
            '"D2026-001\n  suite"',
            "12.50 EUR",
            "3 PCT",
            "0",
            "-1",
            "31/01/2026",
            "1/0.0000000000001",
            "99999999999999999999999999.99",
            "TRUE",
            "FALSE",
            "NULL",
            "EUR",
            "Actif:411:Dupont",
            "#acompte",
            "2026-01-31",
            "1600-01-01",
            "9999-12-31",
            "",
        ]
    ),
    st.decimals(-200, 200, places=3).map(lambda number: f"{number:f}"),
    st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)).map(str),
    st.text(
        st.characters(exclude_characters='"\\\x00', exclude_categories=["Cs"]), max_size=12
    ).map(text),
)
_WORDS: Final = sorted({*DOCUMENT_KEYS, *LINE_KEYS, *SETTLEMENT_KEYS})
_KEYS: Final = st.one_of(
    st.sampled_from(_WORDS), st.from_regex(r"[a-z][a-z0-9_-]{1,7}", fullmatch=True)
)


@st.composite
def metadata(draw: st.DrawFn, keys: st.SearchStrategy[str] = _KEYS) -> dict[str, str]:
    """Keys known or not, each with a value of any type."""
    return draw(st.dictionaries(keys, _VALUES, max_size=4))


@st.composite
def spoilt_ledgers(draw: st.DrawFn) -> str:
    """A dossier with its payments, any metadata anywhere."""
    dossier = draw(dossiers())
    payments = played(dossier, load(dossier.ledger()), draw(acts()))
    entries = []
    for entry in dossier.ledger().with_entries(payment.entry for payment in payments).entries:
        legs = [
            replace(leg, meta={**leg.meta, **draw(metadata())}) if draw(st.booleans()) else leg
            for leg in entry.legs
        ]
        meta = {**entry.meta, **draw(metadata())} if draw(st.booleans()) else entry.meta
        entries.append(replace(entry, legs=tuple(legs), meta=meta))
    written = replace(dossier.ledger(), entries=tuple(entries)).text()
    for opened, keys in (
        ('custom "emetteur"', SELLER_KEYS),
        ("open Actif:411:Dupont", PARTY_KEYS),
        ("open Produits:706", ACCOUNT_KEYS),
        ("open Passif:44574", ACCOUNT_KEYS),
        ("open Passif:44571", ACCOUNT_KEYS),
    ):
        extra = draw(metadata(st.sampled_from(sorted(keys))))
        written = _below(written, opened, extra)
    return written


def _below(written: str, opened: str, extra: dict[str, str]) -> str:
    lines = []
    for line in written.splitlines():
        lines.append(line)
        if opened in line:
            lines += [f"  {key}: {value}" for key, value in extra.items()]
    return "\n".join(lines) + "\n"


def check_sane(loaded: Loaded) -> None:
    """The plugin ran, and what it posts balances exactly, in euros."""
    assert not any(_PLUGIN_FAILED in message for message in loaded.messages), loaded.messages
    assert loaded.dossier.documents is not None
    for entry in loaded.transactions:
        if entry.meta.get("etendu") is True and entry.postings:
            _check_balanced(entry)


def _check_balanced(entry: Transaction) -> None:
    for posting in entry.postings:
        assert posting.units is not None
        assert posting.units.currency == "EUR"
    assert sum((number_of(posting) for posting in entry.postings), NIL) == 0


@given(spoilt_ledgers())
@examples(45)
def test_no_metadata_value_makes_the_plugin_fail(written: str) -> None:
    note(written)
    loaded = load(written.replace("etendu", "etendue"))
    check_sane(loaded)


@given(spoilt_ledgers())
@examples(15)
def test_no_metadata_value_makes_the_plugin_fail_when_etendu_is_typed_by_hand(written: str) -> None:
    note(written)
    loaded = load(written)
    assert not any(_PLUGIN_FAILED in message for message in loaded.messages), loaded.messages


# -- anything at all as a document ------------------------------------------------------------------------------

_ACCOUNTS: Final = (
    "Actif:411:Dupont",
    "Actif:411:Martin",
    "Actif:4117:Dupont",
    "Actif:416:Dupont",
    "Passif:4191:Dupont",
    "Passif:4191:Inconnu",
    "Passif:44571:TVA20",
    "Passif:401:Fournisseur",
    "Actif:4091:Fournisseur",
    "Produits:706:Conseil",
    "Produits:707:Marchandises",
    "Charges:627:Banque",
    "Charges:6226:Honoraires",
    "Actif:467:Debours",
    BANK,
)
_UNITS: Final = ("EUR", "EUR", "PCT", "PCT", "PCT-MOIS", "REMISE", "HEURE", "USD")
_LINKS: Final = ("D2026-001", "D2026-002", "F2026-001", "F2026-002", "inconnu")


@st.composite
def wild_legs(draw: st.DrawFn) -> Leg:
    """A posting that may make sense or not."""
    number = draw(st.none() | st.decimals(-300, 300, places=2))
    unit = draw(st.sampled_from(_UNITS))
    price = draw(st.none() | st.decimals(0, 100, places=3)) if number is not None else None
    return Leg(
        draw(st.sampled_from(_ACCOUNTS)), number, unit, price, draw(metadata()) if price else {}
    )


@st.composite
def wild_entries(draw: st.DrawFn) -> Entry:
    """A document or an ordinary entry of any kind, with any lines."""
    tag = draw(st.sampled_from([*Kind, *Kind, "", "accompte", "projet"]))
    meta = {"numero": text(f"F2026-{draw(st.integers(1, 9)):03}")} if draw(st.booleans()) else {}
    if draw(st.integers(0, 3)) == 0:
        meta |= draw(metadata())
    if draw(st.integers(0, 3)) == 0:
        meta["sur"] = text("F2026-001")
    return Entry(
        day(draw(st.integers(0, 9))),
        "Écriture",
        tuple(draw(st.lists(wild_legs(), min_size=1, max_size=4))),
        str(tag),
        tuple(draw(st.lists(st.sampled_from(_LINKS), max_size=2, unique=True))),
        meta,
        "Dupont",
        draw(st.sampled_from("***!")),
    )


@given(dossiers(), st.lists(wild_entries(), min_size=1, max_size=5))
@examples(65)
def test_no_document_however_odd_makes_the_plugin_fail(dossier: Dossier, more: list[Entry]) -> None:
    ledger = dossier.ledger().with_entries(more)
    note("\n".join(entry.text() for entry in ledger.entries))
    loaded = load(ledger)
    assert not any(_PLUGIN_FAILED in message for message in loaded.messages), loaded.messages
    for entry in loaded.transactions:
        if entry.meta.get("etendu") is True and not _as_typed(entry):
            _check_balanced(entry)


def _as_typed(entry: Transaction) -> bool:
    """Whether the engine only marked what a person typed: a settlement balances if its typist did.

    Beancount refuses it otherwise, as any entry, and `acompta verifier` says the cents within its tolerance.
    """
    return "exigibilite" not in entry.meta and not entry.tags & KIND_BY_TAG.keys()
