# Everything a reader, an author or a contributor of this book runs. `make help` lists it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOCKS  := requirements.txt
export BUILD := _build
# What runs in the reader's browser; LIVE=0 builds the book without it, and fetches nothing.
LIVE   ?= 1
export LIVE

# Settings of the user's own programs that would change what the book prints and draws.
unexport MPLBACKEND MATPLOTLIBRC PYTHONPATH PYTHONHOME PYTHONWARNINGS PYTHONOPTIMIZE PYTHONSTARTUP \
  PYTHONDONTWRITEBYTECODE SOURCE_DATE_EPOCH
# Silences pip's notice that a newer pip is out.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Matplotlib keeps its list of fonts, and a user's settings, in the home folder. The book's figures
# depend on neither: another program's fonts have failed a build.
export MPLCONFIGDIR := $(abspath $(VENV))/matplotlib

.DEFAULT_GOAL := help
.PHONY: help html serve unit test test-oldest test-newest drill accept mutants doctest format lint \
  linkcheck \
  audit bench-live reproducible walk lock lock-live publish-check \
  clean environment live mutation-environment

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Before a command that may take long: says in the end how long it took.
TIMED = @start=$$(date +%s); trap 'echo "make $@ took $$(($$(date +%s) - start)) s"' EXIT;

html: environment live ## execute the chapters and build the book: _build/html/index.html
	$(TIMED) $(BIN)/python -m book_build.build book $(BUILD) && \
	  echo "The book is at $(BUILD)/html/index.html"

PORT ?= 8000
serve: environment live ## build, serve, and show each saved change in the browser
	@$(BIN)/python -m book_build.serve book $(BUILD) --port $(PORT)

unit: environment ## the tests that need no browser and no built book
	@$(BIN)/python -m pytest -q -m "not slow and not built" --numprocesses auto --dist loadgroup

# T=tests/backprop runs only these tests, at once, and T="tests/live/test_chapters.py -k cost" one
# chapter of the book that `make html` has built, in the browser.
T ?=
test: $(if $(T),environment,html lint) ## all that checks book, code and build; T=tests/backprop: only these tests
	@$(BIN)/python -m pytest $(or $(T),--numprocesses auto --dist loadgroup --cov --cov-config=pyproject.toml)

# CHAPTER=cost accepts only this chapter, CELL=fig-mse one cell, CHAPTER=cost CELL=96 that at a line.
accept: environment ## build, show how outputs and figures differ from the accepted ones, accept
	@$(BIN)/python -m book_build.accepted $(if $(CHAPTER),--chapter $(CHAPTER)) \
	  $(if $(CELL),--cell $(CELL)) book $(BUILD)

test-oldest: ## make test with the oldest versions that pyproject.toml allows
	@$(MAKE) test VENV=.venv-oldest LOCKS="--resolution lowest-direct" BUILD=_build/oldest

test-newest: ## make test with the newest versions that there are
	@$(MAKE) test VENV=.venv-newest LOCKS="--resolution highest" BUILD=_build/newest

drill: environment ## put errors into a copy of the book and see that each is caught
	$(TIMED) $(BIN)/python -m book_build.drill tests/drill/faults.toml

# All of the taught package, and every fifth mutant of the formula checker. MUTANTS='backprop.cost.*' tries
# only these, MUTANTS='*' all that there are.
MUTANTS ?= 'backprop.*' 'checked_math.*[05]'
mutants: mutation-environment ## change the code, one small change at a time, and see that a test fails
	$(TIMED) rm -rf mutants && export PATH="$(abspath .venv-mutation/bin):$$PATH" && \
	  mutmut run $(MUTANTS) && python -m book_build.mutants tests/mutation/survivors.toml

doctest: environment ## the examples in the docstrings and in the README, and nothing else
	@$(BIN)/python -m pytest src README.md

bench-live: html ## how long a reader waits for the first and the second result of Run
	@cd tests/live && ../../$(BIN)/python bench.py

reproducible: environment live ## build twice, in other surroundings, and compare every byte
	$(TIMED) $(BIN)/python tools/reproducible.py

# How many steps, and which walk: make walk STEPS=200 SEED=3.
STEPS ?= 50
SEED ?= 1
walk: environment ## edit, break off, check out at random; what passes must equal a clean build
	@STEPS=$(STEPS) SEED=$(SEED) $(BIN)/python -m pytest -q -s --no-cov tests/book_build/test_walk.py

format: environment ## put the code into its format, and mend what ruff can
	@$(BIN)/ruff check --fix --exit-zero --quiet . && $(BIN)/ruff format . && $(BIN)/ruff check .

lint: environment ## the code's style (ruff) and its types (mypy)
	$(TIMED) status=0; for tool in "ruff check ." "ruff format --check ." mypy; do \
	  $(BIN)/$$tool || status=1; done; exit $$status

linkcheck: environment ## list the external links and ask each whether it still answers
	@$(BIN)/python -m book_build.links book $(BUILD)/linkcheck

# AUDIT='--pages forward --runs 1' measures less.
AUDIT ?=
audit: html audit/node_modules ## measure every page in a browser (needs Chromium, Node.js and npm)
	$(TIMED) $(BIN)/python -m page_audit $(BUILD)/html --report $(BUILD)/audit.txt $(AUDIT)

# `make lock` adds what pyproject.toml asks for and the lock lacks, and moves nothing else;
# `make lock PACKAGE=numpydoc` moves that package to its newest version, `make lock PACKAGE=all` all.
PACKAGE ?=
MOVE := $(if $(PACKAGE),$(if $(filter all,$(PACKAGE)),--upgrade,$(PACKAGE:%=--upgrade-package=%)))
PIN  := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-header --no-annotate --quiet $(MOVE)

lock: environment ## pin new dependencies; PACKAGE=name or PACKAGE=all moves to newer versions
	@cp requirements.txt $(VENV)/requirements.before
	$(PIN) --all-extras pyproject.toml -o requirements.txt
	$(PIN) --group mutation --constraint requirements.txt -o tests/mutation/requirements.txt
	$(if $(filter all,$(PACKAGE)),npm update --prefix audit --package-lock-only --no-audit --no-fund --silent)
	@diff $(VENV)/requirements.before requirements.txt | grep '^[<>] [a-z]' || \
	  echo "Nothing has moved: what was named is at its newest, or is no dependency of the book."

# make lock-live PYODIDE=0.28.0 moves to that release of Pyodide.
PYODIDE ?=
lock-live: environment ## pin again what runs in the browser: supply.toml, from its places (needs npm)
	@$(BIN)/python tools/lock_live.py $(PYODIDE)

publish-check: ## see that the book can be published from here; print the address of its site
	@$(PYTHON) tools/publication.py

clean: ## remove what was built; the environment of make html stays
	rm -rf $(BUILD) .venv-oldest .venv-newest .venv-mutation mutants

# The environment: made once, and brought up to date when the lock changes. Where PYTHON is named,
# it is made for that Python.
environment:
	@$(PYTHON) tools/environment.py $(VENV) $(LOCKS) \
	  $(if $(filter command environment,$(firstword $(origin PYTHON))),--this-python)

# What runs in the reader's browser. Without it, the book is built all the same, but for Run.
live: environment
	@$(if $(filter 0,$(LIVE))$(LIVE_SOURCES),,$(BIN)/python -m live_exercises.supply $(VENV)/live)

# What `make mutants` needs: a tool that changes the code.
mutation-environment:
	@$(MAKE) environment VENV=.venv-mutation LOCKS="requirements.txt tests/mutation/requirements.txt"

# What `make audit` needs beyond the book: two packages of npm.
audit/node_modules: audit/package-lock.json
	@command -v npm > /dev/null || \
	  { echo "make audit needs Node.js 20 or newer with npm" \
	         "(on Debian and Ubuntu: the packages nodejs and npm)." >&2; exit 1; }
	@npm ci --prefix audit --loglevel error
	@touch $@
