"""diskcache, reduced to what is safe on a file that others may have written.

Owns a `diskcache.Cache` that takes text only, over one connection that it is given. It must not
know captions, nor how the database file is opened, checked or replaced.

What diskcache does that a planted file could abuse, and what keeps it from happening:

- It unpickles values and keys (CVE-2025-69872), reads the files that rows name and removes them
  when a row is replaced: `TextDisk` refuses the first two and never touches a file.
- It takes its settings from the file's `Settings` table, as attributes, SQLite pragmas and
  arguments of the disk: `TextCache` is made on an empty database in memory, so that these are
  ours, and only then gets the real connection.
- It waits up to a minute for a locked database in its constructor, and keeps a connection for each
  thread that only that thread can close: the given connection is the only one.
"""

from __future__ import annotations

import os
import sqlite3
import time
from typing import NoReturn

from diskcache import Cache, Disk
from diskcache.core import MODE_RAW

from mkdocs_alttext.stores.faults import CacheError, Fault
from mkdocs_alttext.stores.schema import read_schema, read_settings

SETTINGS: dict[str, str | int] = {
    "statistics": 0,
    "tag_index": 0,
    "eviction_policy": "none",
    "size_limit": 2**62,
    "cull_limit": 0,
    "sqlite_auto_vacuum": 0,
    "sqlite_mmap_size": 0,
    "sqlite_synchronous": 2,
}
"""Nothing is ever evicted. The rest is for other programs that open the file with diskcache."""


class TextDisk(Disk):  # type: ignore[misc]  # diskcache has no types
    """Text in, text out: no pickle and no file, in either direction."""

    def __init__(self, directory: str, **_settings: object) -> None:
        """Ignore what the settings say: there is nothing to set."""
        super().__init__(directory)

    def put(self, key: object) -> tuple[str, bool]:
        """Return a key as the database keeps it."""
        return self._text(key), True

    def get(self, key: object, raw: object) -> str:
        """Return a key as the database kept it."""
        if not raw or not isinstance(key, str):
            raise CacheError(Fault.ODD_ENTRY)
        return key

    def store(self, value: object, read: object, key: object = None) -> tuple[int, int, None, str]:
        """Return a value as the database keeps it: size, mode, file name and value."""
        del key
        if read:
            self.filename()
        return 0, MODE_RAW, None, self._text(value)

    def fetch(self, mode: object, filename: object, value: object, read: object) -> str:
        """Return a value as the database kept it; refuse what we never write."""
        if mode != MODE_RAW or filename is not None or read or not isinstance(value, str):
            raise CacheError(Fault.ODD_ENTRY)
        return value

    def filename(self, key: object = None, value: object = None) -> NoReturn:
        """Refuse: no value is kept in a file."""
        del key, value
        raise TypeError("this cache keeps no files")

    def remove(self, file_path: object) -> None:
        """Leave every file alone: we made none, so a row that names one was planted."""

    @staticmethod
    def _text(value: object) -> str:
        if not isinstance(value, str):
            raise TypeError(f"this cache keeps text only, not {type(value).__name__}")
        return value


class TextCache(Cache):  # type: ignore[misc]  # diskcache has no types
    """A cache of texts over one connection. Its user holds a lock around every call."""

    def __init__(self) -> None:
        """Let diskcache make its tables in memory, and remember what they look like."""
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        try:
            # diskcache expands `~` and `$NAME` in a folder's name and makes the folder; the
            # connection is ours, so it gets one that exists and has neither.
            super().__init__(os.sep, timeout=0, disk=TextDisk, **SETTINGS)
            self.schema = read_schema(self._connection)
            self.settings = read_settings(self._connection)
        finally:
            self._connection.close()

    @property
    def _con(self) -> sqlite3.Connection:
        # diskcache's own property opens a connection for each thread and obeys the settings table.
        return self._connection

    def attach(self, connection: sqlite3.Connection) -> None:
        """Work on a database whose tables were checked from now on."""
        self._connection = connection

    def add(self, name: str, text: str) -> bool:
        """Store an entry where there is none of that name; return whether it was stored.

        One statement, and so a transaction of its own where none is open. diskcache's `set` takes
        a transaction and a look more, and with each statement a thread may lose the interpreter
        for 5 ms to the one that renders the site.
        """
        try:
            self._insert(name, text)
        except sqlite3.IntegrityError:
            return False
        return True

    def replace(self, name: str, text: str) -> None:
        """Store an entry; call it within `transact()`."""
        if not self.add(name, text):
            # Without reading it: an entry that cannot be read must not keep its place for ever.
            self.discard(name)
            self._insert(name, text)

    def discard(self, name: str, *, beginning: str | None = None) -> None:
        """Remove an entry; call it within `transact()`.

        Args:
            name: The entry's.
            beginning: What its text must begin with to be removed; `None` for whatever it holds.
        """
        statement, values = "DELETE FROM Cache WHERE key = ?", [name]
        if beginning is not None:
            statement += " AND typeof(value) = 'text' AND substr(value, 1, length(?)) = ?"
            values += [beginning, beginning]
        self._connection.execute(statement, values)

    def _insert(self, name: str, text: str) -> None:
        key, raw = self._disk.put(name)
        expires = tag = None
        columns = (expires, tag, *self._disk.store(text, read=False))
        self._row_insert(key, raw, time.time(), columns)
