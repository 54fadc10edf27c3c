"""The register of a contract: ordered, billed, deposits given, recovered and left, per rate (language.md §5, 7, 8)."""
