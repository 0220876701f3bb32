"""The cache on this machine's disk: a diskcache that is shared by all builds that use its folder.

diskcache stores and replaces (`text_disk`); three things are done around it. Look-ups go through a
connection that only reads (`database`). A file that others may have written is looked at before
diskcache opens it, and replaced where it is damaged (`database_file`). And whatever is wrong with
the folder is a miss and one sentence (`faults`): what was paid for and cannot be stored is kept in
memory, and stored when that is possible again.
"""

from __future__ import annotations

import threading
import time
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING

from mkdocs_alttext.cache import lease_records as leases
from mkdocs_alttext.cache.base import (
    ANSWER_NAMES,
    SENT,
    OddEntryError,
    answer_names,
    decode_answer,
    encode_answer,
    is_storable,
)
from mkdocs_alttext.cache.database import Reader, require_writable
from mkdocs_alttext.cache.database_file import DatabaseFile
from mkdocs_alttext.cache.faults import CacheError, Fault, as_cache_errors
from mkdocs_alttext.cache.file_checks import file_identity, folder_lock
from mkdocs_alttext.cache.text_disk import open_diskcache
from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.system.printable import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import TypeVar

    from diskcache import Cache

    from mkdocs_alttext.cache.file_checks import FileIdentity
    from mkdocs_alttext.models import CaptionKey, StoredAnswer

    Value = TypeVar("Value")

_PAUSE = 15.0
"""Seconds for which a cache that failed is left alone: what is waited for in vain is waited for
once, and not for each of five hundred images."""


class DiskCache:
    """An `AnswerCache` on diskcache, safe for threads and for processes on one disk.

    Nothing is opened or made before the first call, and nothing is made by a look-up. diskcache
    keeps a connection for each thread, which only that thread can close: so each change does.
    """

    is_shared = False

    def __init__(
        self,
        directory: Path,
        *,
        busy_seconds: float = 1.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Remember where the cache is.

        Args:
            directory: The cache folder; made, with its parents, when something is stored.
            busy_seconds: How long to wait for another program's lock before doing without.
            clock: Seconds since some moment, for the time that a cache that failed is left alone.
        """
        self._folder = directory.absolute()
        self._busy_seconds = busy_seconds
        self._file = DatabaseFile(self._folder, busy_seconds)
        self._path = self._file.path
        # Several builds that begin at once on a busy machine open the file one after the other.
        self._lock_seconds = 6 * busy_seconds
        self._clock = clock
        self._lock = threading.RLock()
        """Held by every public method, as it guards all that follows."""
        self._is_closed = False
        self._reader: Reader | None = None
        self._no_reading_before = 0.0
        self._cache: Cache | None = None
        self._cache_in: FileIdentity | None = None
        """The file that `_cache` writes to."""
        self._no_writing_before = 0.0
        self._unsaved: dict[CaptionKey, tuple[StoredAnswer, str | None]] = {}
        """What is to be stored, and whose lease and mark on its key end with that."""
        self._known: dict[CaptionKey, StoredAnswer] = {}
        """What was stored or found, to be stored again when the file that had it is gone."""
        self._known_in: FileIdentity | None = None
        """The file that has what is known."""
        self._sentences: dict[Fault, str] = {}
        """What went wrong, each kind once."""
        self._odd_entries = 0

    def get(self, key: CaptionKey) -> StoredAnswer | None:
        """Return the answer of a key, or `None` for a miss; anything odd is a miss."""
        with self._lock:
            if key in self._unsaved:
                return self._unsaved[key][0]
            entry = self._look_up(lambda reader: reader.find(*answer_names(key)))
            if entry is None:
                return None
            with suppress(OddEntryError):
                found, answer = decode_answer(entry)
                if found == key:
                    self._known[key] = answer
                    return answer
            self._odd_entries += 1
            return None

    def put(self, key: CaptionKey, answer: StoredAnswer, *, owner: str | None = None) -> bool:
        """Store an answer durably: committed and, for power cuts, synced."""
        if not is_storable(answer):
            return False
        with self._lock:
            self._unsaved[key] = answer, owner
            return self._change(lambda _: True) is not None

    def get_all(self, keys: Iterable[CaptionKey]) -> dict[CaptionKey, StoredAnswer]:
        """Return the answers that there are of some keys."""
        return {key: answer for key in keys if (answer := self.get(key)) is not None}

    def put_all(self, answers: Mapping[CaptionKey, StoredAnswer]) -> bool:
        """Store answers that were read from another cache, in one step; tell whether they are."""
        with self._lock:
            self._unsaved |= {key: (answer, None) for key, answer in answers.items()}
            return not answers or self._change(lambda _: True) is not None

    def fetch(self, keys: Iterable[CaptionKey]) -> None:
        """Do nothing: all there is has been looked at."""

    def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> bool:
        """Take or renew a lease; a `StoreError` when what is paid for would not be kept."""
        with self._lock:
            is_taken = self._require(lambda cache: leases.take_lease(cache, key, owner, seconds))
            if is_taken:
                try:
                    # What another build paid for must not be missed now.
                    self._look_up(lambda _: None, is_required=True)
                except StoreError:
                    self.release(key, owner=owner)
                    raise
            return is_taken

    def release(self, key: CaptionKey, *, owner: str) -> None:
        """End the lease, when `owner` holds it."""
        self._change(lambda cache: leases.end_lease(cache, key, owner))

    def mark_sent(self, key: CaptionKey, *, owner: str) -> int:
        """Note that a request for the key leaves now."""
        return self._require(lambda cache: leases.add_mark(cache, key, owner))

    def end_request(self, key: CaptionKey, *, owner: str, is_charged: bool) -> None:
        """Note that `owner`'s request ended without an answer."""
        self._change(lambda cache: leases.end_mark(cache, key, owner, is_charged=is_charged))

    def unanswered(self, *, owner: str) -> int:
        """Take over the marks of builds that are gone, and count the requests they stand for."""
        names = self._names_of_marks()
        if not names:
            return 0
        return self._change(lambda cache: leases.take_over_marks(cache, names, owner)) or 0

    def told(self, *, owner: str) -> None:
        """Remove all of `owner`'s marks."""
        if names := self._names_of_marks():
            self._change(lambda cache: leases.remove_marks(cache, names, owner))

    def entries(self) -> Iterator[tuple[CaptionKey, StoredAnswer]]:
        """Yield every answer with its key; odd entries are left out.

        Raises:
            StoreError: The cache cannot be read, or not to its end.
        """
        seen = set()
        for after, before in ANSWER_NAMES:
            for name, entry in self._entries(after, before, is_required=True):
                with suppress(OddEntryError):
                    key, answer = decode_answer(entry)
                    if name in answer_names(key) and key not in seen:
                        seen.add(key)
                        yield key, answer

    def forget(self, keys: Iterable[CaptionKey]) -> int:
        """Remove the answers of some keys; leases and marks are those of builds.

        Returns:
            How many of the keys had an answer.

        Raises:
            StoreError: They cannot be removed; none is.
        """
        wanted = list(keys)

        def remove(cache: Cache) -> int:
            names = map(answer_names, wanted)
            return sum(cache.delete(current) | cache.delete(first) for current, first in names)

        with self._lock:
            removed = self._require(remove)
            for key in wanted:
                self._known.pop(key, None)
            return removed

    def problems(self) -> tuple[str, ...]:
        """Return what went wrong with the cache so far, in sentences for a person."""
        told = [*self._file.sentences.values(), *self._sentences.values()]
        if self._odd_entries:
            told.append(
                f"holds entries that are not valid. They were not used ({self._odd_entries} times)."
                " Find out who else writes to that folder."
            )
        if unsaved := len(self._unsaved):
            told.append(
                f"lacks {counted(unsaved, 'text')} of this run, which could not be stored: the "
                "next run asks for them again."
            )
        return tuple(f"The cache in {self._folder} {sentence}" for sentence in told)

    def close(self) -> None:
        """Store what could not be stored before, then close what is open.

        A closed cache still answers, and closes again what it opens for that.
        """
        with self._lock:
            self._close_reader()
            if self._unsaved or self._cache is not None:
                # Also what another build did not find in the file that it replaced; and whoever
                # writes last moves SQLite's log into the database.
                self._no_writing_before = 0.0
                self._change(lambda _: None)
            self._is_closed = True

    # reading

    def _look_up(
        self, work: Callable[[Reader], Value], *, is_required: bool = False
    ) -> Value | None:
        """Return what is found in the cache, if there is one.

        Args:
            work: What to look up.
            is_required: Whether to look even if that failed a moment ago.

        Raises:
            StoreError: The cache cannot be read, and that is required.
        """
        with self._lock:
            if not is_required and self._clock() < self._no_reading_before:
                return None
            try:
                found = self._read(work)
            except CacheError as error:
                self._no_reading_before = self._clock() + _PAUSE
                self._sentences.setdefault(error.fault, str(error))
                if is_required:
                    raise StoreError("the cache cannot be read") from None
                return None
            finally:
                if self._is_closed:
                    self._close_reader()
            self._no_reading_before = 0.0
            return found

    def _read(self, work: Callable[[Reader], Value]) -> Value | None:
        try:
            reader = self._current_reader()
            return None if reader is None else work(reader)
        except CacheError as error:
            self._close_reader()
            if not error.is_damage:
                raise
        self._change(lambda _: None, is_suspect=True)
        reader = self._current_reader()
        return None if reader is None else work(reader)

    def _current_reader(self) -> Reader | None:
        """Return a reader of the file that is there now, if there is one with anything in it."""
        identity = file_identity(self._path)
        if self._reader is not None and self._reader.identity != identity:
            self._close_reader()  # another process set it aside, or someone deleted it
        if self._reader is None:
            with folder_lock(self._folder, seconds=self._lock_seconds):
                reader = self._file.reader()
            if reader is not None and self._known_in is None:
                self._known_in = reader.identity
            if reader is not None and not reader.has_tables:
                reader.close()
                reader = None
            self._reader = reader
        return self._reader

    def _entries(
        self, after: str, before: str, *, is_required: bool = False
    ) -> Iterator[tuple[str, str]]:
        """Yield the names and entries between two names."""
        while found := self._look_up(
            partial(Reader.next, after=after, before=before), is_required=is_required
        ):
            yield found
            after = found[0]

    def _names_of_marks(self) -> list[str]:
        return [name for name, _ in self._entries(f"{SENT}/", f"{SENT}0")]

    def _close_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is None:
            return
        reader.close()
        # Reading leaves an empty log, which only a connection that may write removes.
        with suppress(OSError, CacheError):
            log = self._path.with_name(f"{self._path.name}-wal")
            if file_identity(self._path) == reader.identity and log.lstat().st_size == 0:
                require_writable(self._path, 0.0)

    # writing

    def _require(self, work: Callable[[Cache], Value]) -> Value:
        """Do something that must not be left undone.

        Raises:
            StoreError: It was not done.
        """
        done = self._change(work)
        if done is None:
            raise StoreError("the cache cannot be written")
        return done

    def _change(self, work: Callable[[Cache], Value], *, is_suspect: bool = False) -> Value | None:
        """Do something in one transaction, which stores what is not saved yet, too.

        Args:
            work: What to do.
            is_suspect: Whether damage was met.

        Returns:
            What `work` returned; `None`, and why is noted, when nothing was changed.
        """
        with self._lock:
            if self._clock() < self._no_writing_before:
                return None
            try:
                return self._write(work, is_suspect=is_suspect)
            except CacheError as error:
                self._no_writing_before = self._clock() + _PAUSE
                self._sentences.setdefault(error.fault, str(error))
                return None

    def _write(self, work: Callable[[Cache], Value], *, is_suspect: bool) -> Value | None:
        for is_second_try in (False, True):
            with as_cache_errors():
                self._folder.mkdir(parents=True, exist_ok=True)
            with folder_lock(self._folder, seconds=self._lock_seconds):
                cache = self._current_cache(is_suspect=is_suspect or is_second_try)
                try:
                    done = self._transact(cache, work)
                    # A folder that was deleted meanwhile has taken all of it along.
                    if file_identity(self._path) == self._cache_in:
                        self._known_in = self._cache_in
                        self._known |= {key: answer for key, (answer, _) in self._unsaved.items()}
                        self._unsaved.clear()
                        return done
                except CacheError as error:
                    if not error.is_damage or is_second_try:
                        raise
                self._cache = None
        raise CacheError(Fault.UNUSABLE, "another program keeps on replacing it")

    def _transact(self, cache: Cache, work: Callable[[Cache], Value]) -> Value:
        with as_cache_errors(), closing(cache), cache.transact():
            if self._known_in != self._cache_in:
                for key, answer in self._known.items():
                    if answer_names(key)[0] not in cache:
                        cache.set(answer_names(key)[0], encode_answer(key, answer))
            for key, (answer, owner) in self._unsaved.items():
                cache.set(answer_names(key)[0], encode_answer(key, answer))
                if owner is not None:
                    leases.end_mark(cache, key, owner, is_charged=False)
                    leases.end_lease(cache, key, owner)
            return work(cache)

    def _current_cache(self, *, is_suspect: bool) -> Cache:
        """Return a diskcache on the file that is there now, made if there is none.

        Args:
            is_suspect: Whether damage was met, so that the whole file is to be checked.
        """
        identity = file_identity(self._path)
        if self._cache is None or is_suspect or identity != self._cache_in:
            self._cache = None
            self._file.make_sound(is_suspect=is_suspect)
            if file_identity(self._path) != self._known_in:
                self._known_in = None  # a file that is made now may get the number of one gone
            self._cache = open_diskcache(self._path, self._busy_seconds)
            self._cache_in = file_identity(self._path)
        return self._cache
