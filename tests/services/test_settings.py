"""SettingsStore: read, upgraded, written whole, shared by two processes, damaged, too new, refused by the disk."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.errors import AppError, DataDamaged, DataTooNew, StorageFailed
from app.model.providers import Capability, Dialect, ModelReference, Provider, ProxyMode, Timeouts
from app.model.settings import (
    SCHEMA,
    AppearanceSettings,
    ChatSettings,
    ChosenModels,
    Language,
    Settings,
    ThemeChoice,
    WindowState,
)
from app.services.settings import UPGRADES, SettingsStore, read_value

DATA = Path(__file__).parents[1] / "data" / "settings"
DARK = AppearanceSettings(theme=ThemeChoice.DARK)
PROVIDER = Provider(
    id="p1",
    name="Work",
    preset="custom",
    base_url="https://models.example/v1",
    dialect=Dialect.RESPONSES,
    extra_headers={"X-Team": "红"},
    extra_body={"user": {"id": 1}},
    proxy_mode=ProxyMode.NONE,
    timeouts=Timeouts(5.0, 60.0),
    enabled=False,
    capabilities={"m": (Capability.CHAT, Capability.VISION)},
    dialects={"m": Dialect.CHAT},
)
FULL = Settings(
    appearance=AppearanceSettings(ThemeChoice.DARK, Language.CHINESE, 120),
    chat=ChatSettings(enter_sends=False),
    providers=(PROVIDER, replace(PROVIDER, id="p2", name="Home")),
    declined_environment=True,
    chosen=ChosenModels(chat=ModelReference("p1", "m"), recent=(ModelReference("p2", "n"),)),
    window=WindowState(geometry="AAEC", splitters={"chat": "x"}, tab="audio", conversation_id=7),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def _write(file: Path, content: str | dict[str, Any]) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")


def _read(file: Path) -> tuple[Settings, list[type[AppError]]]:
    store = SettingsStore(file)
    return store.read(), [type(problem) for problem in store.problems]


def _dark(settings: Settings) -> Settings:
    return replace(settings, appearance=replace(settings.appearance, theme=ThemeChoice.DARK))


def _names(file: Path) -> list[str]:
    return sorted(path.name.partition("-")[0] for path in file.parent.iterdir())


def test_without_a_file_there_are_the_defaults_and_nothing_is_written(file: Path) -> None:
    assert _read(file) == (Settings(), [])
    assert not file.exists()


def test_everything_comes_back_as_it_was_written(file: Path) -> None:
    store = SettingsStore(file)
    store.read()
    store.write(FULL)
    assert store.value == FULL
    assert _read(file) == (FULL, [])
    assert os.name == "nt" or stat.S_IMODE(file.stat().st_mode) == 0o600
    assert _names(file) == ["settings.json"]


def test_changes_are_seen_at_once_and_saved_later(file: Path) -> None:
    store = SettingsStore(file)
    store.read()
    assert store.replace(appearance=DARK).appearance == DARK
    assert store.value.appearance == DARK
    assert not file.exists()
    asyncio.run(store.save())
    assert _read(file)[0].appearance == DARK


def test_saving_nothing_writes_nothing(file: Path) -> None:
    store = SettingsStore(file)
    store.read()
    asyncio.run(store.save())
    store.save_now()
    assert not file.exists()


def test_listeners_hear_of_changes_until_they_leave(file: Path) -> None:
    store = SettingsStore(file)
    heard: list[ThemeChoice] = []
    leave = store.subscribe(lambda settings: heard.append(settings.appearance.theme))
    store.update(_dark)
    store.update(_dark)  # no difference
    leave()
    store.write(Settings())
    assert heard == [ThemeChoice.DARK]


def test_changes_made_while_saving_are_kept(file: Path) -> None:
    store = SettingsStore(file)

    async def story() -> None:
        store.update(_dark)
        saving = [asyncio.ensure_future(store.save()), asyncio.ensure_future(store.save())]
        await asyncio.sleep(0)
        store.replace(declined_environment=True)
        await asyncio.gather(*saving)
        assert store.value.declined_environment
        await store.save()

    asyncio.run(story())
    settings = _read(file)[0]
    assert settings.appearance.theme is ThemeChoice.DARK
    assert settings.declined_environment


def test_two_processes_lose_nothing_of_each_other(file: Path) -> None:
    one, other = SettingsStore(file), SettingsStore(file)
    for store in (one, other):
        store.read()
    one.replace(providers=(PROVIDER,))
    one.save_now()
    other.update(_dark)
    heard: list[Settings] = []
    other.subscribe(heard.append)
    other.save_now()
    assert other.value.providers == (PROVIDER,)
    assert heard == [other.value]
    one.replace(declined_environment=True)
    one.save_now()
    assert _read(file)[0] == replace(_dark(Settings()), providers=(PROVIDER,), declined_environment=True)


def test_fields_of_a_newer_program_are_kept(file: Path) -> None:
    _write(
        file,
        {
            "schema": SCHEMA,
            "spacing": "wide",
            "appearance": {"theme": "light", "font": "Serif"},
            "providers": [
                {"id": "p1", "name": "Work", "preset": "custom", "base_url": "x", "colour": "red"},
                {"id": "p2", "name": "Gone", "preset": "custom", "base_url": "y", "colour": "blue"},
            ],
            "window": {"splitters": {"old": "x"}},
        },
    )
    store = SettingsStore(file)
    first = store.read().providers[0]
    store.update(_dark)
    store.replace(providers=(replace(first, name="Renamed"),), window=WindowState())
    store.save_now()
    store.replace(declined_environment=True)
    store.save_now()
    written = json.loads(file.read_text("utf-8"))
    assert written["spacing"] == "wide"
    assert written["appearance"]["font"] == "Serif"
    assert written["appearance"]["theme"] == "dark"
    assert [(p["name"], p["colour"]) for p in written["providers"]] == [("Renamed", "red")]
    assert written["window"]["splitters"] == {}
    assert store.problems == []


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"schema": "new"}', '{"schema": 0}', "\x00\x01"])
def test_a_damaged_file_is_set_aside_and_said(file: Path, content: str) -> None:
    _write(file, content)
    store = SettingsStore(file)
    assert store.read() == Settings()
    (problem,) = store.problems
    assert isinstance(problem, DataDamaged)
    assert file.with_name(problem.arguments["copy"]).read_text("utf-8") == content
    store.write(FULL)
    assert _read(file) == (FULL, [])


def test_what_makes_no_sense_is_left_to_the_defaults_and_the_file_kept(file: Path) -> None:
    good = {"id": "p1", "name": "Work", "preset": "custom", "base_url": "x", "dialect": "telepathy"}
    _write(
        file,
        {
            "schema": SCHEMA,
            "appearance": {"theme": "neon", "zoom_percent": 120},
            "chat": "yes",
            "providers": [good, {"name": "without an id"}, 7],
            "declined_environment": True,
        },
    )
    store = SettingsStore(file)
    settings = store.read()
    assert settings.appearance == AppearanceSettings(zoom_percent=120)
    assert settings.chat == ChatSettings()
    assert settings.providers == (Provider(id="p1", name="Work", preset="custom", base_url="x"),)
    assert settings.declined_environment
    assert [type(problem) for problem in store.problems] == [DataDamaged]
    assert file.exists()
    assert _names(file) == ["settings.json", "settings.json.damaged"]


@pytest.mark.parametrize(("written", "used"), [(-5, 60), (60, 60), (100, 100), (9999, 240)])
def test_numbers_out_of_bounds_are_brought_back(file: Path, written: int, used: int) -> None:
    _write(file, {"schema": SCHEMA, "appearance": {"zoom_percent": written, "theme": "dark"}})
    assert _read(file) == (Settings(appearance=AppearanceSettings(ThemeChoice.DARK, zoom_percent=used)), [])


def test_a_newer_file_is_used_for_nothing_and_never_overwritten(file: Path) -> None:
    content = json.dumps({"schema": SCHEMA + 1, "appearance": {"theme": "dark"}})
    _write(file, content)
    store = SettingsStore(file)
    assert store.read() == Settings()
    store.update(_dark)
    store.save_now()
    assert store.value.appearance.theme is ThemeChoice.DARK
    asyncio.run(store.save())
    assert [type(problem) for problem in store.problems] == [DataTooNew]
    assert file.read_text("utf-8") == content


def test_a_file_damaged_or_removed_meanwhile_loses_nothing(file: Path) -> None:
    store = SettingsStore(file)
    store.write(FULL)
    _write(file, "damaged")
    store.update(_dark)
    store.save_now()
    assert _read(file)[0] == _dark(FULL)
    file.unlink()
    store.replace(declined_environment=False)
    store.save_now()
    assert _read(file)[0] == replace(_dark(FULL), declined_environment=False)


def _upgrades() -> list[Callable[[dict[str, Any]], dict[str, Any]]]:
    return [
        lambda raw: {**raw, "appearance": {"theme": raw["theme"]}},
        lambda raw: {**raw, "declined_environment": "Dark" in raw["name"]},
    ]


def test_old_files_are_upgraded_step_by_step_and_kept(file: Path) -> None:
    _write(file, {"schema": 1, "theme": "dark", "name": "Dark one"})
    store = SettingsStore(file, _upgrades())
    assert store.read() == Settings(schema=3, appearance=DARK, declined_environment=True)
    store.replace(declined_environment=False)
    store.save_now()
    assert json.loads(file.read_text("utf-8"))["schema"] == 3
    assert json.loads(file.with_name("settings.json.v1").read_text("utf-8"))["theme"] == "dark"
    assert SettingsStore(file, _upgrades()).read().declined_environment is False


def test_an_upgrade_begins_at_the_files_version(file: Path) -> None:
    _write(file, {"schema": 2, "theme": "dark", "name": "Dark one"})
    store = SettingsStore(file, _upgrades())
    assert store.read() == Settings(schema=3, declined_environment=True)


def test_there_are_as_many_upgrades_as_versions() -> None:
    assert len(UPGRADES) == SCHEMA - 1
    assert sorted(path.name for path in DATA.iterdir()) == [f"v{n}.json" for n in range(1, SCHEMA + 1)]


@pytest.mark.parametrize("old", sorted(DATA.iterdir()), ids=lambda path: path.name)
def test_every_released_form_is_read(file: Path, old: Path) -> None:
    file.parent.mkdir()
    shutil.copyfile(old, file)
    assert _read(file) == (FULL, [])


def test_a_folder_in_the_way_is_said_and_the_value_kept(file: Path) -> None:
    file.mkdir(parents=True)
    store = SettingsStore(file)
    assert store.read() == Settings()
    assert [type(problem) for problem in store.problems] == [StorageFailed]
    store.update(_dark)
    with pytest.raises(StorageFailed):
        asyncio.run(store.save())
    with pytest.raises(StorageFailed):
        store.save_now()
    assert store.value.appearance.theme is ThemeChoice.DARK
    file.rmdir()
    store.save_now()
    assert _read(file)[0].appearance.theme is ThemeChoice.DARK


def test_without_a_folder_to_write_to_the_old_file_stays(file: Path) -> None:
    store = SettingsStore(file)
    store.write(FULL)
    file.parent.rename(file.parent.with_name("away"))
    file.parent.write_text("not a folder")
    store.update(_dark)
    with pytest.raises(StorageFailed) as failure:
        store.save_now()
    assert failure.value.arguments["path"] == str(file)
    assert store.value.appearance.theme is ThemeChoice.DARK
    file.parent.unlink()
    file.parent.with_name("away").rename(file.parent)
    store.save_now()
    assert _read(file)[0].appearance.theme is ThemeChoice.DARK


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows; run this on Linux or macOS")
def test_a_linked_file_stays_a_link(file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.json"
    real.write_text("{}")
    file.parent.mkdir()
    file.symlink_to(real)
    SettingsStore(file).write(FULL)
    assert file.is_symlink()
    assert _read(real)[0] == FULL


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "theme", "chat"]), inner),
    max_leaves=8,
)


@given(raw=st.dictionaries(st.sampled_from(["appearance", "chat", "providers", "chosen", "window", "x"]), JSON))
def test_anything_read_gives_usable_settings(raw: dict[str, Any]) -> None:
    assert isinstance(read_value(raw, Settings, []), Settings)


def test_what_a_killed_program_left_half_written_goes_with_the_next_start(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    abandoned, fresh = (file.parent / f".new-{name}" for name in ("abandoned", "fresh"))
    for path in (abandoned, fresh):
        path.write_text("half of")
    os.utime(abandoned, (0, 0))
    SettingsStore(file).read()
    assert not abandoned.exists()
    assert fresh.exists(), "another program may just be writing it"


def test_changes_beside_a_newer_file_hold_for_the_session(file: Path) -> None:
    _write(file, '{"schema": 99}')
    store = SettingsStore(file)
    store.read()
    store.replace(appearance=DARK)
    store.save_now()
    store.replace(chat=ChatSettings(enter_sends=False))
    store.save_now()
    assert (store.value.appearance, store.value.chat.enter_sends) == (DARK, False)
    assert file.read_text("utf-8") == '{"schema": 99}'


SPARED = ("appearance", "window")


def test_spared_sections_are_neither_taken_nor_written(file: Path) -> None:
    SettingsStore(file).write(FULL)
    before = file.read_bytes()
    store = SettingsStore(file, spared=SPARED)
    assert store.read() == replace(FULL, appearance=AppearanceSettings(), window=WindowState())
    store.replace(window=WindowState(tab="images"))
    store.save_now()
    assert file.read_bytes() == before, "nothing else was changed: nothing is written"
    store.replace(appearance=DARK)
    store.replace(chat=ChatSettings(enter_sends=True))
    store.save_now()
    assert (store.value.window.tab, store.value.appearance) == ("images", DARK), "for this session they hold"
    assert SettingsStore(file).read() == replace(FULL, chat=ChatSettings(enter_sends=True))


def test_what_makes_no_sense_in_a_spared_section_is_not_looked_at(file: Path) -> None:
    _write(file, '{"window": {"tab": [1]}, "chat": {"enter_sends": false}}')
    store = SettingsStore(file, spared=SPARED)
    assert not store.read().chat.enter_sends
    store.replace(declined_environment=True)
    store.save_now()
    assert store.problems == []
    assert json.loads(file.read_bytes())["window"] == {"tab": [1]}
    assert [left.name for left in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("content", ["{broken", "[]", '{"chat": {"enter_sends": 7}}', '{"schema": -1}'])
def test_a_damaged_file_is_left_as_it_is_while_sections_are_spared(file: Path, content: str) -> None:
    _write(file, content)
    store = SettingsStore(file, spared=SPARED)
    assert store.read() == Settings()
    store.replace(chat=ChatSettings(enter_sends=False))
    store.save_now()
    store.replace(declined_environment=True)
    store.save_now()
    assert not store.value.chat.enter_sends
    assert [(left.name, left.read_text()) for left in file.parent.iterdir()] == [(file.name, content)]


def test_a_folder_that_takes_nothing_is_told_of_once(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    store = SettingsStore(file)
    store.read()
    file.mkdir()  # nothing can be written in its place

    def zoom(percent: int) -> None:
        store.update(lambda settings: replace(settings, appearance=replace(settings.appearance, zoom_percent=percent)))

    zoom(120)
    with pytest.raises(StorageFailed):
        asyncio.run(store.save())
    zoom(130)
    asyncio.run(store.save())
    assert store.value.appearance.zoom_percent == 130, "for this session"
    file.rmdir()
    asyncio.run(store.save())
    assert SettingsStore(file).read().appearance.zoom_percent == 130
