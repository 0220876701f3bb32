"""PNG files that can be sent as they are, once what does not draw is out of them.

Owns checking such a file without decoding it whole: its checksums, its compressed rows to the last
byte, and that nothing stands behind them. It must not know why a picture is sent. Most screenshots
are such files, and writing one anew takes ten times as long and thirty times the memory.
"""

from __future__ import annotations

import struct
import zlib
from typing import Protocol, cast

from mkdocs_alttext.images.limits import LONGEST_SIDE

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
