"""What is asked of the engine, and what it answers with.

Owns the nouns. It must not know how an answer comes about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.captions import Caption, Failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from mkdocs_alttext.captions import CaptionKey, PreparedImage

Result = Caption | Failure

if TYPE_CHECKING:
    Asked = Result | Future[Result]
    """What there is of an answer: all of it, or a future. Nearly all are known at once in a warm
    build, and a future takes as long to make as the rest of the look-up."""


class Question(NamedTuple):
    """One picture that needs a text."""

    key: CaptionKey
    file_name: str
    """What the picture's text must not be."""
    load: Callable[[], PreparedImage]
    """Reads and prepares the picture, in a worker; raises `ImageError`."""
    inspect: Callable[[], object] | None = None
    """Raises `ImageError` where `load` surely would, in a fraction of its time."""

    def with_picture(self, picture: PreparedImage) -> Question:
        """Return the same question with its picture prepared."""
        return self._replace(load=lambda: picture)
