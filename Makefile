# Two commands: `make demo` runs the main job, `make test` runs every test. Both set up what they need.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CONSTRAINTS := $(shell $(PYTHON) -c 'import sys; print("constraints-3.11.txt" if sys.version_info < (3, 12) else "constraints-3.12.txt")')

.PHONY: demo test lint paper documents bench clean

demo: $(VENV)/.run
	$(BIN)/planb demo

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

lint: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy

paper: $(VENV)/.run
	$(BIN)/python -m experiments.paper

documents: $(VENV)/.test
	$(BIN)/python -m experiments.paper.documents

bench: $(VENV)/.test
	$(BIN)/planb bench

$(VENV)/.run: pyproject.toml $(CONSTRAINTS)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS) --editable .
	touch $@

$(VENV)/.test: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS) --editable ".[page,dask,test,dev]"
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
