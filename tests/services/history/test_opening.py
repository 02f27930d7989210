"""Opening: upgrades with a copy before, newer and damaged files, and every form that was ever released."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.model.data_errors import DataMissing, DataPartlySalvaged
from app.model.errors import AppError, DataDamaged, DataTooNew
from app.paths import Paths
from app.services.history.migrations import MIGRATIONS
from app.services.history.opening import ALWAYS_CHECKED_BYTES, COPIES_KEPT, open_database, open_in_memory
from app.services.history.signs import search_signs
from app.services.history.store import History
from app.services.history.words import search_words
from tests.services.history.conftest import Within, needs_size_limit, run_python
from tests.services.history.examples import ask

DATA = Path(__file__).parents[2] / "data" / "history"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "history.sqlite3"


@contextlib.contextmanager
def opened(file: Path, *further: Callable[[sqlite3.Connection], None]) -> Iterator[sqlite3.Connection]:
    """With `further` migrations after those of this version; problems are failures."""
    problems: list[AppError] = []
    with contextlib.closing(open_database(file, problems, (*MIGRATIONS, *further))) as connection:
        assert problems == []
        yield connection


def _add_notes(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE notes (text TEXT)")
    connection.execute("INSERT INTO notes SELECT title FROM conversations")


def _fail(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE messages")
    raise ZeroDivisionError


def _conversation(connection: sqlite3.Connection, title: str) -> None:
    connection.execute("INSERT INTO conversations (title, created_at, updated_at) VALUES (?, 0, 0)", (title,))


def _titles(connection: sqlite3.Connection) -> list[str]:
    return [row["title"] for row in connection.execute("SELECT title FROM conversations ORDER BY id")]


def _copies(file: Path) -> list[Path]:
    return sorted(file.parent.glob("*.v*"))


def test_a_fresh_file_is_private_and_needs_no_copy(file: Path) -> None:
    with opened(file) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert _copies(file) == []
    assert os.name == "nt" or stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_upgrade_keeps_everything_and_a_copy_of_before(file: Path) -> None:
    with opened(file) as connection:
        _conversation(connection, "old")
    with opened(file, _add_notes) as connection:
        assert [row["text"] for row in connection.execute("SELECT text FROM notes")] == ["old"]
    (copy,) = _copies(file)
    assert copy.name.startswith(f"history.sqlite3.v{len(MIGRATIONS)}-")
    with contextlib.closing(sqlite3.connect(copy)) as before:
        assert before.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
        assert before.execute("SELECT title FROM conversations").fetchall() == [("old",)]


def test_a_failing_upgrade_changes_nothing(file: Path) -> None:
    with opened(file) as connection:
        _conversation(connection, "old")
    with pytest.raises(ZeroDivisionError), opened(file, _add_notes, _fail):
        pass
    with opened(file, _add_notes) as connection:
        assert _titles(connection) == ["old"]
        assert connection.execute("SELECT count(*) FROM messages").fetchone()[0] == 0


def test_two_processes_upgrade_at_the_same_time(file: Path) -> None:
    with opened(file) as connection:
        _conversation(connection, "old")

    def upgrade(_: int) -> list[str]:
        with opened(file, _add_notes) as connection:
            return [row["text"] for row in connection.execute("SELECT text FROM notes")]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(upgrade, range(4))) == [["old"]] * 4
    assert len(_copies(file)) == 1


def test_a_folder_in_its_place_is_no_damage(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(sqlite3.OperationalError), opened(file):
        pass
    assert file.is_dir()


def test_only_the_newest_copies_are_kept(file: Path) -> None:
    with opened(file):
        pass
    for number in range(COPIES_KEPT + 3):
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
            connection.execute("DROP TABLE IF EXISTS notes")
            connection.commit()
        with opened(file, _add_notes):
            pass
        assert len(_copies(file)) == min(number + 1, COPIES_KEPT)


def test_a_copy_too_many_that_cannot_be_removed_does_not_hinder(file: Path) -> None:
    with opened(file):
        pass
    for number in range(COPIES_KEPT):
        (file.parent / f"history.sqlite3.v1-{number}").mkdir()
    with opened(file, _add_notes):
        pass
    assert len(_copies(file)) == COPIES_KEPT + 1


@needs_size_limit
def test_without_room_for_a_copy_there_is_no_upgrade(file: Path) -> None:
    with opened(file) as connection:
        _conversation(connection, "long " * 100_000)
    told = run_python(
        """
        import resource, sys
        from pathlib import Path
        from app.services.history.migrations import MIGRATIONS
        from app.services.history.opening import open_database

        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            open_database(Path(sys.argv[1]), [], (*MIGRATIONS, lambda connection: None))
        except Exception as error:
            print(type(error).__name__)
        """,
        str(file),
    )
    assert told == "OperationalError\n"
    assert _copies(file) == []
    with opened(file) as connection:
        assert _titles(connection) == ["long " * 100_000]


def test_a_newer_file_is_left_alone(file: Path) -> None:
    with opened(file, _add_notes):
        pass
    before = file.read_bytes()
    with pytest.raises(DataTooNew) as failure, opened(file):
        pass
    assert failure.value.arguments["path"] == str(file)
    assert file.read_bytes() == before
    assert _copies(file) == []


@pytest.mark.parametrize("size", [100, 10_000])
def test_something_else_is_set_aside_with_its_log(file: Path, size: int) -> None:
    file.parent.mkdir()
    file.write_bytes(b"not a database" * size)
    file.with_name("history.sqlite3-wal").write_bytes(b"log")
    problems: list[AppError] = []
    with contextlib.closing(open_database(file, problems)) as connection:
        assert _titles(connection) == []
    (problem,) = problems
    assert isinstance(problem, DataDamaged)
    copy = file.with_name(problem.arguments["copy"])
    assert copy.read_bytes() == b"not a database" * size
    assert copy.with_name(copy.name + "-wal").read_bytes() == b"log"


@pytest.mark.parametrize("is_there", [True, False], ids=["empty", "missing"])
def test_a_file_that_is_gone_is_told_where_only_its_backup_is_left(file: Path, tmp_path: Path, is_there: bool) -> None:
    backup = tmp_path / "backup.sqlite3"
    with opened(backup) as connection:
        _conversation(connection, "Kept")
    file.parent.mkdir()
    if is_there:
        file.touch()
    problems: list[AppError] = []
    for told in ([DataMissing], [DataMissing]):  # once; the next start finds the fresh one
        open_database(file, problems, backups=[backup]).close()
        assert [type(problem) for problem in problems] == told


def test_a_first_start_misses_nothing(file: Path) -> None:
    with opened(file):
        pass


def _damage(file: Path) -> None:
    """Overwrite the middle third of the pages; the header stays."""
    data = bytearray(file.read_bytes())
    third = len(data) // 3
    data[third : 2 * third] = os.urandom(third)
    file.write_bytes(data)


def test_damage_inside_is_found_at_the_start(file: Path) -> None:
    with opened(file) as connection:
        for number in range(200):
            _conversation(connection, f"{number} " * 200)
    _damage(file)
    problems: list[AppError] = []
    with contextlib.closing(open_database(file, problems)) as connection:
        assert 0 < len(_titles(connection)) < 200
    assert [type(problem) for problem in problems] == [DataPartlySalvaged]


def test_a_large_file_is_checked_when_damage_was_met_before(file: Path) -> None:
    with opened(file) as connection:
        for number in range(20):
            _conversation(connection, f"{number} " * (ALWAYS_CHECKED_BYTES // 40))
    assert file.stat().st_size > ALWAYS_CHECKED_BYTES
    _damage(file)
    with opened(file):
        pass  # nothing was met yet
    file.with_name("history.sqlite3.suspect").touch()
    problems: list[AppError] = []
    with contextlib.closing(open_database(file, problems)) as connection:
        assert 0 < len(_titles(connection)) < 20
    assert [type(problem) for problem in problems] == [DataPartlySalvaged]
    assert not file.with_name("history.sqlite3.suspect").exists()


def test_a_wrong_index_is_built_anew_after_suspicion(within: Within, paths: Paths) -> None:
    async def write(history: History) -> None:
        await ask(history, "alpha", "beta gamma")

    async def count(history: History) -> list[int]:
        return [len(await history.search.find(word)) for word in ("alpha", "gamma", "wrong")]

    within(write)
    with contextlib.closing(sqlite3.connect(paths.database_file)) as connection:
        connection.execute("INSERT INTO messages_index (messages_index) VALUES ('delete-all')")
        connection.execute("INSERT INTO messages_index (rowid, words) VALUES (1, 'wrong')")
        connection.commit()
    assert within(count) == [1, 0, 1]
    paths.database_file.with_name("history.sqlite3.suspect").touch()
    assert within(count) == [2, 1, 0]


def test_memory_is_enough_for_a_session() -> None:
    with contextlib.closing(open_in_memory()) as connection:
        _conversation(connection, "here")
        assert _titles(connection) == ["here"]


def test_there_is_an_old_file_of_every_version() -> None:
    assert sorted(path.name for path in DATA.iterdir()) == [f"v{n}.sqlite3" for n in range(1, len(MIGRATIONS) + 1)]


@pytest.mark.parametrize("number", range(1, len(MIGRATIONS) + 1))
def test_a_released_step_is_never_changed(number: int) -> None:
    """If this fails, users have a form that no step of ours knows: add a step instead."""
    with (
        contextlib.closing(sqlite3.connect(":memory:")) as fresh,
        contextlib.closing(sqlite3.connect(DATA / f"v{number}.sqlite3")) as old,
    ):
        fresh.create_function("search_signs", 1, search_signs)
        for migration in MIGRATIONS[:number]:
            migration(fresh)
        query = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
        assert fresh.execute(query).fetchall() == old.execute(query).fetchall()


@pytest.mark.parametrize("old", sorted(DATA.iterdir()), ids=lambda path: path.name)
def test_every_released_form_opens_with_all_it_holds(within: Within, paths: Paths, old: Path) -> None:
    async def story(history: History) -> None:
        assert history.problems == []
        first, second = sorted(await history.conversations.all(), key=lambda conversation: conversation.id)
        assert (first.title, first.pinned, second.draft) == ("你好 world", True, "unsent")
        path = await history.messages.path(first.id)
        assert [(m.role, m.text, m.state, m.version) for m in path] == [
            ("user", "你好 world", "complete", (1, 1)),
            ("assistant", "A second answer about cafés", "stopped", (2, 2)),
        ]
        assert [attachment.name for attachment in path[0].attachments] == ["Holiday.PNG"]
        assert {hit.message_id for hit in await history.search.find("好")} == {None, path[0].id}
        assert [hit.message_id for hit in await history.search.find("cafe")] == [path[1].id]
        (picture,) = await history.pictures.all()
        (recording,) = await history.recordings.all()
        (transcript,) = await history.transcripts.of(recording.id)
        (request,) = await history.requests.recent()
        assert (picture.prompt, picture.path.parent) == ("a red balloon", paths.pictures)
        assert (recording.name, transcript.text) == ("Memo", "Hello there.")
        assert (request.kind, request.usage.input_tokens) == ("chat", 3)
        await ask(history, "and it can be written", "yes", second)

    shutil.copyfile(old, paths.database_file)
    within(story)


def test_signs_in_texts_of_before_are_found(within: Within, paths: Paths) -> None:
    async def story(history: History) -> None:
        (hit,) = await history.search.find("->")
        assert hit.excerpt == "a->b"
        assert len(await history.search.find("=>")) == 1  # it was arriving, and is interrupted now

    shutil.copyfile(DATA / "v2.sqlite3", paths.database_file)
    with contextlib.closing(sqlite3.connect(paths.database_file)) as connection:
        connection.create_function("search_words", 1, search_words)
        add = "INSERT INTO messages (conversation_id, role, text, state, created_at, last_use)"
        connection.execute(f"{add} VALUES (1, 'user', 'a->b', 'complete', 0, 0)")
        connection.execute(f"{add} VALUES (1, 'user', 'a=>b', 'streaming', 0, 0)")
        connection.commit()
    within(story)
