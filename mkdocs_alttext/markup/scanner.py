"""Finding images in HTML source, with exact spans.

Owns the two stages: a quick look that ends the matter for most pages, and a reading of the whole
source that yields each real `<img>` with its attributes and open ancestors. It must not know what
is decided over an image, and it never changes the source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mkdocs_alttext.markup import tokens
from mkdocs_alttext.markup.ancestry import OpenElements
from mkdocs_alttext.markup.attributes import Attributes, parse_attributes
from mkdocs_alttext.markup.shortcut import Found, plain_images

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_alttext.markup.elements import Element

_IMAGE_NAMES = frozenset({"img", "image"})
"""A browser reads `<image>` outside SVG as `<img>` (HTML standard, 13.2.6.4.7)."""

_INERT = frozenset({"template"})
_NAMED_BY_CONTENT = frozenset({"a", "button", "summary"})

_IMAGE = re.compile(r"<im(?:g|age)[\t\n\f\r />]", re.IGNORECASE)

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


def read_images(html: str, last: int) -> list[Found]:
    """Read a source from its start, keeping track of every open element.

    Args:
        html: The source.
        last: Where the last tag that may be an image begins.

    Returns:
        The tag of each image and its open ancestors, outermost first.
    """
    open_elements = OpenElements()
    found = list(_image_tags(html, open_elements, last))
    open_elements.finish(len(html))
    return found


def _image_tags(
    html: str, open_elements: OpenElements, last: int
) -> Iterator[tuple[re.Match[str], tuple[Element, ...]]]:
    position = 0
    while (position := html.find("<", position)) >= 0:
        # After the last image only the ends of what has a name matter: see PageText.has_name.
        if position > last and not open_elements.is_any_open(_NAMED_BY_CONTENT):
            break
        tag = tokens.TAG.match(html, position)
        if tag is None:
            position = _skip_other_markup(html, position, open_elements)
            continue
        position = tag.end()
        name = tag[2].lower()
        if tag[1]:
            open_elements.end(name, tag.start())
            continue
        is_html = open_elements.start(name, tag)
        if not is_html:
            continue
        if name in _IMAGE_NAMES:
            if not open_elements.is_any_open(_INERT):
                yield tag, open_elements.snapshot()
        elif name in tokens.RAW_TEXT:
            position = tokens.raw_text_end(html, name, position)


def _skip_other_markup(html: str, position: int, open_elements: OpenElements) -> int:
    """Return where what looks like markup at `position`, but is no whole tag, ends."""
    following = html[position + 1 : position + 3]
    if html.startswith("<!--", position):
        abrupt = tokens.ABRUPT_COMMENT_END.match(html, position + 4)
        found = abrupt or tokens.COMMENT_END.search(html, position + 4)
        return found.end() if found else len(html)
    if open_elements.in_foreign and html.startswith("<![CDATA[", position):
        end = html.find("]]>", position)
        return end + 3 if end >= 0 else len(html)
    if following[:1] in {"!", "?"} or (following[:1] == "/" and not _is_letter(following[1:])):
        # A doctype or what the standard calls a bogus comment. `</>` is nothing, and ends here too.
        end = html.find(">", position)
        return end + 1 if end >= 0 else len(html)
    if _is_letter(following[:1]) or following[:1] == "/":
        return len(html)  # a tag that the input cuts off: a browser drops it
    return position + 1


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()
