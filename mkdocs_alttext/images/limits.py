"""How large a picture may be.

Owns the limits that all formats share. It must not know how pictures are read.
"""

from __future__ import annotations

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.models import Reason

LONGEST_SIDE = 2048
"""Pixels, of what is sent."""
MOST_PIXELS = 50_000_000
"""Of the original: about 200 MB once decoded."""
MOST_PIXELS_HERE = 12 * 1024 * 1024
"""Of a plain RGB original, to be decoded in the build's own process: about 100 MB; others weigh
more (`BareFile.weight`). Those of telephones' cameras have 12.2 million, and most large pictures
are such photographs."""
MOST_BYTES_HERE = 16 * 1024 * 1024
"""Of the original file, to be decoded in the build's own process, which keeps it up to three times
then."""
MOST_BYTES = 64 * 1024 * 1024
"""Of the original file."""

_SPACER_SIDE = 1


def check_extent(width: int, height: int) -> None:
    """Refuse what has no extent to speak of, or too much.

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
