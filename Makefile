# Two commands are all the set-up there is: `make run` and `make test`.
SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python
export SVAR_DEMO ?= 1
PORT ?= 8000

.PHONY: run test test-mail test-services check bench pictures requirements language-model clean

run: $(VENV)/.base ## everything, then Svar with its demo shop on http://127.0.0.1:8000/
	@$(PY) manage.py migrate -v 0
	@$(PY) manage.py load_demo
	@$(PY) manage.py compile_messages
	@$(PY) manage.py collectstatic --noinput -v 0
	@$(PY) manage.py reindex --if-needed
	@exec $(PY) manage.py serve --port $(PORT)

test: $(VENV)/.dev ## all tests but those that need root's services
	@tools/install-chromium
	@$(PY) manage.py compile_messages
	@PYTHON=$(PY) tools/run-tests
	@tools/node --test tests/widget/

test-mail: $(VENV)/.dev ## the tests over Dovecot and OpenSMTPD (installed with apt as root)
	@tools/with-mail-servers $(PY) -m pytest -m mail

test-services: $(VENV)/.many ## the tests over PostgreSQL and Redis (installed with apt as root)
	@tools/with-services $(PY) -m pytest -m services

check: $(VENV)/.dev ## style, types, layers, translations, deployment settings
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy chatbot channels_adapters knowledge
	@$(VENV)/bin/lint-imports
	@tools/check-javascript
	@$(PY) manage.py makemigrations --check --dry-run
	@SVAR_DEMO=0 SVAR_BASE_URL=https://support.example.com $(PY) manage.py check --deploy --fail-level WARNING

bench: $(VENV)/.dev ## speed and memory beside their baselines, into build/bench.json
	@$(PY) manage.py compile_messages
	@$(PY) -m tests.bench

pictures: $(VENV)/.dev ## the README's pictures, by the browser tests
	@tools/install-chromium
	@SVAR_PICTURES=docs/pictures $(PY) -m pytest -m browser tests/paths

language-model: ## a small language model on loopback, to try streaming with (it writes nonsense)
	@tools/language-model-server

requirements: $(VENV)/.dev ## compile requirements/*.txt from *.in
	@cd requirements && for set in base dev extras-many extras-openai extras-anthropic extras-ollama; do ../$(VENV)/bin/uv pip compile -q --python-version 3.11 --custom-compile-command "make requirements" $$set.in -o $$set.txt; done

$(VENV)/.base: requirements/base.txt
	@tools/make-venv $(VENV)
	@echo "Installing what Svar needs (about 700 MB, a minute or two) ..."
	@$(PY) -m pip install -q --disable-pip-version-check -r requirements/base.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements/dev.txt
	@$(PY) -m pip install -q --disable-pip-version-check -r requirements/dev.txt
	@touch $@

$(VENV)/.many: $(VENV)/.dev requirements/extras-many.txt
	@$(PY) -m pip install -q --disable-pip-version-check -r requirements/extras-many.txt
	@touch $@

clean: ## forget everything but the sources
	rm -rf $(VENV) var build
