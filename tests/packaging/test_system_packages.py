"""The table of system packages: every row can be read by bootstrap.sh, and every group is asked for."""

from __future__ import annotations

import re

import pytest

from tests.packaging.machine import ROOT

ROWS = [
    line.split()
    for line in (ROOT / "packaging/system_packages.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1][:30]}")
def test_row_has_a_sign_and_a_name_for_each_package_manager(row: list[str]) -> None:
    _group, sign, *names = row

    assert re.fullmatch(r"lib:lib\S+\.so\.\d+|cmd:[\w-]+|file:/\S+", sign)
    assert len(names) == 4
    assert all(re.fullmatch(r"-|[\w.+@,-]+", name) for name in names)


def test_every_group_is_asked_for_and_explained() -> None:
    script = (ROOT / "packaging/bootstrap.sh").read_text()
    groups = {row[0] for row in ROWS}
    explained = set(re.findall(r"^    ([\w-]+)\) printf 'to ", script, re.MULTILINE))
    asked_for = set(" ".join(re.findall(r"^    prepare \S+(.*)$", script, re.MULTILINE)).split())

    assert groups == explained
    assert groups == asked_for | {"python"}
