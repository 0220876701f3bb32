"""How a camera was held.

Owns the one entry of EXIF that matters to how a picture looks. It must not read any other: a
general reader copies whatever each entry points at, which a hostile file makes gigabytes.
"""

from __future__ import annotations

import struct

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
