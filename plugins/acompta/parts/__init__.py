"""The parts of ``plugin "acompta"``, each under its own name, for ledgers that want only some of them.

They are thin: each runs the same engine with one more stage, so any mix of them gives what the whole would give.
"""
