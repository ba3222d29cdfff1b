# Two commands do everything on a machine that has Python 3.11 to 3.13, git and make: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# So many processes share the tests, many of which wait most of the time: make test WORKERS=1 for one after the other.
WORKERS ?= $(shell cores=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((cores < 7 ? cores + 1 : 8)))

.PHONY: demo test lint browser bench soak chaos schema clean

demo: $(VENV)/.app
	$(BIN)/embarque demo

test: $(VENV)/.dev browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/embarque check
	$(BIN)/pytest --numprocesses $(WORKERS) --dist loadgroup

# The browser tests drive a Chromium: the one that is there, else Debian's, else Playwright's own.
browser: $(VENV)/.dev
	$(BIN)/python tests/browser/chromium.py

# With the peers that we are compared with. botbuilder-dialogs asks for an old babel that nobody else wants.
bench: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,bench]"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps "botbuilder-dialogs>=4.17.1,<4.18"
	$(BIN)/python -m bench

# Longer runs of what the suite runs briefly.
soak: $(VENV)/.dev
	$(BIN)/pytest -m soak

# Kills, storms and outages with numbers of one's own: make chaos SOAK="sqlite --kills 2000 --seed 7".
chaos: $(VENV)/.dev
	$(BIN)/python -m tests.chaos.soak $(or $(SOAK),all)

schema: $(VENV)/.app
	$(BIN)/embarque check --write-schema

$(VENV)/bin/python:
	$(PYTHON) -c "import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else 'Embarque needs Python 3.11, 3.12 or 3.13, found %d.%d: make PYTHON=python3.12 …' % v)"
	$(PYTHON) -m venv $(VENV) || $(PYTHON) -m virtualenv $(VENV) || \
		{ echo "Python has no venv here: apt-get install python3-venv, then again"; rm -rf $(VENV); exit 1; }

$(VENV)/.app: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $@ $(VENV)/.app

clean:
	rm -rf $(VENV) build out var *.egg-info
