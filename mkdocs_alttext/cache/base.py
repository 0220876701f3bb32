"""What a cache of answers promises, and the cache that keeps nothing.

A key has up to three records: the answer, the *lease* of the build that is asking for it, and the
*mark* that a request for it was sent. The mark is written before a request leaves and removed with
its answer. What a build that died had sent may have been charged: it is found by its mark, which
stays until a build has told its user of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Protocol

from mkdocs_alttext.exceptions import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mkdocs_alttext.models import CaptionKey, StoredAnswer


class AnswerCache(Protocol):
    """Answers by key. Safe for threads and processes."""

    def get(self, key: CaptionKey) -> StoredAnswer | None:
        """Return the answer of a key, or `None` for a miss; anything odd is a miss."""

    def put(self, key: CaptionKey, answer: StoredAnswer, *, owner: str | None = None) -> bool:
        """Store an answer durably before returning.

        Args:
            key: What the answer is for.
            answer: What the service said, fit to publish or not.
            owner: Whose lease and mark on the key end in the same step.

        Returns:
            Whether it is stored. What is not is tried again later, and is a hit meanwhile.
        """

    def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> bool:
        """Take or renew the lease on a key, so that one build at a time asks for it.

        Args:
            key: What is about to be asked for.
            owner: Who asks; unique for each build.
            seconds: How long the lease lasts unless it is renewed or released.

        Returns:
            Whether `owner` holds the lease now.

        Raises:
            StoreError: The cache cannot tell, or cannot store what would be paid for.
        """

    def release(self, key: CaptionKey, *, owner: str) -> None:
        """End the lease, when `owner` holds it."""

    def mark_sent(self, key: CaptionKey, *, owner: str) -> int:
        """Note that a request for the key leaves now; call it with the lease held.

        Args:
            key: What is asked for.
            owner: Who asks.

        Returns:
            How many requests of others the mark stood for that was there.

        Raises:
            StoreError: It cannot be noted.
        """

    def end_request(self, key: CaptionKey, *, owner: str, is_charged: bool) -> None:
        """Note that `owner`'s request ended without an answer.

        Args:
            key: What was asked for.
            owner: Who asked.
            is_charged: Whether it may have been charged: then the mark stands for it, beside what
                is sent next.
        """

    def unanswered(self, *, owner: str) -> int:
        """Take over the marks of builds that are gone, and count the requests they stand for.

        Args:
            owner: Who tells the user of them.
        """

    def told(self, *, owner: str) -> None:
        """Remove all of `owner`'s marks, as the user was told of what they stand for."""

    def entries(self) -> Iterator[tuple[CaptionKey, StoredAnswer]]:
        """Yield every answer with its key; odd entries are left out.

        Raises:
            StoreError: The cache cannot be read, or not to its end.
        """

    def forget(self, keys: Iterable[CaptionKey]) -> int:
        """Remove the answers of some keys; leases and marks are those of builds.

        Returns:
            How many of the keys had an answer.

        Raises:
            StoreError: They cannot be removed; none is.
        """

    def problems(self) -> tuple[str, ...]:
        """Return what went wrong with the cache so far, in sentences for a person."""

    def close(self) -> None:
        """Store what could not be stored before, then close what is open."""


class NoCache:
    """An `AnswerCache` that misses everything and keeps nothing, so that nothing is paid for."""

    def get(self, key: CaptionKey) -> None:
        """Miss."""
        del key

    def put(self, key: CaptionKey, answer: StoredAnswer, *, owner: str | None = None) -> bool:
        """Store nothing, and say so."""
        del key, answer, owner
        return False

    def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> NoReturn:
        """Keep anyone from paying for what would be lost.

        Raises:
            StoreError: Always.
        """
        del key, owner, seconds
        raise StoreError("there is no cache")

    def release(self, key: CaptionKey, *, owner: str) -> None:
        """Do nothing: nobody holds a lease."""
        del key, owner

    def mark_sent(self, key: CaptionKey, *, owner: str) -> int:
        """Do nothing: only what is free is asked for without a lease."""
        del key, owner
        return 0

    def end_request(self, key: CaptionKey, *, owner: str, is_charged: bool) -> None:
        """Do nothing: there are no marks."""
        del key, owner, is_charged

    def unanswered(self, *, owner: str) -> int:
        """Count nothing."""
        del owner
        return 0

    def told(self, *, owner: str) -> None:
        """Do nothing: there are no marks."""
        del owner

    def entries(self) -> Iterator[tuple[CaptionKey, StoredAnswer]]:
        """Yield nothing."""
        return iter(())

    def forget(self, keys: Iterable[CaptionKey]) -> int:
        """Remove nothing."""
        del keys
        return 0

    def problems(self) -> tuple[str, ...]:
        """Return nothing: whoever chose this cache says why."""
        return ()

    def close(self) -> None:
        """Do nothing: nothing is open."""
