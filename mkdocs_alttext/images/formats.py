"""Picture files: which format one has, how large it may be, and the parts that draw its frame.

Content tells the format here, and no name or ending; a few endings that are no picture's, such as
`.mp4`, are refused before by `resolver`. A format that is not listed is not opened: hostile files
cannot reach a decoder that is never called. Those listed are decoded in `prepare`, some of them by
packages of which `subprocess` knows the versions; `models.PICTURE_ENDINGS` has their endings.

Metadata is removed before a decoder sees a PNG or JPEG file, because decoders have been bombed
through it: text that inflates, EXIF whose entries all point at the same megabyte, progressive scans
by the thousand. Nothing is decoded here, and nothing is copied until the bytes are asked for.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.svg import is_svg
from mkdocs_alttext.models import LONGEST_SIDE, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MOST_PIXELS = 50_000_000
"""Of the original: about 200 MB once decoded."""
MOST_BYTES = 64 * 1024 * 1024
"""Of the original file."""


class Format(Enum):
    """The formats that are read, by the names that Pillow has for them, and how their files begin.

    Each is a regular expression; an SVG is told by its first element.
    """

    PNG = rb"\x89PNG"
    JPEG = rb"\xff\xd8"
    GIF = rb"GIF8"
    WEBP = rb"RIFF.{4}WEBP"
    # One of the brands of an ISO media file (ISO/IEC 14496-12, 4.3); AVIF has HEIF's as well.
    AVIF = rb".{4}ftyp(?:.{4}){0,64}?(?:avif|avis)"
    HEIF = rb".{4}ftyp(?:.{4}){0,64}?(?:hei[cxms]|hev[cxms]|mif1|msf1)"
    # Sizes of the headers that exist: "BM" alone begins many a text.
    BMP = rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\x00{3}"
    TIFF = rb"II[*+]\x00|MM\x00[*+]"
    ICO = rb"\x00\x00\x01\x00(?!\x00\x00)."
    SVG = None


def format_of(data: bytes) -> Format | None:
    """Tell a file's format by its content.

    Args:
        data: The file's bytes.

    Returns:
        The format, for a damaged file too; `None` when it is none of those that are read.
    """
    for form in Format:
        if re.match(form.value, data, re.DOTALL) if form.value else is_svg(data):
            return form
    return None


_LFS_POINTER = re.compile(
    rb"version https://(?:git-lfs\.github|hawser\.github)\.com/spec/v1\r?\n(?:ext-[^\n]{1,200}\n)*"
    rb"oid sha256:([0-9a-f]{64})\r?\nsize \d{1,20}\r?\n?"
)


def digest_in_pointer(data: bytes) -> str | None:
    """Return the digest that a Git LFS pointer has of the file that it stands for.

    Args:
        data: The file's bytes.

    Returns:
        The hexadecimal SHA-256 digest; `None` when the file is no pointer.
    """
    pointer = _LFS_POINTER.fullmatch(data)
    return pointer[1].decode() if pointer else None


def check_length(data: bytes) -> None:
    """Refuse a file that is empty or too long.

    Args:
        data: The file's bytes.

    Raises:
        ImageError: It is (`EMPTY_FILE`, `FILE_TOO_LARGE`).
    """
    if not data:
        raise ImageError(Reason.EMPTY_FILE)
    if len(data) > MOST_BYTES:
        raise ImageError(Reason.FILE_TOO_LARGE, f"{len(data)} bytes")


def check_extent(width: int, height: int) -> None:
    """Refuse a picture that has no extent to speak of, or too much.

    Args:
        width: Pixels.
        height: Pixels.

    Raises:
        ImageError: It is a spacer (`ZERO_SIZE`) or too large (`TOO_MANY_PIXELS`).
    """
    if width * height > MOST_PIXELS:
        raise ImageError(Reason.TOO_MANY_PIXELS, f"{width} x {height} pixels")
    if min(width, height) <= 1:
        raise ImageError(Reason.ZERO_SIZE, f"{width} x {height} pixels")


UPRIGHT = 1
"""EXIF's number for pixels that are not turned."""

_MOST_PARTS = 100_000
"""Chunks or segments; the largest sound file has a tenth."""
_MOST_SCANS = 100
"""Of a JPEG: each makes the decoder pass over the whole picture; encoders write 10 or so."""

_EXIF_ORIENTATION, _EXIF_SHORT, _EXIF_ENTRY_BYTES, _MOST_EXIF_ENTRIES = 0x0112, 3, 12, 1000

_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_PNG_HEADER_BYTES = 25
_PNG_DRAWING = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"})
_PNG_CHANNELS = {0: 1, 2: 3}
"""By colour type (PNG 3, 11.2.1): grey and RGB; the others have palettes or are transparent."""
_PNG_LAST_FILTER = 4
"""PNG 3, 9.2: each row begins with the number of its filter."""

_JPEG_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
_JPEG_STANDALONE = frozenset({0x01, 0xD8})
_JPEG_START_OF_SCAN, _JPEG_END = 0xDA, 0xD9
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_EXIF = 0xE1
_JPEG_COEFFICIENTS = 64
_MOST_SCAN_HEADER = 12
"""Bytes behind the length of a scan's header: of four components."""
_JPEG_METADATA = frozenset({*range(0xE0, 0xF0), 0xFE})
_JPEG_COLOURS = {0xE0: b"JFIF\x00", 0xEE: b"Adobe"}
"""The metadata that says how colours are written."""


class BareFile(NamedTuple):
    """A file reduced to what draws its first frame, in its own format, as far as that is known."""

    form: Format
    parts: list[memoryview]
    """Of the original file, in their order."""
    extent: tuple[int, int] | None = None
    """Width and height in pixels, as the file says; `None` where only a decoder can read them."""
    orientation: int = UPRIGHT
    """EXIF's number for how the pixels are turned."""
    is_plain: bool = False
    """Whether it is opaque, of at most 8 bits for a colour, and read in one pass: decoding any
    other picture takes up to three times the memory for each pixel."""
    lacks_end: bool = False
    """Whether it is a JPEG without its end marker, all of whose scans have begun."""

    @property
    def data(self) -> bytes:
        """The bytes of a file that holds these parts only."""
        return b"".join(self.parts)


def orientation_of(exif: bytes) -> int:
    """Read how a camera was held (Exif 2.32, 4.6.4 A, tag 274).

    No other entry is read: a general reader copies whatever each entry points at, which a hostile
    file makes gigabytes.

    Args:
        exif: An EXIF block, with or without its `Exif` prefix.

    Returns:
        A number from 1 (upright) to 8; 1 when there is none that makes sense.
    """
    body = exif.removeprefix(b"Exif\x00\x00")
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(body[:4])
    with suppress(struct.error):  # as for an order that is none
        (start,) = struct.unpack_from(f"{order}I", body, 4)
        (count,) = struct.unpack_from(f"{order}H", body, start)
        for number in range(min(count, _MOST_EXIF_ENTRIES)):
            entry = start + 2 + number * _EXIF_ENTRY_BYTES
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", body, entry)
            if tag == _EXIF_ORIENTATION and kind == _EXIF_SHORT and value in range(1, 9):
                return int(value)
    return UPRIGHT


def _bare_png(data: bytes) -> BareFile:
    """Keep the chunks that draw (PNG 3, 5.6), those of an animation's frames too."""
    view = memoryview(data)
    parts, kinds = [view[:8]], [data[:8]]
    orientation, at = UPRIGHT, 8
    while at < len(data) and kinds[-1] != b"IEND":
        kind = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        kinds.append(kind)
        if len(kinds) > _MOST_PARTS:
            raise _damaged("more chunks than a picture has")
        if kind == b"eXIf":
            orientation = orientation_of(data[at + 8 : end - 4])
        elif kind in _PNG_DRAWING:
            parts.append(view[at:end])
        at = end
    # Of several headers, decoders believe the last one.
    if kinds[:2] != [_PNG_START, b"IHDR"] or kinds.count(b"IHDR") > 1:
        raise _damaged()
    width, height, bits, colours = struct.unpack_from(">IIBB", parts[1], 8)
    is_plain = bits <= 8 and colours in _PNG_CHANNELS and b"tRNS" not in kinds  # noqa: PLR2004
    return BareFile(Format.PNG, parts, (width, height), orientation, is_plain)


def is_ready_png(bare: BareFile) -> bool:
    """Tell whether a PNG can be sent as it is, without decoding it.

    Most screenshots can. Decoding one of 1920 x 1080 pixels and writing it anew takes 120 ms of a
    processor; this takes 15 ms.

    Args:
        bare: What `bare_file` has left of it.

    Returns:
        Whether it is a PNG, sound, upright, grey or RGB of 8 bits, opaque, not interlaced, not too
        large, and holds not a byte beyond its pixels.
    """
    if bare.form is not Format.PNG:
        return False
    header, *pixels = bare.parts[1:]
    if len(header) != _PNG_HEADER_BYTES or not pixels or pixels.pop() != _PNG_END:
        return False
    width, height, bits, colours, *ways = struct.unpack(">IIBBBBB", header[8:-4])
    is_as_sent = bare.orientation == UPRIGHT and max(width, height) <= LONGEST_SIDE
    # A palette draws nothing here, and could hold anything.
    is_simple = bits == 8 and colours in _PNG_CHANNELS and not any(ways)  # noqa: PLR2004
    if not (is_as_sent and is_simple and all(bytes(chunk[4:8]) == b"IDAT" for chunk in pixels)):
        return False
    if any(zlib.crc32(it[4:-4]) != int.from_bytes(it[-4:], "big") for it in (header, *pixels)):
        return False
    row = 1 + width * _PNG_CHANNELS[colours]
    stream = zlib.decompressobj()
    try:
        rows = stream.decompress(b"".join(chunk[8:-4] for chunk in pixels), row * height + 1)
    except zlib.error:
        return False
    is_whole = len(rows) == row * height and stream.eof and not stream.unused_data
    return is_whole and max(rows[::row]) <= _PNG_LAST_FILTER


def _bare_jpeg(data: bytes) -> BareFile:
    """Keep the segments that draw (ITU-T T.81, B.1), and what says how colours are written."""
    view = memoryview(data)
    parts = [view[:2]]
    height, width, orientation, scans, components = 0, 0, UPRIGHT, 0, 0
    code, begun = 0, set[tuple[int, int]]()
    for code, start, end in _jpeg_segments(data):
        if code == _JPEG_EXIF and orientation == UPRIGHT:
            orientation = orientation_of(data[start + 4 : end])
        if code in _JPEG_METADATA and not data.startswith(_JPEG_COLOURS.get(code, b"-"), start + 4):
            continue
        if code in _JPEG_FRAMES:
            # There should be one; which one a decoder believes is its own business.
            extent = struct.unpack_from(">HH", data, start + 5)
            height, width = max((height, width), extent, key=math.prod)
            components = data[start + 9]
        elif code == _JPEG_START_OF_SCAN:
            begun |= _finest(data[start + 4 : start + 4 + _MOST_SCAN_HEADER])
        parts.append(view[start:end])
        scans += code == _JPEG_START_OF_SCAN
        if scans > _MOST_SCANS:
            raise _damaged(f"more than {_MOST_SCANS} scans")
    if not (width and height):
        raise _damaged()
    is_begun = len(begun) == components * _JPEG_COEFFICIENTS
    lacks_end = is_begun and code == _JPEG_START_OF_SCAN
    # Where there are several scans, all coefficients are kept to the last one.
    return BareFile(Format.JPEG, parts, (width, height), orientation, scans == 1, lacks_end)


def _finest(header: bytes) -> set[tuple[int, int]]:
    """Return the coefficients, by component, whose last bit a scan has (ITU-T T.81, B.2.3)."""
    count = header[0]
    first, last, precision = struct.unpack_from("3B", header, 1 + 2 * count)
    if precision & 0x0F or last >= _JPEG_COEFFICIENTS:
        return set()
    components = header[1 : 1 + 2 * count : 2]
    return {(each, number) for each in components for number in range(first, last + 1)}


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield each marker's code, where it begins, and where its segment and coded data end."""
    at = 2
    for _ in range(_MOST_PARTS):
        marker = _JPEG_MARKER.search(data, at)
        if marker is None:
            return
        code, at = marker[1][0], marker.end()
        if code == _JPEG_END:
            yield code, marker.start(), at
            return
        if code in _JPEG_STANDALONE:
            continue
        at += max(2, int.from_bytes(data[at : at + 2], "big"))
        if code == _JPEG_START_OF_SCAN:
            following = _JPEG_MARKER.search(data, at)
            at = following.start() if following else len(data)
        yield code, marker.start(), at
    raise _damaged("more segments than a picture has")


def _whole_gif(data: bytes) -> BareFile:
    """Read the extent of all frames (GIF89a, 18)."""
    return BareFile(Format.GIF, [memoryview(data)], struct.unpack_from("<HH", data, 6))


def _whole_webp(data: bytes) -> BareFile:
    """Read the extent; the decoder would take the canvas's memory before it could be asked."""
    kind = data[12:16]
    if kind == b"VP8X":
        low, high, other_low, other_high = struct.unpack_from("<HBHB", data, 24)
        width, height = (high << 16 | low) + 1, (other_high << 16 | other_low) + 1
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise _damaged()
    return BareFile(Format.WEBP, [memoryview(data)], (width, height))


_READERS: Mapping[Format, Callable[[bytes], BareFile]] = {
    Format.PNG: _bare_png,
    Format.JPEG: _bare_jpeg,
    Format.GIF: _whole_gif,
    Format.WEBP: _whole_webp,
}


def bare_file(data: bytes) -> BareFile:
    """Tell a picture's format, reduce it to what draws its first frame, and check its structure.

    Args:
        data: The file's bytes.

    Returns:
        The reduced file; the whole one in formats whose structure only their decoders know.

    Raises:
        ImageError: It is no picture, has no sound structure, is too large, or is a spacer, as far
            as that is seen without decoding.
    """
    check_length(data)
    form = format_of(data)
    if form is None:
        is_pointer = digest_in_pointer(data) is not None
        raise ImageError(Reason.GIT_LFS_POINTER if is_pointer else Reason.NOT_AN_IMAGE)
    if form not in _READERS:
        return BareFile(form, [memoryview(data)])
    try:
        bare = _READERS[form](data)
    except (struct.error, IndexError):  # it ends too early
        raise _damaged() from None
    if bare.extent:
        check_extent(*bare.extent)
    return bare


def _damaged(detail: str = "the file is damaged") -> ImageError:
    return ImageError(Reason.UNDECODABLE, detail)
