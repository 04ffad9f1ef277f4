# dissensus: every target sets up what it needs in $(VENV) first; re-runs are quick.
#   make demo     who is misaligned with whom in the US Senate
#   make test     unit tests, laws, known answers, doctests, examples in the docs
#   make lint     ruff, mypy, import contract
#   make judges   neighbours' packages, each in an environment of its own
#   make bench    speed and memory, side by side with the plain way
#   make docs     the documentation, in docs/_build/html
PYTHON ?= python3
VENV   ?= .venv

BIN     := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet -c constraints.txt

.DELETE_ON_ERROR:
.PHONY: demo test lint judges bench docs constraints clean

# Two stages of one environment: what a user has, and what a developer has. Once the second is
# there it serves for both, so that the demo always runs the code of this folder.
USER      := $(VENV)/.installed
DEVELOPER := $(VENV)/.installed-developer
READY     := $(if $(wildcard $(DEVELOPER)),$(DEVELOPER),$(USER))

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)

$(USER): $(VENV)/pyvenv.cfg pyproject.toml constraints.txt $(shell find src -type f -not -name '*.pyc')
	$(INSTALL) --upgrade .
	@touch $@

$(DEVELOPER): $(VENV)/pyvenv.cfg pyproject.toml constraints.txt
	$(INSTALL) -e '.[test,lint,docs]'
	@touch $@

demo: $(READY)
	$(BIN)/dissensus between us-senate -o us-senate-between.json

test: $(DEVELOPER)
	$(BIN)/pytest -n auto

lint: $(DEVELOPER)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

judges:
	PYTHON=$(PYTHON) bash tests/judges/run

bench: $(DEVELOPER)
	@set -e; for benchmark in benchmarks/*.py; do echo "== $$benchmark"; $(BIN)/python $$benchmark; done

docs: $(DEVELOPER)
	$(BIN)/sphinx-build -W --keep-going -q docs docs/_build/html
	@echo "docs/_build/html/index.html"

# The newest versions that fit together, from a fresh environment.
constraints:
	rm -rf $(VENV)-constraints
	$(PYTHON) -m venv $(VENV)-constraints
	$(VENV)-constraints/bin/python -m pip install --quiet '.[test,lint,docs]'
	$(VENV)-constraints/bin/python -m pip freeze --exclude dissensus > constraints.txt
	rm -rf $(VENV)-constraints

clean:
	rm -rf $(VENV) .venv-judges build dist docs/_build .hypothesis .*_cache us-senate-between.json
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
