# Two commands: `make up` deploys the example stack to the embedded sandbox cloud, `make test` passes every test.
# Both do all set-up first, and finish in seconds the second time.

STACK ?= sandbox
PLAN ?= plan.json
PYTHON ?= python3
ECS := .venv/bin/ecs
.DEFAULT_GOAL := help
.PHONY: help setup up preview down refresh gate plan apply drift audit test lint typecheck unit nightly contract openstack openstack-down bench schema docs clean

help: ## Show the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  STACK=dev chooses another stack than sandbox."

setup: .venv/.ready ## Virtual environment and toolchain
	@$(ECS) toolchain install

.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or later is needed: set PYTHON=python3.11 (or later).' >&2; exit 1; }
	@echo 'Setting up the virtual environment in .venv (about 30 seconds) ...'
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv || { echo 'No virtual environment: install the venv module of your Python (Debian: python3-venv).' >&2; exit 1; }
	@PIP_CONSTRAINT=constraints.txt .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

up: .venv/.ready ## Deploy the stack (the first time with all set-up)
	@$(ECS) up --stack $(STACK)

preview: .venv/.ready ## Show what `make up` would do, and what is refused
	@$(ECS) preview --stack $(STACK)

down: .venv/.ready ## Delete everything that the stack made
	@$(ECS) down --stack $(STACK)

refresh: .venv/.ready ## Read the cloud into the stack's state
	@$(ECS) refresh --stack $(STACK)

gate: .venv/.ready ## Judge what `make up` would do, and prove that every resource was judged (REPORTS=folder for all reports)
	@$(ECS) gate --stack $(STACK) $(if $(REPORTS),--reports $(REPORTS))

plan: .venv/.ready ## Judge it, and save it for `make apply` (PLAN=plan.json)
	@$(ECS) plan --stack $(STACK) --out $(PLAN) $(if $(REPORTS),--reports $(REPORTS))

apply: .venv/.ready ## Do what the plan says, and nothing else
	@$(ECS) apply $(PLAN) --stack $(STACK)

drift: .venv/.ready ## Say what changed in the cloud behind the state's back
	@$(ECS) drift --stack $(STACK) $(if $(REPORTS),--reports $(REPORTS))

audit: .venv/.ready ## Hold today's rules against what exists
	@$(ECS) audit --stack $(STACK) $(if $(REPORTS),--reports $(REPORTS))

test: setup lint typecheck unit ## Pass every check and test

lint: .venv/.ready
	@.venv/bin/ruff format --check --quiet . || { echo 'Run: .venv/bin/ruff format .' >&2; exit 1; }
	@.venv/bin/ruff check --quiet .

typecheck: .venv/.ready
	@.venv/bin/mypy

unit: .venv/.ready
	@.venv/bin/pytest -q -n 3 --dist loadfile

nightly: setup ## Thirty thousand requests on which arguments, pack and sandbox might disagree; thirty kills of a run; every cell of the fault tables (twenty minutes)
	@ECS_NIGHTLY=1 .venv/bin/pytest -q tests/agreement
	@ECS_NIGHTLY=1 .venv/bin/pytest -q -s tests/end_to_end/test_kills.py
	@ECS_NIGHTLY=1 .venv/bin/pytest -q -n 2 --dist loadfile tests/end_to_end/life tests/contract/test_provider.py
	@ECS_NIGHTLY=1 .venv/bin/pytest -q -n 2 --dist loadfile -m nightly --ignore=tests/end_to_end/life tests
	@ECS_NIGHTLY=1 .venv/bin/pytest -q tests/sandbox/test_kill.py

openstack: ## Start a real OpenStack on this machine (as root on Debian; the first time about five minutes)
	@tests/contract/real/up.sh

openstack-down: ## Stop it; what it holds stays
	@tests/contract/real/down.sh

contract: setup ## Hold the sandbox against the real OpenStack, or against the cloud of OS_CLOUD
	@. tests/contract/real/choose.sh && .venv/bin/pytest -q -k real $(ARGS) tests/contract

bench: .venv/.ready ## Measure, beside named peers (some are built first); the results go to bench/RESULTS.md (an hour and more)
	@.venv/bin/python -m bench.start
	@.venv/bin/python -m bench.preview
	@.venv/bin/python -m bench.sandbox
	@.venv/bin/python -m bench.policy
	@.venv/bin/python -m bench.fleet
	@.venv/bin/python -m bench.creation
	@.venv/bin/python -m bench.batch
	-@.venv/bin/python -m bench.rules
	-@.venv/bin/python -m bench.tofu

schema: .venv/.ready ## Write the JSON Schemas of the stacks' YAML and of reviews
	@$(ECS) schema

docs: .venv/.ready ## Write docs/restrictions.md and docs/changes.md from what the code reads
	@$(ECS) restrictions --write-docs
	@$(ECS) changes --write-docs

clean: ## Remove the virtual environment and the caches of the checks
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
