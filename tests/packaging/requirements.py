"""What a test of installers needs of the machine; `make test-package` sees to it."""

from __future__ import annotations

import os
import shutil

import pytest

only_for_installers = pytest.mark.skipif(
    os.environ.get("TRIPTYCH_TEST_PACKAGE") != "1", reason="takes minutes and a gigabyte: run make test-package"
)


def needs(program: str, package: str) -> pytest.MarkDecorator:
    """A mark that leaves a test out where a program is missing, and says how to get it."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}: apt-get install {package}")
