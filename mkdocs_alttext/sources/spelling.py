"""How a text is spelt in a Markdown source, so that it is rendered as that text.

There are several ways, from the one that people like to read to the one that every extension leaves
alone. Which is right depends on the place and the site's extensions: `proof` finds it out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mkdocs_alttext.html.edits import Edit, insert_quoted, quote_attribute
from mkdocs_alttext.sources.images import Form

if TYPE_CHECKING:
    from mkdocs_alttext.sources.images import SourceImage

_BACKSLASHED = re.compile(r"[\\\[\]`]")
_BACKSLASHED_TOO = re.compile(r"[\\\[\]`|$\"]")
_ENTITY_LIKE = re.compile(r"&(?=#?\w+;)")
_TEMPLATE = re.compile(r"\{(?=[{%#])|(?<=[}%#])\}")
_REFERENCED = re.compile(r"[^\w ,]|_")


def spellings(image: SourceImage, text: str) -> list[list[Edit]]:
    """Return the ways to write a text into an image's slot.

    Args:
        image: The image.
        text: The text, as a reader is to hear it.

    Returns:
        The edits for each way, the most readable first. The last has a numeric character reference
        for everything but letters, digits, spaces and commas.
    """
    numeric = _REFERENCED.sub(_reference, text)
    if image.tag:
        written = (quote_attribute(text), f'"{numeric}"')
        return [insert_quoted(image.tag, "alt", each) for each in written]
    if image.slot.form is Form.LIST:
        ways = [f'"{numeric}"']
    else:
        readable = _plain(text)
        ways = [_BACKSLASHED.sub(r"\\\g<0>", readable), _BACKSLASHED_TOO.sub(r"\\\g<0>", readable)]
        ways = list(dict.fromkeys([*ways, numeric]))
    ending = f"][{image.slot.name}" if image.slot.form is Form.NAME else ""
    return [[Edit(image.slot.start, image.slot.end, f"{way}{ending}")] for way in ways]


def _plain(text: str) -> str:
    """Replace what is markup or a template wherever it stands."""
    text = _ENTITY_LIKE.sub("&amp;", text).replace("<", "&lt;")
    return _TEMPLATE.sub(_reference, text)


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
