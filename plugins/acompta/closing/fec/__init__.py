"""The *fichier des écritures comptables* (LPF art. L47 A-I, A47 A-1): made from a ledger, checked, taken over."""
