"""Steering the business: who pays when, what is to be billed, the cash to come, what each contract earns.

Pure functions over a `Book`: the commands and the Fava page show the same figures.
"""
