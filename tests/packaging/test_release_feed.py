"""The release's scripts: a key, a manifest of the installers, its signature, and a feed that the program believes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from app.identity import UPDATE_KEY, VERSION
from app.model.updates import Release, SignedText
from app.services.updates.feed import ReleaseFeed
from app.services.updates.minisign import PublicKey, verify
from app.services.updates.source import FeedSource, feed_source
from tests.conftest import ROOT
from tests.fakes.release_feed import NOW, make_feed, make_manifest, plain_client

sys.path.insert(0, str(ROOT / "packaging"))
from changes import changes_of  # type: ignore[import-not-found] # a script's folder
from release_feed import GOOD_FOR, PASSWORD, target_of, write_key  # type: ignore[import-not-found] # a script's folder
from signing_key import SigningKey, WrongPassword  # type: ignore[import-not-found]

SCRIPT = ROOT / "packaging" / "release_feed.py"
QUICK = (32_768, 16 << 20)
"""A protection that costs no time."""


def _run(*arguments: str | Path, password: str = "a test's", code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)],
        env=os.environ | {PASSWORD: password},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout


@pytest.fixture
def installers(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    folder.mkdir()
    for name in ("triptych-0.2.0-x86_64.AppImage", "triptych-0.2.0-with-models-x86_64.AppImage", "SHA256SUMS"):
        (folder / name).write_bytes(name.encode())
    (folder / "triptych_0.2.0_amd64.deb").touch()
    return folder


def test_a_release_is_made_signed_and_believed(installers: Path, tmp_path: Path) -> None:
    secret, manifest = tmp_path / "secret.key", tmp_path / "manifest.json"
    key = SigningKey.make()
    secret.write_text(key.text("a test's", QUICK), "utf-8")
    public = key.public_line
    manifest.write_text(_run("manifest", installers, "7", "--version", "0.2.0"), "utf-8")
    _run("sign", manifest, secret)
    signed = msgspec.json.decode(_run("feed", manifest, "--public-key", public), type=SignedText)
    release = ReleaseFeed(FeedSource("http://127.0.0.1/feed.json", public), plain_client).release(signed)
    assert (release.version, release.sequence) == ("0.2.0", 7)
    assert {file.target for file in release.files} == {"linux-x86_64-portable", "linux-x86_64-portable-with-models"}
    assert release.expires - release.published == GOOD_FOR
    assert release.changes_in("en")
    _run("feed", manifest, code=1)  # the key of the program is another one
    _run("sign", manifest, secret, password="wrong", code=1)


def test_a_key_is_made_and_never_overwritten(tmp_path: Path) -> None:
    """With less effort than the command takes, whose protection costs a gigabyte and seconds."""
    secret = tmp_path / "secret.key"
    key = write_key(secret, "a test's", QUICK)
    assert SigningKey.read(secret.read_text("utf-8"), "a test's") == key
    assert os.name == "nt" or secret.stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        write_key(secret, "another", QUICK)
    assert SigningKey.read(secret.read_text("utf-8"), "a test's") == key


def test_a_key_without_a_password_is_refused(tmp_path: Path) -> None:
    _run("key", tmp_path / "secret", password="", code=1)
    assert not (tmp_path / "secret").exists()


def test_a_folder_without_installers_is_no_release(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ValueError, match="no installer"):
        make_manifest(tmp_path, 1, "0.2.0", {}, NOW)


def test_a_manifest_is_the_same_for_the_same_release(installers: Path) -> None:
    made = [make_manifest(installers, 1, "0.2.0", {"en": "é"}, NOW) for _ in range(2)]
    assert made[0] == made[1]
    release = msgspec.json.decode(made[0], type=Release)
    assert release.published == NOW
    assert release.expires == NOW + timedelta(days=180)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("triptych-0.2.0-x86_64.AppImage", "linux-x86_64-portable"),
        ("triptych-0.2.0-with-models-aarch64.AppImage", "linux-arm64-portable-with-models"),
        ("triptych-0.2.0-x86_64-installer.exe", "windows-x86_64-installer"),
        ("triptych-0.2.0-with-models-arm64.app.tar.gz", "macos-arm64-bundle-with-models"),
        ("triptych_0.2.0_amd64.deb", ""),
        ("SHA256SUMS", ""),
        ("evil-triptych-0.2.0-x86_64.AppImage", ""),
    ],
)
def test_installers_are_known_by_their_names(name: str, target: str) -> None:
    assert target_of(name) == target


def test_the_changes_are_those_of_the_version() -> None:
    changelog = (
        "# Changelog\n\n## [Unreleased]\n\n- Next.\n\n## [0.2.0] - 2026-12-01\n\n### Added\n\n- Tides.\n\n## [0.1.0]\n"
    )
    assert changes_of(changelog, "0.2.0") == "### Added\n\n- Tides."
    assert changes_of(changelog, "0.3.0") == "- Next."
    assert changes_of("", "0.3.0") == ""


def test_keys_are_those_of_minisign() -> None:
    key = SigningKey.make()
    assert SigningKey.read(key.text(), "") == key
    assert PublicKey.read(key.public_text) == PublicKey.read(key.public_line)
    assert key.public_text.splitlines()[0] == f"untrusted comment: minisign public key {key.number[::-1].hex().upper()}"
    assert verify(PublicKey.read(key.public_line), b"x", key.sign(b"x", "why")) == "why"
    assert key.seed.hex() not in repr(key)


def test_a_password_protects_a_key() -> None:
    key = SigningKey.make()
    text = key.text("right", QUICK)
    assert SigningKey.read(text, "right") == key
    with pytest.raises(WrongPassword):
        SigningKey.read(text, "wrong")


@pytest.mark.parametrize("text", ["", "x", "untrusted comment: x\nAAAA"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(Exception, match=r"."):
        SigningKey.read(text, "")


def test_a_feed_with_a_wrong_signature_is_not_made(installers: Path) -> None:
    manifest = make_manifest(installers, 1, "0.2.0", {}, NOW)
    signature = SigningKey.make().sign(manifest.encode(), "")
    with pytest.raises(Exception, match="another key"):
        make_feed(manifest, signature, SigningKey.make().public_line)


def test_the_program_has_a_key_and_no_secret() -> None:
    assert PublicKey.read(UPDATE_KEY)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    assert not [name for name in tracked if name.endswith((".key", ".sec"))]


def test_only_an_installed_program_takes_another_feed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = FeedSource("http://127.0.0.1:1/feed.json", SigningKey.make().public_line)
    file = tmp_path / "update.json"
    file.write_bytes(msgspec.json.encode(other))
    assert feed_source(file).public_key == UPDATE_KEY
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert feed_source(file) == other
    assert feed_source(tmp_path / "none").public_key == UPDATE_KEY


def test_the_version_is_the_program_s_unless_said_otherwise(installers: Path, tmp_path: Path) -> None:
    changes = tmp_path / "zh.md"
    changes.write_text("潮汐", "utf-8")
    made = json.loads(_run("manifest", installers, "1", "--changes", "zh_CN", changes))
    assert made["version"] == VERSION
    assert made["changes"]["zh_CN"] == "潮汐"
