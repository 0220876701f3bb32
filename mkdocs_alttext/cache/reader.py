"""Reading a cache's database without trusting it.

Every look-up goes through a connection that cannot write, with bounds on the length of a value and
on time; what it finds is checked by its user. So it does not matter what else the file defines.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from mkdocs_alttext.cache.faults import CacheError, Fault, as_cache_errors
from mkdocs_alttext.cache.files import FileIdentity, file_identity, has_journal, size_on_disk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MOST_ENTRY_BYTES = 65536
"""Longest name or entry: the longest text in JSON's widest escapes, and its key, with room."""
_MOST_SECONDS = 2.0
"""For one look-up, which takes microseconds in a sound database."""
_MOST_CHECKING = 10.0
"""For a look at the whole file."""
_MOST_PAGES = 2**20
"""4 GB; looking at all of them takes memory in proportion to their number."""
_STEPS = 10_000
"""Of SQLite's machine, between two looks at the clock."""

_PLAIN = (
    "raw = 1 AND mode = 1 AND filename IS NULL AND expire_time IS NULL"
    " AND typeof(key) = 'text' AND typeof(value) = 'text'"
)
"""How diskcache keeps a text under a text."""


class Reader:
    """A connection to one database file that only reads. Its user holds a lock around calls."""

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        """Connect, and look whether there is a cache; call it with the folder's lock held.

        Args:
            path: The database file, checked by `check_files`.
            busy_seconds: How long to wait for other connections.

        Raises:
            CacheError: The file cannot be read, or is no cache.
        """
        self.identity: FileIdentity | None = file_identity(path)
        """Which file this is."""
        self.has_tables = False
        """Whether there is anything to look up; an empty file is an empty cache."""
        self._give_up = 0.0
        with as_cache_errors():
            if has_journal(path):
                _undo(path, busy_seconds)
            try:
                self._connection = self._connect(path, "mode=ro", busy_seconds)
            except CacheError as error:
                # In a folder that forbids writing, SQLite cannot make the index that it reads a
                # write-ahead log with. Then the file is read as it is: whoever may write will soon
                # have moved the log into it.
                if error.fault not in {Fault.READ_ONLY, Fault.UNUSABLE}:
                    raise
                self._connection = self._connect(path, "mode=ro&immutable=1", busy_seconds)

    def find(self, names: Sequence[str]) -> str | None:
        """Return the entry under the first of some names that has one, or `None`.

        Raises:
            CacheError: The file cannot be read.
        """
        places = ", ".join("?" * len(names))
        query = f"SELECT key, value FROM Cache WHERE key IN ({places}) AND {_PLAIN}"  # noqa: S608 - our own words
        found = dict(self._rows(query, tuple(names)))
        return next((found[name] for name in names if name in found), None)

    def page(self, after: str, before: str) -> list[tuple[str, str]]:
        """Return the next hundred entries by name, with their names.

        Args:
            after: The last name that was seen.
            before: Where names end.

        Returns:
            An empty list at the end. An entry that is larger than any of ours is empty.

        Raises:
            CacheError: The file cannot be read, or not soon enough.
        """
        self._give_up = time.monotonic() + _MOST_SECONDS
        query = "SELECT key FROM Cache WHERE key > ? AND key < ? ORDER BY key LIMIT 100"
        with as_cache_errors():
            names = self._connection.execute(query, (after, before)).fetchall()
        return [(name, self.find([name]) or "") for (name,) in names]

    def is_sound(self) -> bool:
        """Tell whether all pages of the database are as they should be."""
        self._give_up = time.monotonic() + _MOST_CHECKING
        try:
            with as_cache_errors():
                check = self._connection.execute("PRAGMA integrity_check(1)").fetchall()
        except CacheError as error:
            if error.fault is not Fault.TOO_SLOW:
                raise
            return False
        return bool(check == [("ok",)])

    def schema(self) -> tuple[set[tuple[str, ...]], dict[str, object]]:
        """Return what the database defines, and the settings that it keeps for diskcache.

        Raises:
            CacheError: They cannot be read.
        """
        self._give_up = time.monotonic() + _MOST_SECONDS
        with as_cache_errors():
            run = self._connection.execute
            objects = set(run("SELECT type, name, tbl_name, sql FROM sqlite_master"))
            if not any(name == "Settings" for _, name, *_ in objects):
                return objects, {}
            return objects, dict(run("SELECT key, value FROM Settings LIMIT 100"))

    def close(self) -> None:
        """Close the connection, from whichever thread."""
        self._connection.close()

    def _rows(self, query: str, values: tuple[str, ...]) -> list[Any]:
        self._give_up = time.monotonic() + _MOST_SECONDS
        try:
            with as_cache_errors():
                return self._connection.execute(query, values).fetchall()
        except CacheError as error:
            if error.fault in {Fault.TOO_LARGE, Fault.TOO_SLOW}:
                return []
            raise

    def _connect(self, path: Path, mode: str, busy_seconds: float) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{mode}",
            uri=True,
            timeout=busy_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            set_limits(connection)
            # What is no UTF-8 is one odd entry; Python would raise, and hand out none of a page.
            connection.text_factory = lambda text: text.decode(errors="replace")
            # What https://www.sqlite.org/security.html advises for files of unknown origin. Memory
            # mapping would end the process when another one shortens the file.
            for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
                connection.execute(f"PRAGMA {pragma}")
            connection.set_progress_handler(lambda: time.monotonic() > self._give_up, _STEPS)
            self._give_up = time.monotonic() + _MOST_SECONDS
            with as_cache_errors():
                self.has_tables = _has_tables(connection, size_on_disk(path))
        except BaseException:
            connection.close()
            raise
        return connection


def set_limits(connection: sqlite3.Connection) -> None:
    """Have a connection refuse what is larger than anything of ours, its tables included."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_ENTRY_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 8192)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, 64)


def _has_tables(connection: sqlite3.Connection, most_bytes: int) -> bool:
    """Tell whether there is a table to look entries up in.

    Raises:
        CacheError: There is something else.
    """
    query = "SELECT name, type || ' ' || substr(sql, 1, 13) FROM sqlite_master"
    defined = dict(connection.execute(query))
    (pages,), (page_size,) = (
        connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
    )
    if pages * page_size > most_bytes or pages > _MOST_PAGES:
        raise CacheError(Fault.DAMAGED, "it claims to be larger than it can be")
    if defined and not {"Cache", "Settings"} & defined.keys():
        raise CacheError(Fault.UNUSABLE, "it belongs to another program")
    if "Cache" not in defined:  # it is empty, or whoever began it was killed
        return False
    if defined["Cache"] != "table CREATE TABLE ":  # a view could compute for ever
        raise CacheError(Fault.DAMAGED, "its tables were changed")
    return True


def _undo(path: Path, busy_seconds: float) -> None:
    """Have SQLite undo the transaction of a process that died: only a writer may."""
    # In a read-only folder it may not; what else is wrong is met, and named, by who reads the file.
    with suppress(sqlite3.Error), closing(_plain(path, busy_seconds)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # which does not read what it defines


def remove_empty_log(path: Path) -> None:
    """Have SQLite remove the log and the index that reading leaves beside a database.

    Only the last connection that may write does so, and only an empty log is of no use to anyone.

    Args:
        path: The database file, which no connection of this process is open on.
    """
    log = path.with_name(f"{path.name}-wal")
    with suppress(OSError, sqlite3.Error):
        if log.lstat().st_size == 0:
            with closing(_plain(path, 0.0)) as connection:
                connection.execute("BEGIN IMMEDIATE")


def _plain(path: Path, busy_seconds: float) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
