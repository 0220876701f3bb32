"""diskcache, reduced to what is safe on a file that others may have written.

By itself it unpickles values and keys (CVE-2025-69872), reads the files that rows name, removes
them when a row is replaced, and takes attributes and pragmas from the file's table of settings.
`TextDisk` refuses the first three; and a file is written to only when it defines exactly what
diskcache makes, settings included.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from diskcache import Cache, Disk, Timeout
from diskcache.core import DBNAME, DEFAULT_SETTINGS, METADATA, MODE_RAW

from mkdocs_alttext.cache.entries import OddEntryError
from mkdocs_alttext.cache.faults import CacheError, Fault, as_cache_errors, cache_error
from mkdocs_alttext.cache.files import file_identity
from mkdocs_alttext.cache.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Value = TypeVar("Value")

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
"""Nothing is ever evicted, and what was committed outlives a power cut."""

_SYNCHRONOUS = "sqlite_synchronous"
_AT_FIRST = {**SETTINGS, _SYNCHRONOUS: 1}
"""The constructor writes thirty times, and need not wait for the disk each time."""


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
            raise OddEntryError
        return key

    def store(self, value: object, read: object, key: object = None) -> tuple[int, int, None, str]:
        """Return a value as the database keeps it: size, mode, file name and value."""
        del key
        if read:
            self.filename()
        return 0, MODE_RAW, None, self._text(value)

    def fetch(self, mode: object, filename: object, value: object, read: object) -> str:
        """Return a value as the database kept it; refuse what this program never writes."""
        if mode != MODE_RAW or filename is not None or read or not isinstance(value, str):
            raise OddEntryError
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


class Writer:
    """A diskcache on one folder, to be used by the thread that made it."""

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        """Open the cache, or make it; call it with the folder's lock held.

        Args:
            path: The database file, in an existing folder; checked if there is one.
            busy_seconds: How long to wait for other connections, here and in every operation.

        Raises:
            CacheError: It cannot be written.
        """
        folder = str(path.parent)
        if os.path.expandvars(folder) != folder or path.name != DBNAME:
            raise CacheError(Fault.UNUSABLE, "its name holds a $ that stands for something else")
        require_writable(path, busy_seconds=busy_seconds)
        with as_cache_errors():
            self._cache = _opened(folder, _AT_FIRST, timeout=busy_seconds)
            try:
                self._cache.reset(_SYNCHRONOUS, SETTINGS[_SYNCHRONOUS])
            except BaseException:
                self._cache.close()
                raise
        self.identity = file_identity(path)
        """Which file this is."""

    def change(self, work: Callable[[Cache], Value]) -> Value:
        """Do something with the cache in one transaction, all of it or nothing.

        Args:
            work: What to do.

        Raises:
            CacheError: Nothing was changed.
        """
        try:
            with self._cache.transact():
                return work(self._cache)
        except (sqlite3.Error, Timeout, ValueError, OSError) as error:
            # diskcache leaves a transaction open when its end fails; the next use connects anew.
            self._cache.close()
            raise _meaning(error) from None

    def close(self) -> None:
        """Close the connection."""
        self._cache.close()


def _opened(folder: str, settings: dict[str, str | int], *, timeout: float) -> Cache:
    """Return diskcache's object; one that cannot be made leaves no connection open."""
    cache = Cache.__new__(Cache)
    try:
        cache.__init__(folder, timeout=timeout, disk=TextDisk, **settings)
    except BaseException:
        with suppress(AttributeError):  # it did not come to a connection
            cache.close()
        raise
    return cache


def require_writable(path: Path, *, busy_seconds: float) -> None:
    """Find out whether a database can be written now.

    diskcache's constructor waits up to a minute for one that is locked.

    Args:
        path: The database file, checked if there is one.
        busy_seconds: How long to wait for other connections.

    Raises:
        CacheError: It cannot.
    """
    # SQLite says of such a folder only that something in it cannot be opened.
    has_effective = os.access in os.supports_effective_ids
    if not os.access(path.parent, os.W_OK, effective_ids=has_effective):
        raise CacheError(Fault.READ_ONLY)
    with (
        as_cache_errors(),
        closing(sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)) as connection,
    ):
        connection.execute("BEGIN IMMEDIATE")


def is_as_made(reader: Reader, folder: Path) -> bool:
    """Tell whether a database defines nothing but what diskcache makes, all of it or a part.

    Another trigger could make storing fail unseen; another setting could have diskcache evict
    entries, or look for its files elsewhere. What is missing, as whoever began it was killed, is
    made by whoever opens it.

    Args:
        reader: On the database.
        folder: Where diskcache can make another one to compare with, which is removed.

    Raises:
        CacheError: It cannot be read.
    """
    objects, settings = reader.schema()
    known = {**DEFAULT_SETTINGS, **SETTINGS}
    for name, value in settings.items():
        if name in METADATA:
            is_known = type(value) is int
        elif name == _SYNCHRONOUS:
            is_known = value in {_AT_FIRST[name], SETTINGS[name]}
        else:
            is_known = name in known and value == known[name]
        if not is_known:
            return False
    return objects <= _made_by_diskcache(folder)


def _made_by_diskcache(folder: Path) -> set[tuple[str, ...]]:
    with as_cache_errors(), tempfile.TemporaryDirectory(prefix=".", dir=folder) as other:
        _opened(other, {**SETTINGS, _SYNCHRONOUS: 0}, timeout=1.0).close()
        with closing(Reader(Path(other) / DBNAME, busy_seconds=1.0)) as reader:
            return reader.schema()[0]


def _meaning(error: BaseException) -> CacheError:
    """Return what went wrong first: rolling back what SQLite rolled back already is an error, too.

    This thread handles nothing else meanwhile, so all that led to the error is about the cache.
    """
    first = error
    while first.__context__ is not None:
        first = first.__context__
    if isinstance(first, sqlite3.Error):
        return cache_error(first)
    if isinstance(first, OSError):
        return CacheError(Fault.UNUSABLE, first.strerror or type(first).__name__)
    return CacheError(Fault.DAMAGED, "its index is wrong")
