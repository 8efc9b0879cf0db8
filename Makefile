# Every verb is one line of `make help`. All of them set up what they need first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := .make

.DEFAULT_GOAL := help
.PHONY: help setup demo up ui test test-python test-ui check check-style check-types check-ui format faults fuzz promql bench bench-metrics bench-rules bench-anomaly bench-sdk bench-errors bench-story bench-costs thorough example fault rows docs lock clean programs browser prometheus alertmanager

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)/python $(STAMP)/page ## Create .venv with Midwatch in it and build the page (again only when something changed)

$(STAMP)/python: requirements/dev.lock pyproject.toml
	@mkdir -p $(STAMP)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

PAGE_SOURCES := $(shell find ui -type f -not -path 'ui/node_modules/*' -not -path 'ui/dist/*' 2>/dev/null)
$(STAMP)/page: $(STAMP)/python $(PAGE_SOURCES) $(wildcard src/midwatch/server/schemas/*.py)
	$(BIN)/python tools/build_page.py
	@touch $@

$(STAMP)/beside: $(STAMP)/python requirements/beside.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade --target $(STAMP)/beside-packages -r requirements/beside.lock
	@touch $@

$(STAMP)/clients: $(STAMP)/python tests/integration/clients/node/package-lock.json
	$(BIN)/python tools/npm.py tests/integration/clients/node
	@touch $@

ui: $(STAMP)/page ## Build the page into the package

demo: setup ## Start Midwatch with a live example and print its address, and that of a page to choose another in
	@$(BIN)/python -m examples.demo $(ARGS)

example: setup ## Start an example system with Midwatch beside it: NAME=josh, ARGS=--history=7d; no NAME lists them
	@$(BIN)/python -m examples.running $(if $(NAME),start $(NAME) $(ARGS),list)

fault: setup ## Make something go wrong in an example that runs: NAME=josh WHAT=llm_timeout; no WHAT lists what there is
	@$(BIN)/python -m examples.running fault $(NAME) $(WHAT) $(ARGS)

up: setup ## Start Midwatch on ./midwatch-data
	$(BIN)/midwatch up

browser: $(STAMP)/python
	@$(BIN)/python tools/find_browser.py

prometheus: $(STAMP)/python
	@$(BIN)/python tools/find_prometheus.py

alertmanager: $(STAMP)/python
	@$(BIN)/python tools/find_alertmanager.py

test: setup programs test-ui test-python ## Run the tests of every change

programs: ## What tests need beside Python: a browser, Prometheus and its Alertmanager, one after another
	$(MAKE) browser
	$(MAKE) prometheus
	$(MAKE) alertmanager

test-python: $(STAMP)/python $(STAMP)/clients $(STAMP)/beside
	$(BIN)/python tools/run_tests.py $(ARGS)

thorough: setup programs $(STAMP)/clients $(STAMP)/beside ## Run what takes too long for every change: most of the browser's tests, more clients, crashes (long)
	$(BIN)/python tools/run_tests.py thorough $(ARGS)

test-ui: $(STAMP)/page
	$(BIN)/python tools/npm.py ui run test

check: setup ## Formatting, lint, types, import contracts and the tests of every change
	$(MAKE) --jobs 3 --output-sync=target check-types check-ui programs $(STAMP)/clients $(STAMP)/beside check-style test-ui
	$(MAKE) test-python

check-style: $(STAMP)/python
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

check-types: $(STAMP)/python
	$(BIN)/mypy

check-ui: $(STAMP)/page
	$(BIN)/python tools/npm.py ui run check

format: $(STAMP)/python ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
	$(BIN)/python tools/npm.py ui run format

faults: setup $(STAMP)/clients browser ## Kill, cut off, fill up and confuse a server, and what takes too long for every run (long)
	$(BIN)/python -m pytest -m faults -n 2 --dist loadgroup --timeout=1800 --ignore tests/systems tests $(ARGS)
	$(BIN)/python -m pytest -m faults --timeout=1800 tests/systems $(ARGS)

fuzz: setup ## Random and hostile input against every door (long)
	$(BIN)/python -m pytest -m fuzz --timeout=1800 tests/fuzz $(ARGS)

rows: setup programs ## Drive the five examples through every row of the teams' documents and print the table (long)
	$(BIN)/python tools/rows.py $(ARGS)

promql: setup ## All of Prometheus's own scripts over HTTP, where they lie beside the checkout (long)
	$(BIN)/python -m tests.integration.prometheus.conformance

bench: setup ## Measure ingest, queries and idle memory
	$(BIN)/python -m benchmarks $(ARGS)

bench-metrics: setup prometheus ## Measure remote write and PromQL beside Debian's Prometheus and VictoriaMetrics
	@$(BIN)/python tools/find_victoria_metrics.py
	$(BIN)/python -m benchmarks.metrics $(ARGS)

bench-story: setup ## Measure stories over 10 million spans and 20 million records
	$(BIN)/python -m benchmarks.story $(ARGS)

bench-costs: setup browser ## Measure costs of a month of 2 million uses, and their page
	$(BIN)/python -m benchmarks.costs $(ARGS)

bench-anomaly: setup ## Measure anomaly rules on labelled series: ARGS=a clone of NAB
	$(BIN)/python -m benchmarks.anomaly $(ARGS)

bench-rules: setup ## Measure how long 5,000 rules over 100,000 series take
	$(BIN)/python -m benchmarks.rules $(ARGS)

$(STAMP)/rivals: requirements/rivals.lock
	@mkdir -p $(STAMP)
	test -x $(STAMP)/rivals-venv/bin/python || $(PYTHON) -m venv $(STAMP)/rivals-venv
	$(STAMP)/rivals-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/rivals.lock
	@touch $@

bench-sdk: $(STAMP)/python $(STAMP)/rivals ## Measure what the SDK costs an app, beside other SDKs
	$(BIN)/python -m benchmarks.sdk $(ARGS)

$(STAMP)/bugsink: requirements/bugsink.lock
	@mkdir -p $(STAMP)
	test -x $(STAMP)/bugsink-venv/bin/python || $(PYTHON) -m venv $(STAMP)/bugsink-venv
	$(STAMP)/bugsink-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bugsink.lock
	@touch $@

bench-errors: setup $(STAMP)/bugsink ## Measure errors a second with the queue drained, beside Bugsink
	$(BIN)/python -m benchmarks.errors $(ARGS)

docs: setup ## Write the generated parts of the documentation again (settings, plan)
	$(BIN)/python -m tools.write_docs

lock: $(STAMP)/python ## Resolve the dependencies again into requirements/*.lock (needs uv) and package-lock.json
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet pyproject.toml --extra server -o requirements/server.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet pyproject.toml --extra server --extra audit --group dev -c requirements/server.lock -o requirements/dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --group pyproject.toml:node -o requirements/node.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --group pyproject.toml:rivals -o requirements/rivals.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --group pyproject.toml:bugsink -o requirements/bugsink.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --no-deps --group pyproject.toml:beside -o requirements/beside.lock
	$(BIN)/python tools/lock_npm.py ui tests/integration/clients/node $(patsubst %/package-lock.json,%,$(wildcard examples/*/*/package-lock.json))

clean: ## Remove everything that was made
	rm -rf $(STAMP) $(VENV) build dist ui/node_modules ui/dist src/midwatch/server/http/page
	find src tests tools benchmarks -name __pycache__ -prune -exec rm -rf {} +
