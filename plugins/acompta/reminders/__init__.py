"""Reminders: which invoice is late, at what level, what penalties it bears; letters, messages, customer statements.

Pure functions over a `Book`; `acompta relancer` and `acompta releve` show and write what they return.
"""
