"""The site's pictures, each read and digested once in a build, and digests kept between builds.

Digests are kept in one JSON file in the cache folder: one for each path, with the size and the
times of change that the file had. It saves time and nothing else: whatever is odd about it is
forgotten without a word. A file that is not its own stays as it is: anybody may name any folder as
the cache's.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mkdocs_alttext.exceptions import ImageError, OutputError
from mkdocs_alttext.images.containers import MOST_BYTES, bare_file
from mkdocs_alttext.images.prepare import prepare
from mkdocs_alttext.images.svg import LACKS_RENDERER, can_draw, is_svg, svg_name
from mkdocs_alttext.models import PreparedImage, Reason
from mkdocs_alttext.system.files import read_regular, write_output
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Stamp = tuple[int, int, int]
"""Size in bytes, and in nanoseconds since the epoch the time of change, which any tool can set, and
the one that the system sets."""

FILE_NAME = "digests.json"

_VERSION = 1
_BEGINNING = re.compile(rb'\{"version": \d+, "digests": ')
"""Of such a file, by which one is told from all others."""
_MOST_BYTES = 4 * 1024 * 1024
"""Those of 25,000 pictures; read back, what others wrote may take thirty times as much memory."""
_SETTLED = 2 * 10**9
"""Nanoseconds: a file that changed just now may change again within one tick of its clock."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class DigestFile:
    """Looks digests up and notes new ones; `close` writes them, when no thread uses it any more."""

    def __init__(self, folder: Path, *, clock: Callable[[], int] = time.time_ns) -> None:
        """Read the file, if there is one.

        Args:
            folder: The cache folder.
            clock: Nanoseconds since the epoch.
        """
        self._path = folder / FILE_NAME
        self._clock = clock
        self._is_changed = False
        self._digests: dict[str, object] = {}
        with suppress(OSError, ValueError, RecursionError):
            match json.loads(read_regular(self._path, _MOST_BYTES)):
                case {"version": version, "digests": dict(digests)} if version == _VERSION:
                    self._digests = digests

    def recall(self, path: str, stamp: Stamp) -> str | None:
        """Return the digest of a file that has not changed since it was noted.

        Args:
            path: What it was noted under.
            stamp: What the file has now.
        """
        match self._digests.get(path):
            case [*noted, str(digest)] if noted == [*stamp]:
                return digest if _DIGEST.fullmatch(digest) else None
        return None

    def note(self, path: str, stamp: Stamp, digest: str) -> None:
        """Note a digest.

        Args:
            path: Inside the built site, so that a project can be moved.
            stamp: What the file had before it was read.
            digest: SHA-256 in hexadecimal digits.
        """
        if self._clock() - stamp[1] > _SETTLED:
            self._digests[path] = [*stamp, digest]
            self._is_changed = True

    def forget(self, path: str) -> None:
        """Forget a digest that turned out to be another file's."""
        if self._digests.pop(path, None) is not None:
            self._is_changed = True

    def close(self) -> None:
        """Write what is new, into a cache folder that is there, in place of an earlier file."""
        if not self._is_changed or not os.path.isdir(self._path.parent):  # noqa: PTH112 - never raises
            return
        self._is_changed = False
        content = json.dumps({"version": _VERSION, "digests": self._digests}).encode()
        if len(content) <= _MOST_BYTES:  # else it would not be read
            with suppress(OSError, OutputError):
                root = self._path.parent
                write_output(self._path, content, is_own=_is_own, root=root, is_named_by_user=False)


def _is_own(head: bytes) -> bool:
    # A power cut can leave nothing but zeros.
    return not head.strip(b"\x00") or _BEGINNING.match(head) is not None


_MOST_PREPARED = 2
"""Pictures in preparation at a time, one of them being decoded in this process: a large one takes
50 MB, and hardly ever as long as a request."""


def sha256_of(data: bytes) -> str:
    """Return the hexadecimal SHA-256 digest of a file's original bytes."""
    return hashlib.sha256(data).hexdigest()


class PictureSource(Protocol):
    """Where pictures are read from: the files of a site."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a path of the built site.

        Raises:
            OSError: The file cannot be read.
            ImageError: The file must not be read.
        """

    def stamp(self, path: str) -> Stamp | None:
        """Return what changes with a path's file; `None` if it has no file of its own."""


class ImageFacts(NamedTuple):
    """What the bytes of one file say without being decoded."""

    sha256: str
    is_svg: bool = False
    svg_name: str | None = None
    needs: str = ""
    """What must be installed before an SVG can be drawn; empty when nothing is missing."""


class ImageCollection:
    """Reads the site's pictures. Facts are asked for in one thread, preparation in many."""

    def __init__(self, source: PictureSource, digests: DigestFile | None = None) -> None:
        """Take what reads; nothing is read yet.

        Args:
            source: Where the pictures are.
            digests: Remembers digests between builds.
        """
        self._source = source
        self._digests = digests
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
            CancelledError: The collection is closed.
        """
        with self._preparing:
            data = self._unchanged(path, sha256)
            try:
                return prepare(data, self._decoder)
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

    def close(self) -> None:
        """Decode nothing any more; a picture that is being decoded is not waited for."""
        self._decoder.shutdown(wait=False, cancel_futures=True)

    def _recalled(self, path: str) -> ImageFacts:
        digests = self._digests
        stamp = self._source.stamp(path) if digests else None
        if digests and stamp and (digest := digests.recall(path, stamp)):
            return ImageFacts(digest)
        facts = self._read_facts(path)
        if digests and stamp and not facts.is_svg:  # whose own name is a fact, too
            digests.note(path, stamp, facts.sha256)
        return facts

    def _read_facts(self, path: str) -> ImageFacts:
        data = self._read(path)
        if not data:
            raise ImageError(Reason.EMPTY_FILE)
        if len(data) > MOST_BYTES:
            raise ImageError(Reason.FILE_TOO_LARGE, f"{len(data)} bytes")
        digest = sha256_of(data)
        if not is_svg(data):
            return ImageFacts(digest)
        needs = "" if can_draw() else LACKS_RENDERER
        return ImageFacts(digest, is_svg=True, svg_name=svg_name(data), needs=needs)

    def _unchanged(self, path: str, sha256: str) -> bytes:
        data = self._read(path)
        if sha256_of(data) != sha256:
            if self._digests:
                self._digests.forget(path)
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
