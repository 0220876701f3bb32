"""The store in the place of one that must not be used.

Owns what a build without any store may do. It must not know why there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from mkdocs_alttext.exceptions import StoreError

if TYPE_CHECKING:
    from mkdocs_alttext.captions import CaptionKey


class AbsentStore:
    """A `CaptionStore` that misses everything and keeps nothing, so that nothing is paid for."""

    def get(self, key: CaptionKey) -> None:
        """Miss."""
        del key

    def put(self, key: CaptionKey, text: str, *, owner: str | None = None) -> bool:
        """Store nothing, and say so."""
        del key, text, owner
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

    def problems(self) -> tuple[str, ...]:
        """Return nothing: whoever chose this store says why."""
        return ()

    def close(self) -> None:
        """Do nothing: nothing is open."""
