"""Settlements: which invoices an entry pays, and the VAT that it makes due (language.md §6; CGI art. 269-2-c)."""
