"""The store on this machine's disk, for all builds that share a cache folder.

Owns what a store promises: a caption once stored is found again, and whatever is wrong with the
folder is a miss and one sentence. It must not know SQLite or diskcache (`database`, `text_cache`),
nor what an entry looks like (`record`, `lease_table`).
"""

from __future__ import annotations

import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.stores.faults import CacheError, Fault
from mkdocs_alttext.stores.folder_lock import file_identity
from mkdocs_alttext.stores.paid_texts import PaidTexts
from mkdocs_alttext.stores.pause import Pause
from mkdocs_alttext.stores.problems import Problems
from mkdocs_alttext.stores.record import decode_caption, encode_caption, entry_name, is_storable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mkdocs_alttext.captions import CaptionKey
    from mkdocs_alttext.stores.database import Database
    from mkdocs_alttext.stores.lease_table import LeaseTable

    Clock = Callable[[], float]

_T = TypeVar("_T")

DATABASE_NAME = "cache.db"
"""diskcache's own name for it, so that its tools find it."""


class DiskStore:
    """A `CaptionStore` on diskcache, safe for threads and for processes on one disk.

    Nothing is imported, opened or made before the first call, and nothing is made by a look-up.
    Every call goes through one lock and one connection, which `close` can therefore close from any
    thread; a call takes microseconds to read and one fsync to store. Threads that wait to store
    have it done by the first of them, in one transaction.
    """

    def __init__(
        self, directory: Path, *, clock: Clock = time.time, busy_seconds: float = 1.5
    ) -> None:
        """Remember where the cache is.

        Args:
            directory: The cache folder; made, with its parents, when something is stored.
            clock: Seconds since the epoch, for leases and for pauses.
            busy_seconds: How long to wait for another program's lock before doing without.
        """
        self._directory = directory.absolute()
        self._path = self._directory / DATABASE_NAME
        self._clock = clock
        self._busy_seconds = busy_seconds
        self._lock = threading.Lock()
        self._database: Database | None = None
        self._closed = False
        # Apart, because with a write-ahead log whoever writes does not keep others from reading.
        self._reading, self._writing = Pause(), Pause()
        self._paid = PaidTexts()
        self._problems = Problems(self._directory)

    def get(self, key: CaptionKey) -> str | None:
        """Return the stored text, or `None` for a miss; anything odd is a miss.

        A text that was paid for and could not be stored is a hit as long as this object lives.
        """
        name = entry_name("caption", key)

        def look_up(database: Database) -> str | None:
            entry = database.read(name)
            return None if entry is None else decode_caption(key, entry)

        with self._lock:
            if key in self._paid.unsaved:
                return self._paid.unsaved[key]
            return self._attempt(look_up, self._reading, otherwise=None, create=False)

    def put(self, key: CaptionKey, text: str, *, owner: str | None = None) -> bool:
        """Store a text durably before returning: committed and, for power cuts, synced.

        What could not be stored is tried again after the next success, and by `close`.
        """
        if not is_storable(text):
            with self._lock:
                self._problems.note_refused()
            return False
        self._paid.bring(key, text, owner=owner)
        with self._lock:
            # Whoever had the lock before has stored it, too, unless it came too late for that.
            owners = self._paid.take_in()
            if owners and self._save(owners):
                self._save_rest()
            return key not in self._paid.unsaved

    def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> bool:
        """Take or renew a lease; a `StoreError` when what is paid for would not be kept."""

        def take(database: Database) -> bool:
            return self._leases.take(database, key, owner, seconds)

        with self._lock:
            self._save_rest()
            held = self._attempt(take, self._writing, otherwise=None, create=True)
            if held is None or self._paid.unsaved:
                raise StoreError("the cache cannot be written")
            self._reading.forget()  # what others paid for meanwhile must not be missed now
            return held

    def release(self, key: CaptionKey, *, owner: str) -> None:
        """Give the lease back, when `owner` holds it."""

        def give_back(database: Database) -> None:
            with database.transaction(durable=False) as cache:
                self._leases.give_back(cache, key, owner)

        with self._lock:
            self._attempt(give_back, self._writing, otherwise=None, create=False)

    def problems(self) -> tuple[str, ...]:
        """Return what went wrong with the store so far, in sentences for a person."""
        with self._lock:
            return self._problems.sentences(unsaved=len(self._paid.unsaved))

    def close(self) -> None:
        """Store what could not be stored before, then close what is open.

        A closed store still answers, with a connection for each call.
        """
        with self._lock:
            self._writing.end()
            self._save_rest()
            self._disconnect()
            self._closed = True

    @cached_property
    def _leases(self) -> LeaseTable:
        from mkdocs_alttext.stores.lease_table import LeaseTable  # noqa: PLC0415 - to buy with

        return LeaseTable(self._clock, self._problems.note)

    def _save(self, owners: Mapping[CaptionKey, str | None]) -> bool:
        """Store paid texts, all or none, and give the leases of their owners back."""

        def store(database: Database) -> bool:
            with database.transaction(durable=True) as cache:
                for key, owner in owners.items():
                    entry = encode_caption(key, self._paid.unsaved[key])
                    cache.replace(entry_name("caption", key), entry)
                    if owner is not None:
                        self._leases.give_back(cache, key, owner)
            self._paid.note_saved(owners)
            return True

        return self._attempt(store, self._writing, otherwise=False, create=True)

    def _save_rest(self) -> None:
        for key in tuple(self._paid.unsaved):
            self._save({key: None})

    def _attempt(
        self, work: Callable[[Database], _T], pause: Pause, *, otherwise: _T, create: bool
    ) -> _T:
        """Do one piece of work, and note what keeps it from being done."""
        if pause.lasts(self._clock()):
            return otherwise
        try:
            result = self._work(work, otherwise=otherwise, create=create)
        except CacheError as error:
            self._problems.note(error)
            # Waited for, checked or opened in vain once, not for each of five hundred images. What
            # fails at once may be tried at once.
            if self._database is None or error.fault in {Fault.LOCKED, Fault.DAMAGED}:
                pause.begin(self._clock())
            return otherwise
        else:
            pause.forget()
            return result
        finally:
            if self._closed:
                self._disconnect()

    def _work(self, work: Callable[[Database], _T], *, otherwise: _T, create: bool) -> _T:
        if self._database is not None and not self._is_current():
            # Another process set it aside, or someone deleted it.
            self._paid.note_lost()
            self._disconnect()
        if self._database is None and not create and file_identity(self._path) is None:
            return otherwise
        database = self._connect()
        try:
            result = work(database)
        except CacheError as error:
            if error.fault is not Fault.DAMAGED:
                raise
        else:
            if not create or self._is_current():
                return result
        self._paid.note_lost()
        self._disconnect()
        return work(self._connect(suspect=database))

    def _is_current(self) -> bool:
        """Whether what is open is what the path names; else what is stored there is lost."""
        return self._database is not None and self._database.identity == file_identity(self._path)

    def _connect(self, suspect: Database | None = None) -> Database:
        if self._database is None:
            # Here, because a build that has nothing to look up does not pay for it.
            from mkdocs_alttext.stores.opening import open_database  # noqa: PLC0415

            self._database = open_database(
                self._path,
                busy_seconds=self._busy_seconds,
                suspect=None if suspect is None else suspect.identity,
            )
            self._database.read_ahead(entry_name("caption", ""))
            if self._database.replaced is not None:
                self._problems.note_replaced(self._database.replaced)
                self._paid.note_lost()
        return self._database

    def _disconnect(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
