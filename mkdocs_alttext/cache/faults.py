"""The ways in which a cache file fails, what SQLite's errors mean, and the words for a person."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from enum import Enum, auto
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Fault(Enum):
    """What is wrong, as far as it decides what may be done about it."""

    LOCKED = auto()
    """Another connection holds the file: waiting may help."""
    DAMAGED = auto()
    """The file is no cache of ours, or no longer: it may be set aside."""
    TOO_LARGE = auto()
    """A value is larger than any of ours."""
    TOO_SLOW = auto()
    """It takes longer than reading any file of ours."""
    READ_ONLY = auto()
    """Reading works, writing does not."""
    FULL = auto()
    """No room is left on the disk."""
    UNUSABLE = auto()
    """Anything else that the file system or SQLite refuses."""


class CacheError(StoreError):
    """The cache file failed. It never leaves this package: it becomes a miss and a problem."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        """Keep the facts.

        Args:
            fault: What is wrong.
            detail: SQLite's or the system's own words; never an entry's content.
        """
        super().__init__(f"{fault.name}: {detail}")
        self.fault = fault
        self.detail = detail


_FAULTS = {
    sqlite3.SQLITE_BUSY: Fault.LOCKED,
    sqlite3.SQLITE_LOCKED: Fault.LOCKED,
    sqlite3.SQLITE_PROTOCOL: Fault.LOCKED,
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_NOTADB: Fault.DAMAGED,
    # "No such table" and "constraint failed" cannot come from tables that were checked.
    sqlite3.SQLITE_ERROR: Fault.DAMAGED,
    sqlite3.SQLITE_CONSTRAINT: Fault.DAMAGED,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_TOOBIG: Fault.TOO_LARGE,
    sqlite3.SQLITE_INTERRUPT: Fault.TOO_SLOW,
}
"""By the low byte of SQLite's result codes, https://www.sqlite.org/rescode.html"""


@contextmanager
def as_cache_errors() -> Iterator[None]:
    """Raise what SQLite and diskcache raise as a `CacheError`."""
    try:
        yield
    except CacheError:
        raise
    except sqlite3.Error as error:
        raise cache_error(error) from None
    except UnicodeDecodeError:
        # SQLite quotes a damaged schema in its message, and Python cannot read the message.
        raise CacheError(Fault.DAMAGED, "its tables cannot be read") from None
    except ValueError:
        # diskcache found two rows where its unique index promises one.
        raise CacheError(Fault.DAMAGED, "its index is wrong") from None
    except OSError as error:
        raise CacheError(Fault.UNUSABLE, error.strerror or type(error).__name__) from None


def cache_error(error: BaseException) -> CacheError:
    """Return what an error of SQLite, or one that hides it, means.

    Args:
        error: What was raised. diskcache's `Timeout` stands for whatever kept a transaction from
            beginning, which is its context.
    """
    while not isinstance(error, sqlite3.Error) and error.__context__ is not None:
        error = error.__context__
    code = getattr(error, "sqlite_errorcode", None)
    fault = Fault.UNUSABLE if code is None else _FAULTS.get(code & 0xFF, Fault.UNUSABLE)
    return CacheError(fault, str(error))


_OTHER_FOLDER = "or set `cache_dir` to another folder."
_SENTENCES = {
    Fault.LOCKED: "is locked by another program, so it was not used for a while. End that"
    f" program, {_OTHER_FOLDER}",
    Fault.DAMAGED: "is damaged and cannot be set aside ({detail}). Move it away,"
    f" {_OTHER_FOLDER}",
    Fault.TOO_LARGE: "holds values that are too large, so it was not used. Move it away,"
    f" {_OTHER_FOLDER}",
    Fault.TOO_SLOW: f"takes too long to read, so it was not used. Move it away, {_OTHER_FOLDER}",
    Fault.READ_ONLY: "is read-only: its texts are used and no new one is stored. Allow writing"
    f" there, {_OTHER_FOLDER}",
    Fault.FULL: f"is on a full disk: no new text is stored. Make room, {_OTHER_FOLDER}",
    Fault.UNUSABLE: "cannot be used ({detail}). Check the folder and its permissions,"
    f" {_OTHER_FOLDER}",
}


class Problems:
    """What went wrong so far; not safe for threads on its own."""

    def __init__(self, directory: Path) -> None:
        """Begin with nothing.

        Args:
            directory: The cache folder, which every sentence names.
        """
        self._cache = f"The cache in {directory}"
        self._faults: dict[Fault, str] = {}
        self._set_aside: dict[str, int | None] = {}
        self._odd_entries = 0

    def note(self, error: CacheError) -> None:
        """Remember a fault; a kind that is known already is not told again."""
        self._faults.setdefault(error.fault, error.detail)

    def note_odd_entry(self) -> None:
        """Remember that an entry is not what this program writes."""
        self._odd_entries += 1

    def note_set_aside(self, name: str, answers: int | None = None) -> None:
        """Remember that a file was set aside.

        Args:
            name: Its new name.
            answers: How many of its answers the new file has; `None` for a file that held none.
        """
        self._set_aside[name] = answers

    def sentences(self, *, unsaved: int) -> tuple[str, ...]:
        """Return what to tell.

        Args:
            unsaved: How many answers were paid for and are not in the cache now.
        """
        told = [
            f"{self._cache} was damaged or changed by another program. What cannot be trusted was "
            f"set aside as {name}{_taken_over(answers)}. Delete that file when you do not need it."
            for name, answers in self._set_aside.items()
        ]
        for fault, detail in self._faults.items():
            told.append(f"{self._cache} {_SENTENCES[fault].format(detail=detail)}")
        if self._odd_entries:
            told.append(
                f"{self._cache} holds entries that are not valid. They were not used "
                f"({self._odd_entries} times). Find out who else writes to that folder."
            )
        if unsaved:
            told.append(
                f"{self._cache} lacks {unsaved} text{'s' * (unsaved != 1)} of this build, which "
                "could not be stored: the next build asks for them again."
            )
        return tuple(told)


def _taken_over(answers: int | None) -> str:
    """Return ``, `, and 1 answer was taken over from it` and the like."""
    if answers is None:
        return ""
    were = "answers were" if answers > 1 else "answer was"
    return f", and {answers or 'no'} {were} taken over from it"
