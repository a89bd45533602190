# Everything runs from .venv, which is made from the lock file when it is missing or older than the lock.
# Needs: make and Python 3.11 or later. PYTHON=/path/to/python picks another one.

PYTHON ?= $(firstword $(foreach v,3.13 3.12 3.11 3.14 3,$(shell python$(v) -c \
	'import sys, venv, ensurepip; sys.version_info >= (3, 11) and print(sys.executable)' 2>/dev/null)))
BIN := .venv/bin

.PHONY: help demo test torture check format bench archives accept docs lock clean

help:
	@echo 'make demo     crawl a small publication on this machine and show what came out'
	@echo 'make test     run the tests'
	@echo 'make torture  run the fault scenarios at full size (an hour or more) and print their figures'
	@echo 'make check    ruff, format, mypy'
	@echo 'make docs     write the generated pages of docs/ and config.toml'
	@echo 'make accept   rewrite the accepted articles of the fixture pages; read the diff before you commit it'
	@echo 'make bench    measure quality and speed'
	@echo 'make archives measure `scrape warc` on 20,000 pages, with deaths, on both engines (40 minutes)'
	@echo 'make format   format the code'
	@echo 'make lock     resolve requirements-dev.lock anew'

demo: .venv/installed
	$(BIN)/scrape demo

test: .venv/installed
	$(BIN)/python -m pytest

torture: .venv/installed
	rm -f torture-figures.jsonl
	TORTURE=1 $(BIN)/python -m pytest tests/scenarios
	$(BIN)/python -m tests.scenarios.figures

check: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

accept: .venv/installed
	$(BIN)/python -m tests.accept

docs: .venv/installed
	$(BIN)/python docs/generate.py
	$(BIN)/python -m scraper.dictionary > docs/database.md

bench: .venv/installed
	@# without the labelled pages (CORPUS=...) quality says so, and speed measures the pages that are here
	-$(BIN)/python -m benchmarks.quality
	$(BIN)/python -m benchmarks.speed

archives: .venv/installed
	$(BIN)/python -m benchmarks.archives

lock: .venv/installed
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --extra dev --python-version 3.11 \
		--custom-compile-command 'make lock' --upgrade pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv demo-data .pytest_cache .mypy_cache .ruff_cache

.venv/installed: requirements-dev.lock pyproject.toml
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or later with venv is needed; say where: make PYTHON=/path/to/python'; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@# setuptools warns of every editable install
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
