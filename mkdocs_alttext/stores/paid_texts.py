"""What this process paid for, as far as it is not stored yet or may be lost again.

Owns which texts came in and which of them are stored. It must not know where. Any thread brings
texts in; the rest is for the one that holds the store's lock.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mkdocs_alttext.captions import CaptionKey


class PaidTexts:
    """Texts that must not be lost."""

    def __init__(self) -> None:
        """Begin with none."""
        self._arrived: deque[tuple[CaptionKey, str, str | None]] = deque()
        self._unsaved: dict[CaptionKey, str] = {}
        self._saved: dict[CaptionKey, str] = {}

    def bring(self, key: CaptionKey, text: str, *, owner: str | None) -> None:
        """Bring in a text, from any thread.

        Args:
            key: What it is for.
            text: A text that can be stored.
            owner: Whose lease on the key ends when it is stored.
        """
        self._arrived.append((key, text, owner))

    def take_in(self) -> dict[CaptionKey, str | None]:
        """Count all that was brought as not stored yet; return the keys, and whose lease ends."""
        owners: dict[CaptionKey, str | None] = {}
        while self._arrived:
            key, text, owner = self._arrived.popleft()
            self._unsaved[key], owners[key] = text, owner
        return owners

    @property
    def unsaved(self) -> Mapping[CaptionKey, str]:
        """What was taken in and is not stored."""
        return self._unsaved

    def note_saved(self, keys: Iterable[CaptionKey]) -> None:
        """Note that texts are stored now."""
        for key in keys:
            self._saved[key] = self._unsaved.pop(key)

    def note_lost(self) -> None:
        """Count all that was stored as not stored: it was paid for, and its file is gone."""
        self._unsaved = self._saved | self._unsaved
        self._saved = {}
