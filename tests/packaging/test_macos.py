"""macOS, as far as it can be tried elsewhere: what the bundle says of itself, and how it is signed."""

from __future__ import annotations

import base64
import os
import plistlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app import identity
from tests.conftest import ROOT
from tests.packaging.recording import Recording

sys.path.insert(0, str(ROOT / "packaging"))
from macos import disk_image, signing  # type: ignore[import-not-found] # a script's folder
from macos.information import MICROPHONE, information  # type: ignore[import-not-found]

MACOS = ROOT / "packaging" / "macos"
WHO = "Developer ID Application: Triptych tests"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recording:
    made = Recording(tmp_path)
    for name in ("codesign", "xcrun"):
        made.add(name)
    monkeypatch.setenv("PATH", made.path)
    for name in (signing.IDENTITY, signing.KEY, signing.KEY_ID, signing.ISSUER):
        monkeypatch.delenv(name, raising=False)
    return made


def test_the_information_says_why_the_microphone_is_wanted_and_what_may_be_dropped() -> None:
    told = plistlib.loads(plistlib.dumps(information()))
    assert told["NSMicrophoneUsageDescription"] == MICROPHONE
    assert told["CFBundleShortVersionString"] == identity.VERSION
    types = [name for kind in told["CFBundleDocumentTypes"] for name in kind["LSItemContentTypes"]]
    assert {"public.image", "public.audio", "public.movie", "public.text"} == set(types)
    assert {kind["LSHandlerRank"] for kind in told["CFBundleDocumentTypes"]} == {"Alternate"}, "nothing is taken over"
    assert "CFBundleURLTypes" not in told, "addresses are registered only if the user asks"


def test_the_words_are_there_in_every_language() -> None:
    for language in information()["CFBundleLocalizations"]:
        text = (MACOS / f"{language}.lproj" / "InfoPlist.strings").read_text("utf-8")
        found = dict(re.findall(r'^"(\w+)" = "(.+)";$', text, re.MULTILINE))
        assert found.keys() == {"NSMicrophoneUsageDescription"}
        assert (found["NSMicrophoneUsageDescription"] == MICROPHONE) == (language == "en")


def test_the_hardened_runtime_lets_it_record() -> None:
    allowed = plistlib.loads((MACOS / "entitlements.plist").read_bytes())
    assert allowed["com.apple.security.device.audio-input"] is True
    assert "com.apple.security.get-task-allow" not in allowed, "Apple notarises nothing that can be debugged"


def test_the_disk_image_shows_the_program_beside_the_folder_that_it_goes_to(tmp_path: Path) -> None:
    told = disk_image.layout(tmp_path / "Triptych.app", tmp_path / "background.png")
    places = told["icon_locations"]
    assert places.keys() == {"Triptych.app", *told["symlinks"]}
    width, height = told["window_rect"][1]
    assert all(0 < x < width and 0 < y < height for x, y in places.values())


def test_without_keys_nothing_is_signed_and_that_is_said(
    programs: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "triptych.dmg"
    signing.check(tmp_path / "Triptych.app")
    signing.sign(image)
    signing.notarise(image)
    told = capsys.readouterr().err
    assert "NOT SIGNED: Triptych.app" in told
    assert "NOT NOTARISED: triptych.dmg" in told
    assert programs.calls == []


def test_with_keys_the_image_is_signed_then_looked_at_by_apple(
    programs: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key.p8"
    for name, value in (
        (signing.IDENTITY, WHO),
        (signing.KEY, str(key)),
        (signing.KEY_ID, "K1"),
        (signing.ISSUER, "I1"),
    ):
        monkeypatch.setenv(name, value)
    image = tmp_path / "triptych.dmg"
    signing.check(tmp_path / "Triptych.app")
    signing.sign(image)
    signing.notarise(image)
    assert programs.calls == [
        f"codesign --verify --deep --strict {tmp_path}/Triptych.app",
        f"codesign --sign {WHO} --timestamp {image}",
        f"xcrun notarytool submit {image} --key {key} --key-id K1 --issuer I1 --wait",
        f"xcrun stapler staple {image}",
    ]


def test_a_bundle_that_is_not_whole_is_not_packed(
    programs: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(signing.IDENTITY, WHO)
    programs.add("codesign", "exit 1")
    with pytest.raises(subprocess.CalledProcessError):
        signing.check(tmp_path / "Triptych.app")


def test_keys_are_files_while_the_command_runs_and_gone_afterwards(programs: Recording, tmp_path: Path) -> None:
    chains = """echo '    "/Users/me/mine.keychain"'"""
    programs.add("security", f'case "$*" in create-keychain*) : >"$4" ;; "list-keychains -d user") {chains} ;; esac')
    programs.add("make", 'cp "$TRIPTYCH_APPLE_KEY" "$SEEN"; printf "%s" "$TRIPTYCH_APPLE_KEY" >"$SEEN.path"; exit 3')
    seen = tmp_path / "seen"
    done = _with_keys(
        programs,
        {
            "MACOS_CERTIFICATE": base64.b64encode(b"p12").decode(),
            "MACOS_CERTIFICATE_PASSWORD": "open",
            "APPLE_KEY": "-----BEGIN PRIVATE KEY-----",
            "SEEN": str(seen),
        },
    )
    assert done == 3, "the command's own end"
    assert seen.read_text("utf-8") == "-----BEGIN PRIVATE KEY-----\n"
    assert not Path(f"{seen}.path").read_text("utf-8").startswith(str(ROOT))
    assert not Path(Path(f"{seen}.path").read_text("utf-8")).parent.exists()
    asked = [call.split()[1] for call in programs.calls if call.startswith("security")]
    assert asked[0] == "create-keychain"
    assert asked[-2:] == ["delete-keychain", "list-keychains"]
    assert programs.calls[-1] == "security list-keychains -d user -s /Users/me/mine.keychain"


def test_without_keys_the_command_runs_all_the_same(programs: Recording) -> None:
    programs.add("make")
    assert _with_keys(programs, {}) == 0
    assert programs.calls == ["make package"]


def _with_keys(programs: Recording, variables: dict[str, str]) -> int:
    environment = os.environ | {"PATH": programs.path} | variables
    command = [str(MACOS / "keys.sh"), "make", "package"]
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode
