# make run    sets up all that it needs, then serves on http://127.0.0.1:8000/ (PORT=… changes it)
# make test   sets up all that it needs, then runs every test that this machine can
# make lint   style, types and import rules
# PIP_ARGS="…" is handed to every pip install; PYTHON=… names the interpreter to build .venv/ with.

PORT ?= 8000
PYTHON ?=
PIP_ARGS ?=
PYTEST_ARGS ?=
export PORT

# The stamps carry a hash of what they stand for: changed requirements are installed, unchanged ones cost nothing.
RUN_STAMP := .venv/ready-run-$(firstword $(shell cksum < requirements.txt))
TEST_STAMP := .venv/ready-test-$(firstword $(shell cat requirements.txt requirements-dev.txt | cksum))

.PHONY: run test lint setup setup-test docs
run: $(RUN_STAMP)
	@.venv/bin/python manage.py models pull
	@exec .venv/bin/python manage.py up

test: $(TEST_STAMP)
	@.venv/bin/python -m pytest $(PYTEST_ARGS)

lint: $(TEST_STAMP)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

docs: $(RUN_STAMP)
	.venv/bin/python docs/commands.py

setup: $(RUN_STAMP)
setup-test: $(TEST_STAMP)

# torch comes first: what depends on it then takes the one that is there. An installation that was interrupted leaves
# .venv/installing behind, and the next one starts over instead of trusting half of it.
define INSTALL
	@.ci/setup "$(PYTHON)"
	@echo "Installing into .venv/ (a few minutes the first time) …"
	@touch .venv/installing
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) "$$(grep '^torch==' requirements.txt)"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) $(1)
	@rm -f .venv/installing
endef

$(RUN_STAMP): requirements.txt
	$(call INSTALL,-r requirements.txt)
	@rm -f .venv/ready-run-* && touch $@

$(TEST_STAMP): requirements.txt requirements-dev.txt
	$(call INSTALL,-r requirements.txt -r requirements-dev.txt)
	@rm -f .venv/ready-* && touch $(RUN_STAMP) $@
