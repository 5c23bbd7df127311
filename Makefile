# A plain Debian or Ubuntu with Python >= 3.11 and make is enough: every target first sets up what it needs.
#
#   make test   lint, types, import rules, all tests (what the continuous integration runs)
#   make demo   the story, then real orders: cleared, verified, reported
#   make lint   formatting, lint, types and import rules alone
#   make soak   the long versions of the tests
#   make bench  the benchmark and its peers, into bench/RESULTS.md
#   make lock   write requirements/lock.txt anew from pyproject.toml
#   make clean  remove what set-up and tests made

VENV := .venv
BIN := $(VENV)/bin
PINS := pyproject.toml requirements/lock.txt scripts/setup

.PHONY: test demo lint soak bench lock clean

test: lint
	sh scripts/foreign
	$(BIN)/pytest -m "not soak" --numprocesses auto --dist loadfile

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: $(VENV)/.dev
	sh scripts/foreign
	$(BIN)/pytest --hypothesis-profile=soak

demo: $(VENV)/.demo
	$(BIN)/millpond demo

bench: $(VENV)/.bench
	sh scripts/foreign
	$(BIN)/python -m bench

lock: $(VENV)/.dev
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade \
	  --no-annotate --no-header --quiet --output-file requirements/lock.txt

$(VENV)/.dev: $(PINS)
	sh scripts/setup dev

$(VENV)/.demo: $(PINS)
	sh scripts/setup demo

$(VENV)/.bench: $(PINS)
	sh scripts/setup bench

clean:
	rm -rf $(VENV) .venv-foreign .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache out
