"""Where a tag says its picture is.

Owns the choice between `src`, the attributes of lazy loaders, and `srcset`. It must not know which
addresses lead anywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs_alttext.html.attributes import Attributes

_LAZY = ("data-src", "data-original")
_SETS = ("srcset", "data-srcset")
_PICTURE = re.compile(
    r"data:image/|[^?#]*\.(?:apng|avif|bmp|gif|heic|jfif|jpe?g|png|svg|tiff?|webp)(?:[?#]|$)",
    re.IGNORECASE,
)
_FIRST_CANDIDATE = re.compile(r"[\s,]*(\S*[^\s,])")


def image_address(attributes: Attributes) -> str:
    """Choose the address that stands for the picture.

    Args:
        attributes: An `<img>` tag's attributes.

    Returns:
        The value of `src`; or, when that is missing, empty or a `data:` placeholder, the address a
        lazy loader would put there, then the first candidate of `srcset`. Empty when there is none.
    """
    source = attributes.get("src").strip()
    if source and source[:5].lower() != "data:":
        return source
    for name in _LAZY:
        if lazy := attributes.get(name).strip():
            return lazy
    for name in _SETS:
        if first := _FIRST_CANDIDATE.match(attributes.get(name)):
            return first[1]
    return source


def leads_to_picture(address: str) -> bool:
    """Tell by its ending whether a link's address is that of a picture: a lightbox."""
    return _PICTURE.match(address) is not None
