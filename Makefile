# make demo    the whole business on http://127.0.0.1:8080      make demo ARGS=--once   headless
# make test    every check                                      make test ARGS=tests/unit
# make lint    without the tests     make bench-drop   one of tests/load     make lock   pin anew
# make soak-drop    a drop in which everything is killed, audited   make soak-drop ARGS=--twin
# make soak-money   people pay while web, worker and database are killed   ARGS="--minutes 10"
# make soak-matrix   every journey of money through every fault   make soak-matrix ARGS="--minutes 60"
# make screenshots   the README's pictures anew
# Each does its own set-up; a second run is quick. WORKERS=0 tests in one process.

VENV   ?= .venv
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
            $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
BIN    := $(VENV)/bin
STAMPS := $(VENV)/stamps
WORKERS ?= 3
UV     ?= $(shell command -v uv || echo $(BIN)/uv)

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help setup pages demo test tests lint format screenshots lock clean
help:
	@sed -n 's/^# \(make\)/\1/p;s/^# \(Each\)/\1/p' Makefile

setup: $(STAMPS)/package pages

$(STAMPS)/system: deploy/install-packages.sh
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	PYTHON=$(PYTHON) sh deploy/install-packages.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/requirements: requirements-dev.txt $(STAMPS)/system
	$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.txt
	@touch $@

$(STAMPS)/package: pyproject.toml $(STAMPS)/requirements
	LC_SKIP_WEB=1 $(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# Compares the sources with the stamp of what is built, and builds when they differ.
pages: $(STAMPS)/package
	@$(BIN)/python livecommerce/pages/frontend/hatch_build.py

demo: setup
	$(BIN)/livecommerce demo $(ARGS)

lint: $(STAMPS)/package
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# Types are checked while the first tests, which are the longest, wait for their programs.
test: pages
	@$(MAKE) --no-print-directory -j2 tests lint

tests:
	$(BIN)/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder --durations 15 $(ARGS)

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The README's pictures, as the browser tests see the pages.
screenshots: setup
	LC_SCREENSHOTS=1 $(BIN)/pytest tests/browser $(ARGS)

bench-%: setup
	$(BIN)/python -m tests.load.bench_$* $(ARGS)

# Pins with hashes and without any address; known pins are kept (UPGRADE=--upgrade moves them).
LOCK = $(UV) pip compile pyproject.toml -q --generate-hashes --no-emit-index-url --no-header \
       --universal --python-version 3.11 $(UPGRADE)
lock:
	$(LOCK) -o requirements.txt
	$(LOCK) --extra test -o requirements-dev.txt

soak-%: setup
	$(BIN)/python -m tests.load.soak_$* $(ARGS)

clean:
	rm -rf $(VENV) .data dist livecommerce/pages/static livecommerce/pages/frontend/node_modules
