"""What may be wrong with a cache's files, and which error of SQLite or the system says so."""

from __future__ import annotations

from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator


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
