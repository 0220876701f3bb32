"""A picture made ready to be sent.

Owns the form that leaves this machine: upright, flat, at most 2048 pixels long, PNG or JPEG,
without metadata or name. It must not know who receives it. Every file is hostile here: whatever a
decoder raises becomes one `ImageError` with a reason.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from mkdocs_alttext.captions import PreparedImage
from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.exif import UPRIGHT
from mkdocs_alttext.images.formats import Format, format_of
from mkdocs_alttext.images.isolation import prepared_apart
from mkdocs_alttext.images.limits import (
    LONGEST_SIDE,
    MOST_BYTES,
    MOST_BYTES_HERE,
    MOST_PIXELS,
    MOST_PIXELS_HERE,
    check_extent,
)
from mkdocs_alttext.images.ready import is_ready
from mkdocs_alttext.images.renderer import LACKS_RENDERER, can_draw
from mkdocs_alttext.images.stripping import BARE, bare_png
from mkdocs_alttext.reasons import Reason
from mkdocs_alttext.shortage import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PIL import Image as PillowImage

__all__ = ["LONGEST_SIDE", "MOST_BYTES", "MOST_PIXELS", "prepare", "prepare_here"]

_LOSSY = frozenset({Format.JPEG, Format.WEBP, Format.AVIF, Format.HEIF})
_BULKY_PNG = 1_500_000
_JPEG_QUALITY = 88
_PNG_EFFORT = 3
"""Of zlib: takes 0.6 of the time of its default, 6, and makes screenshots a tenth larger."""


def _at_once(decode: Callable[[], PreparedImage]) -> PreparedImage:
    return decode()


def prepare(
    data: bytes, run: Callable[[Callable[[], PreparedImage]], PreparedImage] = _at_once
) -> PreparedImage:
    """Bring a picture into the form that is sent: as it is, or decoded and written anew.

    Formats that are rare on pages, SVG and large pictures are decoded in a process of their own,
    which ends after a fixed time and with a fixed memory: 34 bytes can be 800 MB once decoded.

    Args:
        data: The original file's bytes; content decides, not the file's name.
        run: Calls what decodes a picture in this process, and returns its value.

    Returns:
        The first frame, upright, reduced to `LONGEST_SIDE`.

    Raises:
        ImageError: It is no picture, is broken, too large, or has no extent; `ZERO_SIZE` also
            stands for spacers of one pixel's width or height.
    """
    form = _format(data)
    try:
        if form in BARE and _fits_here(data, form):
            return prepare_here(data, run)
    except MemoryError:
        raise ImageError(Reason.OUT_OF_RESOURCES, "not enough memory") from None
    if form is Format.SVG and not can_draw():
        raise ImageError(Reason.SVG_WITHOUT_TITLE, LACKS_RENDERER)
    return prepared_apart(data)


def _fits_here(data: bytes, form: Format) -> bool:
    """Tell whether a file can be decoded beside a build, by what its container says."""
    if len(data) > MOST_BYTES_HERE:
        return False
    with _one_kind_of_error():
        bare = BARE[form](data)
        check_extent(bare.width, bare.height)
    return bare.width * bare.height * bare.weight <= MOST_PIXELS_HERE


def prepare_here(
    data: bytes, run: Callable[[Callable[[], PreparedImage]], PreparedImage] = _at_once
) -> PreparedImage:
    """Do what `prepare` does, in this process whatever the format.

    Args:
        data: The original file's bytes.
        run: Calls what decodes the picture, and returns its value.

    Returns:
        The first frame, upright, reduced to `LONGEST_SIDE`.

    Raises:
        ImageError: As for `prepare`.
        MemoryError: There is not enough of it.
    """
    form = _format(data)
    with _one_kind_of_error():
        as_it_is = _as_it_is(data, form)
    return as_it_is or run(partial(_written_anew, data, form))


@contextmanager
def _one_kind_of_error() -> Iterator[None]:
    try:
        yield
    except ImageError:
        raise
    except MemoryError:
        raise  # in a process that has a limit, it means another thing than here
    except (OSError, ImportError) as error:
        # Decoders raise OSError too, over damaged files, but without what a system adds to it.
        if isinstance(error, OSError) and error.errno is None:
            raise ImageError(Reason.UNDECODABLE, _said_by(error)) from None
        why = shortage_in(error) or f"a decoder cannot be loaded ({type(error).__name__})"
        raise ImageError(Reason.OUT_OF_RESOURCES, why) from None
    except Exception as error:  # noqa: BLE001 - decoders raise anything over hostile files
        if type(error).__name__.startswith("DecompressionBomb"):
            raise ImageError(Reason.TOO_MANY_PIXELS) from None
        raise ImageError(Reason.UNDECODABLE, _said_by(error)) from None


def _format(data: bytes) -> Format:
    if not data:
        raise ImageError(Reason.EMPTY_FILE)
    if len(data) > MOST_BYTES:
        raise ImageError(Reason.FILE_TOO_LARGE, f"{len(data)} bytes")
    form = format_of(data)
    if form is None:
        raise ImageError(Reason.NOT_AN_IMAGE)
    return form


def _as_it_is(data: bytes, form: Format) -> PreparedImage | None:
    """Return a PNG that needs no more than losing what does not draw."""
    if form is not Format.PNG:
        return None
    bare = bare_png(data)
    check_extent(bare.width, bare.height)
    is_fit = bare.orientation == UPRIGHT and len(bare.data) <= _BULKY_PNG and is_ready(bare.data)
    return PreparedImage(bare.data, "image/png", bare.width, bare.height) if is_fit else None


def _written_anew(data: bytes, form: Format) -> PreparedImage:
    with _one_kind_of_error():
        return _encoded(_pixels(data, form), lossy=form in _LOSSY)


def _pixels(data: bytes, form: Format) -> PillowImage.Image:
    from mkdocs_alttext.images.decoding import decoded  # noqa: PLC0415 - a warm build decodes none

    if form is not Format.SVG:
        return decoded(data, form)
    from mkdocs_alttext.images.drawing import drawn_svg  # noqa: PLC0415 - most builds draw none

    return decoded(drawn_svg(data), Format.PNG)


def _said_by(error: Exception) -> str:
    """Name what a decoder raised; its own words can hold parts of the file."""
    return f"the file is damaged ({type(error).__name__})"


def _encoded(image: PillowImage.Image, *, lossy: bool) -> PreparedImage:
    """Write PNG for drawings and screenshots, JPEG for photographs and what PNG makes bulky."""
    # A copy built from the pixels alone: nothing that the decoder attached is written.
    bare = image.copy()
    bare.info = {}
    if not lossy:
        data = _written(bare, "PNG")
        if len(data) <= _BULKY_PNG:
            return PreparedImage(data, "image/png", *bare.size)
    return PreparedImage(_written(bare, "JPEG"), "image/jpeg", *bare.size)


def _written(image: PillowImage.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    if form == "JPEG":
        image.save(buffer, form, quality=_JPEG_QUALITY)
    else:
        image.save(buffer, form, compress_level=_PNG_EFFORT)
    return buffer.getvalue()
