"""Makes the release feed: what the program asks for updates. The ceremony is in CONTRIBUTING.md.

    release_feed.py key SECRET                          a new key; prints the public half for app/identity.py
    release_feed.py manifest dist SEQUENCE > manifest.json
    release_feed.py sign manifest.json SECRET           manifest.json.minisig; as does `minisign -S -m manifest.json`
    release_feed.py feed manifest.json > feed.json      what is put beside the installers, checked as the program does

The secret key's password comes from the terminal, or from TRIPTYCH_SIGNING_PASSWORD.
"""

from __future__ import annotations

import argparse
import getpass
import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from changes import CHANGELOG, changes_of  # noqa: E402
from signing_key import SENSITIVE, SigningKey  # noqa: E402

from app import identity  # noqa: E402

PASSWORD = "TRIPTYCH_SIGNING_PASSWORD"  # noqa: S105 # the variable's name
GOOD_FOR = timedelta(days=180)
"""So long a feed is believed; it is signed anew before, also without a release. Versions can be hidden no longer."""
TARGETS = (
    (re.compile(r"triptych-[\d.]+(-with-models)?-(x86_64|aarch64)\.AppImage"), "linux-{1}-portable{0}"),
    (re.compile(r"triptych-[\d.]+(-with-models)?-(x86_64|arm64)-installer\.exe"), "windows-{1}-installer{0}"),
    (re.compile(r"triptych-[\d.]+(-with-models)?-(x86_64|arm64)\.app\.tar\.gz"), "macos-{1}-bundle{0}"),
)
"""Names of files that bring a program up to date, and for which installation (app/services/updates/installation.py)."""


def manifest(folder: Path, sequence: int, version: str, changes: Mapping[str, str], now: datetime) -> str:
    """What is to be signed for the installers in `folder`; the same text for the same arguments.

    Raises:
        ValueError: nothing there is an update.
    """
    files = [_entry(path, target) for path in sorted(folder.iterdir()) if (target := target_of(path.name))]
    if not files:
        raise ValueError(f"no installer in {folder}")
    return json.dumps(
        {
            "format": "triptych-release-1",
            "sequence": sequence,
            "version": version,
            "published": now.isoformat(timespec="seconds"),
            "expires": (now + GOOD_FOR).isoformat(timespec="seconds"),
            "changes": dict(changes),
            "files": files,
        },
        ensure_ascii=False,
        indent=1,
    )


def feed(signed: str, signature: str, public_key: str) -> str:
    """The feed's text: one file, so that nobody ever gets a manifest with the signature of another.

    Raises:
        BadSignature: the program would refuse it.
    """
    from app.services.updates.minisign import PublicKey, verify

    verify(PublicKey.read(public_key), signed.encode(), signature)
    return json.dumps({"manifest": signed, "signature": signature}, ensure_ascii=False)


def target_of(name: str) -> str:
    """For which installation a file is; empty if it is no update."""
    for pattern, target in TARGETS:
        if found := pattern.fullmatch(name):
            flavour, machine = found.groups(default="")
            return target.format(flavour, {"aarch64": "arm64"}.get(machine, machine))
    return ""


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    options.run(options)
    return 0


def write_key(file: Path, password: str, effort: tuple[int, int] = SENSITIVE) -> SigningKey:
    """Make a key and write its secret half, for the eyes of its owner alone.

    Raises:
        FileExistsError: a key is never overwritten.
    """
    key = SigningKey.make()
    text = key.text(password, effort)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as secret:
        secret.write(text)
    return key


def _make_key(options: argparse.Namespace) -> None:
    password = _password()
    if not password:
        raise SystemExit("a signing key needs a password")
    sys.stdout.write(f"{write_key(options.secret, password).public_line}\n")


def _write_manifest(options: argparse.Namespace) -> None:
    changes = {"en": changes_of(CHANGELOG.read_text("utf-8"), options.version)}
    changes |= {language: Path(file).read_text("utf-8") for language, file in options.changes}
    sys.stdout.write(manifest(options.folder, options.sequence, options.version, changes, datetime.now(UTC)))


def _sign(options: argparse.Namespace) -> None:
    key = SigningKey.read(options.secret.read_text("utf-8"), _password())
    signature = key.sign(options.manifest.read_bytes(), f"timestamp:{int(datetime.now(UTC).timestamp())}")
    _beside(options.manifest).write_text(signature, "utf-8")


def _write_feed(options: argparse.Namespace) -> None:
    signature = _beside(options.manifest).read_text("utf-8")
    sys.stdout.write(feed(options.manifest.read_text("utf-8"), signature, options.public_key))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    key = commands.add_parser("key")
    key.add_argument("secret", type=Path)
    key.set_defaults(run=_make_key)
    made = commands.add_parser("manifest")
    made.add_argument("folder", type=Path)
    made.add_argument("sequence", type=int, help="one more than that of the last manifest")
    made.add_argument("--version", default=identity.VERSION)
    made.add_argument("--changes", action="append", default=[], nargs=2, metavar=("LANGUAGE", "FILE"))
    made.set_defaults(run=_write_manifest)
    signing = commands.add_parser("sign")
    signing.add_argument("manifest", type=Path)
    signing.add_argument("secret", type=Path)
    signing.set_defaults(run=_sign)
    wrapping = commands.add_parser("feed")
    wrapping.add_argument("manifest", type=Path)
    wrapping.add_argument("--public-key", default=identity.UPDATE_KEY)
    wrapping.set_defaults(run=_write_feed)
    return parser


def _entry(path: Path, target: str) -> dict[str, str | int]:
    with path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return {"name": path.name, "target": target, "size_bytes": path.stat().st_size, "sha256": sha256}


def _beside(manifest_file: Path) -> Path:
    return manifest_file.with_name(f"{manifest_file.name}.minisig")


def _password() -> str:
    return os.environ[PASSWORD] if PASSWORD in os.environ else getpass.getpass("Password of the signing key: ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
