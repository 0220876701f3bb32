"""Pictures as the review shows them: decoded and reduced as hostile files are, and bounded.

Only pictures that the build named are read, by their digest; no path comes from a request. What is
served are pixels that were written anew, so that neither scripts nor metadata are in them. An SVG
is drawn; without what draws it, its bytes are served under a policy that runs and loads nothing.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.filling.reasons import explanations
from mkdocs_alttext.images.collection import sha256_of
from mkdocs_alttext.images.formats import MOST_BYTES, Format, bare_file, digest_in_pointer
from mkdocs_alttext.images.prepare import prepare
from mkdocs_alttext.images.svg import LACKS_RENDERER, can_draw
from mkdocs_alttext.models import Picture, Reason
from mkdocs_alttext.system.files import leads_out, read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_alttext.review.site import SeenPicture, SeenSite

_MOST_KEPT = 16
_MOST_KEPT_BYTES = 24 * 1024 * 1024
_MOST_PREPARED = 2
"""Pictures in preparation at a time."""
SVG_TYPE = "image/svg+xml"
_PASSING = frozenset({Reason.OUT_OF_RESOURCES, Reason.UNREADABLE})
"""Reasons that lie in what is around a file, and not in it."""
_CHANGED = "the file changed since the review began: end it, and begin again"


class Shown(NamedTuple):
    """A picture that can be shown, or why not."""

    data: bytes
    media_type: str
    """Of a picture only; `image/svg+xml` for one whose bytes are the file's."""
    width: int
    """Pixels of what is shown; 0 where they are not known."""
    height: int
    part: str = ""
    """As in `Picture`."""
    format: str = ""
    """Of the file."""
    size: int = 0
    """Bytes of the file."""
    original: tuple[int, int] | None = None
    """Pixels of the file, where it says so without being decoded."""
    fault: str = ""
    """Why it cannot be shown; `data` is empty then."""
    may_pass: bool = False
    """Whether that may be otherwise the next time."""


class Pictures:
    """The pictures of a site. Safe for threads."""

    def __init__(self, site: SeenSite, own_folder: Path) -> None:
        """Take what a build said; nothing is read yet.

        Args:
            site: What was seen.
            own_folder: Where copies lie that were made for the review.
        """
        self._root = site.root
        self._own_folder = own_folder
        self._by_digest = {each.sha256: each for each in site.pictures.values()}
        self._preparing = BoundedSemaphore(_MOST_PREPARED)
        # One thread decodes for all, as memory that a thread has decoded in stays with it.
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix="alttext decoding")
        self._kept: OrderedDict[str, Shown] = OrderedDict()
        self._lock = Lock()

    def has(self, sha256: str) -> bool:
        """Tell whether a digest is that of a picture of the site."""
        return sha256 in self._by_digest

    def shown(self, sha256: str) -> Shown:
        """Return a picture for which `has` holds, reduced."""
        with self._lock:
            if known := self._kept.get(sha256):
                self._kept.move_to_end(sha256)
                return known
        new = self._read(self._by_digest[sha256])
        with self._lock:
            kept = self._kept
            if not new.may_pass:
                kept[sha256] = new
            while len(kept) > _MOST_KEPT or (
                sum(len(each.data) for each in kept.values()) > _MOST_KEPT_BYTES
            ):
                kept.popitem(last=False)
        return new

    def known_fault(self, sha256: str) -> str:
        """Return why a picture could not be shown just now; empty where it could, or nobody asked.

        Args:
            sha256: A digest for which `has` holds.
        """
        with self._lock:
            known = self._kept.get(sha256)
        return known.fault if known else ""

    def prepared(self, data: bytes) -> Shown:
        """Return a picture, on the site or not.

        Args:
            data: The bytes of its file.
        """
        if digest_in_pointer(data):
            return _faulty(ImageError(Reason.GIT_LFS_POINTER), len(data))
        try:
            bare = bare_file(data)
            form, extent = bare.form.name, bare.extent
            if bare.form is Format.SVG and not can_draw():
                return Shown(data, SVG_TYPE, 0, 0, "", form, len(data), extent)
            picture = prepare(data, self._decoder)
        except ImageError as error:
            return _faulty(error, len(data))
        except RuntimeError:  # no thread can be started, or none may be any more
            return _faulty(ImageError(Reason.OUT_OF_RESOURCES), len(data))
        return Shown(*picture, form, len(data), extent)

    def prepare(self, path: str, sha256: str) -> Picture:
        """Return a picture as it is sent.

        Raises:
            ImageError: It cannot be sent.
        """
        del path
        shown = self.shown(sha256)
        if shown.fault:
            raise ImageError(Reason.UNREADABLE, shown.fault)
        if shown.media_type == SVG_TYPE:
            raise ImageError(Reason.SVG_WITHOUT_TITLE, LACKS_RENDERER)
        return Picture(shown.data, shown.media_type, shown.width, shown.height, shown.part)

    def inspect(self, path: str, sha256: str) -> None:
        """Raise an `ImageError` where `prepare` does."""
        self.prepare(path, sha256)

    def close(self) -> None:
        """Decode nothing any more."""
        self._decoder.shutdown(wait=False, cancel_futures=True)

    def _read(self, picture: SeenPicture) -> Shown:
        is_own = picture.file.is_relative_to(self._own_folder)
        if not is_own and leads_out(picture.file, self._root):
            return _faulty(ImageError(Reason.OUTSIDE_SITE))
        with self._preparing:
            try:
                data = read_regular(picture.file, MOST_BYTES)
            except OSError as error:
                return _faulty(ImageError(Reason.UNREADABLE, error.strerror or ""))
            if sha256_of(data) != picture.sha256:
                return _faulty(ImageError(Reason.UNREADABLE, _CHANGED), len(data))
            return self.prepared(data)


def reduced(shown: Shown, side: int) -> Shown:
    """Return a picture whose longest side has no more than some pixels.

    Args:
        shown: A picture that was prepared before, so that its decoder is given nothing hostile.
        side: Pixels.
    """
    if shown.fault or shown.media_type == SVG_TYPE or max(shown.width, shown.height) <= side:
        return shown
    from PIL import Image  # noqa: PLC0415 - heavy

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(shown.data), formats=["PNG", "JPEG"]) as image:
        small = image.convert("RGB")
        small.thumbnail((side, side))
        is_png = shown.media_type == "image/png"
        small.save(buffer, "PNG" if is_png else "JPEG")
    return shown._replace(data=buffer.getvalue(), width=small.width, height=small.height)


def _faulty(error: ImageError, size: int = 0) -> Shown:
    explanation = explanations()[error.reason]
    detail = f" ({error.detail})" if error.detail else ""
    fault = f"{explanation.meaning}{detail}"
    return Shown(b"", "", 0, 0, size=size, fault=fault, may_pass=error.reason in _PASSING)
