"""Which format a file has.

Owns the signatures by which content is told apart; names and extensions count for nothing. It must
not decode anything. A format that is not listed is not opened: no browser shows it, and each
decoder that stays closed is one that hostile files cannot reach.
"""

from __future__ import annotations

import struct
from enum import StrEnum

from mkdocs_alttext.images.svg import is_svg

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
