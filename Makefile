# Two commands matter: `make run` and `make test`. `make help` lists the others.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
export PYTHONUNBUFFERED := 1
# Where the environment forbids to keep compiled modules, each process would compile all of them again: nine seconds instead of two.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test test-n8n lint venv messages assets system-deps check-system demo-passwords stop reset clean backup bench

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

run: venv messages ## the whole product on http://127.0.0.1:8000 (PORT=, HOST=, SEARCH=elasticsearch)
	@exec $(BIN)/python -m ecosysteme.run

test: venv messages check-system assets ## the whole test suite, on real servers
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -q $(ARGS)

# n8n and its Node lie in .n8n-cache (2.4 GB; N8N_CACHE= says where else), which `make clean` leaves alone.
test-n8n: venv messages ## the workflows and the node of n8n/ in a real n8n, installed first (needs npm's registry)
	@$(BIN)/python scripts/install_n8n.py $(N8N_CACHE)
	@$(BIN)/python -m pytest -m n8n -q tests/n8n $(ARGS)

lint: venv messages assets ## formatting, rules, layers, types, production settings, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --lint templates --quiet
	$(BIN)/lint-imports
	$(BIN)/mypy .
	@env DJANGO_SETTINGS_MODULE=ecosysteme.settings.production SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	  API_KEY_PEPPER=lint OIDC_PRIVATE_KEY=lint DATABASE_URL=postgres://nobody@127.0.0.1/nothing REDIS_URL=redis://127.0.0.1/0 ALLOWED_HOSTS=ecosyste.example \
	  $(MANAGE) check --deploy --fail-level WARNING
	$(MANAGE) makemigrations --check --dry-run

venv: $(VENV)/.installed

# uv installs the locked wheels in seconds and checks every hash.
$(VENV)/.installed: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; PYTHON=/path/to/python3.12 make … chooses one." if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	@touch $@

messages: venv
	@$(BIN)/python scripts/compile_messages.py

assets: venv ## style sheet, script and icons into static/build
	@$(BIN)/python scripts/build_assets.py > /dev/null

check-system: venv
	@$(BIN)/python -m ecosysteme.elasticsearch check
	@missing=""; command -v chromium >/dev/null || missing="$$missing chromium"; \
	 fc-list 2>/dev/null | grep -qi noto || missing="$$missing fonts-noto-core"; \
	 test -z "$$missing" || { echo "The browser tests need Debian's$$missing: make system-deps installs them."; exit 1; }

system-deps: ## Debian's packages for the tests (as root or with sudo); Debian 12 has no JDK >= 21
	@{ command -v chromium && command -v mvn && fc-list | grep -i noto; } >/dev/null 2>&1 || { \
	  sudo=$$(test $$(id -u) = 0 || echo sudo); \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq chromium fonts-noto-core fontconfig maven >/dev/null; }

demo-passwords: venv ## new passwords for the demonstration users, printed once
	@$(MANAGE) create_demo_users --new-passwords

stop: ## end a `make run` of this checkout
	@test -s var/dev/run.lock && kill -TERM $$(cat var/dev/run.lock) 2>/dev/null && echo "Ending." || echo "Nothing runs here."

reset: ## delete the database, cache and files of this checkout (asks)
	@printf 'This deletes all data under var/. Type "yes" to go on: '; read answer; test "$$answer" = yes
	@$(MAKE) --no-print-directory stop; $(BIN)/python -c 'from ecosysteme import elasticsearch, embedded; elasticsearch.own_node().stop(); embedded.remove()'; rm -rf var

clean: ## delete what can be made again: environment, builds, caches
	@rm -rf $(VENV) docker/elasticsearch-node/target static/build var/static var/dev/static.digest .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +; find locale -name '*.mo' -delete

backup: venv ## database and files into FILE=catalogue.dump (and .media.tar beside it)
	@test -n "$(FILE)" || { echo 'Say where: make backup FILE=catalogue.dump'; exit 1; }
	@$(BIN)/python -m ecosysteme.backup "$(FILE)"

bench: venv messages assets ## benchmarks (ONLY=catalog SCALE=10000)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.txt
	@$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(SCALE),--scale $(SCALE))
