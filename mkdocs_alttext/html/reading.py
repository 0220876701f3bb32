"""Reading a source from its start, with every open element, as a browser does.

Owns the walk from tag to tag, past comments and raw text, and the two questions that take it: which
images there are and in what, and which elements have some ids. It must not know what is decided
over an image. It is a hundred times slower than a search, so that others ask it last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.html import tokens
from mkdocs_alttext.html.ancestry import OpenElements
from mkdocs_alttext.html.attributes import lower_name, parse_attributes
from mkdocs_alttext.html.elements import Element
from mkdocs_alttext.html.prefilter import IMAGE

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

Found = tuple["re.Match[str]", tuple[Element, ...]]
"""The tag of an image, and its open ancestors, outermost first."""

_IMAGE_NAMES = frozenset({"img", "image"})
"""A browser reads `<image>` outside SVG as `<img>` (HTML standard, 13.2.6.4.7)."""

_NAMED_BY_CONTENT = frozenset({"a", "button", "summary"})


def read_images(html: str) -> list[Found]:
    """Find the images of a source.

    Args:
        html: The source.

    Returns:
        The tag of each image and its open ancestors, outermost first.
    """
    last = max((place.start() for place in IMAGE.finditer(html)), default=-1)
    open_elements = OpenElements()
    found = []
    for tag, is_html in _start_tags(html, open_elements):
        # After the last image only the ends of what has a name matter: see PageText.has_name.
        if tag.start() > last and not open_elements.is_any_open(_NAMED_BY_CONTENT):
            break
        is_image = is_html and lower_name(tag[2]) in _IMAGE_NAMES
        if is_image and not open_elements.is_inert:
            found.append((tag, open_elements.snapshot()))
    open_elements.finish(len(html))
    return found


def read_ids(html: str, ids: frozenset[str] | None) -> list[Element]:
    """Find the elements that have some ids.

    Args:
        html: The source.
        ids: As a browser sees them, without character references; `None` for all of the page.

    Returns:
        The first element of each id, as far as there is one, in the order of the source.
    """
    open_elements = OpenElements()
    found: dict[str, Element] = {}
    pending: list[Element] = []
    for tag, _ in _start_tags(html, open_elements):
        while pending and pending[-1].content_end >= 0:
            pending.pop()
        if ids is not None and len(found) == len(ids) and not pending:
            break
        own = parse_attributes(tag).get("id") if "id" in tag[3].lower() else ""
        is_wanted = bool(own) if ids is None else own in ids
        if is_wanted and own not in found and not open_elements.is_inert:
            found[own] = open_elements.opened_by(tag)
            pending.append(found[own])
    open_elements.finish(len(html))
    return [*found.values()]


def _start_tags(html: str, open_elements: OpenElements) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield each start tag outside comments and raw text, and whether it is one of HTML."""
    position = 0
    while (found := html.find("<", position)) >= 0:
        if found > position:
            open_elements.text(html, position, found)
        position = found
        tag = tokens.TAG.match(html, position)
        if tag is None:
            position = _skip_other_markup(html, position, open_elements)
            continue
        position = tag.end()
        name = lower_name(tag[2])
        if tag[1]:
            open_elements.end(name, tag.start())
            continue
        is_html = open_elements.start(name, tag)
        yield tag, is_html
        if is_html and name in tokens.RAW_TEXT:
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
    open_elements.text(html, position, position + 1)
    return position + 1


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()
