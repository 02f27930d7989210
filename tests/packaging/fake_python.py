"""What the set-up takes for a Python of a chosen version: it evaluates `-c` for real and notes all else; no tests.

Called as `fake_python.py VERSION LACKS MACHINE ARGUMENT...` by the small shell scripts that `Machine` writes.
It imports little, because a set-up starts it several times.
"""

import os
import sys
from types import ModuleType

VERSION = tuple(int(part) for part in sys.argv[1].split("."))
LACKS = sys.argv[2]
MACHINE = sys.argv[3]
ARGUMENTS = sys.argv[4:]
ASKED_FOR = ("ctypes", "ensurepip", "sqlite3", "ssl", "venv")


def note(line: str) -> None:
    with open(f"{MACHINE}/log", "a") as log:
        log.write(line + "\n")


def evaluate(code: str) -> None:
    """Run the set-up's own question with the version, modules and packages that this Python pretends to have."""
    import sysconfig

    site = f"{MACHINE}/site-packages"
    sys.version_info = (*VERSION, "final", 0)  # type: ignore[assignment]
    sys.path.insert(0, site)
    sys.modules.update({name: ModuleType(name) for name in ASKED_FOR})
    if LACKS:
        sys.modules[LACKS] = None  # type: ignore[assignment]  # its import fails
    sysconfig.get_path = lambda name: site  # type: ignore[assignment,misc]
    exec(compile(code, "<set-up>", "exec"), {})


def make_environment(folder: str) -> None:
    os.makedirs(f"{folder}/bin")
    copy(os.environ["FAKE_PYTHON"], f"{folder}/bin/python")


def copy(source: str, target: str) -> None:
    with open(source) as script, open(target, "w") as copied:
        copied.write(script.read())
    os.chmod(target, 0o755)


match ARGUMENTS:
    case ["-c", code]:
        evaluate(code)
    case ["-m", "venv", *_, folder]:
        note("python -m venv " + folder)
        make_environment(folder)
    case ["-m", "pip", *rest]:
        note("pip " + " ".join(rest))
        copy(f"{MACHINE}/uv", ".boot/bin/uv")
    case ["-m", "app", "models", *rest]:
        note("models " + " ".join(rest))
        sys.exit(int(os.environ.get("MODELS_EXIT_CODE", "0")))
    case _:
        note("python " + " ".join(ARGUMENTS))
