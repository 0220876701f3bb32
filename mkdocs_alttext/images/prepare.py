"""PNG files that can be sent as they are, once what does not draw is out of them.

Owns checking such a file without decoding it whole: its checksums, its compressed rows to the last
byte, and that nothing stands behind them. It must not know why a picture is sent. Most screenshots
are such files, and writing one anew takes ten times as long and thirty times the memory.

A picture made ready to be sent.

Owns the form that leaves this machine: upright, flat, at most 2048 pixels long, PNG or JPEG,
without metadata or name. It must not know who receives it. Every file is hostile here: whatever a
decoder raises becomes one `ImageError` with a reason.
"""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol, cast

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.containers import BARE, UPRIGHT, Format, bare_png, format_of
from mkdocs_alttext.images.limits import (
    LONGEST_SIDE,
    MOST_BYTES,
    MOST_BYTES_HERE,
    MOST_PIXELS,
    MOST_PIXELS_HERE,
    check_extent,
)
from mkdocs_alttext.images.subprocess import prepared_apart
from mkdocs_alttext.images.svg import LACKS_RENDERER, can_draw, drawn_svg
from mkdocs_alttext.models import PreparedImage, Reason
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PIL import Image as PillowImage

_START = 8
"""Bytes of the signature."""
_CHANNELS = {0: 1, 2: 3}
"""By colour type (PNG 3, 11.2.1): grey and RGB; the others have palettes or are transparent."""
_BITS = 8
"""Of a channel."""
_LAST_FILTER = 4
"""PNG 3, 9.2: each row begins with the number of its filter."""
_BYTES_AT_ONCE = (32 + 64 + 256) * 1024
"""Of rows: what stays in a processor's caches until it is looked at. zlib gives out blocks of these
sizes, and hands the interpreter to another thread before each."""


class Stream(Protocol):
    """A compressed stream that is being read, as `zlib.decompressobj` returns it."""

    @property
    def unconsumed_tail(self) -> bytes:
        """What was given and not read yet."""

    @property
    def unused_data(self) -> bytes:
        """What stands behind the stream."""

    @property
    def eof(self) -> bool:
        """Whether the stream came to its end, and its checksum is right."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return what comes next, at most so many bytes."""


class Inflater(Protocol):
    """What inflates: `zlib`, or a library with its names."""

    @property
    def error(self) -> type[Exception]:
        """What a damaged stream raises."""

    def decompressobj(self) -> Stream:
        """Begin a stream."""


def fastest_inflater() -> Inflater:
    """Return the library that inflates: zlib-ng, or the standard one where that is not installed.

    With zlib-ng the rows of a documentation's screenshots take a ninth of the time. They are most
    of what it costs to make a picture ready, while the site is rendered on the other core.
    """
    try:
        from zlib_ng import zlib_ng  # noqa: PLC0415 - not on every machine
    except ImportError:
        return zlib
    return cast("Inflater", zlib_ng)  # whose stub takes `error` for an instance


def is_ready(png: bytes, longest: int = LONGEST_SIDE, *, inflater: Inflater | None = None) -> bool:
    """Tell whether a PNG needs nothing but to be sent.

    Args:
        png: A file that holds only the chunks that draw.
        longest: Pixels that a side may have.
        inflater: What reads its rows; the fastest that there is, if none is given.

    Returns:
        Whether it is sound, grey or RGB of 8 bits, opaque, not interlaced, not too large, and holds
        not a byte beyond its pixels.
    """
    chunks = _chunks(png)
    if chunks is None or chunks[0][0] != b"IHDR" or chunks[-1] != (b"IEND", b""):
        return False
    rows = chunks[1:-1]
    width, height, bits, colours, *ways = struct.unpack(">IIBBBBB", chunks[0][1])
    is_plain = bits == _BITS and colours in _CHANNELS and not any(ways)
    # A palette draws nothing here, and could hold anything.
    if not is_plain or max(width, height) > longest or {kind for kind, _ in rows} != {b"IDAT"}:
        return False
    row = 1 + width * _CHANNELS[colours]
    packed = b"".join(content for _, content in rows)
    return _are_rows(packed, row, height, inflater or fastest_inflater())


def _chunks(png: bytes) -> list[tuple[bytes, bytes]] | None:
    """Return kind and content of each chunk; `None` when one is damaged."""
    found, at = [], _START
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        checksum = png[at + 8 + length : at + 12 + length]
        if zlib.crc32(kind + content).to_bytes(4, "big") != checksum:
            return None
        found.append((kind, content))
        at += 12 + length
    header = found[0][1] if found else b""
    return found if len(header) == struct.calcsize(">IIBBBBB") else None


def _are_rows(packed: bytes, row: int, height: int, inflater: Inflater) -> bool:
    """Tell whether compressed data is so many rows, and nothing more."""
    inflating = inflater.decompressobj()
    left, at_once = height, max(1, _BYTES_AT_ONCE // row)
    try:
        while left:
            count = min(left, at_once)
            rows = b""
            while len(rows) < count * row:
                more = inflating.decompress(packed, count * row - len(rows))
                packed = inflating.unconsumed_tail
                if not more:
                    return False
                rows += more
            if max(rows[::row]) > _LAST_FILTER:
                return False
            left -= count
        return not inflating.decompress(packed, 1) and inflating.eof and not inflating.unused_data
    except inflater.error:
        return False


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

    if form is not Format.SVG:
        from mkdocs_alttext.images.decode import decoded  # noqa: PLC0415 - imports Pillow

        return decoded(data, form)

    from mkdocs_alttext.images.decode import decoded  # noqa: PLC0415 - imports Pillow

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
