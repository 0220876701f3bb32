"""What counts as text in an `alt` attribute.

Owns the judgement of existing values: empty, invisible, a placeholder, a file's name. It must not
know about generated text, which has judges of its own.
"""

from __future__ import annotations

import re
import unicodedata

_PLACEHOLDERS = frozenset(
    {
        # nbconvert 7 and later write this where a notebook's picture has no text.
        "no description has been provided for this image",
    }
)
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_FILE_NAME = re.compile(
    r"[^\s/\\:]+(?: [^\s/\\:]+){0,5}"
    r"\.(?:apng|avif|bmp|gif|heic|heif|ico|jfif|jpe?g|png|svg|tiff?|webp)",
    re.IGNORECASE,
)


def is_blank(text: str) -> bool:
    """Tell whether a text shows and says nothing: white space, control and format characters."""
    return all(
        character.isspace()
        or character in _BLANK_LETTERS
        or unicodedata.category(character) in {"Cc", "Cf"}
        for character in text
    )


def is_placeholder(text: str) -> bool:
    """Tell whether a text is one that a tool writes when it has none."""
    return " ".join(text.split()).rstrip(".").lower() in _PLACEHOLDERS


def is_description(text: str, *, replaces_file_names: bool) -> bool:
    """Tell whether the value of an `alt` is a text that stays.

    Args:
        text: The value.
        replaces_file_names: Whether the name of a file counts as missing.
    """
    if is_blank(text) or is_placeholder(text):
        return False
    return not (replaces_file_names and is_file_name(text))


def is_file_name(text: str) -> bool:
    """Tell whether a text is only the name of an image file (WCAG failure F30)."""
    return _FILE_NAME.fullmatch(text.strip()) is not None
