"""What counts as text in an `alt` attribute, and what is only a placeholder or a file's name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mkdocs_alttext.html.attributes import image_address
from mkdocs_alttext.system.printable import is_blank

if TYPE_CHECKING:
    from mkdocs_alttext.html.attributes import Attributes

_PLACEHOLDER = "no description has been provided for this image"
"""What nbconvert 7 and later write where a notebook's picture has no text."""
_ENDING = r"\.(?:apng|avif|bmp|gif|heic|heif|ico|jfif|jpe?g|png|svg|tiff?|webp)"
_FILE_NAME = re.compile(rf"[^\s/\\:]+(?: [^\s/\\:]+){{0,5}}{_ENDING}", re.IGNORECASE)
_PICTURE = re.compile(rf"data:image/|[^?#]*{_ENDING}(?:[?#]|$)", re.IGNORECASE)

_NUMBER = r"(?i)(?:^| )(?:\d{4}|\(?\d+\)?\.[a-z]+$)"
"""A date, or a number at the end."""


def is_placeholder(text: str) -> bool:
    """Tell whether a text is one that a tool writes when it has none."""
    return " ".join(text.split()).rstrip(".").lower() == _PLACEHOLDER


def is_description(text: str, tag: Attributes, *, replaces_file_names: bool) -> bool:
    """Tell whether the value of an `alt` is a text that stays.

    Args:
        text: The value.
        tag: The attributes of its image.
        replaces_file_names: Whether the name of a file counts as missing.
    """
    if is_blank(text) or is_placeholder(text):
        return False
    return not (replaces_file_names and is_file_name(text, tag))


def is_file_name(text: str, tag: Attributes | None = None) -> bool:
    """Tell whether a text is only the name of an image file (WCAG failure F30).

    Args:
        text: The text. With spaces in it, it may as well be a sentence about a file: then it is a
            name if it has a number as cameras and screenshots do, or is the picture's own.
        tag: The attributes of its image, if it has one.
    """
    name = text.strip()
    if _FILE_NAME.fullmatch(name) is None:
        return False
    if " " not in name or re.search(_NUMBER, name):
        return True
    return tag is not None and name == _name_in(image_address(tag))


def _name_in(address: str) -> str:
    return unquote(address.partition("?")[0].partition("#")[0].rpartition("/")[2])


def leads_to_picture(address: str) -> bool:
    """Tell by its ending whether a link's address is that of a picture: a lightbox."""
    return _PICTURE.match(address) is not None
