"""One open cache database.

Owns the connection: how it is made safe, how the file is checked and prepared, and how entries are
read and written. It must not know captions or leases, nor what becomes of a damaged file.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from mkdocs_alttext.stores.faults import CacheError, Fault
from mkdocs_alttext.stores.folder_lock import FileIdentity, file_identity
from mkdocs_alttext.stores.plain_rows import plain_entries, plain_entry
from mkdocs_alttext.stores.schema import (
    SchemaObject,
    foreign_indexes,
    is_as_we_make_it,
    missing_objects,
    read_schema,
    read_settings,
    steady,
)
from mkdocs_alttext.stores.sqlite_faults import as_cache_errors, fault_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mkdocs_alttext.stores.text_cache import TextCache

_MOST_ENTRY_BYTES = 65536
"""Longest entry: a text of the longest size in JSON's widest escapes, and its key, with room."""


class Database:
    """Entries by name in one file. Its user holds a lock around every call."""

    def __init__(self, path: Path, busy_seconds: float, *, immutable: bool = False) -> None:
        """Connect, and read nothing yet.

        Args:
            path: The database file.
            busy_seconds: How long to wait for other connections.
            immutable: Whether to read the file without locks and without its log.

        Raises:
            CacheError: There is no connection to be had.
        """
        self.identity: FileIdentity | None = None
        """Which file this is: when the path names another one, this was set aside or deleted."""
        self.replaced: str | None = None
        """The name of the damaged file whose place this one took."""
        self._immutable = immutable
        self._read_ahead: dict[str, str] = {}
        self._is_durable: bool | None = None
        with as_cache_errors():
            # One connection for all threads: the user's lock keeps them apart.
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro&immutable=1" if immutable else path,
                uri=immutable,
                timeout=busy_seconds,
                isolation_level=None,
                check_same_thread=False,
            )
        # An oversized entry is refused before it is in memory.
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_ENTRY_BYTES)
        self._path = path

    def check(self, *, whole: bool) -> None:
        """Make sure that the file is ours and sound, and make what is missing.

        Nothing is written to a file that is not ours.

        Args:
            whole: Whether to check every page, too.

        Raises:
            CacheError: It cannot be used.
        """
        self.identity = file_identity(self._path)
        with self._errors():
            # What https://www.sqlite.org/security.html advises for files of unknown origin. Memory
            # mapping would end the process when another one shortens the file.
            for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
                self._connection.execute(f"PRAGMA {pragma}")
            is_known = is_as_we_make_it(self._connection)
            to_make, to_drop = ([], []) if is_known else self._to_make_and_drop()
            check = "PRAGMA integrity_check(1)"
            if whole and self._connection.execute(check).fetchall() != [("ok",)]:
                raise CacheError(Fault.DAMAGED, "the integrity check failed")
            if self._immutable:
                if to_make:
                    raise CacheError(Fault.READ_ONLY, "the file is empty")
                return
            self._use_write_ahead_log()
            if to_make or to_drop or not (is_known or self._settings_are_ours()):
                self._prepare()

    def read_ahead(self, prefix: str) -> None:
        """Read at once what `read` will be asked for, as long as nothing is written.

        Args:
            prefix: How the names begin.
        """
        # What is odd is left for `read` to meet, and to name.
        with suppress(CacheError), as_cache_errors():
            self._read_ahead = plain_entries(self._connection, prefix)

    def read(self, name: str) -> str | None:
        """Return an entry, or `None` when there is none.

        Raises:
            CacheError: The entry is odd or the file cannot be read.
        """
        if name in self._read_ahead:
            return self._read_ahead[name]
        # Within a transaction, too, so that it ends none.
        with as_cache_errors():
            is_known, plain = plain_entry(self._connection, name)
            if is_known:
                return plain
            try:
                entry: str | None = self._cache.get(name)
            except UnicodeDecodeError:
                raise
            except ValueError:
                # A decayed index can yield two rows where diskcache takes one.
                raise CacheError(Fault.ODD_ENTRY) from None
            return entry

    def add(self, name: str, text: str) -> bool:
        """Write an entry where there is none of that name, not durably; return whether it is new.

        Raises:
            CacheError: Nothing was written.
        """
        self._read_ahead = {}
        with self._errors():
            self._sync(durable=False)
            return self._cache.add(name, text)

    @contextmanager
    def transaction(self, *, durable: bool) -> Iterator[TextCache]:
        """Write entries, all or none; they are committed when the block ends.

        Args:
            durable: Whether they must outlive a power cut; a killed process loses nothing anyway.

        Raises:
            CacheError: Nothing was written.
        """
        self._read_ahead = {}
        with self._errors():
            self._sync(durable=durable)
            with self._cache.transact():
                yield self._cache

    def close(self) -> None:
        """Close the connection, from whichever thread."""
        self._connection.close()

    @cached_property
    def _cache(self) -> TextCache:
        # A build that finds all it needs does not pay for importing diskcache.
        from mkdocs_alttext.stores.text_cache import TextCache  # noqa: PLC0415

        cache = TextCache()
        cache.attach(self._connection)
        return cache

    @contextmanager
    def _errors(self) -> Iterator[None]:
        with as_cache_errors():
            try:
                yield
            except BaseException:
                # diskcache leaves a transaction open when its end fails.
                if self._connection.in_transaction:
                    self._connection.rollback()
                raise

    def _sync(self, *, durable: bool) -> None:
        """Choose whether what is committed from now on outlives a power cut."""
        if durable is not self._is_durable:
            # With a write-ahead log, NORMAL leaves out the one fsync that ends a transaction.
            level = "FULL" if durable else "NORMAL"
            self._connection.execute(f"PRAGMA synchronous = {level}")
            self._is_durable = durable

    def _to_make_and_drop(self) -> tuple[list[SchemaObject], list[SchemaObject]]:
        ours = self._cache.schema
        try:
            found = read_schema(self._connection)
        except sqlite3.Error as error:
            if fault_of(error) is Fault.ODD_ENTRY:
                raise CacheError(Fault.DAMAGED, "its tables cannot be read") from None
            raise
        return missing_objects(found, ours), foreign_indexes(found, ours)

    def _use_write_ahead_log(self) -> None:
        # Then readers never wait. Some file systems cannot, and a busy or read-only file cannot
        # now: SQLite goes on as it was.
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if fault_of(error) not in {Fault.LOCKED, Fault.READ_ONLY}:
                raise

    def _settings_are_ours(self) -> bool:
        try:
            found = steady(read_settings(self._connection))
        except sqlite3.Error as error:
            if fault_of(error) is Fault.ODD_ENTRY:
                return False
            raise
        return found == steady(self._cache.settings)

    def _prepare(self) -> None:
        """Make tables and settings what diskcache makes them, in one transaction."""
        run = self._connection.execute
        try:
            run("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            # Reading a file that cannot be written works with odd settings, too: nothing uses them.
            if fault_of(error) is Fault.READ_ONLY and not self._to_make_and_drop()[0]:
                return
            raise
        # Looked at again: another process may have prepared it meanwhile.
        to_make, to_drop = self._to_make_and_drop()
        for item in to_drop:
            quoted = item.name.replace('"', '""')
            run(f'DROP INDEX "{quoted}"')
        for item in to_make:
            run(item.sql or "")
        if not self._settings_are_ours():
            run("DELETE FROM Settings")
            insert = "INSERT INTO Settings VALUES (?, ?)"
            self._connection.executemany(insert, self._cache.settings)
        run("COMMIT")
