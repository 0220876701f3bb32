"""What a cache that is replaced takes over, and what must not be in its place."""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from mkdocs_alttext.cache import database
from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.models import CaptionKey, StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future
    from pathlib import Path

KEYS = [CaptionKey(f"{number:064x}", "en", "alttextai") for number in range(6)]
TEXT = StoredAnswer("A red bicycle")
JOURNAL = bytes.fromhex("d9d505f920a163d7") + b"".join(
    number.to_bytes(4, "big") for number in (0, 1, 0, 512, 4096)
)
"""Of a transaction before which the database had no page."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a cache with five answers, and nothing open."""
    folder = tmp_path / "cache"
    with opened(folder) as cache:
        assert all(cache.put(key, TEXT) for key in KEYS[:5])
    return folder


@contextmanager
def opened(folder: Path) -> Iterator[DiskCache]:
    """Have a cache that waits for nobody, and close it."""
    with closing(DiskCache(folder, busy_seconds=0.05)) as cache:
        yield cache


def change(folder: Path, *statements: str, name: str = "cache.db") -> None:
    """Change a database behind the cache's back."""
    with closing(sqlite3.connect(folder / name, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def found(folder: Path) -> int:
    """Count the five answers that a later build finds."""
    with opened(folder) as cache:
        return sum(cache.get(key) == TEXT for key in KEYS[:5])


def test_a_table_that_only_looks_like_ours_is_set_aside(folder: Path) -> None:
    """Its columns may have the names of SQLite's own."""
    (folder / "cache.db").unlink()
    change(folder, "CREATE TABLE Cache (rowid TEXT, value TEXT)", "INSERT INTO Cache VALUES (1, 2)")
    with opened(folder) as cache:
        assert cache.get(KEYS[0]) is None
        assert cache.put(KEYS[0], TEXT)


def test_a_row_with_a_large_number_hides_none(folder: Path) -> None:
    """All later ones get larger numbers."""
    columns = "rowid, key, raw, value, mode, store_time, access_time"
    change(folder, f"INSERT INTO Cache ({columns}) VALUES (2000000, 'x', 1, 'y', 1, 0, 0)")  # noqa: S608
    with opened(folder) as cache:
        assert cache.put(KEYS[5], TEXT)
    change(folder, "CREATE TABLE Mine (x)")
    with opened(folder) as cache:
        assert cache.acquire(KEYS[0], owner="me", seconds=60)
        assert cache.get(KEYS[5]) == TEXT
    assert found(folder) == 5


def test_a_large_row_hides_neither_answers_nor_marks(folder: Path) -> None:
    """`forget` must find all texts, and a build what another had sent."""
    with opened(folder) as cache:
        cache.mark_sent(KEYS[5], owner="other")
    for name in ("answer/0", "sent/0"):
        columns = "key, raw, value, mode, store_time, access_time"
        text = "y" * 70_000
        change(folder, f"INSERT INTO Cache ({columns}) VALUES ('{name}', 1, '{text}', 1, 0, 0)")  # noqa: S608
    with opened(folder) as cache:
        assert len(list(cache.entries())) == 5
        assert cache.unanswered(owner="me") == 1


def test_leases_and_marks_are_taken_over(folder: Path) -> None:
    """Their builds go on."""
    with opened(folder) as first, opened(folder) as second:
        assert first.acquire(KEYS[5], owner="1", seconds=60)
        first.mark_sent(KEYS[5], owner="1")
        change(folder, "CREATE TABLE Mine (x)")
        assert not second.acquire(KEYS[5], owner="2", seconds=60)
        assert second.mark_sent(KEYS[5], owner="2") == 1


def test_what_is_stored_while_another_replaces_the_database_is_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one has read the old file by then."""
    read = database.sound_rows
    late: list[Future[bool]] = []
    with closing(DiskCache(folder)) as first, ThreadPoolExecutor(1) as pool:
        assert first.acquire(KEYS[5], owner="1", seconds=60)
        change(folder, "CREATE TABLE Mine (x)")

        def read_then_be_late(path: Path) -> list[tuple[str, str, float | None]]:
            rows = list(read(path))
            late.append(pool.submit(first.put, KEYS[5], TEXT, owner="1"))
            return rows

        monkeypatch.setattr(database, "sound_rows", read_then_be_late)
        with opened(folder) as second:
            assert second.acquire(KEYS[0], owner="2", seconds=60)
        assert late[0].result(30)
    with opened(folder) as cache:
        assert cache.get(KEYS[5]) == TEXT
    assert found(folder) == 5


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_another_name_of_a_file_is_not_written_to(folder: Path, suffix: str) -> None:
    """A restored archive can hold hard links."""
    other = folder.parent / "page.md"
    content = b"" if not suffix else b"# A page\n" * 100
    other.write_bytes(content)
    if not suffix:
        (folder / "cache.db").unlink()
    os.link(other, folder / f"cache.db{suffix}")
    with opened(folder) as cache:
        cache.get(KEYS[0])
        assert cache.put(KEYS[5], TEXT)
    assert other.read_bytes() == content


def test_a_journal_beside_a_database_with_a_log_undoes_nothing(folder: Path) -> None:
    """Undoing it would empty the database."""
    (folder / "cache.db-journal").write_bytes(JOURNAL.ljust(512, b"\0") + b"\1" * 100)
    assert found(folder) == 5


def test_a_log_that_hides_answers_does_not_hide_them_from_being_taken_over(
    folder: Path, tmp_path: Path
) -> None:
    """It was made beside a copy of the database."""
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "cache.db").write_bytes((folder / "cache.db").read_bytes())
    with closing(sqlite3.connect(copy / "cache.db", isolation_level=None)) as connection:
        connection.execute("DELETE FROM Cache WHERE rowid > 1")
        connection.execute("CREATE TABLE Mine (x)")
        log = (copy / "cache.db-wal").read_bytes()
    (folder / "cache.db-wal").write_bytes(log)
    with opened(folder) as cache:
        assert cache.acquire(KEYS[0], owner="me", seconds=60)
    assert found(folder) == 5
    # Nor must it be applied to a new database that nobody put in its place yet.
    (folder / "cache.db").rename(folder / "cache.db.new")
    (folder / "cache.db-wal").write_bytes(log)
    assert found(folder) == 5


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_has_the_name_of_the_new_database_is_set_aside(folder: Path, kind: str) -> None:
    """It is somebody else's."""
    new = folder / "cache.db.new"
    notes = folder.parent / "notes.txt"
    notes.write_text("My notes", encoding="utf-8")
    if kind == "file":
        new.write_text("My notes", encoding="utf-8")
    elif kind == "folder":
        new.mkdir()
    else:
        new.symlink_to(notes)
    change(folder, "CREATE TABLE Mine (x)")
    with opened(folder) as cache:
        assert cache.put(KEYS[5], TEXT)
    assert (folder / "cache.db.new.damaged-1").exists()
    assert notes.read_text(encoding="utf-8") == "My notes"
    assert found(folder) == 5


def test_a_database_that_nobody_put_in_its_place_does_not_come_back_later(folder: Path) -> None:
    """What was forgotten meanwhile would be there again."""
    (folder / "cache.db.new").write_bytes((folder / "cache.db").read_bytes())
    with opened(folder) as cache:
        assert cache.forget(KEYS) == 5
    (folder / "cache.db").unlink()
    assert found(folder) == 0


def test_a_lease_does_not_stay_when_answers_cannot_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other builds would wait for nobody."""
    connect = sqlite3.connect

    def refuse_reading(database: str, **options: Any) -> sqlite3.Connection:  # noqa: ANN401
        if "mode=ro" in str(database):
            raise sqlite3.OperationalError
        return connect(database, **options)  # type: ignore[no-any-return]

    with opened(folder) as cache, opened(folder) as other:
        assert cache.put(KEYS[0], TEXT)
        monkeypatch.setattr(sqlite3, "connect", refuse_reading)
        with pytest.raises(StoreError):
            cache.acquire(KEYS[5], owner="me", seconds=60)
        monkeypatch.undo()
        assert other.acquire(KEYS[5], owner="other", seconds=60)


def test_tables_larger_than_any_of_ours_are_not_read(folder: Path) -> None:
    """Reading what a file defines takes many times its size of memory."""
    columns = ", ".join(f"c{number} INT" for number in range(1000))
    change(folder, f"CREATE TABLE Mine ({columns})")
    assert found(folder) == 5
    assert (folder / "cache.db.damaged-1").exists()
