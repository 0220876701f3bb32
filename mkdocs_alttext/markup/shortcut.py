"""Finding the images of ordinary source at the speed of a search.

Owns the recognition of source so plain that no tree is needed: links around nothing but pictures,
and nothing hidden. For such source it finds the same images as a full reading, with those ancestors
that can matter to a decision. For any other it says so and leaves the matter to the full reading.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from mkdocs_alttext.markup import tokens
from mkdocs_alttext.markup.attributes import parse_attributes
from mkdocs_alttext.markup.elements import ONCE, SCOPE, VOID, Element
from mkdocs_alttext.markup.exposure import hides
from mkdocs_alttext.markup.outline import DRAWING, VALUES, Outline

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mkdocs_alttext.markup.reading import Found

_END = r"[\t\n\f\r />]"
_TEXT = re.compile(r"[^<]+")

_WORDS = ("hidden", "display", "button", "summary")
"""A tag that hides an image, or may be a button or summary around it, has one of them."""

_SUMMARY_TAG = re.compile(rf"</?summary(?={_END})")

# An end tag does not reach across these.
_BARRIER = re.compile(rf"<(?:{'|'.join(sorted(SCOPE | {'desc', 'foreignobject', 'title'}))}){_END}")
_ONLY_PICTURES = re.compile(rf"(?:[^<]++|<(?:img|br)(?={_END}){VALUES}>)*+", re.IGNORECASE)


def plain_images(html: str, places: Sequence[int]) -> list[Found] | None:
    """Find the images of plain source.

    Args:
        html: The source.
        places: Where `<img` or `<image` stands, in order; at least one.

    Returns:
        The tag and the ancestors of each that is an image; `None` when the source is not plain.
    """
    outline = Outline.of(html, places[-1])
    if outline is None:
        return None
    tags = _tags_with_words(outline)
    if tags is None or any(_may_hide(outline, *each) for each in pairwise([0, *tags])):
        return None
    found = []
    around = _Surroundings(outline, tags)
    since = 0
    for place in places:
        if outline.is_within(place):
            continue
        if not outline.is_markup(place, since):
            return None
        tag = tokens.TAG.match(html, place)
        # A drawing has images of its own, which are another element.
        if tag is None or (len(tag[2]) > len("img") and not outline.is_html(place, since)):
            return None
        ancestors = around.ancestors(place)
        if ancestors is None:
            return None
        found.append((tag, ancestors))
        since = place
    return found


def _tags_with_words(outline: Outline) -> list[int] | None:
    """Return where each tag with such a word begins, in order, or `None` if that is not sure."""
    lower = outline.lower
    tags = set()
    for word in _WORDS:
        place = lower.find(word)
        while place >= 0:
            start = lower.rfind("<", 0, place)
            if start > lower.rfind(">", 0, place):
                tags.add(start)
            elif not outline.is_outside_tags(place):
                return None
            place = lower.find(word, place + 1)
    return sorted(tags)


def _may_hide(outline: Outline, since: int, start: int) -> bool:
    """Tell whether a tag hides content that may hold an image, or stands for a button around it."""
    if not outline.is_markup(start, since):
        return True
    tag = tokens.TAG.match(outline.html, start)
    if tag is None:
        return not outline.html.startswith("<!--", start)
    name = tag[2].lower()
    if tag[1] or name in VOID:
        return False
    attributes = parse_attributes(tag)
    if not (hides(attributes) or "button" in attributes.get("role").lower()):
        return False
    # An end tag does not end these.
    return name in ONCE or not _is_without_images(outline, tag)


def _is_without_images(outline: Outline, tag: re.Match[str]) -> bool:
    """Tell whether an element holds nothing but words and plain drawings, as icons of themes do."""
    html, end = outline.html, tag.end()
    if DRAWING.match(html, tag.start()):
        return True
    while content := _TEXT.match(html, end) or DRAWING.match(html, end):
        end = content.end()
    return outline.lower.startswith(f"</{tag[2].lower()}>", end)


class _Surroundings:
    """The links, buttons and summaries of a plain source, looked for from image to image."""

    def __init__(self, outline: Outline, tags: Sequence[int]) -> None:
        self._outline = outline
        self._lower = outline.lower
        self._names = ["a"]
        for name in ("button", "summary"):
            if any(outline.lower.startswith(f"<{name}", tag) for tag in tags):
                self._names.append(name)
        self._seen = 0
        self._around: tuple[Element, ...] | None = None

    def ancestors(self, place: int) -> tuple[Element, ...] | None:
        """Return what is open at a place, or `None` if that is not plain."""
        since, self._seen = self._seen, place
        if self._around and place < self._around[0].content_end:
            return self._around
        opened: list[int] = []
        for name in self._names:
            tags = self._tags(name, since, place)
            if not self._is_sure(tags, since):
                return None
            opened += (tag for tag in tags[-1:] if not self._is_end(tag))
        if not opened:
            return ()
        self._around = self._element(opened[0], place) if len(opened) == 1 else None
        return self._around

    def _tags(self, name: str, since: int, place: int) -> list[int]:
        """Return where those tags begin that say whether such an element is open at a place."""
        if name == "summary":
            tags = _SUMMARY_TAG.finditer(self._lower, since, place)
            return [tag.start() for tag in tags if not self._outline.is_within(tag.start())]
        # Links and buttons end at the next one, so that only the last can be open. Where a table
        # stands between two, one in the other, that is not so; but such source is wrong anyway.
        opening = self._last(f"<{name}", since, place)
        closing = self._last(f"</{name}", since, place)
        return sorted(tag for tag in {opening, closing} if tag >= 0)

    def _last(self, start: str, since: int, place: int) -> int:
        """Return where a tag that begins so last stands between two places, or -1."""
        found = self._lower.rfind(start, since, place)
        while found >= 0 and self._lower[found + len(start)] not in "\t\n\f\r />":
            found = self._lower.rfind(start, since, found)
        return found

    def _is_end(self, tag: int) -> bool:
        return self._lower.startswith("</", tag)

    def _is_sure(self, tags: Iterable[int], since: int) -> bool:
        """Tell whether what looks like tags of one name surely is, none in another."""
        outline, opening = self._outline, -1
        for tag in tags:
            if outline.is_within(tag) or not outline.is_markup(tag, since):
                return False
            is_end = self._is_end(tag)
            nests = opening >= 0 and (not is_end or _BARRIER.search(self._lower, opening, tag))
            if nests or not outline.is_html(tag, since):
                return False
            opening = -1 if is_end else tag
            since = tag
        return True

    def _element(self, opening: int, place: int) -> tuple[Element, ...] | None:
        html = self._outline.html
        tag = tokens.TAG.match(html, opening)
        if tag is None:
            return None
        content = _ONLY_PICTURES.match(html, tag.end())
        end = content.end() if content else tag.end()
        name = tag[2].lower()
        closing = tokens.TAG.match(html, end)
        if end < place or closing is None or (closing[1], closing[2].lower()) != ("/", name):
            return None
        return (Element(name, tag.start(), tag.end(), "html", tag, end),)
