# `make demo` and `make test` do all their set-up themselves, and only what has changed since.
# ARGS is handed to the command behind a target:  make demo ARGS=--headed   make test ARGS="-k sandbox"

SHELL := /bin/sh
BIN := .venv/bin
ARGS ?=
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help bench demo test lint format setup constraints clean install-practice install-dev

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: install-practice ## Rehearse: win three consecutive hours on the practice site
	@$(BIN)/sniper setup --if-needed
	$(BIN)/sniper run bookings.example.json --site practice $(ARGS)

test: lint ## Lint, check types, and run every test in a real browser
	@$(BIN)/sniper setup --if-needed
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: install-dev ## Check style, formatting and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: install-dev ## Mend style and formatting
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: install-dev ## Measure what docs/benchmarks.md tells, which takes a quarter of an hour
	@$(BIN)/sniper setup --if-needed
	$(BIN)/python -m benchmarks.clock
	$(BIN)/python -m benchmarks.release
	$(BIN)/python -m benchmarks.prewarm
	$(BIN)/python -m benchmarks.contest
	$(BIN)/python -m benchmarks.recording

setup: install-practice ## Install sniper, a browser and the practice site's front end
	@$(BIN)/sniper setup

constraints: install-dev ## Bring constraints.txt up to the newest versions
	$(BIN)/python scripts/constraints.py

clean: ## Remove all that was made here, .venv and the built front end included
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf sniper/practice/web/dist sniper/practice/web/node_modules sniper/practice/web/.angular
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

install-practice:
	@sh scripts/install.sh practice

install-dev:
	@sh scripts/install.sh dev
