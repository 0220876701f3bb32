"""The database file of a cache: looked at before it is opened, and replaced where it is not sound.

Only what diskcache itself would have made is opened by it. Anything else is set aside, and another
database takes its place with what is sound of the old one.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.cache import database
from mkdocs_alttext.cache.base import OddEntryError, answer_names, decode_answer, encode_answer
from mkdocs_alttext.cache.database import Reader, require_writable
from mkdocs_alttext.cache.faults import CacheError, as_cache_errors
from mkdocs_alttext.cache.file_checks import (
    DATABASE_NAME,
    begin_anew,
    check_files,
    file_identity,
)
from mkdocs_alttext.cache.lease_records import is_of_build
from mkdocs_alttext.cache.text_disk import open_diskcache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diskcache import Cache


class DatabaseFile:
    """The database in one folder. Call it with the folder's lock held."""

    def __init__(self, folder: Path, busy_seconds: float) -> None:
        """Remember where it is.

        Args:
            folder: The cache folder.
            busy_seconds: How long to wait for other connections.
        """
        self.path = folder / DATABASE_NAME
        self._busy_seconds = busy_seconds
        self.sentences: dict[str, str] = {}
        """What was set aside, by its new name, for a person."""

    def reader(self) -> Reader | None:
        """Return a reader, if there is a database.

        Raises:
            CacheError: It cannot be read.
        """
        for name in check_files(self.path):
            self._note_set_aside(name)
        if file_identity(self.path) is None:
            return None
        return Reader(self.path, self._busy_seconds)

    def make_sound(self, *, is_suspect: bool) -> None:
        """Replace what diskcache must not open, if that is there.

        Args:
            is_suspect: Whether damage was met, so that the whole file is to be checked.

        Raises:
            CacheError: It cannot be read, written or replaced.
        """
        if self._is_trusted(is_suspect=is_suspect):
            return
        with self._new_database() as (made, cache):
            with closing(cache), cache.transact():
                answers = sum(_add_sound(cache, *row) for row in database.sound_rows(self.path))
            self._note_set_aside(begin_anew(self.path, made), answers)

    def _is_trusted(self, *, is_suspect: bool) -> bool:
        """Tell whether diskcache may open what is there: it is sound, and defines what ours do."""
        try:
            reader = self.reader()
            if reader is None:
                return True
            with closing(reader):
                require_writable(self.path, self._busy_seconds)
                with (
                    self._new_database() as (made, _),
                    closing(Reader(made, self._busy_seconds)) as other,
                ):
                    return reader.is_like(other) and (not is_suspect or reader.is_sound())
        except CacheError as error:
            if not error.is_damage:
                raise
            return False

    @contextmanager
    def _new_database(self) -> Iterator[tuple[Path, Cache]]:
        """Have a database as diskcache makes it, on the same disk, which may be moved away."""
        with (
            as_cache_errors(),
            tempfile.TemporaryDirectory(prefix=".", dir=self.path.parent) as name,
        ):
            made = Path(name) / DATABASE_NAME
            yield made, open_diskcache(made, self._busy_seconds)

    def _note_set_aside(self, name: str, answers: int | None = None) -> None:
        """Note that a file was set aside.

        Args:
            name: Its new name.
            answers: How many of its answers the new file has; `None` for a file that held none.
        """
        taken_over = ""
        if answers is not None:
            were = "answers were" if answers > 1 else "answer was"
            taken_over = f", and {answers or 'no'} {were} taken over from it"
        self.sentences[name] = (
            "was damaged or changed by another program. What cannot be trusted was set aside as "
            f"{name}{taken_over}. Delete that file when you do not need it."
        )


def _add_sound(cache: Cache, name: str, text: str, end: float | None) -> bool:
    """Add a row of a database that is replaced, if it is sound; tell whether it is an answer."""
    if is_of_build(name, text):
        cache.add(name, text, expire=None if end is None else end - time.time())
        return False
    try:
        key, answer = decode_answer(text)
    except OddEntryError:
        return False
    return bool(cache.add(answer_names(key)[0], encode_answer(key, answer)))
