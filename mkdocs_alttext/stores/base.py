"""What a caption store is.

Owns the protocol that every store follows. It must not know how a caption came about, nor
which page wants it: a store maps a key to a text, for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mkdocs_alttext.captions import CaptionKey


class CaptionStore(Protocol):
    """Texts that were paid for, by key. Safe for threads and processes."""

    def get(self, key: CaptionKey) -> str | None:
        """Return the stored text, or `None` for a miss; anything odd is a miss."""

    def put(self, key: CaptionKey, text: str, *, owner: str | None = None) -> bool:
        """Store a text durably before returning.

        Args:
            key: What the text is for.
            text: A text that is fit to publish.
            owner: Who gives its lease on the key back in the same step, once the text is stored.

        Returns:
            Whether it was stored.
        """

    def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> bool:
        """Take or renew the lease on a key, so that one process at a time asks for it.

        Args:
            key: What is about to be asked for.
            owner: Who asks; unique for each process.
            seconds: How long the lease lasts unless it is renewed or released; for some minutes
                more where the store knows that the owner's process lives, and it is another one.

        Returns:
            Whether `owner` holds the lease now.

        Raises:
            StoreError: The store cannot tell, or cannot store what would be paid for.
        """

    def release(self, key: CaptionKey, *, owner: str) -> None:
        """Give the lease back, when `owner` holds it."""

    def problems(self) -> tuple[str, ...]:
        """Return what went wrong with the store so far, in sentences for a person."""

    def close(self) -> None:
        """Close what is open."""
