"""What ``acompta cloturer`` proposes before its checklist: shown, accepted one by one or all, written as one act."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from acompta_cli.output import say

if TYPE_CHECKING:
    from acompta.acts import Desk
    from acompta.closing.cutoff.making import CutOff
    from acompta.closing.period_view import PeriodView
    from acompta.closing.proposed import Proposed
    from acompta.loading import Loaded


class Written(NamedTuple):
    """How many accruals and drafts were written, and the file of the drafts."""

    accruals: int = 0
    drafts: int = 0
    file: str = ""


def propose(desk: Desk, loaded: Loaded, view: PeriodView, *, yes: bool, accrue: bool) -> Written:
    """Propose the accruals and the drafts of the period, write what is accepted; a dry desk only shows.

    ``yes`` accepts the drafts, ``accrue`` the accruals; ``yes`` without ``accrue`` leaves the accruals to the
    checklist, since closing every month without them is a policy.
    """
    from acompta.acts.places import month_file  # noqa: PLC0415 — the engine, when needed
    from acompta.closing.proposed import proposed, write_proposed  # noqa: PLC0415
    from acompta_cli.drafting import accept_drafts, show_drafts  # noqa: PLC0415

    found = proposed(loaded, view)
    name = month_file(loaded, found.month.first).path.name
    asks = accrue or not yes
    if found.cut_offs and asks:
        _show_accruals(found, desk.path.name)
    if desk.dry:
        show_drafts(loaded, found.drafts, found.month)
        _show_texts(found, name)
        return Written()
    accruals = _accept_accruals(found, desk.path.name, accrue=accrue) if asks else []
    show_drafts(loaded, found.drafts, found.month)
    drafts = accept_drafts(found.drafts.drafts, name, loaded, yes=yes)
    if not accruals and not drafts:
        return Written()
    place = write_proposed(desk, loaded, view, accruals, drafts)
    written = Written(len(accruals), len(drafts), place.name if place is not None else "")
    _say_written(written)
    return written


def propose_settlement(desk: Desk, loaded: Loaded, view: PeriodView, *, settle: bool) -> bool:
    """Show the entry that clears the VAT accounts, if it is missing, and write it when accepted; whether it was."""
    from acompta.acts.places import month_file  # noqa: PLC0415
    from acompta.closing.proposed import (  # noqa: PLC0415
        proposed_settlement,
        write_settlement,
    )
    from acompta_cli.asking import agree  # noqa: PLC0415

    entry = proposed_settlement(view)
    if entry is None:
        return False
    name = month_file(loaded, entry.date).path.name
    click.echo(f"Liquidation de la TVA proposée, à ajouter dans {name} :\n\n{entry.text}")
    if desk.dry or not (settle or agree(f"Écrire la liquidation de la TVA dans {name} ?")):
        return False
    place = write_settlement(desk, loaded, view, entry)
    say(f"Liquidation de la TVA ajoutée à {place.name}.")
    return True


def issue_first(view: PeriodView, written: Written, name: str) -> str:
    """What to do of the drafts just accepted, before closing."""
    from acompta.closing.proposed import issued_after  # noqa: PLC0415
    from acompta.french import short_day  # noqa: PLC0415

    one = written.drafts == 1
    them = "le" if one else "les"
    again = f"puis relancez « acompta cloturer … {name} »"
    head = f"Pas encore clôturé : {'ce brouillon attend' if one else 'ces brouillons attendent'} d'être émis. "
    last = issued_after(view)
    if last:
        late = (
            f"{last} est déjà d'une date postérieure : {'il sera daté' if one else 'ils seront datés'} du jour où vous"
            f" {them} émettrez (« acompta emettre … ») ; leur livraison: ou leur periode: les laisse aux produits de"
            f" {view.period.title} (factures à établir)"
        )
        return f"{head}{late}. Relisez-{them}, {again}."
    day = short_day(view.end)
    return f"{head}Relisez-{them}, émettez-{them} (« acompta emettre … --date {day} »), {again}."


def _show_accruals(found: Proposed, name: str) -> None:
    from acompta.closing.cutoff.proposals import cut_off_text  # noqa: PLC0415

    click.echo(f"Régularisations proposées, à ajouter dans {name} :\n")
    click.echo(cut_off_text(found.cut_offs))


def _show_texts(found: Proposed, name: str) -> None:
    from acompta.preparing.drafting import drafts_text  # noqa: PLC0415

    if found.drafts.drafts:
        text = drafts_text(draft for draft, _ in found.drafts.drafts)
        click.echo(f"Brouillons proposés, à ajouter dans {name} :\n\n{text}")


def _accept_accruals(found: Proposed, name: str, *, accrue: bool) -> list[CutOff]:
    from acompta.french import euros  # noqa: PLC0415
    from acompta_cli.asking import choose  # noqa: PLC0415

    if accrue or not found.cut_offs:
        return list(found.cut_offs)
    each = [
        (f"{one.reason.value}, {one.detail}, {euros(one.amount)} HT", one) for one in found.cut_offs
    ]
    count = len(each)
    what = "cette régularisation et son extourne"
    if count > 1:
        what = f"ces {count} régularisations et leurs extournes"
    return choose(f"Écrire {what} dans {name} ?", each)


def _say_written(written: Written) -> None:
    from acompta.french import numbered  # noqa: PLC0415
    from acompta_cli.drafting import drafts_added  # noqa: PLC0415

    if written.accruals:
        say(numbered(f"{written.accruals} régularisation(s) écrite(s), extournes comprises."))
    if written.drafts:
        say(f"{drafts_added(written.drafts, written.file)}.")
