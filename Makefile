# Everything there is to learn: each target prepares the machine and the checkout by itself (packaging/bootstrap.sh).

BOOTSTRAP := packaging/bootstrap.sh
PYTHON := .venv/bin/python
VIRTUAL_SCREEN := packaging/virtual_screen.sh
DISPLAY_HERE := $(or $(DISPLAY),$(WAYLAND_DISPLAY),$(QT_QPA_PLATFORM),$(filter Darwin,$(shell uname -s)))
# The layers whose every failure path can be tested without a window must be.
COVERED := app/model/*,app/services/*,app/workers/*
COVERAGE_FLOOR := 95
# As many as the smallest machine that runs them has cores; each may have a real engine beside it.
TEST_PROCESSES := 2

.PHONY: help run test check bench demo screenshots package test-package

help:
	@echo "make run          start Triptych (ARGS=... passes arguments); without a display: make demo"
	@echo "make test         make check, then all tests"
	@echo "make check        format, lint, types, import rules, shape, dead code, spelling"
	@echo "make bench        measure into build/bench.json (ONLY=startup measures a part)"
	@echo "make demo         drive the real program on a virtual screen; pictures in build/demo/"
	@echo "make package      the installers of this system into dist/, with their sums and parts"
	@echo "make test-package make package, then install, try, update and remove it on bare machines"
	@echo "make screenshots  every tab in both themes and languages; pictures in docs/screenshots/"

run:
ifneq ($(DISPLAY_HERE),)
	@$(BOOTSTRAP) run
	@$(PYTHON) -m app $(ARGS)
else
	@echo "There is no display here, so Triptych is driven on a virtual screen instead (make demo)."
	@$(MAKE) --no-print-directory demo
endif

demo:
	@$(BOOTSTRAP) demo
	$(VIRTUAL_SCREEN) $(PYTHON) -m tests.demo

check:
	@$(BOOTSTRAP) check
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/vulture
	.venv/bin/typos
	.venv/bin/shellcheck packaging/*.sh packaging/macos/*.sh .ci/run
	PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(PYTHON) -m pytest -q -c /dev/null --rootdir . --noconftest tests/test_shape.py

test: check
	@$(BOOTSTRAP) test
	QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 $(PYTHON) -m pytest -n $(TEST_PROCESSES) --dist worksteal --cov --cov-report=term:skip-covered
	@.venv/bin/coverage report --include='$(COVERED)' --fail-under=$(COVERAGE_FLOOR) >/dev/null || { \
		echo "Less than $(COVERAGE_FLOOR) % of model, services and workers is covered; the table above says where."; exit 1; }

bench:
	@$(BOOTSTRAP) test
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m tests.bench $(ONLY)

screenshots:
	@$(BOOTSTRAP) test
	$(VIRTUAL_SCREEN) $(PYTHON) -m tests.screenshots

package:
	@$(BOOTSTRAP) package
	PYTHONPATH=. .venv-package/bin/python packaging/package.py

test-package: package
	@$(BOOTSTRAP) test-package
	TRIPTYCH_TEST_PACKAGE=1 QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 $(PYTHON) -m pytest -n $(TEST_PROCESSES) --dist worksteal tests/installed tests/packaging
