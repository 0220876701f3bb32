"""Which format a picture has, and how large a picture may be.

Content tells the format; names and their endings count for nothing. A format that is not listed is
not opened: no browser shows it, and a decoder that is never called is one that hostile files cannot
reach.
"""

from __future__ import annotations

import re
from enum import StrEnum

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.svg import is_svg
from mkdocs_alttext.models import Reason

LONGEST_SIDE = 2048
"""Pixels, of what is sent."""
MOST_PIXELS = 50_000_000
"""Of the original: about 200 MB once decoded."""
MOST_BYTES = 64 * 1024 * 1024
"""Of the original file."""

_SPACER_SIDE = 1


class Format(StrEnum):
    """The formats that are read, by the names that Pillow has for them."""

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


_BEGINNINGS = {
    Format.PNG: rb"\x89PNG",
    Format.JPEG: rb"\xff\xd8",
    Format.GIF: rb"GIF8",
    Format.WEBP: rb"RIFF.{4}WEBP",
    # One of the brands of an ISO media file (ISO/IEC 14496-12, 4.3); AVIF has HEIF's as well.
    Format.AVIF: rb".{4}ftyp(?:.{4}){0,64}?(?:avif|avis)",
    Format.HEIF: rb".{4}ftyp(?:.{4}){0,64}?(?:hei[cxms]|hev[cxms]|mif1|msf1)",
    # Sizes of the headers that exist: "BM" alone begins many a text.
    Format.BMP: rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\x00{3}",
    Format.TIFF: rb"II[*+]\x00|MM\x00[*+]",
    Format.ICO: rb"\x00\x00\x01\x00(?!\x00\x00).",
}
_PATTERNS = {form: re.compile(pattern, re.DOTALL) for form, pattern in _BEGINNINGS.items()}


def format_of(data: bytes) -> Format | None:
    """Tell a file's format by its content.

    Args:
        data: The file's bytes.

    Returns:
        The format, for a damaged file too; `None` when it is none of those that are read.
    """
    for form, pattern in _PATTERNS.items():
        if pattern.match(data):
            return form
    return Format.SVG if is_svg(data) else None


def picture_format(data: bytes) -> Format:
    """Tell a picture's format.

    Args:
        data: The file's bytes.

    Raises:
        ImageError: The file is empty, too large, or no picture.
    """
    if not data:
        raise ImageError(Reason.EMPTY_FILE)
    if len(data) > MOST_BYTES:
        raise ImageError(Reason.FILE_TOO_LARGE, f"{len(data)} bytes")
    form = format_of(data)
    if form is None:
        raise ImageError(Reason.NOT_AN_IMAGE)
    return form


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
    if width <= _SPACER_SIDE or height <= _SPACER_SIDE:
        raise ImageError(Reason.ZERO_SIZE, f"{width} x {height} pixels")
