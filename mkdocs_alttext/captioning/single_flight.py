"""One request for equal pictures, across threads and across processes.

Owns who asks and who waits. It must not know what is asked for. Within a process a second caller
gets the first one's future; across processes a lease in the store decides, and the others look
into the store again until the text is there or the lease is free.
"""

from __future__ import annotations

import os
import secrets
import socket
from typing import TYPE_CHECKING

from mkdocs_alttext.captioning.breaker import PATIENCE
from mkdocs_alttext.exceptions import ReasonedError, StoreError
from mkdocs_alttext.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.captions import CaptionKey
    from mkdocs_alttext.stores.base import CaptionStore

LOOK_AGAIN = 0.1
"""Seconds between two looks at a lease that another process holds."""


class Lease:
    """The right of this process to ask for keys."""

    def __init__(self, store: CaptionStore, *, seconds: float, is_free: bool = False) -> None:
        """Prepare without taking anything.

        Args:
            store: Where processes meet.
            seconds: How long one lease lasts; longer than any single request, renewed before each.
            is_free: Whether asking costs nothing, so that it may go on with a broken store.
        """
        self._store = store
        self._seconds = seconds
        self._is_free = is_free
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"

    def wait_for(self, key: CaptionKey, wait: Callable[[float], bool]) -> str | None:
        """Take the lease on a key, or get the text from the process that holds it.

        Args:
            key: What is to be asked for.
            wait: Waits that many seconds; returns `True` when the build is over meanwhile.

        Returns:
            The text, when it is in the store; `None` when the lease is ours and nobody has paid.

        Raises:
            InterruptedError: The build is over.
            ReasonedError: Another process holds the lease for longer than it can need, or what
                would be paid for could not be stored.
        """
        # As long as a holder tries a service that is dead: its last request ends after that.
        for _ in range(round((PATIENCE + self._seconds) / LOOK_AGAIN)):
            held = self.renew(key)
            # The holder before us may have stored its text between our look and our lease.
            if text := self._store.get(key):
                if held:
                    self.release(key)
                return text
            if held:
                return None
            if wait(LOOK_AGAIN):
                raise InterruptedError
        raise ReasonedError(
            Reason.SERVICE_UNAVAILABLE,
            "another build has been asking for this picture for too long",
        )

    def renew(self, key: CaptionKey) -> bool:
        """Take the lease, or make ours last anew; return whether it is ours.

        Raises:
            ReasonedError: What would be paid for could not be stored.
        """
        try:
            return self._store.acquire(key, owner=self._owner, seconds=self._seconds)
        except StoreError as error:
            if self._is_free:
                return True
            raise ReasonedError(Reason.CACHE_UNUSABLE) from error

    def is_kept(self, key: CaptionKey) -> bool:
        """Make the lease last anew; return whether it is ours and still nobody has paid.

        A machine that slept, or work that took long, may have lost it to a process that has come
        and gone by now.

        Raises:
            ReasonedError: What would be paid for could not be stored.
        """
        return self.renew(key) and not self._store.get(key)

    def settle(self, key: CaptionKey, text: str) -> None:
        """Store what was paid for, and give the lease back.

        Args:
            key: What was asked for.
            text: A text that is fit to publish.
        """
        if not self._store.put(key, text, owner=self._owner):
            self.release(key)

    def release(self, key: CaptionKey) -> None:
        """Give the lease back, without a text."""
        self._store.release(key, owner=self._owner)
