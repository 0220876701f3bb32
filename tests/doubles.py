"""Stand-ins that follow the package's protocols, for tests of what is built on them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.stores.record import is_storable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.captions import CaptionKey


class MemoryStore:
    """A `CaptionStore` in memory. One object shared by engines stands for a shared folder.

    `texts` and `leases` may be read and changed by a test. While `usable` is false, the store
    behaves as a broken one: it misses, stores nothing, gives no lease and says so.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        """Begin empty.

        Args:
            clock: Seconds since the epoch, for leases.
        """
        self.texts: dict[CaptionKey, str] = {}
        self.leases: dict[CaptionKey, tuple[str, float]] = {}
        """Who holds each key, and until when."""
        self.usable = True
        self.closed = False
        self._clock = clock
        self._lock = threading.Lock()

    def get(self, key: CaptionKey) -> str | None:
        """Return the stored text, or `None` for a miss."""
        with self._lock:
            return self.texts.get(key) if self.usable else None

    def put(self, key: CaptionKey, text: str, *, owner: str | None = None) -> bool:
        """Store a text, when it can be stored at all, and give `owner`'s lease back."""
        with self._lock:
            if not self.usable or not is_storable(text):
                return False
            self.texts[key] = text
            if self.leases.get(key, ("", 0))[0] == owner:
                del self.leases[key]
            return True

    def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> bool:
        """Take or renew a lease, when it is free, expired or `owner`'s."""
        with self._lock:
            if not self.usable:
                raise StoreError("broken, as the test wants it")
            holder, expires = self.leases.get(key, (owner, 0.0))
            if holder != owner and self._clock() < expires:
                return False
            self.leases[key] = (owner, self._clock() + seconds)
            return True

    def release(self, key: CaptionKey, *, owner: str) -> None:
        """Give the lease back, when `owner` holds it."""
        with self._lock:
            if self.leases.get(key, ("", 0.0))[0] == owner:
                del self.leases[key]

    def problems(self) -> tuple[str, ...]:
        """Say that the store is broken, while it is."""
        return () if self.usable else ("The store in memory is broken, as the test wants it.",)

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
