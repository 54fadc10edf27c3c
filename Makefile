# Two commands to know: `make demo` and `make test`. Both set up what they need, and may be run again from any state.
# While working: `make check`, the same without what takes long (PDFs, browser, random ledgers).
#     make demo SERVE=no     stop before serving Fava
#     make demo PORT=5001    serve on another port
#     make test TESTS="tests/test_chart_file.py -x"
SHELL := /bin/bash
BIN := .venv/bin
TESTS ?=
export SERVE PORT AS_OF

# Only .venv decides what is imported.
unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help demo test check setup lint types bench clean

help:
	@echo "make demo    installe, calcule les dossiers d'exemple, imprime leurs factures, ouvre Fava"
	@echo "make test    installe, puis style, types et tous les tests"
	@echo "make check   style, types et les tests rapides, en moins de deux minutes"
	@echo "make lint    le style seul            make types    les types seuls"
	@echo "make bench   les mesures de vitesse   make clean    efface ce que make a installé"

demo:
	@scripts/demo.sh

test: lint types
	$(BIN)/pytest -n auto --dist worksteal $(TESTS)

# PDFs (tests/invoices), random ledgers (tests/properties) and whatever is marked slow or browser are for `make test`.
check: lint types
	$(BIN)/pytest -n auto --dist worksteal -m "not slow and not browser" --ignore tests/properties --ignore tests/invoices $(TESTS)

setup:
	@scripts/setup.sh test

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m benchmarks

# Never what lies in ledgers/: an issued invoice is kept ten years.
clean:
	rm -rf .venv .venv.lock .venv-installation.log dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
