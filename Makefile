# Two commands matter: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
LANGUAGES := $(wildcard tracker/locale/*/LC_MESSAGES/messages.po)
COMPILED := $(LANGUAGES:.po=.mo)
# Every commit waits for the disk; tests make many, and need no disk that outlives them.
MEMORY := $(shell df --output=avail -k /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 > 8000000 {print "TMPDIR=/dev/shm"}')
# Many tests wait for a process, a clock or a browser: two workers for each core.
WORKERS ?= $(shell expr $$(nproc) \* 2)
# A file's tests share what they set up. In the order of the tree: the other, by numbers of tests, leaves
# the few that take minutes for the end, when there is nothing to do beside them.
DIST := --dist loadfile --no-loadscope-reorder

.PHONY: help run test lint audit assault faults types contracts templates unit postgresql browser translations data guide bench lock clean

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

test: lint audit types contracts templates unit postgresql ## Everything: linters, types, contracts, tests, browser

lint: .venv/.test ## Style and safety of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive tracker

types: .venv/.test ## Types of the package
	$(BIN)/mypy

contracts: .venv/.test ## Who may import whom
	$(BIN)/lint-imports

templates: .venv/.test ## Style of the templates
	$(BIN)/djlint --quiet --lint templates

unit: .venv/.test $(COMPILED) ## The test suite on SQLite and in Chromium
	@tests/browser/install-chromium
	@tests/credentials/install-zbar
	@tests/faults/install-redis
	@tests/house/install-nginx
	@tests/hosts/install-postgresql
	@tests/pages/install-validator
	$(MEMORY) $(BIN)/python -m pytest --numprocesses $(WORKERS) $(DIST)

# Run once, in the pass above. migrations, faults, hosts and benchmarks try PostgreSQL there already.
# browser, pages, house (fuzz, matrix, uploads and what reads the code), backup and the two purges look at
# pages and at SQLite's own files, and take longest. The rest asks no database, or nothing of it that
# others of its kind do not: planners, readers of documents, printing, the server, stores of files, the
# identity provider, the shapes of the interface, rules and findings.
ONCE := $(addprefix tests/,migrations faults hosts benchmarks browser house pages backup observers \
  accounts/test_provider_forged.py accounts/test_provider_linking.py accounts/test_provider_sign_out.py \
  api/test_client.py api/test_problems.py api/test_schema.py kernel/test_metrics.py kernel/test_storage.py \
  retention/test_demonstration.py retention/test_kill.py \
  meetings/test_planner.py meetings/test_planner_grid.py meetings/test_planner_limits.py \
  meetings/test_planner_model.py officials/test_busy.py lists/test_reading.py kernel/test_printing.py kernel/test_messages.py \
  kernel/test_text.py kernel/test_mail.py credentials/test_third_party.py \
  kernel/test_answers.py kernel/test_bounces.py kernel/test_days.py kernel/test_failures.py kernel/test_fragments.py \
  kernel/test_headers.py kernel/test_hosts.py kernel/test_i18n.py kernel/test_short_moments.py kernel/test_tables.py \
  kernel/test_vcards.py help \
  logistics/test_assistance_rules.py logistics/test_deployment_rules.py logistics/test_duty_rules.py ops/test_findings.py \
  credentials/test_verification.py totals/test_sentences.py test_config.py)

postgresql: .venv/.test $(COMPILED) ## The test suite on PostgreSQL, but for what runs once
	$(MEMORY) TRACKER_TEST_DATABASE=postgresql $(BIN)/python -m pytest --numprocesses $(WORKERS) $(DIST) \
	  $(ONCE:%=--ignore=%)

browser: .venv/.test $(COMPILED) ## Only the tests in Chromium
	@tests/browser/install-chromium
	$(MEMORY) $(BIN)/python -m pytest -m browser

audit: .venv/.test ## Known weaknesses of the locked packages; says so where nobody could look
	$(BIN)/python .ci/audit

assault: .venv/.test $(COMPILED) ## The tests that attack, many times over (TRACKER_FUZZ_ROUNDS)
	TRACKER_FUZZ_ROUNDS=$${TRACKER_FUZZ_ROUNDS:-20} $(BIN)/python -m pytest tests/house/test_fuzz.py tests/house/test_uploads.py tests/house/test_matrix.py tests/house/test_references.py tests/house/test_web.py $$(grep -lr '^@given' tests)

translations: .venv/.test ## Update the catalogues from the code (then translate what is new)
	$(BIN)/pybabel --quiet extract --mapping-file babel.cfg --keywords "_l N_ lazy_gettext" --sort-output --no-location --omit-header --output-file .venv/messages.pot .
	for language in en ru kk; do \
	  $(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --width 100 --input-file .venv/messages.pot --output-file tracker/locale/$$language/LC_MESSAGES/messages.po --locale $$language; \
	done

data: .venv/.test ## Write docs/data.md, what every table and column means, from the models
	$(BIN)/python -m tests.house.dictionary

SIZES ?= 1000,100000,1000000

bench: .venv/.test $(COMPILED) ## Speed as ratios, measured side by side (SIZES of elections, 1000,100000,1000000)
	$(MEMORY) $(BIN)/python -m tests.benchmarks
	$(MEMORY) $(BIN)/python -m tests.benchmarks.scale --sizes $(SIZES)

guide: .venv/.test $(COMPILED) ## The pictures of the guide, made anew (PICTURES names some: registrar-1)
	@tests/browser/install-chromium
	$(MEMORY) $(BIN)/python -m tests.guide $(PICTURES)

faults: .venv/.test $(COMPILED) ## Kill 500 processes at random points; nothing acknowledged is lost
	$(BIN)/python -m tests.faults --kills 500

lock: ## Fix the versions of all dependencies (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra test --constraint requirements.lock pyproject.toml --output-file requirements-test.lock

clean: ## Remove the virtual environment and caches, never the installation's data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis $(COMPILED)
