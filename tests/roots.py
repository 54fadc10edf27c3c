"""The French roots of the accounts, which Beancount wants at the head of every file."""

from typing import Final

ROOTS: Final = """\
option "name_assets" "Actif"
option "name_liabilities" "Passif"
option "name_equity" "Capitaux"
option "name_income" "Produits"
option "name_expenses" "Charges"
"""
