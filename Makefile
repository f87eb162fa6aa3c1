# Everything a reader, an author or a contributor of this book runs. `make help` lists it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
LOCK   := requirements.txt
export BUILD := _build
# What runs in the reader's browser; LIVE=0 builds the book without it, and fetches nothing.
LIVE   ?= 1
export LIVE
FETCHED := $(if $(filter 0,$(LIVE)),,$(if $(LIVE_SOURCES),,$(VENV)/live/.ready))

# A newer pip is no news for who builds a book.
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# -W: a warning is a failure. --keep-going: all of them are shown, not the first alone.
SPHINX := $(BIN)/sphinx-build -c . -d $(BUILD)/doctrees -W --keep-going -j auto -q

# Matplotlib keeps what it knows of fonts, and a reader's own settings, in a folder of the user's. The
# book's figures depend on neither: another program's fonts have failed a build.
export MPLCONFIGDIR := $(abspath $(VENV))/matplotlib

.DEFAULT_GOAL := help
.PHONY: help html serve test test-oldest test-newest drill accept mutants doctest lint linkcheck \
  audit bench-live lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

html: $(READY) $(FETCHED) ## execute the chapters and build the book: _build/html/index.html
	@$(SPHINX) -b html book $(BUILD)/html
	@echo "The book is at $(BUILD)/html/index.html"

serve: $(READY) $(FETCHED) ## build, serve on http://127.0.0.1:8000 and build again on each change
	@$(BIN)/sphinx-autobuild -c . -d $(BUILD)/doctrees -j auto -b html --host 127.0.0.1 --port 8000 \
	  --watch src --watch conf.py book $(BUILD)/html

test: html lint ## everything that checks the book, the code and the build
	@$(BIN)/python -m pytest --numprocesses auto --dist loadgroup --cov --cov-config=pyproject.toml

# CHAPTER=cost accepts this chapter alone, CELL=fig-mse one cell, CHAPTER=cost CELL=96 that at a line.
accept: $(READY) $(FETCHED) ## build, show how outputs and figures differ from the accepted ones, accept
	@$(BIN)/python -m book_build.accepted $(if $(CHAPTER),--chapter $(CHAPTER)) \
	  $(if $(CELL),--cell $(CELL)) book $(BUILD)

test-oldest: ## make test with the oldest versions that pyproject.toml allows
	@$(MAKE) test VENV=.venv-oldest LOCK=requirements-oldest.txt BUILD=_build/oldest

test-newest: ## make test with the newest versions that there are
	@$(MAKE) test VENV=.venv-newest LOCK=newest BUILD=_build/newest

drill: $(READY) ## put errors into a copy of the book and see that each is caught
	@$(BIN)/python -m book_build.drill tests/drill/faults.toml

# All of the taught package, and of the formula checker each fifth. MUTANTS='backprop.cost.*' tries
# these alone, MUTANTS='*' all that there are.
MUTANTS ?= 'backprop.*' 'checked_math.*[05]'
mutants: $(VENV)/.mutation ## change the code, one small change at a time, and see that a test fails
	@rm -rf mutants && PATH="$(abspath $(BIN)):$$PATH" mutmut run $(MUTANTS)
	@PATH="$(abspath $(BIN)):$$PATH" python -m book_build.mutants tests/mutation/survivors.toml

doctest: $(READY) ## the examples in the docstrings and in the README alone
	@$(BIN)/python -m pytest src README.md

bench-live: html ## how long a reader waits for the first and the second result of Run
	@cd tests/live && ../../$(BIN)/python bench.py

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

linkcheck: $(READY) ## list the external links and ask each whether it still answers
	@$(BIN)/python -m book_build.links book $(BUILD)/linkcheck

# AUDIT='--pages forward --runs 1' measures less.
AUDIT ?=
audit: html $(VENV)/.audit ## measure every page in a browser (needs Chromium, Node.js and npm)
	@$(BIN)/python -m page_audit $(BUILD)/html $(AUDIT)

PIN := uv pip compile --universal --python-version 3.11 --all-extras --upgrade --generate-hashes \
  --no-emit-index-url --no-header --no-annotate --quiet pyproject.toml

lock: ## pin the newest and the oldest dependencies anew (needs uv)
	$(PIN) -o requirements.txt
	$(PIN) -o requirements-oldest.txt --resolution lowest-direct
	uv pip compile --universal --python-version 3.11 --group audit --upgrade --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --quiet -o audit/requirements.txt
	uv pip compile --universal --python-version 3.11 --group mutation --upgrade --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --quiet --constraint requirements.txt \
	  -o tests/mutation/requirements.txt
	npm update --prefix audit --package-lock-only --no-audit --no-fund --silent

clean: ## remove what was built; the environment of make html stays
	rm -rf $(BUILD) .venv-oldest .venv-newest mutants

# The environment: made once, and again when what it consists of changes.
$(READY): $(if $(filter newest,$(LOCK)),pyproject.toml,$(LOCK))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "This book needs Python 3.11 or newer; '$(PYTHON)' is older." \
	         "Name a newer one: make html PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || \
	  { echo "Python's own venv module is needed to make the environment" \
	         "(on Debian and Ubuntu: the package python3-venv)." >&2; exit 1; }
	@echo "Installing the dependencies ($(LOCK)) into $(VENV) ..."
ifeq ($(LOCK),newest)
	@$(BIN)/python -m pip install --quiet --upgrade pip setuptools
	@$(BIN)/python -m pip install --quiet --no-build-isolation --editable ".[test]"
else
	@$(BIN)/python -m pip install --quiet --require-hashes -r $(LOCK)
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
endif
	@$(BIN)/python -c 'import matplotlib.font_manager'
	@touch $@

# What `make audit` needs beyond the book: a driver for the browser, and two packages of npm.
$(VENV)/.audit: $(READY) audit/requirements.txt audit/package-lock.json
	@command -v npm > /dev/null || \
	  { echo "make audit needs Node.js 20 or newer with npm" \
	         "(on Debian and Ubuntu: the packages nodejs and npm)." >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes -r audit/requirements.txt
	@npm ci --prefix audit --loglevel error
	@touch $@

# What `make mutants` needs: a tool that changes the code.
$(VENV)/.mutation: $(READY) tests/mutation/requirements.txt
	@$(BIN)/python -m pip install --quiet --require-hashes -r tests/mutation/requirements.txt
	@touch $@

# Wheels to take files from, not to install. They stay until the list of them changes.
$(VENV)/live/.ready: requirements-live.txt $(READY)
	@echo "Fetching what runs in the reader's browser ..."
	@rm -rf $(@D)
	@$(BIN)/python -m pip download --quiet --no-deps --require-hashes --only-binary :all: \
	  -r requirements-live.txt --dest $(@D)
	@touch $@
