"""A cache's files: what is looked at before they are opened, and reading them without trust.

SQLite trusts the files beside a database. It would follow links, wait for pipes, delete a file that
a rollback journal names, and make a database as large as a journal says. What is not a plain file
of ours is therefore set aside first: renamed, never deleted. Every look-up then goes through a
connection that cannot write, with bounds on the length of a value and on time; what it finds is
checked by its user.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import closing, contextmanager, suppress
from enum import Enum
from typing import TYPE_CHECKING, Any

from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.system.files import folder_lock as hold_folder

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
_SLACK = 65536
"""Bytes by which a database may be smaller than its journal and log say together."""
_MOST_ROWS = 100_000
_MOST_CHARACTERS = 32 * 1024 * 1024
"""What is read from a database that is damaged."""
_COMPANIONS = ("-wal", "-shm", "-journal")
"""What belongs to a database file."""
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""Begins a rollback journal, and ends one that names a super-journal: pager.c, `aJournalMagic`."""
_NUMBERS = {"count", "size", "hits", "misses", "sqlite_synchronous"}
"""In diskcache's table of settings: what it counts there, and what is set whenever it is opened."""
_PLAIN = (
    "raw = 1 AND mode = 1 AND filename IS NULL AND expire_time IS NULL"
    " AND typeof(key) = 'text' AND typeof(value) = 'text'"
)
"""How diskcache keeps a text under a text."""

FileIdentity = tuple[int, int]
"""Device and inode: the same for as long as a name means the same file."""


class Fault(Enum):
    """What is wrong with a cache, as far as it decides what may be done; in words for a person."""

    LOCKED = "is locked by another program, so it was not used for a while. End that program"
    DAMAGED = "is damaged and cannot be set aside ({detail}). Move it away"
    TOO_LARGE = "holds values that are too large, so it was not used. Move it away"
    READ_ONLY = "is read-only: its texts are used and no new one is stored. Allow writing there"
    FULL = "is on a full disk: no new text is stored. Make room"
    UNUSABLE = "cannot be used ({detail}). Check the folder and its permissions"


class CacheError(StoreError):
    """The cache file failed. It never leaves this package: it becomes a miss and a problem."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        """Keep the facts.

        Args:
            fault: What is wrong.
            detail: SQLite's or the system's own words; never an entry's content.
        """
        said = fault.value.format(detail=detail)
        super().__init__(f"{said}, or set `cache_dir` to another folder.")
        self.fault = fault

    @property
    def is_damage(self) -> bool:
        """Whether the file is no cache of ours, or no longer, so that it may be set aside."""
        return self.fault in {Fault.DAMAGED, Fault.TOO_LARGE}


_FAULTS = {
    5: Fault.LOCKED,  # SQLITE_BUSY
    6: Fault.LOCKED,  # SQLITE_LOCKED
    15: Fault.LOCKED,  # SQLITE_PROTOCOL
    11: Fault.DAMAGED,  # SQLITE_CORRUPT
    26: Fault.DAMAGED,  # SQLITE_NOTADB
    # "No such table" and "constraint failed" cannot come from tables that were checked, and
    # nothing in them takes so long that it has to be interrupted.
    1: Fault.DAMAGED,  # SQLITE_ERROR
    19: Fault.DAMAGED,  # SQLITE_CONSTRAINT
    9: Fault.DAMAGED,  # SQLITE_INTERRUPT
    18: Fault.TOO_LARGE,  # SQLITE_TOOBIG
    8: Fault.READ_ONLY,  # SQLITE_READONLY
    13: Fault.FULL,  # SQLITE_FULL
}
"""By the low byte of SQLite's result codes, https://www.sqlite.org/rescode.html"""


@contextmanager
def as_cache_errors() -> Iterator[None]:
    """Raise as a `CacheError` what SQLite raises, or a library in its place."""
    import sqlite3  # noqa: PLC0415 - only builds that look something up need it

    try:
        yield
    except CacheError:
        raise
    except OSError as error:
        raise CacheError(Fault.UNUSABLE, error.strerror or type(error).__name__) from None
    except ValueError:
        # diskcache found two rows where its unique index promises one, or SQLite quotes a damaged
        # schema in a message that Python cannot read.
        raise CacheError(Fault.DAMAGED, "its tables cannot be read") from None
    except Exception as error:
        first: BaseException = error
        # diskcache has an error of its own for a lock that it met; and rolling back what SQLite
        # rolled back already is an error, too.
        while isinstance(first.__context__, sqlite3.Error):
            first = first.__context__
        if not isinstance(first, sqlite3.Error):
            raise
        code = getattr(first, "sqlite_errorcode", 0) & 0xFF
        raise CacheError(_FAULTS.get(code, Fault.UNUSABLE), str(first)) from None


@contextmanager
def folder_lock(folder: Path, *, seconds: float) -> Iterator[None]:
    """Hold the folder's lock; it ends with the process, and leaves no file.

    Where folders cannot be locked (Windows, some network file systems) nothing is held: there an
    open database cannot be renamed, or only one of several copies of it gets damaged.

    Args:
        folder: An existing folder.
        seconds: How long to wait for it.

    Raises:
        CacheError: Another process held it all the time.
    """
    with hold_folder(folder, seconds=seconds) as is_free:
        if not is_free:
            raise CacheError(Fault.LOCKED)
        yield


def file_identity(path: Path) -> FileIdentity | None:
    """Tell which file a path names now; `None` when there is none.

    Raises:
        CacheError: The system does not say.
    """
    status = _status(path)
    return status and (status.st_dev, status.st_ino)


def check_files(path: Path) -> list[str]:
    """Set aside what SQLite must not open, and finish what `begin_anew` began.

    Args:
        path: The database file; there need not be one. The folder's lock is held.

    Returns:
        The new names of what was set aside.

    Raises:
        CacheError: A file is no file but a folder, a pipe or a device, or cannot be set aside; or
            it is read-only, and so is its journal.
    """
    _finish_replacing(path)
    moved = []
    sizes = {}
    for suffix in ("", *_COMPANIONS):
        file = path.with_name(path.name + suffix)
        status = _status(file)
        if status is None:
            continue
        # Another name of a file is as good as a link: writing here would change it there.
        is_link = stat.S_ISLNK(status.st_mode) or status.st_nlink > 1
        if is_link and not stat.S_ISDIR(status.st_mode):
            moved.append(_set_aside(path, (suffix,)))
        elif not stat.S_ISREG(status.st_mode):
            raise CacheError(Fault.UNUSABLE, f"{file.name} is not a file")
        else:
            sizes[suffix] = status.st_size
    if sizes.get("") == 0 and sizes.get("-wal"):  # SQLite deletes a log beside an empty file
        moved.append(_set_aside(path, ("", *_COMPANIONS)))
    elif sizes.get("-journal") and _is_forged(path, sizes):
        moved.append(_set_aside(path, ("-journal",)))
    return moved


def are_plain(path: Path) -> bool:
    """Tell whether SQLite can read a database whose files must stay as they are.

    Args:
        path: The database file; there need not be one.

    Returns:
        Whether nothing is there that `check_files` would set aside, or that is half written.

    Raises:
        CacheError: The system does not say.
    """
    files = [_status(path.with_name(path.name + suffix)) for suffix in ("", *_COMPANIONS)]
    *_, journal = files
    is_regular = all(stat.S_ISREG(each.st_mode) and each.st_nlink == 1 for each in files if each)
    return is_regular and not (journal and journal.st_size)


def begin_anew(path: Path, made: Path) -> str:
    """Set a database aside, with another one in its place.

    The other was made whole before, and gets a name by which the next process finds it: whoever is
    killed in between loses nothing that was paid for.

    Args:
        path: The database file. The folder's lock is held.
        made: The other one, on the same disk.

    Returns:
        The new name of the old one.

    Raises:
        CacheError: Nothing was changed, or `check_files` puts the new one in its place.
    """
    with as_cache_errors():
        made.replace(_replacement(path))
    # The database first: without its log it could seem sound, and the new one would be forgotten.
    name = _set_aside(path, ("", *_COMPANIONS))
    _finish_replacing(path)
    return name


def _finish_replacing(path: Path) -> None:
    """Put a new database in its place, or set it aside where there is one."""
    made = _replacement(path)
    if not os.path.lexists(made):
        return
    if os.path.lexists(path) or not stat.S_ISREG(made.lstat().st_mode):
        _set_aside(made, ("",))
        return
    # What belonged to the database that is gone must not be applied to this one.
    _set_aside(path, _COMPANIONS)
    with as_cache_errors():
        made.rename(path)


def _replacement(path: Path) -> Path:
    """Return where a new database is until `check_files` puts it in its place."""
    return path.with_name(f"{path.name}.new")


def _set_aside(path: Path, suffixes: tuple[str, ...]) -> str:
    """Rename some of a database's files, in this order; return the new name of the first."""
    number = 1
    while any(os.path.lexists(f"{path}.damaged-{number}{suffix}") for suffix in ("", *_COMPANIONS)):
        number += 1
    target = path.with_name(f"{path.name}.damaged-{number}")
    try:
        for suffix in suffixes:
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(f"{target}{suffix}")
    except OSError as error:
        raise CacheError(Fault.DAMAGED, str(error.strerror)) from error
    return f"{target.name}{suffixes[0]}"


def _is_forged(path: Path, sizes: dict[str, int]) -> bool:
    """Tell whether a rollback journal is none of ours; all others are SQLite's to undo.

    Beside a database with a write-ahead log, ours is there only while the database is made: undoing
    another could empty it. Ours never belong to transactions over several databases: SQLite deletes
    the file that a journal names as its super-journal. And ours do not make the database grow. See
    "File format version numbers" and "The Rollback Journal" in
    https://www.sqlite.org/fileformat.html.
    """
    size = sizes["-journal"]
    with as_cache_errors():
        if "" in sizes:
            with path.open("rb") as file:
                if file.read(20)[18:] == b"\x02\x02":
                    return True
        with path.with_name(f"{path.name}-journal").open("rb") as file:
            head = file.read(28)
            file.seek(max(0, size - len(_JOURNAL_MAGIC)))
            tail = file.read()
    if tail == _JOURNAL_MAGIC and size > len(_JOURNAL_MAGIC):
        return True
    pages, page_size = int.from_bytes(head[16:20], "big"), int.from_bytes(head[24:28], "big")
    room = sizes.get("", 0) + size + _SLACK
    return head.startswith(_JOURNAL_MAGIC) and pages * page_size > room


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CacheError(Fault.UNUSABLE, str(error.strerror)) from error


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
        if not (makes_files or _status(path.with_name(f"{path.name}-shm"))):
            self._open(path, "mode=ro&immutable=1", busy_seconds)
            return
        if makes_files and _status(path.with_name(f"{path.name}-journal")):
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
        files = [_status(path), _status(path.with_name(f"{path.name}-wal"))]
        if pages * page_size > sum(each.st_size for each in files if each) + _SLACK:
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
            with as_cache_errors():
                row = connection.execute(query, (last,)).fetchone()
        except CacheError:
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
