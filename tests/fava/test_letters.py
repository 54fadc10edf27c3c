"""The letters of `acompta.closing.lettering`, in Fava's journal."""

from __future__ import annotations

from beancount.core.data import Transaction
from tests.fava.conftest import Site


def _letters(site: Site, account: str) -> dict[str, str]:
    return {
        entry.narration or "": str((posting.meta or {}).get("lettre", ""))
        for entry in site.ledger.all_entries
        if isinstance(entry, Transaction)
        for posting in entry.postings
        if posting.account == account
    }


def test_lines_bear_their_letter(site: Site) -> None:
    """Dupont's deposit is paid: lettered; Martin's invoice is paid in part: lower case; an open invoice has none."""
    dupont, martin = (_letters(site, f"Actif:411:{name}") for name in ("Dupont", "Martin"))
    assert sorted(filter(None, dupont.values())) == ["AA", "AA"]
    assert "" in dupont.values()
    assert sorted(filter(None, martin.values())) == ["aa", "aa"]
    assert not [e for e in site.errors() if "lettr" in e[1]]


def test_the_journal_shows_it(site: Site) -> None:
    response = site.open(f"/{site.slug}/api/journal_page?page=1&order=desc")
    assert response.status_code == 200
    assert "lettre: AA" in response.text
    assert "lettre: aa" in response.text
