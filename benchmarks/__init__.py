"""How fast Acompta is, as ratios that another machine can reproduce: ``make bench``, or ``python -m benchmarks``."""
