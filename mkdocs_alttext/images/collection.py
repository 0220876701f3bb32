"""What a picture's bytes digest to.

Owns the one fact that tells pictures apart. It must not know what they show or where they are.

The site's pictures, each read and digested once in a build.

Owns what is known of each file: its digest and, for SVG, its own name. It must not know pages. It
is given a way to read a file and keeps no bytes.
"""

from __future__ import annotations

import hashlib
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.containers import inspect
from mkdocs_alttext.images.limits import MOST_BYTES
from mkdocs_alttext.images.prepare import prepare
from mkdocs_alttext.images.svg import LACKS_RENDERER, can_draw, is_svg, svg_name
from mkdocs_alttext.models import Reason
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.models import PreparedImage

    Decode = Callable[[], PreparedImage]


def sha256_of(data: bytes) -> str:
    """Return the hexadecimal SHA-256 digest of a file's original bytes."""
    return hashlib.sha256(data).hexdigest()


_AT_ONCE = 2
"""Pictures in preparation, one of them being decoded in this process: a large one takes 50 MB, and
hardly ever as long as a request."""


def _at_once(decode: Decode) -> PreparedImage:
    return decode()


def _made_ready(data: bytes, run: Callable[[Decode], PreparedImage]) -> PreparedImage:

    return prepare(data, run)


class Digests(Protocol):
    """What remembers digests between builds."""

    def recall(self, path: str, stamp: tuple[int, int, int]) -> str | None:
        """Return the digest of a file that has not changed since it was noted."""

    def note(self, path: str, stamp: tuple[int, int, int], digest: str) -> None:
        """Note a digest."""

    def forget(self, path: str) -> None:
        """Forget a digest that turned out to be wrong."""


class ImageFacts(NamedTuple):
    """What the bytes of one file say without being decoded."""

    sha256: str
    is_svg: bool = False
    svg_name: str | None = None
    needs: str = ""
    """What must be installed before an SVG can be drawn; empty when nothing is missing."""


class ImageCollection:
    """Reads the site's pictures. Facts are asked for in one thread, preparation in many."""

    def __init__(
        self,
        read: Callable[[str], bytes],
        stamp: Callable[[str], tuple[int, int, int] | None] = lambda _: None,
        digests: Digests | None = None,
        *,
        run: Callable[[Decode], PreparedImage] = _at_once,
        draws_svg: Callable[[], bool] = can_draw,
        make_ready: Callable[
            [bytes, Callable[[Decode], PreparedImage]], PreparedImage
        ] = _made_ready,
    ) -> None:
        """Take the ways to read; nothing is read yet.

        Args:
            read: Returns the bytes of a path of the built site; raises `OSError` or `ImageError`.
            stamp: Returns size and times of change of a path's file; `None` where it has no file of
                its own.
            digests: Remembers digests between builds.
            run: Calls what decodes a picture in this process, one at a time, and returns its value.
            draws_svg: Tells whether an SVG without a name of its own can be drawn.
            make_ready: Brings a file's bytes into the form that is sent, and has `run` call what
                decodes; raises `ImageError`.
        """
        self._read = read
        self._stamp = stamp
        self._digests = digests
        self._run = run
        self._draws_svg = draws_svg
        self._make_ready = make_ready
        self._preparing = BoundedSemaphore(_AT_ONCE)
        self._facts: dict[str, ImageFacts | ImageError] = {}

    def facts(self, path: str) -> ImageFacts:
        """Return what is known of a file.

        Args:
            path: The picture's path inside the built site.

        Returns:
            Its facts, read at the first call.

        Raises:
            ImageError: It cannot be read or is empty.
        """
        known = self._facts.get(path)
        if known is None:
            try:
                known = self._recalled(path)
            except ImageError as error:
                known = error
            if not (isinstance(known, ImageError) and known.reason is Reason.OUT_OF_RESOURCES):
                self._facts[path] = known
        if isinstance(known, ImageError):
            raise ImageError(known.reason, known.detail)
        return known

    def prepare(self, path: str, sha256: str) -> PreparedImage:
        """Read a picture again and make it ready to be sent; bytes are not kept in between.

        Args:
            path: The picture's path inside the built site.
            sha256: The digest that `facts` gave.

        Returns:
            The prepared picture.

        Raises:
            ImageError: It cannot be read or decoded, or its bytes are others by now.
        """
        with self._preparing:
            return self._make_ready(self._unchanged(path, sha256), self._run)

    def inspect(self, path: str, sha256: str) -> None:
        """Read a picture again and look for what would keep it from being sent.

        Args:
            path: The picture's path inside the built site.
            sha256: The digest that `facts` gave.

        Raises:
            ImageError: As for `prepare`, as far as that is seen without decoding.
        """
        data = self._unchanged(path, sha256)

        inspect(data)

    def _recalled(self, path: str) -> ImageFacts:
        stamp = self._stamp(path) if self._digests else None
        if stamp is None or self._digests is None:
            return self._facts_of(self._bytes(path))
        if digest := self._digests.recall(path, stamp):
            return ImageFacts(digest)
        facts = self._facts_of(self._bytes(path))
        if not facts.is_svg:  # whose own name is a fact, too
            self._digests.note(path, stamp, facts.sha256)
        return facts

    def _unchanged(self, path: str, sha256: str) -> bytes:
        data = self._bytes(path)
        if sha256_of(data) != sha256:
            if self._digests:
                self._digests.forget(path)
            raise ImageError(Reason.UNREADABLE, "the file changed while the site was built")
        return data

    def _bytes(self, path: str) -> bytes:
        try:
            return self._read(path)
        except (OSError, MemoryError) as error:
            if short := shortage_in(error):
                raise ImageError(Reason.OUT_OF_RESOURCES, short) from None
            why = getattr(error, "strerror", None) or type(error).__name__
            raise ImageError(Reason.UNREADABLE, why) from None

    def _facts_of(self, data: bytes) -> ImageFacts:
        if not data:
            raise ImageError(Reason.EMPTY_FILE)
        if len(data) > MOST_BYTES:
            raise ImageError(Reason.FILE_TOO_LARGE, f"{len(data)} bytes")
        digest = sha256_of(data)

        if not is_svg(data):
            return ImageFacts(digest)
        needs = "" if self._draws_svg() else LACKS_RENDERER
        return ImageFacts(digest, is_svg=True, svg_name=svg_name(data), needs=needs)
