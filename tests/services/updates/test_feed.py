"""ReleaseFeed: what is signed and fresh is believed; everything else is refused with words that say why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.assembly import download_client
from app.model.update_errors import (
    DownloadBrokenOff,
    DownloadWrong,
    FeedExpired,
    FeedNotGenuine,
    FeedRedirected,
    FeedUnreachable,
    FeedUnreadable,
    UpdateFailed,
)
from app.model.updates import Release, ReleaseFile
from app.services.updates.feed import MOST_FEED_BYTES, ReleaseFeed
from app.services.updates.source import FeedSource
from tests.fakes.release_feed import (
    CHANGES,
    NEWER,
    NOW,
    TARGET,
    ReleaseServer,
    another_key,
    plain_client,
    release_server,
)

PROGRAM = bytes(range(256)) * 4096


@pytest.fixture
def server() -> Iterator[ReleaseServer]:
    with release_server() as running:
        running.publish(PROGRAM)
        yield running


def _asked(server: ReleaseServer) -> Release:
    async def ask() -> Release:
        feed = ReleaseFeed(server.source, plain_client)
        return feed.release(await feed.newest(NOW))

    return asyncio.run(ask())


def _file(server: ReleaseServer) -> ReleaseFile:
    found = _asked(server).file_for(TARGET)
    assert found is not None
    return found


def _fetched(server: ReleaseServer, file: ReleaseFile, target: Path) -> list[int]:
    async def fetch() -> list[int]:
        async with aclosing(ReleaseFeed(server.source, plain_client).fetch(file, target)) as sizes:
            return [size async for size in sizes]

    return asyncio.run(fetch())


def test_a_signed_release_is_believed(server: ReleaseServer) -> None:
    release = _asked(server)
    assert (release.version, release.sequence) == (NEWER, 1)
    assert release.changes_in("zh_CN") == CHANGES["zh_CN"]
    assert release.changes_in("fr") == CHANGES["en"]
    assert release.file_for("windows-x86_64-installer") is None
    assert server.asked == ["/feed.json"]


def test_another_signer_is_refused(server: ReleaseServer) -> None:
    server.key = another_key()
    server.publish(PROGRAM)
    with pytest.raises(FeedNotGenuine):
        _asked(server)


def test_a_changed_manifest_is_refused(server: ReleaseServer) -> None:
    server.feed = server.feed.replace(b"9.0.0", b"9.0.1")
    with pytest.raises(FeedNotGenuine):
        _asked(server)


def test_a_manifest_without_a_signature_is_refused(server: ReleaseServer) -> None:
    manifest = json.loads(server.feed)["manifest"]
    server.feed = json.dumps({"manifest": manifest, "signature": ""}).encode()
    with pytest.raises(FeedNotGenuine):
        _asked(server)


def test_one_that_has_run_out_is_refused(server: ReleaseServer) -> None:
    server.publish(PROGRAM, expires=(NOW - timedelta(seconds=1)).isoformat())
    with pytest.raises(FeedExpired) as refusal:
        _asked(server)
    assert refusal.value.arguments["date"] == "2026-11-22"


@pytest.mark.parametrize(
    "answer",
    [
        b"<!doctype html><title>Log in</title>",
        b"",
        b"{}",
        b"[1, 2]",
        b'{"manifest": 1, "signature": "x"}',
        b"[" * 100_000,
        b"\xff\xfe",
        b" " * (MOST_FEED_BYTES + 1),
    ],
    ids=["page", "empty", "object", "list", "number", "deep", "bytes", "endless"],
)
def test_what_is_no_feed_is_said_so(server: ReleaseServer, answer: bytes) -> None:
    server.feed = answer
    with pytest.raises(FeedUnreadable):
        _asked(server)


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "9.0"},
        {"version": "9.0.0-evil"},
        {"sequence": 0},
        {"sequence": "1"},
        {"format": "triptych-release-2"},
        {"expires": "2026-12-01T00:00:00"},
        {"files": [{"name": "../../bin/sh", "target": TARGET, "size_bytes": 1, "sha256": "0" * 64}]},
        {"files": [{"name": "https://elsewhere/x", "target": TARGET, "size_bytes": 1, "sha256": "0" * 64}]},
        {"files": [{"name": "x", "target": TARGET, "size_bytes": -1, "sha256": "0" * 64}]},
        {"files": [{"name": "x", "target": TARGET, "size_bytes": 1, "sha256": ""}]},
        {"files": None},
    ],
)
def test_a_signed_manifest_that_makes_no_sense_is_refused(server: ReleaseServer, wrong: dict[str, Any]) -> None:
    server.publish(PROGRAM, **wrong)
    with pytest.raises(FeedUnreadable):
        _asked(server)


def test_another_server_is_not_followed(server: ReleaseServer) -> None:
    with release_server() as elsewhere:
        server.files.redirects["/feed.json"] = f"{elsewhere.files.url}/feed.json"
        with pytest.raises(FeedRedirected) as refusal:
            _asked(server)
        assert elsewhere.asked == []
        assert refusal.value.arguments["location"] == elsewhere.files.url.removeprefix("http://")


def test_a_redirect_to_nowhere_is_one_too(server: ReleaseServer) -> None:
    server.files.redirects["/feed.json"] = "http://[x/"
    with pytest.raises(FeedRedirected):
        _asked(server)


def test_a_feed_that_is_not_there_is_said_so(server: ReleaseServer) -> None:
    del server.files.files["/feed.json"]
    with pytest.raises(FeedUnreachable) as refusal:
        _asked(server)
    assert refusal.value.retryable


def test_a_server_that_is_away_is_said_so(server: ReleaseServer) -> None:
    with release_server() as gone:
        pass
    server.source = FeedSource(gone.source.url, server.source.public_key)
    with pytest.raises(FeedUnreachable):
        _asked(server)


def test_a_proxy_without_a_real_address_is_said(server: ReleaseServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:sesame@[::1")
    with pytest.raises(FeedUnreachable) as refusal:
        asyncio.run(ReleaseFeed(server.source, download_client).newest(NOW))
    assert "sesame" not in refusal.value.server_words


def test_a_download_is_checked(server: ReleaseServer, tmp_path: Path) -> None:
    sizes = _fetched(server, _file(server), tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == PROGRAM
    assert sizes[-1] == len(PROGRAM)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    _fetched(server, _file(server), tmp_path / "new")
    assert server.asked.count("/triptych-9.0.0-x86_64.AppImage") == 1, "it is here: nothing is fetched"


def test_a_broken_download_goes_on(server: ReleaseServer, tmp_path: Path) -> None:
    file = _file(server)
    server.files.break_after = 500_000
    with pytest.raises(DownloadBrokenOff):
        _fetched(server, file, tmp_path / "new")
    kept = (tmp_path / "new.partial").stat().st_size
    assert kept
    _fetched(server, _file(server), tmp_path / "new")
    assert server.files.requests[-1][1] == f"bytes={kept}-"
    assert (tmp_path / "new").read_bytes() == PROGRAM


@pytest.mark.parametrize("other", [PROGRAM[::-1], PROGRAM + b"x", PROGRAM[:-1]], ids=["other", "longer", "shorter"])
def test_another_file_is_refused(server: ReleaseServer, tmp_path: Path, other: bytes) -> None:
    file = _file(server)
    server.files.files[f"/{file.name}"] = other
    with pytest.raises((DownloadWrong, DownloadBrokenOff)) as refusal:
        _fetched(server, file, tmp_path / "new")
    assert isinstance(refusal.value, DownloadBrokenOff) == (len(other) < len(PROGRAM))
    assert not (tmp_path / "new").exists()
    server.files.files[f"/{file.name}"] = PROGRAM
    _fetched(server, file, tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == PROGRAM


def test_a_beginning_of_something_else_is_not_kept_for_ever(server: ReleaseServer, tmp_path: Path) -> None:
    (tmp_path / "new.partial").write_bytes(bytes(1000))
    with pytest.raises(DownloadWrong):
        _fetched(server, _file(server), tmp_path / "new")
    _fetched(server, _file(server), tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == PROGRAM


def test_a_page_is_no_program(server: ReleaseServer, tmp_path: Path) -> None:
    file = _file(server)
    server.files.content_types[f"/{file.name}"] = "text/html"
    with pytest.raises(DownloadWrong):
        _fetched(server, file, tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_a_download_from_elsewhere_is_refused(server: ReleaseServer, tmp_path: Path) -> None:
    file = _file(server)
    with release_server() as elsewhere:
        elsewhere.files.files["/x"] = PROGRAM
        server.files.redirects[f"/{file.name}"] = f"{elsewhere.files.url}/x"
        with pytest.raises(DownloadWrong):
            _fetched(server, file, tmp_path / "new")
        assert elsewhere.asked == []


def test_every_refusal_has_words() -> None:
    kinds = set(UpdateFailed.__subclasses__())
    assert len(kinds) > 9
    assert all(kind.title and kind.explanation and kind.hint for kind in kinds)
