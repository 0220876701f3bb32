"""Pictures as large as real screenshots, each different, at the price of a few rows.

Owns how they are drawn and written as PNG. What they share is compressed once; each picture goes on
from there with rows of its own, so that thousands take no time, while every one of them is a whole
PNG that has to be read, digested, decoded and reduced like any other.
"""

from __future__ import annotations

import struct
import zlib
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH, _HEIGHT, _OWN_ROWS = 1280, 800, 8
_PANEL, _GRAIN = 96, 40


def pictures(count: int) -> Iterator[bytes]:
    """Yield PNG files of 1280 by 800 pixels, no two alike, each about 50 KB."""
    shared = zlib.compressobj(6)
    head = shared.compress(_shared_rows())
    for number in range(count):
        own = shared.copy()
        tail = own.compress(_own_rows(number)) + own.flush()
        yield _png(head + tail)


def _shared_rows() -> bytes:
    """Draw what looks like a screenshot: a bar, panels and some grain that does not compress."""
    random = Random(0)  # noqa: S311 - pictures, not secrets
    rows = bytearray()
    for y in range(_HEIGHT - _OWN_ROWS):
        tone = 230 if (y // _PANEL) % 2 else 250
        row = bytearray(
            bytes((40, 70, 120)) * _WIDTH if y < _GRAIN else bytes((tone,)) * 3 * _WIDTH
        )
        if y % _PANEL:
            start = 3 * (_PANEL * (1 + y // _PANEL))
            row[start : start + _GRAIN] = random.randbytes(_GRAIN)
        rows += b"\0" + row
    return bytes(rows)


def _own_rows(number: int) -> bytes:
    random = Random(number)  # noqa: S311 - pictures, not secrets
    row = random.randbytes(_PANEL).ljust(3 * _WIDTH, b"\xff")
    return (b"\0" + row) * _OWN_ROWS


def _png(pixels: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)  # 8 bits, RGB
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
