"""How a camera was held.

Owns the one entry of EXIF that matters to how a picture looks. It must not read any other: a
general reader copies whatever each entry points at, which a hostile file makes gigabytes.

Which format a file has.

Owns the signatures by which content is told apart; names and extensions count for nothing. It must
not decode anything. A format that is not listed is not opened: no browser shows it, and each
decoder that stays closed is one that hostile files cannot reach.

Files reduced to what draws their first frame, before any decoder sees them.

Owns walking the containers of PNG, JPEG, GIF and WebP: their extent, and which parts draw. It must
not decode. Metadata goes first because decoders have been bombed through it: text that inflates,
EXIF whose entries all point at the same megabyte, comments without end, progressive scans by the
thousand.

What a file's structure says against sending it, without decoding it.

Owns a look that takes microseconds where `preparation` takes milliseconds. It must not decode
anything: a file with sound structure and damaged pixels passes.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.limits import check_extent
from mkdocs_alttext.images.svg import is_svg
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

UPRIGHT = 1
_ORIENTATIONS = range(1, 9)
_TAG, _SHORT = 0x0112, 3
_ENTRY_BYTES = 12
_MOST_ENTRIES = 1000


def orientation_of(exif: bytes) -> int:
    """Read the orientation (Exif 2.32, 4.6.4 A, tag 274).

    Args:
        exif: An EXIF block, with or without its `Exif` prefix.

    Returns:
        A number from 1 (upright) to 8; 1 when there is none that makes sense.
    """
    body = exif.removeprefix(b"Exif\x00\x00")
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(body[:4])
    if order is None:
        return UPRIGHT
    try:
        (start,) = struct.unpack_from(f"{order}I", body, 4)
        (count,) = struct.unpack_from(f"{order}H", body, start)
        for number in range(min(count, _MOST_ENTRIES)):
            at = start + 2 + number * _ENTRY_BYTES
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", body, at)
            if tag == _TAG and kind == _SHORT:
                return value if value in _ORIENTATIONS else UPRIGHT
    except struct.error:
        return UPRIGHT
    return UPRIGHT


_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
"""Sizes in bytes of the headers that exist."""
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset(b"heic heix heim heis hevc hevx hevm hevs mif1 msf1".split())
_MOST_BRANDS = 64


class Format(StrEnum):
    """The formats that are read."""

    PNG = "PNG"
    JPEG = "JPEG"
    GIF = "GIF"
    WEBP = "WEBP"
    AVIF = "AVIF"
    HEIF = "HEIF"
    BMP = "BMP"
    TIFF = "TIFF"
    ICO = "ICO"
    SVG = "SVG"


_SIGNATURES = (
    (b"\x89PNG", Format.PNG),
    (b"\xff\xd8", Format.JPEG),
    (b"GIF8", Format.GIF),
    (b"II*\x00", Format.TIFF),
    (b"MM\x00*", Format.TIFF),
    (b"II+\x00", Format.TIFF),
    (b"MM\x00+", Format.TIFF),
)


def format_of(data: bytes) -> Format | None:
    """Tell a file's format by its content.

    Args:
        data: The file's bytes.

    Returns:
        The format, for a damaged file too; `None` when it is none of those that are read.
    """
    for signature, known in _SIGNATURES:
        if data.startswith(signature):
            return known
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Format.WEBP
    if data[4:8] == b"ftyp":
        return _format_of_brands(data)
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return Format.BMP
    if data.startswith(b"\x00\x00\x01\x00") and data[4:6] not in {b"", b"\x00\x00"}:
        return Format.ICO
    return Format.SVG if is_svg(data) else None


def _format_of_brands(data: bytes) -> Format | None:
    """Read the brands of an ISO media file (ISO/IEC 14496-12, 4.3); the major one comes first."""
    (size,) = struct.unpack(">I", data[:4])
    end = min(size, len(data), 16 + 4 * _MOST_BRANDS)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, end, 4))]
    if not _AVIF_BRANDS.isdisjoint(brands):
        return Format.AVIF
    return None if _HEIF_BRANDS.isdisjoint(brands) else Format.HEIF


_MOST_PARTS = 100_000
"""Chunks or segments; the largest sound file has a tenth."""
_MOST_BLOCKS = 1_000_000
"""Of a GIF, up to the end of its first frame: 255 bytes each in a sound file."""
_MOST_SCANS = 100
"""Of a JPEG: each makes the decoder pass over the whole picture; encoders write 10 or so."""

_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_DRAWING = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_PNG_PALETTE, _PNG_ALPHA = 1, 4
"""Bits of a colour type."""

_JPEG_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
_END_OF_IMAGE, _START_OF_SCAN = 0xD9, 0xDA
_STANDALONE = frozenset({0x01, 0xD8})
_APP_JFIF, _APP_EXIF, _APP_ADOBE = 0xE0, 0xE1, 0xEE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_METADATA = frozenset({*range(0xE0, 0xF0), 0xFE})

_GIF_EXTENSION, _GIF_PICTURE, _GIF_END, _GIF_CONTROL = 0x21, 0x2C, 0x3B, 0xF9


@dataclass(frozen=True, slots=True)
class BareFile:
    """What draws the first frame of a file, in the file's own format."""

    data: bytes
    width: int
    """Pixels, as the file says."""
    height: int
    """Pixels, as the file says."""
    orientation: int = UPRIGHT
    """EXIF's number for how the pixels are turned."""
    weight: float = 1
    """Times the memory that a pixel takes while it is decoded and made fit to be sent, at most, to
    that of one of a plain RGB file: 8 bytes."""


def bare_png(data: bytes) -> BareFile:
    """Keep the chunks that draw (PNG 3, 5.6); an animation's default image is its first frame.

    Raises:
        ImageError: It is damaged.
    """
    if not data.startswith(_PNG_START):
        raise _damaged()
    parts = [_PNG_START]
    orientation, at = UPRIGHT, len(_PNG_START)
    for _ in range(_MOST_PARTS):
        kind = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if kind == b"eXIf":
            orientation = orientation_of(data[at + 8 : end - 4])
        elif kind == b"IHDR" and len(parts) > 1:
            raise _damaged("more than one header")  # decoders believe the last one
        elif kind in _PNG_DRAWING:
            parts.append(data[at:end])
        at = end
        if kind == b"IEND" or at >= len(data):
            break
    else:
        raise _damaged("more chunks than a picture has")
    header = parts[1] if len(parts) > 1 else b""
    if header[4:8] != b"IHDR" or len(header) < 16:  # noqa: PLR2004 - up to the height
        raise _damaged()
    width, height = struct.unpack(">II", header[8:16])
    weight = _png_weight(header[16:18], has_transparency=any(it[4:8] == b"tRNS" for it in parts))
    return BareFile(b"".join(parts), width, height, orientation, weight)


def _png_weight(form: bytes, *, has_transparency: bool) -> float:
    """Weigh a pixel by bits of a channel and colour type (PNG 3, 11.2.1), and a colour's place."""
    bits, colours = form if len(form) == 2 else (8, 6)  # noqa: PLR2004 - else it is damaged
    if colours & _PNG_ALPHA:
        return 2
    is_deep_grey = colours == 0 and bits > 8  # noqa: PLR2004 - what is brought to this first
    return 1.5 if is_deep_grey or colours & _PNG_PALETTE or has_transparency else 1


def bare_jpeg(data: bytes) -> BareFile:
    """Keep the segments that draw (ITU-T T.81, B.1), and what tells how colours are written.

    Raises:
        ImageError: It is damaged, or has more scans than any encoder writes.
    """
    parts, scans = [b"\xff\xd8"], 0
    orientation, extent = UPRIGHT, (0, 0)
    colours, is_progressive = 0, False
    for code, segment, following in _jpeg_segments(data):
        if code == _APP_EXIF and orientation == UPRIGHT:
            orientation = orientation_of(segment[2:])
        if code in _METADATA and not _says_colours(code, segment):
            continue
        if code in _FRAMES and len(segment) > 6:  # noqa: PLR2004 - up to the width
            # There should be one; which one a decoder believes is its own business.
            extent = max(extent, struct.unpack(">HH", segment[3:7]), key=math.prod)
            colours = max(colours, *segment[7:8])
            is_progressive |= code in _PROGRESSIVE
        parts += (bytes((0xFF, code)), segment, following)
        scans += code == _START_OF_SCAN
        if scans > _MOST_SCANS:
            raise _damaged(f"more than {_MOST_SCANS} scans")
    height, width = extent
    if not (width and height):
        raise _damaged()
    weight = 1.0 if colours < 4 else 2.0  # noqa: PLR2004 - CMYK, of which RGB is made
    if is_progressive or scans > 1:  # all coefficients, of two bytes each, are kept to the end
        weight += min(colours, 4) / 4
    return BareFile(b"".join(parts), width, height, orientation, weight)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield each marker's code, its segment, and the coded data that follows it in a scan."""
    at = 2
    for _ in range(_MOST_PARTS):
        marker = _JPEG_MARKER.search(data, at)
        if marker is None:
            return
        code, at = marker[1][0], marker.end()
        if code == _END_OF_IMAGE:
            yield code, b"", b""
            return
        if code in _STANDALONE:
            continue
        segment = data[at : at + int.from_bytes(data[at : at + 2], "big")]
        at += max(2, len(segment))
        end = at
        if code == _START_OF_SCAN:
            after = _JPEG_MARKER.search(data, at)
            end = after.start() if after else len(data)
        yield code, segment, data[at:end]
        at = end
    raise _damaged("more segments than a picture has")


def bare_gif(data: bytes) -> BareFile:
    """Keep the first frame, its palettes and its transparency (GIF89a, 18 to 23).

    Raises:
        ImageError: It is damaged.
    """
    start = 13 + _palette_bytes(data[10:11])
    control, at = b"", start
    blocks = _Blocks(data)
    for _ in range(_MOST_PARTS):
        kind = data[at : at + 1]
        if not kind or kind[0] == _GIF_END:
            raise _damaged()
        if kind[0] == _GIF_PICTURE:
            break
        if kind[0] == _GIF_EXTENSION:
            end = blocks.end(at + 2)
            if data[at + 1 : at + 2] == bytes([_GIF_CONTROL]):
                control = data[at:end]
            at = end
        else:
            at += 1  # padding, which browsers skip
    else:
        raise _damaged("more blocks than a picture has")
    descriptor = data[at : at + 10]
    if len(descriptor) < 10:  # noqa: PLR2004 - the descriptor's size
        raise _damaged()
    end = blocks.end(at + 10 + _palette_bytes(descriptor[9:]) + 1)
    left, top, frame_width, frame_height = struct.unpack("<HHHH", descriptor[1:9])
    width, height = struct.unpack("<HH", data[6:10])
    return BareFile(
        b"".join((data[:start], control, data[at:end], bytes([_GIF_END]))),
        max(width, left + frame_width),
        max(height, top + frame_height),
        weight=1.5,
    )


def bare_webp(data: bytes) -> BareFile:
    """Read the extent; the decoder would take the canvas's memory before it could be asked.

    Raises:
        ImageError: It is damaged.
    """
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:  # noqa: PLR2004 - the shortest header that tells the extent
        raise _damaged()
    if kind == b"VP8X":
        width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
    elif kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (int.from_bytes(body[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    else:
        raise _damaged()
    # The decoder keeps two frames beside the one that it gives out; transparency is in all three.
    return BareFile(data, width, height, weight=2 if kind == b"VP8 " else 3)


class _Blocks:
    """Walks the data blocks of a GIF, of which there may not be too many altogether."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = _MOST_BLOCKS

    def end(self, at: int) -> int:
        """Return where a sequence of blocks ends, its terminator included."""
        data, left = self._data, self._left
        while at < len(data) and data[at] and left:
            at += data[at] + 1
            left -= 1
        self._left = left
        if not left:
            raise _damaged("more blocks than a picture has")
        return at + 1


def _palette_bytes(flags: bytes) -> int:
    if not flags:
        raise _damaged()
    return 3 << (flags[0] & 7) + 1 if flags[0] & 0x80 else 0


def _says_colours(code: int, segment: bytes) -> bool:
    name = segment[2:7]
    return (code == _APP_JFIF and name == b"JFIF\x00") or (code == _APP_ADOBE and name == b"Adobe")


def _damaged(detail: str = "the file is damaged") -> ImageError:
    return ImageError(Reason.UNDECODABLE, detail)


BARE: Mapping[Format, Callable[[bytes], BareFile]] = {
    Format.PNG: bare_png,
    Format.JPEG: bare_jpeg,
    Format.GIF: bare_gif,
    Format.WEBP: bare_webp,
}
"""Formats that are reduced to what draws before they are decoded."""


def inspect(data: bytes) -> None:
    """Look at a file.

    Args:
        data: The file's bytes.

    Raises:
        ImageError: It is no picture, has no sound structure, is too large, or is a spacer.
    """
    form = format_of(data)
    if form is None:
        raise ImageError(Reason.NOT_AN_IMAGE)
    bare = BARE.get(form)
    if bare is None:  # rare formats, whose structure only their decoders know
        return
    try:
        file = bare(data)
    except ImageError:
        raise
    except Exception as error:  # noqa: BLE001 - anything, over hostile files
        raise ImageError(Reason.UNDECODABLE, type(error).__name__) from None
    check_extent(file.width, file.height)
