"""What a command that writes goes through: one act, all of it or nothing, and not one other byte.

A command opens the ledger under its lock, prepares an `Act`, shows it, commits it::

    with writing(path, "emettre") as desk:      # one run at a time; an act cut short by a crash is resolved first
        if desk.recovery.message:
            …say it…
        loaded = desk.load()                    # the ledger, and the bytes that it was read from
        act = desk.act("émission de F2026-005")
        act.transaction(entry, flag="*", date=day, meta={"numero": "F2026-005"})
        act.append(loaded.path, text)
        act.create(folder / "factures/F2026-005.pdf", pdf)
        …show act.diff(), ask…
        act.commit()                            # raises ActError: nothing is written then

After `commit` every file is new; after a crash, a kill or a full disk at any instant, all are old or all are new once
`recover` has run, which `writing` does. `text` changes ledger text to the byte, `disk` makes the system calls,
`journal` knows what a crash left, `lock` keeps a second run out.
"""

from __future__ import annotations

from acompta.acts.act import Act, Desk, writing
from acompta.acts.journal import Outcome, Recovery, recover
from acompta.acts.problem import ActError
from acompta.acts.text import LedgerText

__all__ = ["Act", "ActError", "Desk", "LedgerText", "Outcome", "Recovery", "recover", "writing"]
