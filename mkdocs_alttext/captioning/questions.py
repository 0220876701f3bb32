"""What is asked of the cache and the service, and what comes back."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.captions import Failure, Origin, StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.captions import CaptionKey, PreparedImage


class Obtained(NamedTuple):
    """An answer that was got, from the cache or from the service; nobody has judged it yet."""

    answer: StoredAnswer
    origin: Origin


Result = Obtained | Failure
Asked = Result | Future[Result]
"""What there is of an answer: all of it, or a future. Nearly all are known at once in a warm build,
and a future takes as long to make as the rest of the look-up."""


class Question(NamedTuple):
    """One picture that needs a text."""

    key: CaptionKey
    load: Callable[[], PreparedImage]
    """Reads and prepares the picture, in a worker; raises `ImageError`."""
    inspect: Callable[[], object] | None = None
    """Raises `ImageError` where `load` surely would, in a fraction of its time."""
    refusal: Failure | None = None
    """Why the service must not be asked for this place, when that is so: the page's author does not
    want it, or an answer that was paid for, as the catalog tells, is not published."""

    def with_picture(self, picture: PreparedImage) -> Question:
        """Return the same question with its picture prepared."""
        return self._replace(load=lambda: picture)
