# Two commands matter: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
LANGUAGES := $(wildcard tracker/locale/*/LC_MESSAGES/messages.po)
COMPILED := $(LANGUAGES:.po=.mo)

.PHONY: help run test lint types contracts templates unit browser translations bench lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/tracker: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

.venv/.test: requirements-test.lock $(BIN)/tracker
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	touch $@

tracker/locale/%/LC_MESSAGES/messages.mo: tracker/locale/%/LC_MESSAGES/messages.po | $(BIN)/tracker
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale $*

run: $(BIN)/tracker $(COMPILED) ## Serve the demonstration election on 127.0.0.1:8000 (PORT changes it)
	@$(BIN)/tracker demo
	@exec $(BIN)/tracker serve

test: lint types contracts templates unit ## Everything: linters, types, contracts, tests, browser

lint: .venv/.test ## Style and safety of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.test ## Types of the package
	$(BIN)/mypy

contracts: .venv/.test ## Who may import whom
	$(BIN)/lint-imports

templates: .venv/.test ## Style of the templates
	$(BIN)/djlint --quiet --lint templates

unit: .venv/.test $(COMPILED) ## The test suite on SQLite, PostgreSQL and in Chromium
	@tests/browser/install-chromium
	@tests/credentials/install-zbar
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

browser: .venv/.test $(COMPILED) ## Only the tests in Chromium
	@tests/browser/install-chromium
	$(BIN)/python -m pytest -m browser

translations: .venv/.test ## Update the catalogues from the code (then translate what is new)
	$(BIN)/pybabel --quiet extract --mapping-file babel.cfg --keywords "_l N_ lazy_gettext" --sort-output --no-location --omit-header --output-file .venv/messages.pot .
	for language in en ru kk; do \
	  $(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --width 100 --input-file .venv/messages.pot --output-file tracker/locale/$$language/LC_MESSAGES/messages.po --locale $$language; \
	done

bench: .venv/.test $(COMPILED) ## Speed as ratios, measured side by side in one run
	$(BIN)/python -m tests.benchmarks

lock: ## Fix the versions of all dependencies (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra test --constraint requirements.lock pyproject.toml --output-file requirements-test.lock

clean: ## Remove the virtual environment and caches, never the installation's data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis $(COMPILED)
