"""What a file's structure says against sending it, without decoding it.

Owns a look that takes microseconds where `preparation` takes milliseconds. It must not decode
anything: a file with sound structure and damaged pixels passes.
"""

from __future__ import annotations

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.formats import format_of
from mkdocs_alttext.images.limits import check_extent
from mkdocs_alttext.images.stripping import BARE
from mkdocs_alttext.reasons import Reason


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
