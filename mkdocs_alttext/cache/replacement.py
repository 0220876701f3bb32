"""A database that cannot be trusted, replaced by one that holds what is sound in it.

The other is made whole before the first is renamed, and has a name by which the next process finds
it: whoever is killed in between loses nothing that was paid for.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.cache.entries import (
    LEASE,
    SENT,
    OddEntryError,
    answer_names,
    decode_answer,
    encode_answer,
)
from mkdocs_alttext.cache.faults import CacheError, Fault
from mkdocs_alttext.cache.files import COMPANIONS, set_aside
from mkdocs_alttext.cache.lease import Holder, Mark
from mkdocs_alttext.cache.reader import set_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diskcache import Cache

    from mkdocs_alttext.models import CaptionKey, StoredAnswer

_MOST_ROWS = 100_000
_MOST_CHARACTERS = 32 * 1024 * 1024
_MOST_SECONDS = 10.0
"""For reading what is sound: a few seconds for the most rows on a slow machine."""
_STEPS = 10_000
"""Of SQLite's machine, between two looks at the clock."""


class Sound(NamedTuple):
    """What is sound in a database."""

    answers: dict[CaptionKey, StoredAnswer]
    others: dict[str, tuple[str, float | None]]
    """Leases and marks of builds, by their names: text, and when it ends in seconds since the
    epoch."""


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
    sound = read_sound(path)
    try:
        with tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as folder:
            made = Path(folder) / path.name
            from mkdocs_alttext.cache.writer import Writer  # noqa: PLC0415 - imports diskcache

            with closing(Writer(made, busy_seconds=busy_seconds)) as writer:
                writer.change(lambda cache: _store(cache, sound))
            made.replace(_replacement(path))
    except OSError as error:
        raise CacheError(Fault.UNUSABLE, error.strerror or type(error).__name__) from error
    # The database first: without its log it could seem sound, and the new one would be forgotten.
    name = set_aside(path, ("", *COMPANIONS))
    finish_replacing(path)
    return name, len(sound.answers)


def finish_replacing(path: Path) -> None:
    """Put a new database in its place, if whoever made it was killed before doing so.

    One that stands beside a database is of no use any more, and set aside.

    Args:
        path: The database file.

    Raises:
        CacheError: A file cannot be renamed.
    """
    made = _replacement(path)
    if not os.path.lexists(made):
        return
    if os.path.lexists(path) or not stat.S_ISREG(made.lstat().st_mode):
        set_aside(made)
        return
    # What belonged to the database that is gone must not be applied to this one.
    set_aside(path, COMPANIONS)
    try:
        made.rename(path)
    except OSError as error:
        raise CacheError(Fault.UNUSABLE, error.strerror or type(error).__name__) from error


def is_replaced(path: Path) -> bool:
    """Tell whether there is a database for `finish_replacing` to put in its place."""
    return os.path.lexists(_replacement(path))


def read_sound(path: Path) -> Sound:
    """Return what can be read from a database, whatever else is in it.

    Rows are read one by one: a damaged page hides those on it, and no others.

    Args:
        path: The database file, checked by `check_files`.
    """
    sound = Sound({}, {})
    # Without its log, too: what is in the log may have been made to hide the rest.
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        room = _MOST_CHARACTERS
        with suppress(sqlite3.Error):
            for name, entry, end in _rows(path, mode):
                room -= len(name) + len(entry)
                if room < 0:
                    break
                if _is_of_build(name, entry):
                    sound.others.setdefault(name, (entry, end))
                    continue
                with suppress(OddEntryError):
                    key, answer = decode_answer(entry)
                    sound.answers.setdefault(key, answer)
    return sound


def _rows(path: Path, mode: str) -> Iterator[tuple[str, str, float | None]]:
    uri = f"{path.absolute().as_uri()}?{mode}"
    give_up = time.monotonic() + _MOST_SECONDS
    with closing(sqlite3.connect(uri, uri=True, timeout=0.0, isolation_level=None)) as connection:
        set_limits(connection)
        connection.text_factory = lambda text: text.decode(errors="replace")
        # The last one has SQLite read a file that was cut.
        for pragma in ("trusted_schema = OFF", "mmap_size = 0", "writable_schema = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.set_progress_handler(lambda: time.monotonic() > give_up, _STEPS)
        if not _has_table(connection):
            return
        columns = "rowid, key, value, expire_time"
        query = f"SELECT {columns} FROM Cache WHERE rowid > ? ORDER BY rowid LIMIT 1"  # noqa: S608 - our own words
        last = 0
        for _ in range(_MOST_ROWS):
            try:
                row = connection.execute(query, (last,)).fetchone()
            except sqlite3.Error:
                if time.monotonic() > give_up:
                    return
                last += 1
                continue
            if row is None or type(row[0]) is not int or row[0] <= last:
                return
            last, name, entry, end = row
            if isinstance(name, str) and isinstance(entry, str):
                yield name, entry, end if isinstance(end, float) else None


def _is_of_build(name: str, text: str) -> bool:
    """Tell whether a row is a lease or a mark."""
    decode = {LEASE: Holder.decode, SENT: Mark.decode}.get(name.partition("/")[0])
    return decode is not None and decode(text) is not None


def _has_table(connection: sqlite3.Connection) -> bool:
    kind = "SELECT substr(sql, 1, 13) FROM sqlite_master WHERE name = 'Cache'"
    return bool(connection.execute(kind).fetchone() == ("CREATE TABLE ",))


def _store(cache: Cache, sound: Sound) -> None:
    for key, answer in sound.answers.items():
        cache.set(answer_names(key)[0], encode_answer(key, answer))
    for name, (text, end) in sound.others.items():
        left = None if end is None else end - time.time()
        if left is None or left > 0:
            cache.set(name, text, expire=left)


def _replacement(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")
