"""Finding images in HTML source, with exact spans.

Owns the stages: a quick look that ends the matter for most pages, then the shortcut for plain
source, then a full reading. Each real `<img>` comes with its attributes and open ancestors. It must
not know what is decided over an image, and it never changes the source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mkdocs_alttext.markup.attributes import Attributes, parse_attributes
from mkdocs_alttext.markup.reading import read_images
from mkdocs_alttext.markup.shortcut import plain_images

if TYPE_CHECKING:
    from mkdocs_alttext.markup.elements import Element

# With ASCII's cases only, `<im` is looked for as fast as a text; names of tags know no others.
_IMAGE = re.compile(r"<im(?:g|age)[\t\n\f\r />]", re.IGNORECASE | re.ASCII)

# A tag of this shape needs nothing: plain quoted attributes, and one `alt` whose text begins with a
# letter or digit and neither is nbconvert's placeholder nor ends like a file's name.
# No group captures here: CPython 3.11 loses track of one inside a possessive repetition.
_PLAIN = (
    r"(?:[\t\n\f\r ]++(?!alt[\t\n\f\r />=]|data-alttext)[a-zA-Z][-a-zA-Z0-9]*+"
    r"(?:=(?:\"[^\"]*+\"|'[^']*+'|[^\t\n\f\r \"'=<>`]++)|(?=[\t\n\f\r />])))*+"
)
_NOT_A_NAME = r"(?!No[^\w{quote}])(?![^{quote}]*\.[A-Za-z]{{3,4}}[^\w{quote}]*{quote})[^\W_]"
_TEXT = (
    r"[\t\n\f\r ]++alt=(?:"
    rf"\"{_NOT_A_NAME.format(quote=chr(34))}[^\"]*+\"|'{_NOT_A_NAME.format(quote=chr(39))}[^']*+'"
    r"|[A-Za-z0-9]++(?=[\t\n\f\r />]))"  # minified: one word without quotes
)
_PLAIN_WITH_TEXT = rf"{_PLAIN}{_TEXT}{_PLAIN}[\t\n\f\r ]*+/?>"
_HAS_TEXT = re.compile(_PLAIN_WITH_TEXT, re.IGNORECASE | re.ASCII)
_MAY_LACK_TEXT = re.compile(
    rf"<im(?:g|age)(?=[\t\n\f\r />])(?!{_PLAIN_WITH_TEXT})", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True)
class ImageTag:
    """One `<img>` tag of a source."""

    start: int
    """Where `<` stands."""
    name_end: int
    """Where the tag's name ends: the place to insert an attribute at."""
    end: int
    """After `>`."""
    attributes: Attributes
    ancestors: tuple[Element, ...] = field(repr=False)
    """The elements that are open around it, outermost first; where the source is plain, only those
    that can matter."""


def count_texts(html: str) -> int | None:
    """Count the images of a source where each has a text, without reading it.

    Args:
        html: The source.

    Returns:
        How many tags look like images; those in comments and scripts are among them. `None` when
        `may_lack_text` says that one may need a decision; 0 only when `scan` would find none.
    """
    count = 0
    for found in _IMAGE.finditer(html):
        if not _HAS_TEXT.match(html, found.end() - 1):
            return None
        count += 1
    return count


def may_lack_text(html: str) -> bool:
    """Tell quickly whether an image in a source may need a decision.

    Args:
        html: The source.

    Returns:
        `False` only when each image that `scan` would find has a text of its own and no attribute
        of ours.
    """
    return _MAY_LACK_TEXT.search(html) is not None


def scan(html: str) -> list[ImageTag]:
    """Find the images of a document or fragment, as a browser would.

    Args:
        html: The source.

    Returns:
        Each `<img>` that is an element of the page, in order: none that only stands in a comment, a
        raw-text element, a template or an attribute value.
    """
    places = [found.start() for found in _IMAGE.finditer(html)]
    if not places:
        return []
    found = plain_images(html, places)
    if found is None:
        found = read_images(html, places[-1])
    return [
        ImageTag(tag.start(), tag.end(2), tag.end(), parse_attributes(tag), ancestors)
        for tag, ancestors in found
    ]
