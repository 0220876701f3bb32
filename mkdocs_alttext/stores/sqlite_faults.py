"""What SQLite's errors mean for a cache.

Owns the translation to a `CacheError`. It must not know what was being done.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mkdocs_alttext.stores.faults import CacheError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

_FAULTS = {
    sqlite3.SQLITE_BUSY: Fault.LOCKED,
    sqlite3.SQLITE_LOCKED: Fault.LOCKED,
    sqlite3.SQLITE_PROTOCOL: Fault.LOCKED,
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_NOTADB: Fault.DAMAGED,
    # "No such table" and "constraint failed" cannot come from tables that we checked.
    sqlite3.SQLITE_ERROR: Fault.DAMAGED,
    sqlite3.SQLITE_CONSTRAINT: Fault.DAMAGED,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_TOOBIG: Fault.ODD_ENTRY,
}


@contextmanager
def as_cache_errors() -> Iterator[None]:
    """Raise what SQLite and diskcache raise as a `CacheError`."""
    outside = sys.exception()
    try:
        yield
    except UnicodeDecodeError:
        # SQLite quotes a damaged schema in its message, and Python cannot read the message.
        raise CacheError(Fault.DAMAGED, "its tables cannot be read") from None
    except Exception as error:
        if not isinstance(error, _database_errors()):
            raise
        cause = _first(error, outside)
        if isinstance(cause, CacheError):
            raise cause from None
        fault = fault_of(cause)
        # SQLite's words about one entry may quote it.
        raise CacheError(fault, "" if fault is Fault.ODD_ENTRY else str(cause)) from None


def fault_of(error: BaseException) -> Fault:
    """Return the fault that an error of SQLite stands for."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # Only Python's own checks come without a code: text that is not UTF-8, for one.
        return Fault.ODD_ENTRY if isinstance(error, sqlite3.OperationalError) else Fault.UNUSABLE
    # The low byte is the class, the rest a detail: https://www.sqlite.org/rescode.html
    return _FAULTS.get(code & 0xFF, Fault.UNUSABLE)


def _database_errors() -> tuple[type[Exception], ...]:
    """Return what SQLite and diskcache raise; most builds meet none, and never import diskcache."""
    from diskcache import Timeout  # noqa: PLC0415 - see above

    return sqlite3.Error, Timeout


def _first(error: BaseException, outside: BaseException | None) -> BaseException:
    """Return the error that says what happened, of those that led to this one.

    diskcache's `Timeout` hides what it stands for, and so does the error of a rollback that fails
    because SQLite rolled back already.

    Args:
        error: The last one.
        outside: What was being handled before; it has nothing to do with this.
    """
    kinds = (*_database_errors(), CacheError)
    while True:
        before = error.__context__
        if before is None or before is outside or not isinstance(before, kinds):
            return error
        error = before
