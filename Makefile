# Every target sets up what it needs in .venv and does nothing twice.
#
#   PYTHON=...       the interpreter for a new .venv (3.11 to 3.13; 3.11 is preferred)
#   TORCH_INDEX=...  an index to take torch itself from, e.g. one with builds for CPUs only
#   ARGS=...         more words for the command that a target runs

.DEFAULT_GOAL := help
.PHONY: help install demo test again check bench miniature lock clean

PYTHON ?=
TORCH_INDEX ?=
ARGS ?=
# Two processes, each test file in one of them, in the order of the folders: the long ones come
# first, so that none is left to the end. TEST_JOBS=0 runs all in this one.
TEST_JOBS ?= 2
export PYTHON TORCH_INDEX

# A set of packages is installed again when the project's needs or the lock change.
KEY := $(shell cat pyproject.toml constraints.txt | cksum | cut -d ' ' -f 1)
RUN := .venv/.installed-run-$(KEY)
DEV := .venv/.installed-dev-$(KEY)

help: ## List the targets
	@echo "Atelier. Start with: make demo"
	@echo
	@sed -n 's/^\([a-z]*\):.* ## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20
	@echo
	@sed -n 's/^#   \([A-Z_]*=.*\)/  \1/p' Makefile

install: $(DEV) ## Set up .venv for development

demo: $(RUN) ## Draw from plain words with the miniature base, then talk
	.venv/bin/atelier demo $(ARGS)

test: $(DEV) ## Run the test suite (no network, no GPU)
	.venv/bin/python -m pytest -n $(TEST_JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

again: $(DEV) ## Run the few tests once more that the last run failed
	deploy/again.sh

check: $(DEV) ## Format, lint, types, import contracts, house rules
	deploy/check.sh

bench: $(DEV) ## Measure speed and quality on this machine
	.venv/bin/python -m tests.bench $(ARGS)

miniature: $(DEV) ## Rebuild the miniature base and its LoRAs
	.venv/bin/python -m engine.workers.miniature all $(ARGS)

lock: $(DEV) ## Write constraints.txt anew from what is in .venv
	deploy/lock.sh

clean: ## Remove what builds and runs left behind, and .venv
	rm -rf .venv build dist *.egg-info .miniature .demo .bench
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find bot engine migrations tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN):
	@deploy/install.sh engine $@

$(DEV):
	@deploy/install.sh engine,postgres,director,dev $@
	@touch $(RUN)
