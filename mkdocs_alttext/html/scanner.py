"""Finding images in HTML source, with exact spans.

Owns the order of the ways to read: the shortcut for plain source, else a full reading. Each real
`<img>` comes with its attributes and open ancestors. It must not know what is decided over an
image, and it never changes the source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.html.attributes import Attributes, parse_attributes
from mkdocs_alttext.html.reading import read_images
from mkdocs_alttext.html.shortcut import plain_images

if TYPE_CHECKING:
    from mkdocs_alttext.html.elements import Element


class ImageTag(NamedTuple):
    """One `<img>` tag of a source."""

    start: int
    """Where `<` stands."""
    name_end: int
    """Where the tag's name ends: the place to insert an attribute at."""
    end: int
    """After `>`."""
    attributes: Attributes
    ancestors: tuple[Element, ...]
    """The elements that are open around it, outermost first; where the source is plain, only those
    that can matter."""


def scan(html: str, skip_classes: frozenset[str] = frozenset()) -> list[ImageTag]:
    """Find the images of a document or fragment, as a browser would.

    Args:
        html: The source.
        skip_classes: The classes that can matter to a decision.

    Returns:
        Each `<img>` that is an element of the page, in order: none that only stands in a comment, a
        raw-text element, a template or an attribute value.
    """
    found = plain_images(html, skip_classes)
    if found is None:
        found = read_images(html)
    return [
        ImageTag(tag.start(), tag.end(2), tag.end(), parse_attributes(tag), ancestors)
        for tag, ancestors in found
    ]
