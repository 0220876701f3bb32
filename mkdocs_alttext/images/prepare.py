"""A picture made ready to be sent: upright, flat, reduced, PNG or JPEG, without metadata or name.

Every file is hostile here: whatever a decoder raises becomes one `ImageError` with a reason.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.containers import UPRIGHT, bare_file, is_ready_png
from mkdocs_alttext.images.decode import decoded
from mkdocs_alttext.images.formats import Format, picture_format
from mkdocs_alttext.images.subprocess import prepared_apart
from mkdocs_alttext.images.svg import LACKS_RENDERER, can_draw, drawn_svg
from mkdocs_alttext.models import PreparedImage, Reason
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor

    from PIL.Image import Image

    from mkdocs_alttext.images.containers import BareFile

MOST_BYTES_HERE = 16 * 1024 * 1024
"""Of the original file, to be decoded in the build's own process."""
MOST_PIXELS_HERE = 12 * 1024 * 1024
"""Of a plain original, to be decoded in the build's own process: about 100 MB; half as many of any
other. Those of telephones' cameras have 12.2 million, and most large pictures are such
photographs."""

_LOSSY = frozenset({Format.JPEG, Format.WEBP, Format.AVIF, Format.HEIF})
_BULKY_PNG = 1_500_000
"""Bytes: what is longer is written as JPEG."""
_JPEG_QUALITY = 88
_PNG_EFFORT = 3
"""Of zlib: takes 0.6 of the time of its default, 6, and makes screenshots a tenth larger."""


def prepare(data: bytes, decoder: Executor | None = None) -> PreparedImage:
    """Bring a picture into the form that is sent: as it is, or decoded and written anew.

    Formats that are rare on pages, SVG and large pictures are decoded in a process of their own,
    which ends after a fixed time and with a fixed memory: 34 bytes can be 800 MB once decoded.

    Args:
        data: The original file's bytes; content decides, not the file's name.
        decoder: Decodes what is decoded in this process; if none is given, the calling thread does.

    Returns:
        The first frame, upright, reduced to `LONGEST_SIDE`.

    Raises:
        ImageError: It is no picture, is broken, too large, or has no extent; `ZERO_SIZE` also
            stands for spacers of one pixel's width or height.
    """
    form = picture_format(data)
    try:
        bare = bare_file(data, form) if len(data) <= MOST_BYTES_HERE else None
        if bare and _fits_here(bare):
            if ready := _as_it_is(bare, form):
                return ready
            if decoder is None:
                return _decoded_anew(bare.data, form, bare.orientation)
            return decoder.submit(_decoded_anew, bare.data, form, bare.orientation).result()
    except MemoryError:
        raise ImageError(Reason.OUT_OF_RESOURCES, "not enough memory") from None
    if form is Format.SVG and not can_draw():
        raise ImageError(Reason.SVG_WITHOUT_TITLE, LACKS_RENDERER)
    return prepared_apart(data)


def prepare_here(data: bytes) -> PreparedImage:
    """Do what `prepare` does, in this process whatever the format.

    Args:
        data: The original file's bytes.

    Returns:
        The first frame, upright, reduced to `LONGEST_SIDE`.

    Raises:
        ImageError: As for `prepare`.
        MemoryError: There is not enough of it.
    """
    form = picture_format(data)
    if bare := bare_file(data, form):
        return _as_it_is(bare, form) or _decoded_anew(bare.data, form, bare.orientation)
    return _decoded_anew(data, form)


def _fits_here(bare: BareFile) -> bool:
    """Tell whether a file can be decoded beside a build."""
    return bare.width * bare.height <= MOST_PIXELS_HERE // (1 if bare.is_plain else 2)


def _as_it_is(bare: BareFile, form: Format) -> PreparedImage | None:
    """Return a PNG that needs no more than losing what does not draw."""
    if form is not Format.PNG or not is_ready_png(bare):
        return None
    data = bare.data
    is_bulky = len(data) > _BULKY_PNG
    return None if is_bulky else PreparedImage(data, "image/png", bare.width, bare.height)


def _decoded_anew(data: bytes, form: Format, orientation: int = UPRIGHT) -> PreparedImage:
    with _only_image_errors():
        if form is Format.SVG:
            return _encoded(decoded(drawn_svg(data), Format.PNG), lossy=False)
        return _encoded(decoded(data, form, orientation), lossy=form in _LOSSY)


@contextmanager
def _only_image_errors() -> Iterator[None]:
    """Turn what decoders raise into an `ImageError`, but for a lack of memory."""
    try:
        yield
    except (ImageError, MemoryError):
        raise  # where memory is limited, the lack of it means another thing than here
    except Exception as error:  # noqa: BLE001 - decoders raise anything over hostile files
        if type(error).__name__.startswith("DecompressionBomb"):
            raise ImageError(Reason.TOO_MANY_PIXELS) from None
        # Decoders raise OSError too, over damaged files, but without a number of the system's.
        if isinstance(error, ImportError) or getattr(error, "errno", None) is not None:
            why = shortage_in(error) or f"a decoder cannot be loaded ({type(error).__name__})"
            raise ImageError(Reason.OUT_OF_RESOURCES, why) from None
        # Its own words can hold parts of the file.
        detail = f"the file is damaged ({type(error).__name__})"
        raise ImageError(Reason.UNDECODABLE, detail) from None


def _encoded(image: Image, *, lossy: bool) -> PreparedImage:
    """Write PNG for drawings and screenshots, JPEG for photographs and what PNG makes bulky."""
    buffer = io.BytesIO()
    if not lossy:
        image.save(buffer, "PNG", compress_level=_PNG_EFFORT)
        if buffer.tell() <= _BULKY_PNG:
            return PreparedImage(buffer.getvalue(), "image/png", *image.size)
        buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return PreparedImage(buffer.getvalue(), "image/jpeg", *image.size)
