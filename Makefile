# `make demo` and `make test` set up everything they need, in .venv.
PYTHON ?= python3
# More for pip: on Linux, PyTorch comes with 4 GB of CUDA libraries. Its build for CPUs alone is 200 MB:
#   make demo PIP_ARGS="--extra-index-url https://download.pytorch.org/whl/cpu"
PIP_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check $(PIP_ARGS) -c constraints.txt -e
SETUP := pyproject.toml setup.py constraints.txt

# Where it is set, each of the hundreds of processes that tests start would compile what it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-upstream fuzz lint pins format docs bench chaos soak clean

demo: $(VENV)/.installed-torch  ## schedule, train and rank a grid of MLPs on the handwritten digits
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/digits/demo.sh

# Many tests wait most of the time: four at once keep two cores busy. Files go out in the order of
# tests/conftest.py, which has those first that take longest.
test: $(VENV)/.installed-dev  ## the whole test suite
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --durations=10

# The tests that search by themselves, FUZZ times as long and elsewhere each time; then, where it is
# installed, atheris, which searches along the lines that a text reaches (.venv/bin/pip install atheris).
FUZZ ?= 30
FUZZ_SECONDS ?= 120
fuzz: $(VENV)/.installed-dev  ## search for texts and orders of events that the program does not stand
	FUZZ=$(FUZZ) $(BIN)/python -m pytest -n 2 tests/test_fuzzing.py tests/jobman/table/test_table_machine.py
	@$(BIN)/python -c 'import atheris' || exit 0; for target in yaml expression literal query; do \
	    $(BIN)/python tests/fuzz_by_coverage.py $$target -max_total_time=$(FUZZ_SECONDS) || exit 1; \
	done

# PYLEARN2 is a checkout of the real pylearn2. Its own tests take an hour: PART=costs runs those whose
# file has that in its path.
test-upstream: $(VENV)/.installed-dev  ## the real pylearn2 on Theano's names: recorded runs, its own tests
	PYLEARN2=$(PYLEARN2) $(BIN)/python -m pytest -n 2 tests/upstream
	$(BIN)/python tests/upstream/own_tests.py $(PYLEARN2) $(PART)

lint: $(VENV)/.installed-dev  ## style, formatting, types, and which room may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

pins: $(VENV)/.installed-dev  ## whether constraints.txt can be installed on the Pythons that users have
	@for version in 3.11.2 3.12 3.13; do \
	    $(BIN)/uv pip compile --quiet --all-extras --python-version $$version --only-binary :all: \
	        -c constraints.txt pyproject.toml -o /dev/null || exit 1; \
	done

format: $(VENV)/.installed-dev  ## put the code into ruff's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed-dev  ## the documentation, in docs/_build/html
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

bench: $(VENV)/.installed-dev  ## how fast, against hand-written code, as ratios within one run
	$(BIN)/python benchmarks/queue.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/search.py

# CHAOS="--only repeated_kills --on sqlite" runs a part; benchmarks/chaos.py says what else there is.
CHAOS ?=
chaos: $(VENV)/.installed-dev  ## real workers under faults and pressure, in 17 minutes
	$(BIN)/python benchmarks/chaos.py $(CHAOS)

soak: $(VENV)/.installed-dev  ## 20,000 short jobs under faults: the workers' memory, descriptors, files
	$(BIN)/python benchmarks/chaos.py --soak 20000 $(CHAOS)

clean:
	rm -rf $(VENV) demo docs/_build build dist *.egg-info

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed-%: $(SETUP) | $(VENV)/bin/python
	@echo "Installing pylearn2_jobman[$*] into $(VENV). PyTorch is large: the first time takes minutes, on"
	@echo "Linux 4 GB of disk as it comes (the Makefile says how to take its build for CPUs: 200 MB)."
	$(INSTALL) '.[$*]'
	@touch $@
