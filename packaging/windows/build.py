"""Tests and packs Triptych on Windows, where there is no make: `python packaging/windows/build.py test package`.

    test      the checks of the code and all tests, in an environment made from the lock file
    package   what `make package` does, in an environment of its own; gets NSIS with Chocolatey if there is none

Only Python's own library is used: this runs before anything is installed. Python 3.12 to 3.15.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "resources" / "translations"
PROGRAMS = "Scripts" if sys.platform == "win32" else "bin"
CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("lint-imports",),
)
TEST_PROCESSES = "2"
"""As in the Makefile."""
NSIS = Path("C:/Program Files (x86)/NSIS")
"""Where NSIS installs itself, without naming itself on the PATH."""


def main(steps: list[str]) -> int:
    known = {"test": test, "package": package}
    if not steps or not known.keys() >= set(steps):
        print(__doc__, file=sys.stderr)
        return 2
    for step in steps:
        known[step]()
    return 0


def test() -> None:
    """Raises `CalledProcessError` when a check or a test fails."""
    environment = _environment(ROOT / ".venv", "requirements-test.txt")
    compile_translations(environment, TRANSLATIONS)
    for check in CHECKS:
        _run(environment / PROGRAMS / check[0], *check[1:])
    _run(_python(environment), "-m", "app", "models", "fetch", "--test", "--into", "build/models")
    spread = ("-n", TEST_PROCESSES, "--dist", "worksteal")
    _run(_python(environment), "-m", "pytest", "-q", *spread, QT_QPA_PLATFORM="offscreen")


def package() -> None:
    """Raises as `test` does when an installer cannot be made."""
    environment = _environment(ROOT / ".venv-package", "requirements-package.txt")
    compile_translations(environment, TRANSLATIONS)
    if shutil.which("makensis") is None and not NSIS.is_dir():
        _run(Path("choco"), "install", "nsis", "--yes", "--no-progress")
    path = os.pathsep.join((os.environ["PATH"], str(NSIS)))
    _run(_python(environment), "packaging/package.py", PYTHONPATH=str(ROOT), PATH=path)


def compile_translations(environment: Path, folder: Path) -> None:
    """As `packaging/translations.sh compile` does, which needs a shell."""
    for catalogue in sorted(folder.glob("*.ts")):
        compiled = str(catalogue.with_suffix(".qm"))
        _run(environment / PROGRAMS / "pyside6-lrelease", "-silent", str(catalogue), "-qm", compiled)


def _environment(folder: Path, lock: str) -> Path:
    """What the lock names and nothing else: a bundle would carry along what an older lock has left there."""
    wanted = (ROOT / "packaging" / lock).read_text("utf-8")
    made = folder / "made-from.txt"
    if not made.exists() or made.read_text("utf-8") != wanted:
        venv.create(folder, with_pip=True, clear=True)
        command = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        _run(_python(folder), *command, "--only-binary", ":all:", "--requirement", f"packaging/{lock}")
        made.write_text(wanted, "utf-8")
    return folder


def _python(environment: Path) -> Path:
    return environment / PROGRAMS / ("python.exe" if sys.platform == "win32" else "python")


def _run(program: Path, *arguments: str, **variables: str) -> None:
    subprocess.run([str(program), *arguments], check=True, cwd=ROOT, env=os.environ | variables)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
