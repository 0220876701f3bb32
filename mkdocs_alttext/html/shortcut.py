"""Finding the images of ordinary source at the speed of a search.

Owns the recognition of source so plain that no tree is needed: links around nothing but pictures,
and nothing hidden or opted out. For such source it finds the same images as a full reading, with
those ancestors that can matter to a decision. For any other it says so and leaves the matter to the
full reading.
"""

from __future__ import annotations

import re
from bisect import bisect
from itertools import pairwise
from typing import TYPE_CHECKING

from mkdocs_alttext.html import tokens
from mkdocs_alttext.html.aria import hides
from mkdocs_alttext.html.attributes import parse_attributes
from mkdocs_alttext.html.elements import ONCE, SCOPE, VOID, Element
from mkdocs_alttext.html.marks import OPT_OUT_WORDS, has_opt_out
from mkdocs_alttext.html.outline import DRAWING, VALUES, Outline

if TYPE_CHECKING:
    from mkdocs_alttext.html.reading import Found

_ENDS = "\t\n\f\r />"
_END = rf"[{_ENDS}]"
_NONE = -1
_TEXT = re.compile(r"[^<]+")

_WORDS = ("hidden", "display", "role", *OPT_OUT_WORDS)
"""A tag that hides an image or opts it out, or whose role makes it a button around one, has one of
them, or a class that is skipped; but for a style or class with letters written as numbers, which
nobody does: to look for those takes a tenth more."""

# An end tag does not reach across these.
_BARRIER = re.compile(rf"<(?:{'|'.join(sorted(SCOPE | {'desc', 'foreignobject', 'title'}))}){_END}")
_ONLY_PICTURES = re.compile(
    rf"(?:[^<]++|<(?:img|br)(?={_END}){VALUES}>)*+", re.IGNORECASE | re.ASCII
)


def plain_images(html: str, skip_classes: frozenset[str] = frozenset()) -> list[Found] | None:
    """Find the images of plain source.

    Args:
        html: The source.
        skip_classes: The classes that opt out what has them.

    Returns:
        The tag and the ancestors of each image; `None` when the source is not plain.
    """
    outline = Outline.of(html)
    if outline is None or _may_be_inside(outline, skip_classes):
        return None
    found = []
    around = _Surroundings(outline)
    since = 0
    for place in outline.images:
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


def _may_be_inside(outline: Outline, skip_classes: frozenset[str]) -> bool:
    """Tell whether an image may stand inside what hides or opts it out, or in a button by role."""
    if not outline.images:
        return False
    lower, end = outline.lower, outline.images[-1]
    tags = set()
    for word in (*_WORDS, *map(str.lower, skip_classes)):
        place = end
        # On pages full of tags, CPython's `find` takes twice as long.
        while (place := lower.rfind(word, 0, place)) >= 0:
            start = lower.rfind("<", 0, place)
            if start > lower.rfind(">", 0, place):
                tags.add(start)
            elif not outline.is_outside_tags(place):
                return True
    return any(_may_matter(outline, *each, skip_classes) for each in pairwise([0, *sorted(tags)]))


def _may_matter(outline: Outline, since: int, start: int, skip_classes: frozenset[str]) -> bool:
    """Tell whether a tag hides content that may hold an image, opts it out or makes it a button."""
    if not outline.is_markup(start, since):
        return True
    tag = tokens.TAG.match(outline.html, start)
    if tag is None:
        return not outline.html.startswith("<!--", start)
    name = tag[2].lower()
    if tag[1] or name in VOID:
        return False
    attributes = parse_attributes(tag)
    if not (
        hides(attributes)
        or "button" in attributes.get("role").lower()
        or has_opt_out(attributes)
        or not skip_classes.isdisjoint(attributes.get("class").split())
    ):
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

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._lower = outline.lower
        self._names = ["a"]
        for name in ("button", "summary"):
            if any(outline.lower.startswith(name, place + 1) for place in outline.controls):
                self._names.append(name)
        self._seen = 0
        self._around: tuple[Element, ...] | None = None

    def ancestors(self, place: int) -> tuple[Element, ...] | None:
        """Return what is open at a place, or `None` if that is not plain."""
        since, self._seen = self._seen, place
        if self._around and place < self._around[0].content_end:
            return self._around
        # Nothing is open at the place before: what was around it has ended since.
        self._around = None
        opened = [self._open(name, since, place) for name in self._names]
        inside = [opening for opening in opened if opening != _NONE]
        if not inside:
            return ()
        if len(inside) == 1 and inside[0] is not None:
            self._around = self._element(inside[0], place)
        return self._around

    def _open(self, name: str, since: int, place: int) -> int | None:
        """Return where the element of a name that is open at a place begins, if that is sure.

        Args:
            name: The element's name.
            since: A place before it where none of that name is open.
            place: Where to tell.

        Returns:
            The start of its tag, or `_NONE`; `None` if it is not sure.
        """
        tags = self._starts(name, since, place)
        for tag, following in pairwise([*tags, place]):
            if not self._is_sure(tag, since):
                return None
            end = self._end(name, tag, following)
            if end < 0:
                return tag if following == place else None  # else one in another
            if not self._is_sure(end, tag) or _BARRIER.search(self._lower, tag, end):
                return None
            since = end
        return _NONE

    def _starts(self, name: str, since: int, place: int) -> list[int]:
        """Return where start tags of a name begin of which one may be open at a place."""
        if name == "summary":
            return [
                control
                for control in self._outline.controls
                if since <= control < place and self._lower.startswith(name, control + 1)
            ]
        # Links and buttons end at the next one, so that only the last can be open, and around a
        # table or the like, the last before it.
        starts = []
        scopes = self._outline.scopes
        for stop in (*scopes[bisect(scopes, since) : bisect(scopes, place)], place):
            last = self._last_start(name, since, stop)
            if last >= 0:
                starts.append(last)
                since = last + 1
        return starts

    def _last_start(self, name: str, since: int, place: int) -> int:
        """Return where the last start tag of a name between two places begins, or -1."""
        last = self._lower.rfind(f"<{name}", since, place)
        while last >= 0 and self._lower[last + len(name) + 1] not in _ENDS:
            last = self._lower.rfind(f"<{name}", since, last)
        return last

    def _end(self, name: str, tag: int, place: int) -> int:
        """Return where the first end tag of a name between two places begins, or -1."""
        first = self._lower.find(f"</{name}", tag, place)
        while first >= 0 and self._lower[first + len(name) + 2] not in _ENDS:
            first = self._lower.find(f"</{name}", first + 1, place)
        return first

    def _is_sure(self, tag: int, since: int) -> bool:
        """Tell whether what looks like a tag surely is one of HTML."""
        outline = self._outline
        return (
            not outline.is_within(tag)
            and outline.is_markup(tag, since)
            and outline.is_html(tag, since)
        )

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
        return (Element(name, tag, content_end=end),)
