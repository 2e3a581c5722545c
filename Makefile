# A clone needs Python >= 3.11 and nothing else to run; PYTHON chooses the interpreter, PORT where to serve.
# The tests need PostgreSQL's programs, Chromium and Node too: .ci/run shows how to install them.

PYTHON ?= python3
PORT ?= 8000
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
FUZZ := $(VENV)/fuzz
# One more than the smallest machine that the figures are given for has cores: tests also wait, for databases and browsers.
WORKERS := 3
# Neighbours share what a folder sets up, so a worker goes through neighbours until it has to take from another.
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
# Every worker, and every process that a test starts, would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check schema workflows errors permissions bench fuzz clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: $(VENV)/ready-to-run ## set up, migrate, load the demo data and serve on 127.0.0.1:8000 (PORT=…)
	@$(BIN)/preship migrate
	@$(BIN)/preship demo
	@PRESHIP_CAPTCHA=$${PRESHIP_CAPTCHA:-off} PRESHIP_INTROSPECTION=$${PRESHIP_INTROSPECTION:-everybody} exec $(BIN)/preship serve --port $(PORT)

test: $(VENV)/ready-to-test ## all tests on both engines (ARGS="tests/house -k names" for some)
	$(PYTEST) $(ARGS)

check: $(VENV)/ready-to-test ## what CI runs: lint, format, types, import directions, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(PYTEST)

workflows: $(VENV)/ready-to-run ## print docs/workflows.md from the tables in domain/
	$(BIN)/python -m domain.workflow_page > docs/workflows.md

schema: $(VENV)/ready-to-run ## print schema.graphql from the code
	$(BIN)/preship schema export schema.graphql

errors: $(VENV)/ready-to-run ## print docs/api/errors.md from the codes in graph/, domain/ and uploads/
	$(BIN)/python -m graph.error_page > docs/api/errors.md

permissions: $(VENV)/ready-to-run ## print docs/permissions.md from actions, lists and shelves
	$(BIN)/python -m graph.permission.page > docs/permissions.md

bench: $(VENV)/ready-to-test ## the figures that the documentation gives
	$(BIN)/python -m benchmarks $(ARGS)

fuzz: $(VENV)/ready-to-test $(FUZZ)/ready ## ten minutes of requests made up from the schema, before a release (ARGS=60 for a minute)
	$(BIN)/python -m benchmarks.fuzz $(FUZZ)/bin/schemathesis $(ARGS)

clean: ## remove what setting up and testing made; databases and uploads stay
	rm -rf $(VENV) *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache tests/clients/node_modules benchmarks/contenders/node/node_modules

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Preship needs Python 3.11 or newer: name one, as in "make run PYTHON=python3.12".' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  rm -rf $(VENV); echo 'Python cannot make virtual environments here (Debian: apt-get install python3-venv).' >&2; exit 1; }

# A tool with libraries of its own, in an environment of its own.
$(FUZZ)/ready: $(BIN)/python
	@$(BIN)/python -m venv $(FUZZ)
	@$(FUZZ)/bin/pip install --quiet --disable-pip-version-check schemathesis==4.32.5
	@touch $@

$(VENV)/ready-to-run: $(BIN)/python pyproject.toml constraints.txt
	@echo 'Installing what Preship needs into $(VENV) (once; about a minute) ...'
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/ready-to-test: $(BIN)/python pyproject.toml constraints.txt
	@echo 'Installing what Preship and its tests need into $(VENV) (once; about a minute) ...'
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[postgres,dev]'
	@touch $@ $(VENV)/ready-to-run
