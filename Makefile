# Needs make and Python 3.11 or newer with venv; everything else comes into .venv by itself.
# ARGS is handed on: make test ARGS="-k bisect"

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMP := $(VENV)/.up-to-date
PYTHONS := $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3
ARGS :=

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak check bench bench-large pictures docs lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s  %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## install Laban and its tools into .venv; does nothing when that is up to date

demo: $(STAMP) ## record the demo and open it in the debugger
	@$(BIN)/laban demo $(ARGS)

test: $(STAMP) ## run the tests
	@$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

soak: $(STAMP) ## try many times as many made-up logs, runs, edits and random keys
	@LABAN_SIMULATIONS=200000 LABAN_COMPARISONS=200 LABAN_TRIES=20 LABAN_MONKEY_KEYS=20000 \
		$(BIN)/python -m pytest -n 2 tests/analysis tests/contracts tests/replay tests/store \
		tests/testing tests/tui/test_monkey.py $(ARGS)

check: $(STAMP) ## check format, lint, types and the layers of imports
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(STAMP) ## generate a large log and measure Laban on it
	@$(BIN)/python -m tests.benchmarks $(ARGS)

bench-large: $(STAMP) ## measure 1 and 10 million events: half an hour, 30 GB of disk
	@$(BIN)/python -m tests.benchmarks.large $(ARGS)

pictures: $(STAMP) ## draw the debugger's screens anew, from the demos
	@$(BIN)/python -m tests.pictures $(ARGS)

docs: $(STAMP) ## write examples' output, keys and schema anew
	@$(BIN)/python -m tests.keys
	@$(BIN)/python -m laban.replay.choreography.document
	@$(BIN)/python -m tests.examples README.md docs/*.md

lock: $(UV) ## write requirements.txt anew; ARGS=--upgrade takes newer versions
	@$(UV) pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --custom-compile-command 'make lock' --group dev \
		-o requirements.txt $(ARGS) pyproject.toml

clean: ## remove what the other targets made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache \
		.hypothesis .import_linter_cache

$(STAMP): pyproject.toml requirements.txt | $(UV)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

# uv installs the rest; its own locked lines are all that pip has to read.
$(UV):
	@for python in $(PYTHONS); do \
		if "$$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' \
			2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Laban needs Python 3.11 or newer with venv, and none was found." \
			"Install it (Debian: python3 python3-venv) or name it: make PYTHON=/path/to/python" >&2; \
		exit 2; \
	fi; \
	echo "Setting up $(VENV) with $$("$$found" --version): a minute, this once." >&2; \
	"$$found" -m venv --clear $(VENV) && \
	awk '/^uv==/ { on = 1 } on { print } on && !/\\$$/ { exit }' requirements.txt > $(VENV)/uv.txt && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
