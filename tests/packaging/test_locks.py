"""The lock files: complete, hashed, of one mind, and free of addresses, so that any mirror can serve them."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.packaging.machine import ROOT

NAMES = ("requirements.txt", "requirements-test.txt", "requirements-boot.txt")


def text_of(name: str) -> str:
    return (ROOT / "packaging" / name).read_text()


def versions(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text_of(name), re.MULTILINE))


def listed(requirements: list[str]) -> set[str]:
    names = (re.split(r"[\[<>=!~; ]", requirement)[0] for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


@pytest.mark.parametrize("name", NAMES)
def test_every_package_has_hashes_and_nothing_has_an_address(name: str) -> None:
    lock = text_of(name)
    packages = [block for block in re.split(r"\n(?=\w)", lock) if not block.startswith("#")]

    assert packages
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", package) for package in packages)
    assert "://" not in lock
    assert not re.search(r"^\s*--(?!hash)|^-", lock, re.MULTILINE)


def test_everything_the_project_asks_for_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert listed(project["project"]["dependencies"]) <= versions("requirements.txt").keys()
    assert listed(project["dependency-groups"]["test"]) <= versions("requirements-test.txt").keys()


def test_tests_run_with_the_versions_of_the_program() -> None:
    tests = versions("requirements-test.txt").items()

    assert versions("requirements.txt").items() <= tests
    assert versions("requirements-boot.txt").items() <= tests
