"""The site's pictures, each read and digested once in a build."""

from __future__ import annotations

import hashlib
from concurrent.futures import CancelledError, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import NamedTuple, Protocol

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.formats import bare_file, check_length, digest_in_pointer
from mkdocs_alttext.images.prepare import prepare
from mkdocs_alttext.images.svg import is_svg, svg_name
from mkdocs_alttext.models import Picture, Reason
from mkdocs_alttext.system.processes import shortage_in

_MOST_PREPARED = 2
"""Pictures in preparation at a time, one of them being decoded in this process: a large one takes
50 MB, and hardly ever as long as a request."""


def sha256_of(data: bytes) -> str:
    """Return the digest by which a picture is known.

    Args:
        data: The file's original bytes.

    Returns:
        Their hexadecimal SHA-256 digest. Of a Git LFS pointer, that of the file it stands for; of
        an SVG, that of its text with the ends of lines that Git stores, as it may have written
        others when it checked the file out.
    """
    if pointed := digest_in_pointer(data):
        return pointed
    text = data.replace(b"\r\n", b"\n") if b"\r\n" in data and is_svg(data) else data
    return hashlib.sha256(text).hexdigest()


class PictureSource(Protocol):
    """Where pictures are read from: the files of a site."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a path of the built site.

        Raises:
            OSError: The file cannot be read.
            ImageError: The file must not be read.
        """


class ImageFacts(NamedTuple):
    """What the bytes of one file say without being decoded."""

    sha256: str
    is_svg: bool = False
    svg_name: str | None = None
    is_pointer: bool = False
    """Whether it is a Git LFS pointer, whose picture is not here."""


class ImageCollection:
    """Reads the site's pictures. Facts are asked for in one thread, preparation in many."""

    def __init__(self, source: PictureSource, *, takes_strips: bool = False) -> None:
        """Take what reads; nothing is read yet.

        Args:
            source: Where the pictures are.
            takes_strips: As in `ServiceKind`.
        """
        self._source = source
        self._takes_strips = takes_strips
        self._preparing = BoundedSemaphore(_MOST_PREPARED)
        # One thread for all: memory that a thread has decoded a picture in stays with it.
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix="alttext decoding")
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
                known = self._read_facts(path)
            except ImageError as error:
                known = error
            if not (isinstance(known, ImageError) and known.reason is Reason.OUT_OF_RESOURCES):
                self._facts[path] = known
        if isinstance(known, ImageError):
            raise ImageError(known.reason, known.detail)
        return known

    def prepare(self, path: str, sha256: str) -> Picture:
        """Read a picture again and make it ready to be sent; bytes are not kept in between.

        Args:
            path: The picture's path inside the built site.
            sha256: The digest that `facts` gave.

        Returns:
            The prepared picture.

        Raises:
            ImageError: It cannot be read or decoded, or its bytes are others by now.
            CancelledError: The collection is closed.
        """
        with self._preparing:
            data = self._unchanged(path, sha256)
            try:
                return prepare(data, self._decoder, takes_strips=self._takes_strips)
            except RuntimeError as error:  # no thread can be started, or none may be any more
                if short := shortage_in(error):
                    raise ImageError(Reason.OUT_OF_RESOURCES, short) from None
                raise CancelledError from None

    def inspect(self, path: str, sha256: str) -> None:
        """Read a picture again and look for what would keep it from being sent.

        Args:
            path: The picture's path inside the built site.
            sha256: The digest that `facts` gave.

        Raises:
            ImageError: As for `prepare`, as far as that is seen without decoding.
        """
        bare_file(self._unchanged(path, sha256))

    def extent(self, path: str) -> tuple[int, int] | None:
        """Return a picture's width and height in pixels, if its file says so without decoding.

        Args:
            path: The picture's path inside the built site.
        """
        try:
            return bare_file(self._read(path)).extent
        except ImageError:
            return None

    def close(self) -> None:
        """Decode nothing any more; a picture that is being decoded is not waited for."""
        self._decoder.shutdown(wait=False, cancel_futures=True)

    def _read_facts(self, path: str) -> ImageFacts:
        data = self._read(path)
        check_length(data)
        is_drawing = is_svg(data)
        name = svg_name(data) if is_drawing else None
        is_pointer = digest_in_pointer(data) is not None
        return ImageFacts(sha256_of(data), is_drawing, name, is_pointer)

    def _unchanged(self, path: str, sha256: str) -> bytes:
        data = self._read(path)
        if sha256_of(data) != sha256:
            raise ImageError(Reason.UNREADABLE, "the file changed while the site was built")
        return data

    def _read(self, path: str) -> bytes:
        try:
            return self._source.read(path)
        except (OSError, MemoryError) as error:
            if short := shortage_in(error):
                raise ImageError(Reason.OUT_OF_RESOURCES, short) from None
            why = getattr(error, "strerror", None) or type(error).__name__
            raise ImageError(Reason.UNREADABLE, why) from None
