#!/bin/sh
# Writes the lock files from pyproject.toml. Run it after a dependency has changed; `--upgrade` takes newer versions too.
#
#   requirements.txt        what the program needs
#   requirements-test.txt   the same versions, and what `make check` and `make test` need
#   requirements-package.txt  what the program needs, at the same versions, and what `make package` needs
#   requirements-boot.txt   uv alone, for a machine that has none
#
# Each holds versions, markers and hashes for all platforms and no address, so that every mirror of PyPI serves them.
# The environment is emptied for uv: a find-links folder or an extra index of this machine must not leave a trace.
set -eu
cd "$(dirname "$0")/.."

lock() {
  output=$1
  shift
  env -i PATH="$PATH" HOME="$HOME" UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never UV_CUSTOM_COMPILE_COMMAND=packaging/lock.sh \
    .venv/bin/uv pip compile --quiet --no-config --universal --generate-hashes --python-version 3.12 --no-annotate \
    --python .venv/bin/python --output-file "packaging/$output" "$@"
}

lock requirements.txt "$@" pyproject.toml
lock requirements-test.txt "$@" --constraints packaging/requirements.txt --group test pyproject.toml
lock requirements-package.txt "$@" --constraints packaging/requirements.txt --group package pyproject.toml
printf 'uv\n' | lock requirements-boot.txt "$@" --constraints packaging/requirements-test.txt -
