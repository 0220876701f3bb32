"""A cache of this machine's disk that is only read: no file of its folder is made or changed.

What `disk.py` would mend or set aside is a miss here, and one sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.cache.base import OddEntryError, answer_names, decode_answer
from mkdocs_alttext.cache.database import Reader
from mkdocs_alttext.cache.faults import CacheError
from mkdocs_alttext.cache.file_checks import DATABASE_NAME, are_plain, file_identity

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_alttext.models import CaptionKey, StoredAnswer

_BUSY_SECONDS = 1.5
"""For which another program's lock is waited for."""


class StoredAnswers:
    """The answers in one folder. The file is opened by the first look-up."""

    def __init__(self, directory: Path) -> None:
        """Remember where they are.

        Args:
            directory: The cache folder; there need not be one.
        """
        self.path = directory / DATABASE_NAME
        """The database."""
        self.problem = ""
        """What is wrong with it, in a sentence for a person."""
        self._reader: Reader | None = None
        self._is_looked_at = False

    def get(self, key: CaptionKey) -> StoredAnswer | None:
        """Return the answer of a key, or `None` for a miss; anything odd is a miss."""
        try:
            if not self._is_looked_at:
                self._is_looked_at = True
                self._reader = self._opened()
            entry = self._reader and self._reader.find(*answer_names(key))
        except CacheError as error:
            self._fail(str(error))
            return None
        try:
            found, answer = decode_answer(entry) if entry else (None, None)
        except OddEntryError:
            return None
        return answer if found == key else None

    def close(self) -> None:
        """Close what is open; the next look-up opens it again."""
        if self._reader:
            self._reader.close()
        self._reader = None
        self._is_looked_at = False

    def _opened(self) -> Reader | None:
        if file_identity(self.path) is None:
            return None
        if not are_plain(self.path):
            self._fail("holds what is no database, or one that is half written. Move it away.")
            return None
        reader = Reader(self.path, _BUSY_SECONDS, makes_files=False)
        if not reader.has_tables:
            reader.close()
            return None
        return reader

    def _fail(self, why: str) -> None:
        self.close()
        self._is_looked_at = True  # by this page; the next one looks again
        self.problem = f"The cache in {self.path.parent} {why}"
