# `make demo` and `make test` set up everything they need, in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e
SETUP := pyproject.toml setup.py constraints.txt

.PHONY: demo test lint format docs bench clean

demo: $(VENV)/.installed-torch  ## schedule, train and rank a grid of MLPs on the handwritten digits
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/digits/demo.sh

test: $(VENV)/.installed-dev  ## the whole test suite
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

lint: $(VENV)/.installed-dev  ## style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-dev  ## put the code into ruff's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed-dev  ## the documentation, in docs/_build/html
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

bench: $(VENV)/.installed-dev  ## how fast, against hand-written code, as ratios within one run
	$(BIN)/python benchmarks/queue.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/scale.py

clean:
	rm -rf $(VENV) demo docs/_build build dist *.egg-info

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed-%: $(SETUP) | $(VENV)/bin/python
	@echo "installing pylearn2_jobman[$*] into $(VENV) (PyTorch is large: the first time takes minutes)"
	$(INSTALL) '.[$*]'
	@touch $@
