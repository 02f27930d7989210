"""What goes into an installed program and what is left out, for each system; used by triptych.spec and its test."""

from __future__ import annotations

import re
from collections.abc import Iterable

type Entry = tuple[str, str, str]
"""PyInstaller's: where it goes, where it comes from, what it is."""

UNUSED_MODULES = (
    *(
        "tkinter",
        "readline",
        "unittest",
        "doctest",
        "pydoc",
        "test",
        "lib2to3",
        "setuptools",
        "pip",
        "distutils",
        "ensurepip",
    ),
    *("PIL.ImageQt", "PIL.ImageTk", "numpy.f2py", "numpy.testing", "numpy.distutils", "pytest", "IPython"),
    *("rich", "trio", "curio", "h2", "watchfiles", "websockets", "wsproto", "httptools", "uvloop", "dotenv"),
    *("cyllama.agents", "cyllama.rag", "cyllama.integrations", "cyllama.llama.server", "cyllama.llama.cli"),
)
"""Reached by some import somewhere, never used by Triptych."""

QT_PLUGINS = (
    *("platforms/qxcb", "platforms/qoffscreen", "platforms/qwayland", "platforms/qwindows", "platforms/qcocoa"),
    *("xcbglintegrations/", "wayland-decoration-client/", "wayland-shell-integration/libxdg-shell"),
    *("wayland-shell-integration/libwl-shell", "wayland-shell-integration/libqt-shell"),
    *("wayland-graphics-integration-client/libqt-plugin-wayland-egl", "platforminputcontexts/", "iconengines/"),
    *("imageformats/qsvg", "imageformats/qjpeg", "imageformats/qgif", "imageformats/qwebp", "imageformats/qico"),
    *("platformthemes/qxdgdesktopportal", "styles/", "tls/", "networkinformation/"),
)
"""The plugins of Qt that are kept, as the beginning of folder/name without `lib`."""

QT_TRANSLATIONS = ("qtbase_zh_CN.qm", "qtbase_en.qm")

TAKEN_ALONG = (
    "libpython3",
    "libcrypto",
    "libssl",
    "libsqlite3",
    "libffi",
    "libbz2",
    "liblzma",
    "libportaudio",
    "libjack",
    "libdb-",
)
"""What is taken from the Linux that builds: Python's own needs, and sound, which a bare desktop may lack. All else must
be the user's own: a foreign libasound or libxcb, for one, breaks what the desktop loads into it."""

OF_THE_INSTALLER = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files of a package's metadata that tell how and where it was installed on the machine that builds; nothing of what it
is. RECORD holds sums of scripts with a folder of that machine in them, so that two builds would differ."""

_QT_PLUGIN = re.compile(r"PySide6/(?:Qt/)?plugins/([^/]+)/(?:lib)?(.+)$")
_QT_TRANSLATION = re.compile(r"PySide6/(?:Qt/)?translations/(.+)$")


def is_needed(target: str, *, of_the_system: bool) -> bool:
    """Whether a file of this name in the bundle is needed; `of_the_system`: PyInstaller took it from /usr or /lib."""
    path = target.replace("\\", "/")
    if found := _QT_PLUGIN.search(path):
        folder, name = found.groups()
        return f"{folder}/{name}".startswith(QT_PLUGINS) or f"{folder}/lib{name}".startswith(QT_PLUGINS)
    if found := _QT_TRANSLATION.search(path):
        return found.group(1) in QT_TRANSLATIONS
    folder, _, name = path.rpartition("/")
    if folder.endswith(".dist-info") and name in OF_THE_INSTALLER:
        return False
    return not of_the_system or path.startswith(TAKEN_ALONG)


def needed(entries: Iterable[Entry]) -> list[Entry]:
    """Those of PyInstaller's entries that go into the bundle."""
    return [entry for entry in entries if is_needed(entry[0], of_the_system=_is_of_the_system(entry[1]))]


def _is_of_the_system(source: str) -> bool:
    return source.startswith(("/usr/lib", "/lib")) and "-packages/" not in source
