"""The month and the year, closed: VAT return, cut-off, checks, journals, lettering, FEC, seal."""
