"""How a cache database is opened.

Owns the order of steps: the folder, its lock, the check, and another file in place of a damaged
one. It must not know what is inside a database, nor what is said to a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.stores.database import Database
from mkdocs_alttext.stores.faults import CacheError, Fault
from mkdocs_alttext.stores.folder_lock import (
    FileIdentity,
    file_identity,
    folder_lock,
    require_plain_files,
    set_aside,
)

if TYPE_CHECKING:
    from pathlib import Path


def open_database(
    path: Path, *, busy_seconds: float, suspect: FileIdentity | None = None
) -> Database:
    """Open a cache database, made anew where there is none or a damaged one.

    Args:
        path: The database file.
        busy_seconds: How long to wait for other connections, here and in every operation.
        suspect: A file in which damage was met. When the path still names it, it is checked whole.

    Raises:
        CacheError: It cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CacheError(Fault.UNUSABLE, str(error.strerror)) from error
    with folder_lock(path.parent, seconds=busy_seconds):
        whole = suspect is not None and file_identity(path) == suspect
        try:
            return _open(path, busy_seconds, whole=whole)
        except CacheError as error:
            if error.fault is not Fault.DAMAGED:
                raise
            replaced = set_aside(path)
            database = _open(path, busy_seconds)
            database.replaced = replaced
            return database


def _open(path: Path, busy_seconds: float, *, whole: bool = False) -> Database:
    require_plain_files(path)
    existed = file_identity(path) is not None
    database = Database(path, busy_seconds)
    try:
        database.check(whole=whole)
    except CacheError as error:
        database.close()
        # In a folder that forbids writing, SQLite cannot make the index that it reads a
        # write-ahead log with. Then the file is read as it is: whoever may write will soon have
        # moved the log into it.
        if not existed or error.fault not in {Fault.READ_ONLY, Fault.UNUSABLE}:
            raise
        database = Database(path, busy_seconds, immutable=True)
        try:
            database.check(whole=whole)
        except BaseException:
            database.close()
            raise
    except BaseException:
        database.close()
        raise
    return database
