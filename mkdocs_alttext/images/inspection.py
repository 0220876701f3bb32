"""What a file's structure says against sending it, without decoding it.

Owns a look that takes microseconds where `preparation` takes milliseconds. It must not decode
anything: a file with sound structure and damaged pixels passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.formats import Format, format_of
from mkdocs_alttext.images.limits import check_extent
from mkdocs_alttext.images.stripping import BareFile, bare_gif, bare_jpeg, bare_png, bare_webp
from mkdocs_alttext.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BARE: Mapping[Format, Callable[[bytes], BareFile]] = {
    Format.PNG: bare_png,
    Format.JPEG: bare_jpeg,
    Format.GIF: bare_gif,
    Format.WEBP: bare_webp,
}


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
    bare = _BARE.get(form)
    if bare is None:  # rare formats, whose structure only their decoders know
        return
    try:
        file = bare(data)
    except ImageError:
        raise
    except Exception as error:  # noqa: BLE001 - over hostile files
        raise ImageError(Reason.UNDECODABLE, type(error).__name__) from None
    check_extent(file.width, file.height)
