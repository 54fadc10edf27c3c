"""All that a printed document says, already decided: a template only lays it out.

Nothing here computes an amount that the engine has not computed. The few properties add up figures that are
already exact to the cent, or group lines for the page. Amounts are in euros, rates and percentages in percent
(``Decimal("20")`` is 20 %), dates are calendar dates; an absent text is ``""``, an absent value ``None``.
"""
