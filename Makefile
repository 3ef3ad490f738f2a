# The verbs a person types. Needs Python >= 3.11 and make; everything else comes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MANIFESTS := $(wildcard protos/pyproject.toml gateway/pyproject.toml plugins/*/pyproject.toml \
	services/*/pyproject.toml deploy/local/pyproject.toml)
MEMBERS := $(patsubst %/pyproject.toml,%,$(MANIFESTS))
SOURCES := $(filter-out protos/src,$(addsuffix /src,$(MEMBERS)))
PYTEST := $(BIN)/python -m pytest -p beianhub_local.pytest_plugin

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-scale up test nightly check lint types imports contract layout proto traceability lock clean

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## bring the virtual environment in step with the lock

demo: $(STAMP) ## tell the whole story on this machine, embedded, in under a minute
	$(BIN)/beianhub demo

demo-scale: $(STAMP) ## the same story on Apache Kafka and PostgreSQL, as separate processes
	$(BIN)/python scripts/demo_scale.py $(ARGS)

up: $(STAMP) ## run everything in one process, until Ctrl-C
	$(BIN)/beianhub up

test: $(STAMP) ## run every test, on a real Apache Kafka and a real PostgreSQL
	$(PYTEST) $(ARGS)

nightly: $(STAMP) ## take 200,000 random steps through the domain, others each time; `make test` takes 20,000
	$(PYTEST) -s services/core/tests/domain/test_machine.py --hypothesis-profile=nightly $(ARGS)

check: lint types imports contract layout ## everything that can be said without running the product

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(STAMP)
	$(BIN)/mypy $(SOURCES) scripts

imports: $(STAMP)
	$(BIN)/lint-imports --no-logo

contract: $(STAMP)
	$(BIN)/buf lint protos
	$(BIN)/python scripts/check_breaking.py
	$(BIN)/python scripts/generate_protos.py --check

layout: $(STAMP)
	$(BIN)/python scripts/check_sizes.py
	$(BIN)/python scripts/check_text.py
	$(BIN)/python scripts/check_lock.py
	$(BIN)/python scripts/traceability.py --check
	$(BIN)/python -m pytest -q tests/structure

proto: $(STAMP) ## generate the stubs from protos/proto
	$(BIN)/python scripts/generate_protos.py

traceability: $(STAMP) ## write docs/traceability.md: each statement of the sources, what follows it, what tests it
	$(BIN)/python scripts/traceability.py

lock: $(BIN)/uv ## resolve the dependencies anew and write requirements.lock
	$(BIN)/uv lock
	$(BIN)/python scripts/export_lock.py

clean: ## remove the virtual environment and every cache; data under .beianhub stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The lock names no address; pip and uv ask whichever index they are configured for, and the hashes decide.
$(STAMP): requirements.lock pyproject.toml $(MANIFESTS) $(BIN)/uv
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(addprefix -e ./,$(MEMBERS))
	@touch $@

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "beianhub needs Python 3.11 or newer; name it: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	@awk '/^[^ #]/ { uv = /^uv==/ } uv' requirements.lock > $(VENV)/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
