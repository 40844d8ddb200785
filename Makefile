# Two commands on a fresh machine: `make demo` and `make test`. They need git, make and Python 3.11 or newer with venv.
VENV ?= .venv
PORT ?= 8000
BIN  := $(VENV)/bin
export PORT
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# The first Python that is new enough and can make virtual environments.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python3.14; do \
  $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)

# For `check --deploy` and the like: as in production, with nothing behind it.
AS_IN_PRODUCTION = env -u REDIS_URL -u CACHE_URL -u BROKER_URL DEBUG=0 DEMO=0 DATABASE_URL=postgres://lint@127.0.0.1:1/lint \
  SITE_URL=https://safet.example.com SECRET_KEY=throw-away-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ \
  FIELD_KEYS=throw-away-0123456789-abcdefghijklmnopqrstuvwxyz

.DEFAULT_GOAL := help
.PHONY: help demo test lint fix lock stop clean proof proof-coverage proof-brokers

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 21

demo: $(VENV)/demo.ok ## the portal with demo data on 127.0.0.1, port 8000 (PORT=… for another); Ctrl-C stops it all
	@exec $(BIN)/python manage.py demo

test: $(VENV)/test.ok ## the whole test suite on a real PostgreSQL, in lanes side by side (ARGS="tests/claims -x" for a part)
	@exec $(BIN)/python -m $(if $(strip $(ARGS)),pytest -q $(ARGS),tests.lanes)

lint: $(VENV)/test.ok ## everything a machine can judge without running the tests
	$(BIN)/ruff check -q
	$(BIN)/ruff format -q --check --diff
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html' '*/templates/*.html')
	$(BIN)/oxlint --quiet --deny-warnings static/js
	$(AS_IN_PRODUCTION) $(BIN)/python -W 'ignore:Got an error checking a consistent migration history' manage.py makemigrations --check --dry-run
	$(AS_IN_PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(AS_IN_PRODUCTION) $(BIN)/python manage.py draw_lifecycle --check

fix: $(VENV)/test.ok ## let the machine repair what it can
	$(BIN)/ruff check -q --fix
	$(BIN)/ruff format -q
	-@$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html' '*/templates/*.html')
	-@$(BIN)/oxlint --quiet --fix static/js

# Proofs take long and are run by hand: each is a target of its own, and `make proof` runs them all.
proof: proof-coverage proof-brokers ## every proof, one after the other

proof-brokers: $(VENV)/test.ok ## every broker an address can name, each a real server; RabbitMQ is Debian's rabbitmq-server
	@exec $(BIN)/python -m pytest -q tests/faults/test_brokers.py tests/faults/proof_rabbitmq.py

proof-coverage: $(VENV)/test.ok ## which lines and branches, and lines of templates, no test runs (ARGS="tests/claims" for a part)
	@rm -rf var/coverage && mkdir -p var/coverage
	@$(BIN)/coverage run -m $(if $(strip $(ARGS)),pytest -q $(ARGS),tests.lanes); code=$$?; \
	  $(BIN)/coverage combine -q && $(BIN)/coverage html -q --skip-empty && \
	  echo "Lines and branches of Python:" && $(BIN)/coverage report --skip-empty --include='*.py' | grep -E '^(Name|TOTAL)' && \
	  echo "Lines of templates:" && $(BIN)/coverage report --skip-empty --include='templates/*' | grep -E '^(Name|TOTAL)' && \
	  echo "Line by line: var/coverage/html/index.html" && exit $$code

lock: $(VENV)/test.ok ## requirements/*.txt anew from pyproject.toml (UPGRADE=-U for newer versions)
	@for t in "base:" "demo:--group demo" "test:--group test"; do \
	  $(BIN)/uv pip compile -q $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" pyproject.toml $${t#*:} -o requirements/$${t%%:*}.txt >/dev/null || exit 1; done

stop: ## stop an embedded PostgreSQL that was left running
	@test ! -x $(BIN)/python || for d in var/postgres var/postgres-test*; do \
	  test ! -d $$d || $(BIN)/python -m safet_portal.embedded_postgres stop $$d; done

clean: stop ## forget everything that isn't in git: demo data, virtual environment
	rm -rf var $(VENV) staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# What is installed is what the lock says, hash by hash; uv is used where it is at hand, pip otherwise.
$(VENV)/demo.ok $(VENV)/test.ok: $(VENV)/%.ok: requirements/%.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed; none found. On Debian: apt install python3 python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "Installing into $(VENV) with $(PYTHON), once"; $(PYTHON) -m venv $(VENV); }
	@{ command -v uv >/dev/null && uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes --only-binary :all: -r $< 2>/dev/null; } \
	  || $(BIN)/python -m pip install -q --require-hashes --only-binary :all: -r $<
	@touch $@
