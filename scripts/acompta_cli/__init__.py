"""The commands of Acompta: ``acompta verifier``, ``imprimer``, ``balance-agee``, ``contrat``.

They read arguments, call the engine and print; no accounting lives here.
"""
