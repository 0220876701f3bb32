"""A cache's database, read without trust.

Every look-up goes through a connection that cannot write, with bounds on the length of a value and
on time; what it finds is checked by its user. `file_checks` has looked at the files before.
"""

from __future__ import annotations

import os
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from mkdocs_alttext.cache.faults import CacheError, Fault, as_cache_errors
from mkdocs_alttext.cache.file_checks import SLACK, file_identity, file_status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from sqlite3 import Connection

_MOST_ENTRY_BYTES = 65536
"""Longest name or entry: the longest text in JSON's widest escapes, and its key, with room."""
_MOST_SECONDS = 2.0
"""For one look-up, which takes microseconds in a sound database."""
_MOST_RECOVERING = 10.0
"""For a look at the whole file."""
_STEPS = 10_000
"""Of SQLite's machine, between two looks at the clock."""
_MOST_ROWS = 100_000
_MOST_CHARACTERS = 32 * 1024 * 1024
"""What is read from a database that is damaged."""
_NUMBERS = {"count", "size", "hits", "misses", "sqlite_synchronous"}
"""In diskcache's table of settings: what it counts there, and what is set whenever it is opened."""
_PLAIN = (
    "raw = 1 AND mode = 1 AND filename IS NULL AND expire_time IS NULL"
    " AND typeof(key) = 'text' AND typeof(value) = 'text'"
)
"""How diskcache keeps a text under a text."""


class Reader:
    """A connection to one database file that only reads. Its user holds a lock around calls."""

    def __init__(self, path: Path, busy_seconds: float, *, makes_files: bool = True) -> None:
        """Connect, and look whether there is a cache.

        Args:
            path: The database file, which `check_files` looked at with the folder's lock held, or
                `are_plain`.
            busy_seconds: How long to wait for other connections.
            makes_files: Whether SQLite may make the files beside the database that it reads a
                write-ahead log with. Without them, the last texts of a process that is writing, or
                died, may be missed.

        Raises:
            CacheError: The file cannot be read, or is no cache.
        """
        self.identity = file_identity(path)
        """Which file this is."""
        self.has_tables = False
        """Whether there is anything to look up; an empty file is an empty cache."""
        if not (makes_files or file_status(path.with_name(f"{path.name}-shm"))):
            self._open(path, "mode=ro&immutable=1", busy_seconds)
            return
        if makes_files and file_status(path.with_name(f"{path.name}-journal")):
            # A transaction of a process that died: only who may write can undo it.
            with suppress(CacheError):
                require_writable(path, busy_seconds)
        try:
            self._open(path, "mode=ro", busy_seconds)
        except CacheError as error:
            # In a folder that forbids writing, SQLite cannot make the index that it reads a
            # write-ahead log with. Then the file is read as it is: whoever may write will soon have
            # moved the log into it.
            if error.fault not in {Fault.READ_ONLY, Fault.UNUSABLE}:
                raise
            self._open(path, "mode=ro&immutable=1", busy_seconds)

    def rows(
        self, query: str, values: tuple[str, ...] = (), *, seconds: float = _MOST_SECONDS
    ) -> list[Any]:
        """Return the rows of a query.

        Raises:
            CacheError: The file cannot be read, or not soon enough.
        """
        give_up = time.monotonic() + seconds
        with as_cache_errors():
            self._connection.set_progress_handler(lambda: time.monotonic() > give_up, _STEPS)
            return self._connection.execute(query, values).fetchall()

    def find(self, *names: str) -> str | None:
        """Return the entry under the first of some names that has one of our size, or `None`.

        Raises:
            CacheError: The file cannot be read.
        """
        query = f"SELECT value FROM Cache WHERE key = ? AND {_PLAIN}"  # noqa: S608 - our own words
        for name in names:
            try:
                found = self.rows(query, (name,))
            except CacheError as error:
                if error.fault is not Fault.TOO_LARGE:
                    raise
            else:
                if found:
                    return str(found[0][0])
        return None

    def next(self, *, after: str, before: str) -> tuple[str, str] | None:
        """Return the next entry by name, with its name; `None` at the end.

        Args:
            after: The last name that was seen.
            before: Where names end.

        Returns:
            An entry that is larger than any of ours is empty.

        Raises:
            CacheError: The file cannot be read.
        """
        query = "SELECT key FROM Cache WHERE key > ? AND key < ? ORDER BY key LIMIT 1"
        for (name,) in self.rows(query, (after, before)):
            return name, self.find(name) or ""
        return None

    def is_sound(self) -> bool:
        """Tell whether all pages of the database are as they should be."""
        return self.rows("PRAGMA integrity_check(1)", seconds=_MOST_RECOVERING) == [("ok",)]

    def is_like(self, made: Reader) -> bool:
        """Tell whether the database defines nothing but what another one does, settings included.

        Another trigger could make storing fail unseen; another setting could have diskcache evict
        entries, or look for its files elsewhere. What is missing, as whoever began it was killed,
        is made by whoever opens it.

        Args:
            made: Of a database that diskcache has just made.

        Raises:
            CacheError: It cannot be read.
        """
        objects, settings = (
            "SELECT type, name, tbl_name, sql FROM sqlite_master",
            "SELECT key, value FROM Settings LIMIT 100",
        )
        defined = self.rows(objects)
        if not set(defined) <= set(made.rows(objects)):
            return False
        known = dict(made.rows(settings))
        has_settings = any(name == "Settings" for _, name, *_ in defined)
        return all(
            type(value) is int if key in _NUMBERS else key in known and value == known[key]
            for key, value in (self.rows(settings) if has_settings else ())
        )

    def close(self) -> None:
        """Close the connection, from whichever thread."""
        self._connection.close()

    def _open(self, path: Path, mode: str, busy_seconds: float) -> None:
        with as_cache_errors():
            self._connection = _connect(path, mode, busy_seconds)
        try:
            self.has_tables = self._has_tables(path)
        except BaseException:
            self.close()
            raise

    def _has_tables(self, path: Path) -> bool:
        """Tell whether there is a table to look entries up in, and nothing else."""
        query = "SELECT name, type || ' ' || substr(sql, 1, 13) FROM sqlite_master"
        defined = dict(self.rows(query))
        (pages,), (page_size,) = (self.rows(f"PRAGMA page_{each}")[0] for each in ("count", "size"))
        files = [file_status(path), file_status(path.with_name(f"{path.name}-wal"))]
        if pages * page_size > sum(each.st_size for each in files if each) + SLACK:
            raise CacheError(Fault.DAMAGED, "it claims to be larger than it can be")
        if defined and not {"Cache", "Settings"} & defined.keys():
            raise CacheError(Fault.UNUSABLE, "it belongs to another program")
        # It is empty, or whoever began it was killed; a view could compute for ever.
        if defined.get("Cache", "table CREATE TABLE ") != "table CREATE TABLE ":
            raise CacheError(Fault.DAMAGED, "its tables were changed")
        return "Cache" in defined


def require_writable(path: Path, busy_seconds: float) -> None:
    """Begin and end a transaction, to find out whether a database can be written now.

    SQLite undoes what a process that died had begun, and, where nobody else has the file open,
    moves its log into the database and removes it.

    Args:
        path: The database file, checked if there is one.
        busy_seconds: How long to wait for other connections; diskcache's constructor would wait up
            to a minute.

    Raises:
        CacheError: It cannot.
    """
    # SQLite says of such a folder only that something in it cannot be opened.
    has_effective = os.access in os.supports_effective_ids
    if not os.access(path.parent, os.W_OK, effective_ids=has_effective):
        raise CacheError(Fault.READ_ONLY)
    with as_cache_errors(), closing(_connect(path, "mode=rwc", busy_seconds)) as connection:
        connection.execute("BEGIN IMMEDIATE")


def sound_rows(path: Path) -> Iterator[tuple[str, str, float | None]]:
    """Yield the texts that can be read from a database, whatever else is in it.

    Rows are read one by one: a damaged page hides those on it, and no others.

    Args:
        path: The database file, which `check_files` looked at.

    Yields:
        A row's name, text and end, in seconds since the epoch; some of them twice.
    """
    # Without its log, too: what is in the log may have been made to hide the rest.
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        with suppress(CacheError), as_cache_errors(), closing(_connect(path, mode)) as connection:
            yield from _readable_rows(connection)


def _readable_rows(connection: Connection) -> Iterator[tuple[str, str, float | None]]:
    import sqlite3  # noqa: PLC0415 - as below

    give_up = time.monotonic() + _MOST_RECOVERING
    connection.set_progress_handler(lambda: time.monotonic() > give_up, _STEPS)
    # Both have SQLite read what it can of a file that was cut or overwritten.
    connection.execute("PRAGMA cell_size_check = OFF")
    connection.execute("PRAGMA writable_schema = ON")
    kind = "SELECT substr(sql, 1, 13) FROM sqlite_master WHERE name = 'Cache'"
    if connection.execute(kind).fetchone() != ("CREATE TABLE ",):
        return
    query = (
        "SELECT rowid, key, value, expire_time FROM Cache WHERE rowid > ? ORDER BY rowid LIMIT 1"
    )
    last, room = 0, _MOST_CHARACTERS
    for _ in range(_MOST_ROWS):
        try:
            row = connection.execute(query, (last,)).fetchone()
        except (sqlite3.Error, ValueError):  # SQLite's own words may be unreadable, too
            if time.monotonic() > give_up:
                return
            last += 1
            continue
        if row is None or type(row[0]) is not int or row[0] <= last:
            return
        last, name, text, end = row
        if isinstance(name, str) and isinstance(text, str):
            room -= len(name) + len(text)
            if room < 0:
                return
            yield name, text, end if isinstance(end, float) else None


def _connect(path: Path, mode: str, busy_seconds: float = 0.0) -> Connection:
    """Return a connection that refuses what is larger than anything of ours, tables included."""
    import sqlite3  # noqa: PLC0415 - only builds that look something up need it

    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_ENTRY_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 8192)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, 64)
    # What is no UTF-8 is one odd entry; Python would raise, and hand out none of a page.
    connection.text_factory = lambda text: text.decode(errors="replace")
    # What https://www.sqlite.org/security.html advises for files of unknown origin. Memory mapping
    # would end the process when another one shortens the file.
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
