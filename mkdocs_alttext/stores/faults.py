"""The ways in which a cache file fails.

Owns one vocabulary and the error that carries it from the database to the store. It must not know
SQLite, nor what is said to a person about a fault.
"""

from __future__ import annotations

from enum import Enum, auto

from mkdocs_alttext.exceptions import StoreError


class Fault(Enum):
    """What is wrong, as far as it decides what may be done about it."""

    ODD_ENTRY = auto()
    """One entry is not what we write: it is a miss, the others are fine."""
    LOCKED = auto()
    """Another connection holds the file: waiting may help."""
    DAMAGED = auto()
    """The file is no cache database, or no longer: it may be set aside."""
    READ_ONLY = auto()
    """Reading works, writing does not."""
    FULL = auto()
    """No room is left on the disk."""
    UNUSABLE = auto()
    """Anything else that the file system or SQLite refuses."""


class CacheError(StoreError):
    """The cache file failed. It never leaves the stores: they turn it into a miss and a problem."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        """Keep the facts.

        Args:
            fault: What is wrong.
            detail: SQLite's or the system's own words; never an entry's content.
        """
        super().__init__(f"{fault.name}: {detail}")
        self.fault = fault
        self.detail = detail
