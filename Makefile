# Two commands on a fresh machine: make demo, make test. Each makes the virtual environment when it is missing.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_ARGS ?=
PYTEST_ARGS ?=
BENCH_ARGS ?= all
DOCS_SCALE ?= 0.02
DOCS_DEMO ?= .demo-docs
# the servers of a test work while pytest waits for them: two workers even on one core
WORKERS ?= 2

.PHONY: help demo docs test test-all test-fast bench bench-all lint lint-dbt reference format lock clean

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "edu2lms needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 …"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: $(READY)  ## Two servers, invented data, the whole migration at full size, the status table
	$(BIN)/edu2lms demo $(DEMO_ARGS)

docs: $(READY)  ## The report with lineage and documentation, of a small demonstration: site/index.html
	$(BIN)/edu2lms demo --scale $(DOCS_SCALE) --dir $(DOCS_DEMO) --report site

test: $(READY)  ## Unit, integration and acceptance tests, the migration at full size among them
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not nightly" $(PYTEST_ARGS)

test-all: $(READY)  ## The same with the long ones: every fault, every mutation, many random universities
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(PYTEST_ARGS)

test-fast: $(READY)  ## The same without the full-size acceptance tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not acceptance and not nightly" $(PYTEST_ARGS)

bench: $(READY)  ## Measurements at full size, and the tables of docs/performance.md
	$(BIN)/python -m tests.bench $(BENCH_ARGS)
	$(BIN)/python -m tests.bench report

bench-all: $(READY)  ## The same with the sizes 1, 10 and 30: hours, and tens of GB of disk
	$(BIN)/python -m tests.bench all scale $(filter-out all,$(BENCH_ARGS))
	$(BIN)/python -m tests.bench report

lint: $(READY)  ## The seed files, ruff, mypy, sqlfluff (jinja templater), squawk, actionlint
	$(BIN)/edu2lms mappings check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint models tests --processes 2 --disable-progress-bar
	$(BIN)/sqlfluff lint examples database/sql loader/sql --processes 2 --templater placeholder --disable-progress-bar
	$(BIN)/squawk loader/sql/audit/*.sql loader/sql/audit/older/*.sql
	$(BIN)/actionlint .github/workflows/*.yml

lint-dbt: $(READY)  ## sqlfluff with dbt's own templater; needs the LMS_* variables of a running, prepared pair
	@mkdir -p target/profiles && cp profiles.example.yml target/profiles/profiles.yml
	$(BIN)/sqlfluff lint models tests --templater dbt --disable-progress-bar

reference: $(READY)  ## docs/cli.md from the program itself
	$(BIN)/typer loader.cli utils docs --name edu2lms --title "The command line" --output docs/cli.md

format: $(READY)  ## Put Python and SQL in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix models tests --disable-progress-bar

lock:  ## Pin what a fresh resolution of pyproject.toml gives
	rm -rf target/lock && $(PYTHON) -m venv target/lock
	target/lock/bin/python -m pip install --quiet --disable-pip-version-check '.[dev]'
	{ echo "# Made by make lock from pyproject.toml"; target/lock/bin/python -m pip freeze --exclude edu2lms; } > requirements.lock

clean:  ## Stop a kept demonstration; remove its folder, the environment and everything that was generated
	-test ! -x $(BIN)/edu2lms || test ! -d .demo || $(BIN)/edu2lms demo --stop
	rm -rf .demo .demo-docs site $(VENV) target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
