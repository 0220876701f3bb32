"""What a cache folder's troubles are called when a person reads them.

Owns the sentences, one for each kind of trouble. It must not know how troubles come about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.stores.faults import CacheError, Fault
from mkdocs_alttext.stores.record import MAX_TEXT_BYTES

if TYPE_CHECKING:
    from pathlib import Path

_OTHER_FOLDER = "or set `cache_dir` to another folder."
_SENTENCES = {
    Fault.LOCKED: "is locked by another program, so it was not used for a while. End that"
    f" program, {_OTHER_FOLDER}",
    Fault.DAMAGED: "is damaged and cannot be set aside ({detail}). Move it away,"
    f" {_OTHER_FOLDER}",
    Fault.READ_ONLY: "is read-only: its captions are used and no new one is stored. Allow writing"
    f" there, {_OTHER_FOLDER}",
    Fault.FULL: f"is on a full disk: no new caption is stored. Make room, {_OTHER_FOLDER}",
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
        self._cache = f"The caption cache in {directory}"
        self._faults: dict[Fault, str] = {}
        self._replaced: list[str] = []
        self._odd_entries = 0
        self._refused_texts = 0

    def note(self, error: CacheError) -> None:
        """Remember a fault; a kind that is known already is not told again."""
        if error.fault is Fault.ODD_ENTRY:
            self._odd_entries += 1
        else:
            self._faults.setdefault(error.fault, error.detail)

    def note_replaced(self, name: str) -> None:
        """Remember that a damaged database was set aside under this name."""
        self._replaced.append(name)

    def note_refused(self) -> None:
        """Remember that a text was not fit to be stored."""
        self._refused_texts += 1

    def sentences(self, *, unsaved: int) -> tuple[str, ...]:
        """Return what to tell.

        Args:
            unsaved: How many captions were paid for and are not in the cache now.
        """
        told = [
            f"{self._cache} was damaged or changed. It was set aside as {name} and a new one was"
            " begun: its captions are asked for again. Delete that file when you do not need it."
            for name in self._replaced
        ]
        for fault, detail in self._faults.items():
            told.append(f"{self._cache} {_SENTENCES[fault].format(detail=detail)}")
        if self._odd_entries:
            told.append(
                f"{self._cache} holds entries that are not valid captions. They were not used"
                f" ({self._odd_entries} times). Find out who else writes to that folder."
            )
        if self._refused_texts:
            told.append(
                f"{self._cache} does not take texts that are empty, not valid Unicode or longer"
                f" than {MAX_TEXT_BYTES} bytes ({self._refused_texts} times)."
            )
        if unsaved:
            told.append(
                f"{self._cache} lacks {unsaved} captions of this build, which could not be stored:"
                " the next build asks for them again."
            )
        return tuple(told)
