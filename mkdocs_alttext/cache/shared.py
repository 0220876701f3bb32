"""A cache on a server, with the local one in front: a picture is paid for once by many machines.

What the server has is kept in the local cache, and looked for there only: `get` asks nobody else.
The lease and the mark on a key are the server's. While it cannot be used, nothing is paid for,
unless the user says that it is not required: then the local ones count.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mkdocs_alttext.cache.redis_server import ServerError, ServerFault
from mkdocs_alttext.models import PICTURE_FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    from mkdocs_alttext.cache.disk import DiskCache
    from mkdocs_alttext.cache.redis import RedisCache
    from mkdocs_alttext.models import CaptionKey, StoredAnswer

    Value = TypeVar("Value")

_MOST_SECONDS = 30.0
"""For all look-ups of a build; a server that is slower than that is only asked for leases."""


class SharedCache:
    """An `AnswerCache` of a local and a shared one. Safe for threads and processes."""

    is_shared = True

    def __init__(
        self,
        local: DiskCache,
        shared: RedisCache,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take both; nothing is opened.

        Args:
            local: The one in front.
            shared: The one on a server.
            clock: Seconds of any origin, for the time that look-ups take.
        """
        self.local = local
        self.shared = shared
        self._clock = clock
        self._fetched: set[CaptionKey] = set()
        self._seconds_left = _MOST_SECONDS

    def get(self, key: CaptionKey) -> StoredAnswer | None:
        """Return the answer that the local cache has."""
        return self.local.get(key)

    def fetch(self, keys: Iterable[CaptionKey]) -> None:
        """Bring what the shared cache has of some keys into the local one, in one round trip."""
        wanted = [key for key in keys if key not in self._fetched]
        if not wanted or self._seconds_left <= 0:
            return
        began = self._clock()
        self.local.put_all(self.shared.get_all(wanted))
        self._fetched.update(wanted)
        self._seconds_left -= self._clock() - began
        if self._seconds_left <= 0:
            slow = ServerError(ServerFault.SLOW_LOOK_UPS, f"{_MOST_SECONDS:.0f} seconds")
            self.shared.server.note(slow, pauses=False)

    def put(self, key: CaptionKey, answer: StoredAnswer, *, owner: str | None = None) -> bool:
        """Store an answer in both; it is stored when the local cache has it."""
        is_stored = self.local.put(key, answer, owner=owner)
        if answer.failed not in PICTURE_FAULTS:  # that its time was up is this machine's
            self.shared.put(key, answer, owner=owner)
        return is_stored

    def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> bool:
        """Take or renew both leases; what the server has of the key is in the local cache then."""
        try:
            is_ours, answer = self.shared.take(key, owner=owner, seconds=seconds)
        except ServerError as error:
            self._allow_without(error)
            return self.local.acquire(key, owner=owner, seconds=seconds)
        if answer is not None:
            self.local.put_all({key: answer})
        elif is_ours:
            try:
                is_ours = self.local.acquire(key, owner=owner, seconds=seconds)
            except BaseException:
                self.shared.release(key, owner=owner)
                raise
            if not is_ours:
                self.shared.release(key, owner=owner)
        return is_ours

    def release(self, key: CaptionKey, *, owner: str) -> None:
        """End both leases."""
        self.shared.release(key, owner=owner)
        self.local.release(key, owner=owner)

    def mark_sent(self, key: CaptionKey, *, owner: str) -> int:
        """Note that a request leaves, where others look for it."""
        try:
            return self.shared.mark_sent(key, owner=owner)
        except ServerError as error:
            self._allow_without(error)
            return self.local.mark_sent(key, owner=owner)

    def end_request(self, key: CaptionKey, *, owner: str, is_charged: bool) -> None:
        """Note that a request ended."""
        for each in (self.shared, self.local):
            each.end_request(key, owner=owner, is_charged=is_charged)

    def unanswered(self, *, owner: str) -> int:
        """Take over what dead builds had sent, with the server and without."""
        return self.shared.unanswered(owner=owner) + self.local.unanswered(owner=owner)

    def told(self, *, owner: str) -> None:
        """Remove all of `owner`'s marks."""
        self.shared.told(owner=owner)
        self.local.told(owner=owner)

    def entries(self) -> Iterator[tuple[CaptionKey, StoredAnswer]]:
        """Yield every answer of either, with its key.

        Raises:
            StoreError: One of them cannot be read, or not to its end.
        """
        seen = set()
        for each in (self.local, self.shared):
            for key, answer in each.entries():
                if key not in seen:
                    seen.add(key)
                    yield key, answer

    def forget(self, keys: Iterable[CaptionKey]) -> int:
        """Remove the answers of some keys from both; the local caches of others keep theirs.

        Returns:
            How many of the keys had an answer.

        Raises:
            StoreError: They cannot be removed from the server, and none is from the local cache;
                or they cannot be removed from that.
        """
        wanted = list(keys)
        held = self.shared.get_all(wanted).keys() | {key for key in wanted if self.local.get(key)}
        self.shared.forget(wanted)
        self.local.forget(wanted)
        return len(held)

    def problems(self) -> tuple[str, ...]:
        """Return what went wrong with either."""
        return (*self.local.problems(), *self.shared.problems())

    def close(self) -> None:
        """Store what could not be stored before, and close both."""
        self.shared.close()
        self.local.close()

    def _allow_without(self, error: ServerError) -> None:
        """Raise an error again, unless pictures may be paid for without the server.

        Whoever may only read there never pays.
        """
        if self.shared.server.is_required or error.fault is ServerFault.READ_ONLY:
            raise error
