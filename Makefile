# `make demo` shows the product, `make test` tests it, `make up` runs it; all they need is Python 3.11 or newer.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.NOTPARALLEL:

# Nothing but the lock files decides what is installed.
PIP := .venv/bin/python -m pip --quiet --no-input --disable-pip-version-check

.PHONY: help demo up test messages lock clean

help:
	@echo "make demo   the product with a history and live traffic, in ./plimsoll-demo"
	@echo "make up     the product for real use, with its data in ./plimsoll-data"
	@echo "make test   style, types, imports and tests"
	@echo "make messages   bring the translations in dashboards/locale/ up to date"
	@echo "make lock   compile requirements.txt and requirements-dev.txt anew from pyproject.toml"

demo: .venv/installed
	@exec .venv/bin/plimsoll demo

up: .venv/installed
	@exec .venv/bin/plimsoll up

test: .venv/tested browser
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/pytest

# The page tests drive a real Chromium. As root on Debian it is installed; in CI it must be there; elsewhere the tests
# that need it are skipped and counted.
.PHONY: browser
browser:
	@if $(chromium); then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium ..." >&2; export DEBIAN_FRONTEND=noninteractive; \
		{ $(install) || { apt-get update -qq && $(install); }; } >.venv/chromium.log 2>&1 \
			|| echo "Chromium could not be installed; see .venv/chromium.log." >&2; \
	fi
	@if [ "$$CI" = true ] && ! $(chromium); then \
		echo "In CI the tests need Chromium, and there is none." >&2; exit 1; \
	fi

chromium := { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null
install := apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk

# A changed lock means a new environment: nothing of the old one is left in it. The tests' own packages are added to one
# that has none yet, as somebody may be running on it.
.venv/installed: requirements.txt pyproject.toml
	@$(in_turn); is_current $@ $^ || { \
		new_venv; $(PIP) install --require-hashes -r requirements.txt; \
		$(PIP) install --no-deps --no-build-isolation -e .; touch $@; \
	}

.venv/tested: requirements-dev.txt requirements.txt pyproject.toml
	@$(in_turn); is_current $@ $^ || { \
		if [ -e $@ ] || ! is_current .venv/installed requirements.txt pyproject.toml; then new_venv; fi; \
		$(PIP) install --require-hashes -r requirements-dev.txt; \
		$(PIP) install --no-deps --no-build-isolation -e .; touch .venv/installed $@; \
	}

# Two that begin in one moment take turns, and the second finds what the first has made. The lock is the kernel's (flock,
# which macOS has no command for): it goes with this shell, however that ends.
define in_turn
set -e; exec 9>>.venv.lock; found=; \
for python in python3.14 python3.13 python3.12 python3.11 python3; do \
	if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		found=$$python; break; \
	fi; \
done; \
if [ -z "$$found" ]; then \
	echo "Plimsoll needs Python 3.11 or newer with venv, and none was found on the PATH" \
		"(on Debian: apt-get install python3 python3-venv)." >&2; exit 1; \
fi; \
$$found -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'; \
is_current() { made=$$1; shift; [ -e $$made ] && [ -z "$$(find "$$@" -newer $$made)" ]; }; \
new_venv() { rm -rf .venv; echo "Making .venv with $$($$found --version) ..." >&2; $$found -m venv .venv; }
endef

# Reads all marked texts into dashboards/locale/, where what is new waits for its Chinese, and compiles what is there.
messages: .venv/tested
	.venv/bin/python -m tests.translations

lock:
	@rm -rf .lock && python3 -m venv .lock && .lock/bin/python -m pip --quiet --disable-pip-version-check install uv
	@$(COMPILE) --group build -o requirements.txt
	@$(COMPILE) --group build --group dev -c requirements.txt -o requirements-dev.txt
	@rm -rf .lock

COMPILE := .lock/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock"

clean:
	rm -rf .venv .venv.lock .lock
