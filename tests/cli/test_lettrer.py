from __future__ import annotations

import json
from pathlib import Path

import pytest
from beancount.core.data import Transaction
from tests.cli.conftest import Run
from tests.cli.samples import write_ledger
from tests.closing.closing_ledger import close_month, errors_of, write_dossier
from tests.roots import ROOTS

from acompta.loading import load_ledger

TEXT = """
2026-01-05 * "SCI Dupont" "Travaux" #facture
  numero: "F2026-001"
  Actif:411:Dupont
  Produits:704:Travaux -100.00 EUR

2026-01-06 * "SCI Dupont" "Travaux, suite" #facture
  numero: "F2026-002"
  Actif:411:Dupont
  Produits:704:Travaux -50.00 EUR

2026-02-10 * "SCI Dupont" "Virement F2026-001"   ; relevé de février
  Actif:512:Banque  120.00 EUR
  Actif:411:Dupont

2026-02-11 * "DUPONT" "Virement"
  Actif:512:Banque   60.00 EUR
  Actif:411:Dupont

2026-02-12 * "Virement inconnu"
  Actif:512:Banque    7.00 EUR
  Actif:411:Dupont
"""
HEAD = '2026-02-10 * "SCI Dupont" "Virement F2026-001"'


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return write_ledger(tmp_path, TEXT)


def test_a_dry_run_writes_nothing(run: Run, ledger: Path) -> None:
    before = ledger.read_bytes()
    result = run("lettrer", ledger, "--simuler", columns=120)
    assert result.exit_code == 1
    words = " ".join(result.stdout.split())
    assert "F2026-001 sûre F2026-001 dans le libellé" in words
    assert "F2026-002 probable montant exact" in words
    assert "Sans proposition" in words
    assert ledger.read_bytes() == before


def test_sure_ones_are_written(run: Run, ledger: Path) -> None:
    """One link, at the end of the head, and not another byte; the VAT follows."""
    before = ledger.read_text(encoding="utf-8")
    result = run("lettrer", ledger, "--oui")
    assert (result.exit_code, "1 lien écrit." in result.stdout) == (1, True)
    after = ledger.read_text(encoding="utf-8")
    assert after == before.replace(HEAD, f"{HEAD} ^F2026-001")
    assert load_ledger(ledger).dossier.claims["F2026-001"].open == 0


def test_down_to_a_level(run: Run, ledger: Path) -> None:
    result = run("lettrer", ledger, "--oui", "--seuil", "probable")
    assert "2 liens écrits." in result.stdout
    loaded = load_ledger(ledger)
    assert not loaded.errors
    assert loaded.dossier.claims["F2026-002"].open == 0


def test_what_is_not_sure_is_left_and_how_to_accept_it_said(run: Run, ledger: Path) -> None:
    ledger.write_text(
        ledger.read_text().replace('Virement F2026-001"', 'Virement"').replace(" 120.00", " 121.00")
    )
    result = run("lettrer", ledger, "--oui")
    assert result.exit_code == 1
    assert "aucune proposition n'est sûre" in result.stdout
    assert "--seuil probable les accepte" in result.stdout


def test_one_at_a_time(ledger: Path) -> None:
    from click.testing import CliRunner  # noqa: PLC0415

    from acompta_cli import cli  # noqa: PLC0415

    result = CliRunner().invoke(cli, ["lettrer", str(ledger)], input="n\no\n")
    assert result.exit_code == 1
    text = ledger.read_text(encoding="utf-8")
    assert "^F2026-001" not in text
    assert '"DUPONT" "Virement" ^F2026-002' in text


def test_json(run: Run, ledger: Path) -> None:
    before = ledger.read_bytes()
    result = run("lettrer", ledger, "--json")
    content = json.loads(result.stdout)
    assert [one["confiance"] for one in content["propositions"]] == ["sure", "probable"]
    assert [one["montant"] for one in content["sans_proposition"]] == ["7.00"]
    assert ledger.read_bytes() == before


def test_nothing_to_do(run: Run, tmp_path: Path) -> None:
    result = run("lettrer", write_ledger(tmp_path, TEXT.split("2026-02-10", maxsplit=1)[0]))
    assert (result.exit_code, result.stdout.strip()) == (
        0, "Rien à rapprocher : chaque règlement nomme sa facture ou son contrat.",
    )  # fmt: skip


def test_a_missing_ledger(run: Run, tmp_path: Path) -> None:
    result = run("lettrer", tmp_path / "rien.beancount")
    assert (result.exit_code, result.stdout) == (2, "")


def closed_months(folder: Path, first: str, second: str) -> Path:
    """January and February closed: a payment of 20 January without a link, one of 10 February linked; of 600.00."""
    main = write_dossier(folder / "dossier")
    january = folder / "dossier" / "2026-01.beancount"
    text = january.read_text(encoding="utf-8")
    january.write_text(
        text[: text.index("2026-01-20")]
        + f'2026-01-20 * "SCI Dupont" "Virement F2026-001"\n  Actif:512:Banque  {first} EUR\n  Actif:411:Dupont\n',
        encoding="utf-8",
    )
    (folder / "dossier" / "2026-02.beancount").write_text(
        ROOTS
        + f'2026-02-10 * "SCI Dupont" "Virement" ^F2026-001\n  Actif:512:Banque  {second} EUR\n  Actif:411:Dupont\n',
        encoding="utf-8",
    )
    for name in ("2026-01", "2026-02"):
        close_month(main, name)
    assert errors_of(main) == []
    return main


def due_days(main: Path) -> list[tuple[str, str]]:
    """The days on which VAT was made due by a receipt, with the amount in euros."""
    return [
        (entry.date.isoformat(), str(entry.postings[0].units.number))
        for entry in load_ledger(main).entries
        if isinstance(entry, Transaction)
        and "exigibilite" in entry.meta
        and entry.postings[0].units is not None
    ]


def test_a_link_in_a_closed_month_moves_its_vat_to_the_first_open_day(
    run: Run, tmp_path: Path
) -> None:
    """300.00 of 20 January, 100.00 × 300 / 600 = 50.00 of VAT: due on 1 March; February's 50.00 does not move."""
    main = closed_months(tmp_path, "300.00", "300.00")
    assert due_days(main) == [("2026-02-10", "50.00")]
    result = run("lettrer", main, "--oui", "--seuil", "possible")
    said = " ".join(result.stdout.split())
    assert "1 lien écrit." in said
    assert "1 règlement d'un mois clôturé : les liens sont hors de l'empreinte" in said
    assert "01/03/2026, premier jour ouvert" in said
    assert errors_of(main) == []
    assert sorted(due_days(main)) == [("2026-02-10", "50.00"), ("2026-03-01", "50.00")]


def test_a_link_that_would_change_a_sealed_entry_is_refused_with_what_to_type(
    run: Run, tmp_path: Path
) -> None:
    """100.01 alone moves 16.67; after 200.01 (33.34) it would move 50.00 - 33.34 = 16.66: February is sealed."""
    main = closed_months(tmp_path, "200.01", "100.01")
    before = (main.parent / "2026-01.beancount").read_bytes()
    for options in (("--simuler",), ("--oui", "--seuil", "possible")):
        result = run("lettrer", main, *options)
        assert result.exit_code == 1
        said = " ".join(result.stdout.split())
        assert "le lier à F2026-001 changerait une écriture d'un mois clôturé" in said
        assert "rattachez-le au 01/03/2026" in said
        assert "1 lien écrit" not in said
        assert (main.parent / "2026-01.beancount").read_bytes() == before
    # What the message says to type: 33.33 = round(300.02 / 6) - 16.67 becomes due on 1 March.
    january = main.parent / "2026-01.beancount"
    january.write_text(before.decode() + '    lettrage: "X1"\n', encoding="utf-8")
    (main.parent / "2026-03.beancount").write_text(
        ROOTS
        + "2026-01-01 open Passif:471:Attente EUR\n"
        + '2026-03-01 * "SCI Dupont" "Virement du 20/01 à rattacher"\n  Actif:411:Dupont  200.01 EUR\n'
        + '    lettrage: "X1"\n  Passif:471:Attente  -200.01 EUR\n'
        + '2026-03-01 * "SCI Dupont" "Virement du 20/01 rattaché" ^F2026-001\n  date-reelle: 2026-01-20\n'
        + "  Passif:471:Attente  200.01 EUR\n  Actif:411:Dupont  -200.01 EUR\n",
        encoding="utf-8",
    )
    main.write_text(
        main.read_text(encoding="utf-8") + 'include "2026-03.beancount"\n', encoding="utf-8"
    )
    assert errors_of(main) == []
    assert sorted(due_days(main)) == [("2026-02-10", "16.67"), ("2026-03-01", "33.33")]
    assert "Rien à rapprocher" in run("lettrer", main).stdout
