"""The cache on this machine's disk, for all builds that share its folder.

Whatever is wrong with the folder is a miss and one sentence. What was paid for and cannot be stored
is kept in memory, and stored when that is possible again.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.cache.entries import (
    ANSWER_NAMES,
    LEASE,
    SENT,
    OddEntryError,
    answer_names,
    decode_answer,
    encode_answer,
    entry_name,
    is_storable,
)
from mkdocs_alttext.cache.faults import CacheError, Fault, Problems
from mkdocs_alttext.cache.files import check_files, file_identity, folder_lock
from mkdocs_alttext.cache.lease import MOST_SECONDS, Holder, Mark, is_free
from mkdocs_alttext.cache.reader import Reader, remove_empty_log
from mkdocs_alttext.cache.replacement import finish_replacing, is_replaced, replace_database
from mkdocs_alttext.exceptions import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import TypeVar

    from diskcache import Cache

    from mkdocs_alttext.cache.files import FileIdentity
    from mkdocs_alttext.cache.writer import Writer
    from mkdocs_alttext.models import CaptionKey, StoredAnswer

    Value = TypeVar("Value")

DATABASE_NAME = "cache.db"
"""diskcache's own name for it, so that its tools find it."""

_PAUSE = 15.0
"""Seconds for which a cache that failed is left alone: what is waited for in vain is waited for
once, and not for each of five hundred images."""


class _Paid(NamedTuple):
    """An answer that is to be stored, and whose lease and mark on its key end with that."""

    answer: StoredAnswer
    owner: str | None = None


class DiskCache:
    """An `AnswerCache` on diskcache, safe for threads and for processes on one disk.

    Nothing is imported, opened or made before the first call, and nothing is made by a look-up.
    Look-ups share one connection that only reads. All writing is done by one thread, because
    diskcache keeps a connection for each thread, which only that thread can close.
    """

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
            clock: Seconds of any origin, for the time that a cache that failed is left alone.
        """
        self._directory = directory.absolute()
        self._path = self._directory / DATABASE_NAME
        self._busy_seconds = busy_seconds
        # Several builds that begin at once on a busy machine open the file one after the other.
        self._lock_seconds = 6 * busy_seconds
        self._clock = clock
        self._problems = Problems(self._directory)
        self._lock = threading.RLock()
        """Held around the reader, and around the start and end of the writing thread."""
        self._reader: Reader | None = None
        self._no_reading_before = float("-inf")
        self._thread: ThreadPoolExecutor | None = None
        self._is_closed = False
        # For the writing thread, but that others look into `_unsaved`.
        self._writer: Writer | None = None
        self._no_writing_before = float("-inf")
        self._unsaved: dict[CaptionKey, _Paid] = {}
        self._known: dict[CaptionKey, StoredAnswer] = {}
        """What was stored or found, to be stored again when the file that had it is gone."""
        self._known_in: FileIdentity | None = None
        """The file that has what is known."""

    def get(self, key: CaptionKey) -> StoredAnswer | None:
        """Return the answer of a key, or `None` for a miss; anything odd is a miss."""
        if (paid := self._unsaved.get(key)) is not None:
            return paid.answer
        with self._lock:
            entry = self._look_up(lambda reader: reader.find(answer_names(key)), otherwise=None)
            if entry is None:
                return None
            try:
                found, answer = decode_answer(entry)
            except OddEntryError:
                found = None
            if found != key:
                self._problems.note_odd_entry()
                return None
            self._known[key] = answer
            return answer

    def put(self, key: CaptionKey, answer: StoredAnswer, *, owner: str | None = None) -> bool:
        """Store an answer durably: committed and, for power cuts, synced."""
        if not is_storable(answer):
            return False

        paid = _Paid(answer, owner)

        def save() -> bool:
            if self._attempt(lambda cache: _store(cache, key, paid)) is None:
                self._unsaved[key] = paid
                return False
            self._note_saved(key, answer)
            self._save_rest()
            return True

        is_saved = self._in_thread(save, otherwise=None)
        if is_saved is None:  # there is no thread to be had
            self._unsaved[key] = paid
        return bool(is_saved)

    def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> bool:
        """Take or renew a lease; a `StoreError` when what is paid for would not be kept."""
        seconds = min(seconds, MOST_SECONDS)
        name, text = entry_name(LEASE, key), Holder.of_this_process(owner).encode()

        def take(cache: Cache) -> bool:
            with suppress(TypeError):  # of a planted end that is no number
                if cache.add(name, text, expire=seconds):
                    return True
            found, left = _lease(cache, name)
            return is_free(found, left, owner) and bool(cache.set(name, text, expire=seconds))

        def save_and_take() -> bool | None:
            self._save_rest()
            return None if self._unsaved else self._attempt(take)

        is_taken = self._required(save_and_take)
        if is_taken:
            try:
                self._require_reading()
            except StoreError:
                self.release(key, owner=owner)
                raise
        return is_taken

    def release(self, key: CaptionKey, *, owner: str) -> None:
        """End the lease, when `owner` holds it."""

        def end(cache: Cache) -> None:
            _end_lease(cache, key, owner)

        self._in_thread(lambda: self._attempt(end, is_needed=False), otherwise=None)

    def mark_sent(self, key: CaptionKey, *, owner: str) -> int:
        """Note that a request for the key leaves now."""
        name, me = entry_name(SENT, key), Holder.of_this_process(owner)

        def mark(cache: Cache) -> int:
            if cache.add(name, Mark(me, is_open=True, untold=0).encode()):
                return 0
            found = _mark(cache, name)
            is_ours = found is not None and found.holder.owner == owner
            untold = 0 if found is None else found.untold if is_ours else found.requests
            cache.set(name, Mark(me, is_open=True, untold=untold).encode())
            # A build that lives and has given the lease back tells its user itself.
            return untold if found and found.is_left(owner, has_lease=False) else 0

        return self._required(lambda: self._attempt(mark))

    def end_request(self, key: CaptionKey, *, owner: str, is_charged: bool) -> None:
        """Note that `owner`'s request ended without an answer."""

        def end(cache: Cache) -> None:
            _end_request(cache, entry_name(SENT, key), owner, is_charged=is_charged)

        self._in_thread(lambda: self._attempt(end, is_needed=False), otherwise=None)

    def unanswered(self, *, owner: str) -> int:
        """Take over the marks of builds that are gone, and count the requests they stand for."""
        me = Holder.of_this_process(owner)

        def take_over(cache: Cache) -> int:
            count = 0
            for name in names:
                mark = _mark(cache, name)
                lease, left = _lease(cache, entry_name(LEASE, name.partition("/")[2]))
                if mark and mark.is_left(owner, has_lease=not is_free(lease, left, owner)):
                    cache.set(name, Mark(me, is_open=False, untold=mark.requests).encode())
                    count += mark.requests
            return count

        names = self._names_of_marks()
        return (names and self._in_thread(lambda: self._attempt(take_over), otherwise=None)) or 0

    def told(self, *, owner: str) -> None:
        """Remove all of `owner`'s marks."""

        def remove(cache: Cache) -> None:
            for name in names:
                mark = _mark(cache, name)
                if mark and mark.holder.owner == owner:
                    cache.delete(name)

        if names := self._names_of_marks():
            self._in_thread(lambda: self._attempt(remove, is_needed=False), otherwise=None)

    def _names_of_marks(self) -> list[str]:
        found: list[str] = []
        last = f"{SENT}/"
        while rows := self._page(last, f"{SENT}0"):
            found += (name for name, _ in rows)
            last = rows[-1][0]
        return found

    def entries(self) -> Iterator[tuple[CaptionKey, StoredAnswer]]:
        """Yield every answer with its key; a `StoreError` when not all can be read."""
        known = set()
        for after, before in ANSWER_NAMES:
            last = after
            while rows := self._required_page(last, before):
                for name, entry in rows:
                    with suppress(OddEntryError):
                        key, answer = decode_answer(entry)
                        if name in answer_names(key) and key not in known:
                            known.add(key)
                            yield key, answer
                last = rows[-1][0]

    def _page(self, after: str, before: str) -> list[tuple[str, str]]:
        with self._lock:
            return self._look_up(lambda reader: reader.page(after, before), otherwise=[])

    def _required_page(self, after: str, before: str) -> list[tuple[str, str]]:
        with self._lock:
            try:
                return self._read(lambda reader: reader.page(after, before), [])
            except CacheError as error:
                self._problems.note(error)
                raise StoreError("the cache cannot be read") from None
            finally:
                if self._is_closed:
                    self._close_all()

    def forget(self, keys: Iterable[CaptionKey]) -> int:
        """Remove the answers of some keys."""
        wanted = list(keys)

        def remove(cache: Cache) -> int:
            removed = 0
            for key in wanted:
                answers = [cache.delete(name) for name in answer_names(key)]
                removed += any(answers)
            return removed

        def forget() -> int | None:
            removed = self._attempt(remove)
            if removed is not None:
                for key in wanted:
                    self._known.pop(key, None)
                    self._unsaved.pop(key, None)
            return removed

        return self._required(forget)

    def problems(self) -> tuple[str, ...]:
        """Return what went wrong with the cache so far, in sentences for a person."""
        return self._problems.sentences(unsaved=len(self._unsaved))

    def close(self) -> None:
        """Store what could not be stored before, then close what is open.

        A closed cache still answers, and closes again what it opens for that.
        """
        if self._unsaved or self._writer is not None:
            self._in_thread(self._save_at_last, otherwise=None)
        self._is_closed = True
        self._close_all()

    # reading; call these with the lock held

    def _require_reading(self) -> None:
        """Make sure that an answer is found: what another build paid for must not be missed now.

        Raises:
            StoreError: The cache cannot be read.
        """
        with self._lock:
            self._no_reading_before = float("-inf")
            try:
                self._read(lambda _: None, None)
            except CacheError as error:
                self._problems.note(error)
                raise StoreError("the cache cannot be read") from None

    def _look_up(self, work: Callable[[Reader], Value], *, otherwise: Value) -> Value:
        if self._clock() < self._no_reading_before:
            return otherwise
        try:
            return self._read(work, otherwise)
        except CacheError as error:
            self._problems.note(error)
            if self._reader is None or error.fault is Fault.LOCKED:
                self._no_reading_before = self._clock() + _PAUSE
            return otherwise
        finally:
            if self._is_closed:
                self._close_all()

    def _read(self, work: Callable[[Reader], Value], otherwise: Value) -> Value:
        for is_second_try in (False, True):
            try:
                reader = self._current_reader()
                return otherwise if reader is None else work(reader)
            except CacheError as error:
                self._close_reader()
                if error.fault is not Fault.DAMAGED or is_second_try:
                    raise
                self._in_thread(self._repair, otherwise=None)
        return otherwise

    def _current_reader(self) -> Reader | None:
        """Return a reader of the file that is there now, if there is one with anything in it."""
        identity = file_identity(self._path)
        if self._reader is not None and self._reader.identity != identity:
            self._close_reader()  # another process set it aside, or someone deleted it
        if self._reader is None and (identity is not None or is_replaced(self._path)):
            with folder_lock(self._directory, seconds=self._lock_seconds):
                reader = self._new_reader()
            if reader is not None and self._known_in is None:
                self._known_in = reader.identity
            if reader is not None and not reader.has_tables:
                reader.close()
                reader = None
            self._reader = reader
        return self._reader

    def _new_reader(self) -> Reader | None:
        """Return a reader, if there is a database; call it with the folder's lock held."""
        finish_replacing(self._path)
        for name in check_files(self._path):
            self._problems.note_set_aside(name)
        if file_identity(self._path) is None:
            return None
        return Reader(self._path, busy_seconds=self._busy_seconds)

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    # writing; in the writing thread

    def _attempt(
        self,
        work: Callable[[Cache], Value],
        *,
        is_needed: bool = True,
        is_suspect: bool = False,
    ) -> Value | None:
        """Do one piece of work; return `None`, and note why, when it cannot be done.

        Args:
            work: What to do in one transaction.
            is_needed: Whether a cache is made where there is none.
            is_suspect: Whether damage was met.
        """
        if self._clock() < self._no_writing_before:
            return None
        try:
            return self._write(work, is_needed=is_needed, is_suspect=is_suspect)
        except CacheError as error:
            self._problems.note(error)
            if self._writer is None or error.fault is Fault.LOCKED:
                self._no_writing_before = self._clock() + _PAUSE
            return None

    def _write(
        self, work: Callable[[Cache], Value], *, is_needed: bool, is_suspect: bool
    ) -> Value | None:
        for is_second_try in (False, True):
            if not is_needed and file_identity(self._path) is None:
                return None
            writer = self._current_writer(is_suspect=is_suspect or is_second_try)
            try:
                done = writer.change(work)
                if writer.identity == file_identity(self._path):
                    return done
            except CacheError as error:
                if error.fault is not Fault.DAMAGED or is_second_try:
                    raise
            self._close_writer()
        raise CacheError(Fault.UNUSABLE, "another program keeps on replacing it")

    def _current_writer(self, *, is_suspect: bool) -> Writer:
        """Return a writer of the file that is there now, made if there is none.

        Args:
            is_suspect: Whether damage was met, so that the whole file is to be checked.
        """
        if self._writer is not None and self._writer.identity != file_identity(self._path):
            self._close_writer()
        if self._writer is None:
            try:
                self._directory.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise CacheError(Fault.UNUSABLE, str(error.strerror)) from error
            with folder_lock(self._directory, seconds=self._lock_seconds):
                self._replace_if_odd(is_suspect=is_suspect)
                if file_identity(self._path) != self._known_in:
                    self._known_in = None  # a file that is made now may get the number of one gone
                from mkdocs_alttext.cache.writer import Writer  # noqa: PLC0415 - imports diskcache

                writer = Writer(self._path, busy_seconds=self._busy_seconds)
            if self._known_in is None:  # what is known is not in this file
                known = self._known.copy()  # look-ups add to it meanwhile
                try:
                    writer.change(lambda cache: _add_answers(cache, known))
                except CacheError:
                    writer.close()
                    raise
                self._known_in = writer.identity
            self._writer = writer
        return self._writer

    def _replace_if_odd(self, *, is_suspect: bool) -> None:
        """Replace a database that is damaged, or defines what none of ours does."""
        try:
            reader = self._new_reader()
            if reader is None:
                return
            with closing(reader):
                if self._is_ours(reader, is_suspect=is_suspect):
                    return
        except CacheError as error:
            if error.fault is not Fault.DAMAGED:
                raise
        name, count = replace_database(self._path, busy_seconds=self._busy_seconds)
        self._problems.note_set_aside(name, count)

    def _is_ours(self, reader: Reader, *, is_suspect: bool) -> bool:
        """Tell whether a database may be written to."""
        from mkdocs_alttext.cache.writer import (  # noqa: PLC0415 - imports diskcache
            is_as_made,
            require_writable,
        )

        try:
            require_writable(self._path, busy_seconds=self._busy_seconds)
            return is_as_made(reader, self._directory) and (not is_suspect or reader.is_sound())
        except CacheError as error:
            if error.fault in {Fault.DAMAGED, Fault.TOO_LARGE}:
                return False
            raise

    def _repair(self) -> None:
        """Look at the whole file, and begin a new one if it is damaged."""
        self._close_writer()
        self._attempt(lambda _: None, is_suspect=True)

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _note_saved(self, key: CaptionKey, answer: StoredAnswer) -> None:
        self._known[key] = answer
        self._unsaved.pop(key, None)

    def _save_rest(self) -> None:
        """Store what could not be stored before."""
        for key, paid in list(self._unsaved.items()):
            if self._attempt(lambda cache: _store(cache, key, paid)) is None:  # noqa: B023 - used at once
                return
            self._note_saved(key, paid.answer)

    def _save_at_last(self) -> None:
        if self._writer is not None and self._known_in != file_identity(self._path):
            self._attempt(lambda _: None)  # another build replaced the file that has what is known
        self._no_writing_before = float("-inf")
        self._save_rest()

    # the writing thread

    def _required(self, work: Callable[[], Value | None]) -> Value:
        """Do something in the writing thread that must not be left undone.

        Raises:
            StoreError: It was not done.
        """
        done = self._in_thread(work, otherwise=None)
        if done is None:
            raise StoreError("the cache cannot be written")
        return done

    def _in_thread(self, work: Callable[[], Value], *, otherwise: Value) -> Value:
        try:
            with self._lock:
                if self._thread is None:
                    self._thread = ThreadPoolExecutor(1, thread_name_prefix="alttext cache")
                future = self._thread.submit(work)
        except RuntimeError:
            self._problems.note(CacheError(Fault.UNUSABLE, "no thread can be started"))
            return otherwise
        try:
            return future.result()
        finally:
            if self._is_closed:
                self._close_all()

    def _close_all(self) -> None:
        with self._lock:
            has_read = self._reader is not None
            self._close_reader()
            thread, self._thread = self._thread, None
        if thread is not None:
            with suppress(RuntimeError):
                thread.submit(self._close_writer).result()
            thread.shutdown()
        if has_read:
            remove_empty_log(self._path)


def _store(cache: Cache, key: CaptionKey, paid: _Paid) -> bool:
    if paid.owner is not None:
        _end_request(cache, entry_name(SENT, key), paid.owner, is_charged=False)
        _end_lease(cache, key, paid.owner)
    return bool(cache.set(answer_names(key)[0], encode_answer(key, paid.answer)))


def _add_answers(cache: Cache, answers: Mapping[CaptionKey, StoredAnswer]) -> None:
    for key, answer in answers.items():
        cache.add(answer_names(key)[0], encode_answer(key, answer))


def _lease(cache: Cache, name: str) -> tuple[str | None, float | None]:
    """Return a lease's text and the seconds until its end; `(None, None)` for an odd one."""
    try:
        text, end = cache.get(name, expire_time=True)
    except OddEntryError:
        return None, None
    return text, end - time.time() if isinstance(end, float) else None


def _mark(cache: Cache, name: str) -> Mark | None:
    with suppress(OddEntryError):
        return Mark.decode(cache.get(name, default=""))
    return None


def _end_request(cache: Cache, name: str, owner: str, *, is_charged: bool) -> None:
    """Note that an owner's request is over; what it has to tell of others stays."""
    mark = _mark(cache, name)
    if mark is None or mark.holder.owner != owner:
        return
    if untold := mark.requests if is_charged else mark.untold:
        cache.set(name, mark._replace(is_open=False, untold=untold).encode())
    else:
        cache.delete(name)


def _end_lease(cache: Cache, key: CaptionKey, owner: str) -> None:
    text, _ = _lease(cache, entry_name(LEASE, key))
    holder = None if text is None else Holder.decode(text)
    if holder is not None and holder.owner == owner:
        cache.delete(entry_name(LEASE, key))
