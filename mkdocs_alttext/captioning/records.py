"""What is asked for one picture, and what comes back."""

from __future__ import annotations

from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mkdocs_alttext.exceptions import ReasonedError
from mkdocs_alttext.models import Failure, Origin, Reason, StoredAnswer
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from mkdocs_alttext.models import CaptionKey, PreparedImage


class PictureFiles(Protocol):
    """Where the pictures of a site are read. Both methods are called in worker threads."""

    def prepare(self, path: str, sha256: str) -> PreparedImage:
        """Read a picture and make it ready to be sent.

        Args:
            path: Inside the built site.
            sha256: The digest that the file must have.

        Raises:
            ImageError: The picture cannot be sent.
        """

    def inspect(self, path: str, sha256: str) -> None:
        """Raise an `ImageError` where `prepare` surely would, in a fraction of its time."""


class CaptionRequest(NamedTuple):
    """One picture that needs a text in one language."""

    key: CaptionKey
    path: str
    """Inside the built site."""
    files: PictureFiles
    refusal: Failure | None = None
    """Why the service must not be asked for this place, when that is so: the page's author does not
    want it, or an answer that was paid for, as the catalog tells, is not published."""
    prepared: PreparedImage | None = None
    """The picture, when it was prepared already."""

    def load(self) -> PreparedImage:
        """Prepare the picture, unless that is done; raises `ImageError`."""
        return self.prepared or self.files.prepare(self.path, self.key.sha256)

    def inspect(self) -> None:
        """Look for what keeps the picture from being sent; raises `ImageError`."""
        self.files.inspect(self.path, self.key.sha256)


class CaptionResponse(NamedTuple):
    """An answer from the cache or the service; nobody has judged it yet."""

    answer: StoredAnswer
    origin: Origin


CaptionResult = CaptionResponse | Failure


def failure_of(error: Exception) -> Failure:
    """Return why there is no text, as what a call raised tells it."""
    if isinstance(error, ReasonedError):
        return Failure(error.reason, error.detail)
    if isinstance(error, CancelledError):
        return Failure(Reason.CANCELLED)
    if short := shortage_in(error):
        return Failure(Reason.OUT_OF_RESOURCES, short)
    return Failure(Reason.INTERNAL_ERROR, type(error).__name__)
