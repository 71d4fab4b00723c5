# One shop, one code. `make help` lists the commands; deploy/setup holds the steps of getting ready.
#
# Stamps lie inside what they stand for (.venv, node_modules, static/vendor), so that deleting the thing deletes the
# stamp; those of the database lie in var/stamps, one set per database. A stamp is written after success only.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 2
DEMO_SHOPS ?= 300
DEMO_SEED ?= 1
BENCH_SHOPS ?= 100000
# Tests at once; more than the cores only gets in each other's way. TESTS and ARGS narrow a run: make test TESTS=tests/web ARGS=-x
TEST_WORKERS ?= 2
TESTS ?=
ARGS ?=
export PYTHON HOST PORT WORKERS
# Some images switch Python's compiled files off: every command and every worker would compile the whole tree again.
unexport PYTHONDONTWRITEBYTECODE
export HOST_STAMP = $(STAMPS)/host

PY := .venv/bin/python
FLASK := $(PY) -m flask --app wsgi
PACKAGES := .venv/.packages
TEST_PACKAGES := .venv/.test-packages
NODE := node_modules/.complete
VENDOR := static/vendor/.complete
DATABASE_KEY := $(shell printf '%s|%s' "$${YDYM_DATABASE_URL:-}" "$${YDYM_DATA_DIR:-}" | cksum | cut -d' ' -f1)
STAMPS := var/stamps/$(DATABASE_KEY)
MIGRATIONS := $(wildcard migrations/versions/*.py)
REFERENCE := $(wildcard webapp/*/*.csv)
ifeq ($(YDYM_DATABASE_URL)$(YDYM_DATA_DIR),)
# The stamps of our own SQLite file are worth nothing without the file.
ifeq ($(wildcard var/ydym.sqlite),)
$(shell rm -rf $(STAMPS))
endif
endif

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\n  %s\n' 'Settings: make run PORT=9000 WORKERS=4 DEMO_SHOPS=2000 · make test TESTS=tests/complaints ARGS=-x'

# --- run --------------------------------------------------------------------------------------------------------------

.PHONY: run
run: ready ## everything from nothing, then the server at http://127.0.0.1:8000
	@deploy/run

.PHONY: ready
ready: $(PACKAGES) $(VENDOR) $(STAMPS)/demo ## what `make run` does before it serves

.venv/.made:
	@deploy/setup system python venv
	@deploy/setup venv
	@touch $@

$(PACKAGES): requirements.txt .venv/.made
	@deploy/setup packages requirements.txt
	@touch $@

$(NODE): package.json package-lock.json
	@deploy/setup system node
	@deploy/setup node
	@touch $@

$(VENDOR): deploy/vendor.py $(NODE) .venv/.made
	@deploy/setup step "Front-end files to static/vendor" -- $(PY) deploy/vendor.py
	@touch $@

$(STAMPS)/migrated: $(MIGRATIONS) $(REFERENCE) $(PACKAGES)
	@mkdir -p $(STAMPS)
	@deploy/setup step "Database brought to the newest revision" -- $(FLASK) db upgrade
	@deploy/setup step "Regions, industries, licence kinds, pledges" -- $(FLASK) reference
	@touch $@

$(STAMPS)/keys: $(STAMPS)/migrated
	@deploy/setup step "Signing keys" -- $(FLASK) keys ensure
	@touch $@

# The host is signed into every sticker, so the first port stays in the codes when a later run listens elsewhere.
$(STAMPS)/host:
	@mkdir -p $(STAMPS)
	@printf '%s' "127.0.0.1:$(PORT)" > $@.new && mv $@.new $@

# The city is made once; a later migration does not make another one.
$(STAMPS)/demo: | $(STAMPS)/migrated $(STAMPS)/keys $(STAMPS)/host $(VENDOR)
	@echo "  · Demo city of $(DEMO_SHOPS) shops"
	@YDYM_PUBLIC_HOST="$${YDYM_PUBLIC_HOST:-$$(cat $(STAMPS)/host)}" $(FLASK) demo --shops $(DEMO_SHOPS) --seed $(DEMO_SEED)
	@touch $@

# --- tests and checks -------------------------------------------------------------------------------------------------

$(TEST_PACKAGES): tests/requirements.txt $(PACKAGES)
	@deploy/setup packages tests/requirements.txt
	@touch $@

.PHONY: test-system
test-system:
	@deploy/setup system browser postgres redis fonts zbar softhsm go

.PHONY: test
test: $(TEST_PACKAGES) $(VENDOR) test-system ## all tests: SQLite, a private PostgreSQL and Redis, a real browser
	@$(PY) -m tests.support.services -- $(PY) -m pytest -n $(TEST_WORKERS) $(TESTS) $(ARGS)

.PHONY: check
check: $(TEST_PACKAGES) ## format, lint, types, who imports whom, scripts
	@deploy/setup system node
	@deploy/check

.PHONY: format
format: $(TEST_PACKAGES) ## write the format that `make check` wants
	@$(PY) -m ruff check --fix --exit-zero --quiet
	@$(PY) -m ruff format

.PHONY: bench
bench: $(TEST_PACKAGES) $(VENDOR) test-system ## the benchmarks, each as a ratio measured side by side
	@deploy/setup system load postgres zbar
	@$(PY) -m bench.run --shops $(BENCH_SHOPS) $(ARGS)
