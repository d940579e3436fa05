# Two commands: `make demo` runs the main job, `make test` runs every test. Both set up what they need.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CONSTRAINTS := $(shell $(PYTHON) -c 'import sys; print("constraints-3.11.txt" if sys.version_info < (3, 12) else "constraints-3.12.txt")')

# Tests of a file stay together and in order; files are taken as the folders come, so that short ones are the last. What
# drives a browser, or measures time or memory, comes after, with nothing beside it.
SIDE_BY_SIDE := --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: demo test lint paper documents bench clean

demo: $(VENV)/.run
	$(BIN)/planb demo

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "not browser and not alone" $(SIDE_BY_SIDE)
	$(BIN)/python -m pytest -m "browser or alone" $$(grep -rlE --include="*.py" "mark\.(browser|alone)" tests)

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
