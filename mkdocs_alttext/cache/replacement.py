"""A database that cannot be trusted, replaced by one that holds the answers which are sound in it.

The other is made whole before the first is renamed, and has a name by which the next process finds
it: whoever is killed in between loses nothing that was paid for.
"""

from __future__ import annotations

import sqlite3
import stat
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.cache.entries import (
    OddEntryError,
    answer_names,
    decode_answer,
    encode_answer,
)
from mkdocs_alttext.cache.faults import CacheError, Fault
from mkdocs_alttext.cache.files import set_aside
from mkdocs_alttext.cache.reader import MOST_ENTRY_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diskcache import Cache

    from mkdocs_alttext.captions import CaptionKey, StoredAnswer

_MOST_ROWS = 100_000
_MOST_CHARACTERS = 32 * 1024 * 1024
_MOST_SECONDS = 10.0
"""For reading what is sound: a few seconds for the most rows on a slow machine."""
_STEPS = 10_000
"""Of SQLite's machine, between two looks at the clock."""


def replace_database(path: Path, *, busy_seconds: float) -> tuple[str, int]:
    """Set a database aside, with another one in its place; call it with the folder's lock held.

    Args:
        path: The database file, checked by `check_files`.
        busy_seconds: How long to wait for other connections.

    Returns:
        The new name of the old one, and how many of its answers the new one has.

    Raises:
        CacheError: Nothing was changed, or the new one is put in place by `finish_replacing`.
    """
    from mkdocs_alttext.cache.writer import Writer  # noqa: PLC0415 - imports diskcache

    answers = sound_answers(path)
    try:
        with tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as folder:
            made = Path(folder) / path.name
            with closing(Writer(made, busy_seconds=busy_seconds)) as writer:
                writer.change(lambda cache: _store(cache, answers))
            made.replace(_replacement(path))
    except OSError as error:
        raise CacheError(Fault.UNUSABLE, error.strerror or type(error).__name__) from error
    name = set_aside(path)
    finish_replacing(path)
    return name, len(answers)


def finish_replacing(path: Path) -> None:
    """Put a new database in its place, if whoever made it was killed before doing so.

    Args:
        path: The database file; when there is one, nothing is done.
    """
    made = _replacement(path)
    with suppress(OSError):
        if stat.S_ISREG(made.lstat().st_mode) and not path.is_symlink() and not path.exists():
            made.rename(path)


def is_replaced(path: Path) -> bool:
    """Tell whether there is a database for `finish_replacing` to put in its place."""
    return _replacement(path).exists()


def sound_answers(path: Path) -> dict[CaptionKey, StoredAnswer]:
    """Return the answers that can be read from a database, whatever else is in it.

    Rows are read one by one: a damaged page hides those on it, and no others.

    Args:
        path: The database file, checked by `check_files`.
    """
    found: dict[CaptionKey, StoredAnswer] = {}
    # Without its log, should that be what is damaged.
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        room = _MOST_CHARACTERS
        with suppress(sqlite3.Error):
            for entry in _texts(path, mode):
                room -= len(entry)
                if room < 0:
                    break
                with suppress(OddEntryError):
                    key, answer = decode_answer(entry)
                    found.setdefault(key, answer)
        if found:
            break
    return found


def _texts(path: Path, mode: str) -> Iterator[str]:
    uri = f"{path.absolute().as_uri()}?{mode}"
    give_up = time.monotonic() + _MOST_SECONDS
    with closing(sqlite3.connect(uri, uri=True, timeout=0.0, isolation_level=None)) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_ENTRY_BYTES)
        connection.text_factory = lambda text: text.decode(errors="replace")
        # The last one has SQLite read a file that was cut.
        for pragma in ("trusted_schema = OFF", "mmap_size = 0", "writable_schema = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.set_progress_handler(lambda: time.monotonic() > give_up, _STEPS)
        for number in range(1, _last_row(connection) + 1):
            if time.monotonic() > give_up:
                return
            with suppress(sqlite3.Error):
                query = "SELECT value FROM Cache WHERE rowid = ? AND typeof(value) = 'text'"
                if row := connection.execute(query, (number,)).fetchone():
                    yield row[0]


def _last_row(connection: sqlite3.Connection) -> int:
    kind = "SELECT substr(sql, 1, 13) FROM sqlite_master WHERE name = 'Cache'"
    if connection.execute(kind).fetchone() != ("CREATE TABLE ",):
        return 0
    with suppress(sqlite3.Error):
        (last,) = connection.execute("SELECT max(rowid) FROM Cache").fetchone()
        return min(last or 0, _MOST_ROWS)
    return _MOST_ROWS


def _store(cache: Cache, answers: dict[CaptionKey, StoredAnswer]) -> None:
    for key, answer in answers.items():
        cache.set(answer_names(key)[0], encode_answer(key, answer))


def _replacement(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")
