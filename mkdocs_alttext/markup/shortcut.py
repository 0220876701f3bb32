"""Finding the images of ordinary source at the speed of a regular expression.

Owns the recognition of source so plain that no tree is needed: tags without odd quotes, raw text
and comments that end, drawings of simple shapes, links around nothing but pictures, nothing hidden.
For such source it finds the same images as a full reading, with those ancestors that can matter to
a decision. For any other it says so and leaves the matter to the full reading.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import groupby
from operator import itemgetter
from string import ascii_lowercase
from typing import TYPE_CHECKING

from mkdocs_alttext.markup import tokens
from mkdocs_alttext.markup.attributes import parse_attributes
from mkdocs_alttext.markup.elements import ONCE, SCOPE, VOID, Element
from mkdocs_alttext.markup.exposure import hides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.markup.reading import Found

    Regions = Sequence[tuple[int, int]]

_END = r"[\t\n\f\r />]"
_SPACE = r"\t\n\f\r "
_VALUES = (
    rf"[^<>\"'=]*+(?:=[{_SPACE}]*+(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^{_SPACE}\"'<>]++)[^<>\"'=]*+)*+"
)
_SHAPE = (
    r"</?+(?:circle|clippath|defs|desc|ellipse|g|line|lineargradient|marker|mask|path|pattern|"
    r"polygon|polyline|radialgradient|rect|stop|symbol|text|title|tspan|use)"
    rf"(?={_END}){_VALUES}>"
)
_SVG = rf"svg(?={_END}){_VALUES}>(?:[^<]++|{_SHAPE})*+</svg(?={_END}){_VALUES}>"
"""A drawing, after its `<`, that holds no image, no comment and no other drawing."""

_REGIONS = sorted({*tokens.RAW_TEXT, "math", "svg", "template"})
_AFTER_INITIAL = {
    initial: "|".join(name[1:] for name in names)
    for initial, names in groupby(_REGIONS, key=itemgetter(0))
}
_FREE_INITIALS = "".join(letter for letter in ascii_lowercase if letter not in _AFTER_INITIAL)
_INITIAL = "|".join(
    (
        f"[{_FREE_INITIALS}]",
        *(f"{initial}(?!(?:{rest}){_END})" for initial, rest in _AFTER_INITIAL.items()),
    )
)
"""The first letter of any other element's name: for most tags it says enough, where a list of names
would be gone through for each."""

_PLAIN_RUN = re.compile(
    rf"[^<]*+(?:<(?:/[a-z]{_VALUES}>|(?:{_INITIAL}){_VALUES}>|{_SVG}|(?![a-z/!?]))[^<]*+)*+"
)
"""Text, tags whose ends cannot be mistaken, and plain drawings, up to anything else; in lower case,
as this is the expression that goes through every byte."""

_SHAPES = re.compile(
    rf"(?:[^<]++|<!--(?!-?>)(?:[^-]++|-(?!-!?>))*+--!?>|{_SHAPE})*+(?=</svg{_END})", re.IGNORECASE
)
"""The content of a drawing that neither nests one nor leads out of it."""

_WORDS = re.compile(r"[^<]+")
_DRAWING = re.compile(rf"<svg(?={_END}){_VALUES}>{_SHAPES.pattern}</svg>", re.IGNORECASE)

_START = itemgetter(0)
"""Of a region."""

_HIDING_WORDS = ("hidden", "display", "visibility", "button")
_NAMED = ("a", "button", "summary")

_NAMED_TAG = re.compile(rf"<(/?)({'|'.join(_NAMED)})(?={_END})")

_BARRIER = re.compile(rf"<(?:{'|'.join(sorted(SCOPE))})[\t\n\f\r />]")
_ONLY_PICTURES = re.compile(r"(?:[^<]++|<(?:img|br)[^<]*+)*+", re.IGNORECASE)


def plain_images(html: str, places: Sequence[int]) -> list[Found] | None:
    """Find the images of plain source.

    Args:
        html: The source.
        places: Where `<img` or `<image` stands, in order; at least one.

    Returns:
        The tag and the ancestors of each that is an image; `None` when the source is not plain.
    """
    last = places[-1]
    lower = html.lower()
    # Lowering makes two characters of `İ`, and every place after it another.
    if len(lower) != len(html) or _hides_anything(html, lower, last):
        return None
    regions = _regions(html, lower, last)
    if regions is None:
        return None
    found = []
    around = _Surroundings(html, lower, regions, last)
    for place in places:
        if _is_within(place, regions):
            continue
        tag = tokens.TAG.match(html, place)
        ancestors = around.ancestors(place)
        if tag is None or ancestors is None:
            return None
        found.append((tag, ancestors))
    return found


def _regions(html: str, lower: str, last: int) -> list[tuple[int, int]] | None:
    """Return the spans up to `last` where nothing is markup, or `None` if one is not plain."""
    regions: list[tuple[int, int]] = []
    position = 0
    while True:
        run = _PLAIN_RUN.match(lower, position, last)
        start = run.end() if run else position
        if start >= last:
            return regions
        end = _region_end(html, start)
        if end is None:
            return None
        regions.append((start, end))
        position = end


def _region_end(html: str, start: int) -> int | None:
    """Return the end of the comment, raw text or drawing that begins at `start`, if it is one."""
    if html.startswith("<!--", start):
        comment = tokens.ABRUPT_COMMENT_END.match(html, start + 4)
        comment = comment or tokens.COMMENT_END.search(html, start + 4)
        return comment.end() if comment else None
    if html.startswith("<!", start):
        return html.find(">", start) + 1 or None
    tag = tokens.TAG.match(html, start)
    if tag is None or tag[1]:
        return None
    name = tag[2].lower()
    if name in tokens.RAW_TEXT:
        return tokens.raw_text_end(html, name, tag.end())
    shapes = _SHAPES.match(html, tag.end()) if name == "svg" else None
    return shapes.end() if shapes else None


def _is_within(place: int, regions: Regions) -> bool:
    """Tell whether a place is in one of some spans, which are in order."""
    before = bisect_right(regions, place, key=_START) - 1
    return before >= 0 and place < regions[before][1]


def _hides_anything(html: str, lower: str, last: int) -> bool:
    """Tell whether a tag before `last` may hide an image in it, or stand for a button around it."""
    for word in _HIDING_WORDS:
        place = lower.find(word, 0, last)
        while place >= 0:
            start = lower.rfind("<", 0, place)
            if start > lower.rfind(">", 0, place) and _may_hide(html, lower, start):
                return True
            place = lower.find(word, place + 1, last)
    return False


def _may_hide(html: str, lower: str, start: int) -> bool:
    """Tell whether a tag hides content that may hold an image, or stands for a button around it."""
    if html.startswith("<!--", start):
        return False  # a value that holds `<` is not plain, so this is a comment
    tag = tokens.TAG.match(html, start)
    if tag is None:
        return True
    name = tag[2].lower()
    if tag[1] or name in VOID:
        return False
    attributes = parse_attributes(tag)
    if not (hides(attributes) or "button" in attributes.get("role").lower()):
        return False
    if name in ONCE:
        return True  # whose end tag ends nothing
    # Themes hide icons; words and plain drawings hold no image.
    end = tag.end()
    while content := _WORDS.match(html, end) or _DRAWING.match(html, end):
        end = content.end()
    return not lower.startswith(f"</{name}>", end)


class _Surroundings:
    """The links, buttons and summaries of a plain source, looked for from image to image."""

    def __init__(self, html: str, lower: str, regions: Regions, last: int) -> None:
        self._html = html
        self._lower = lower
        self._regions = regions
        names = [name for name in _NAMED if lower.find(f"<{name}", 0, last) >= 0]
        self._openings = [f"<{name}" for name in names]
        self._closings = [f"</{name}" for name in names]
        self._seen = 0
        self._open: int | None = None

    def ancestors(self, place: int) -> tuple[Element, ...] | None:
        """Return what is open at a place, or `None` if that is not plain."""
        opening = max([self._last(start, place) for start in self._openings], default=-1)
        closing = max([self._last(start, place) for start in self._closings], default=-1)
        since, self._seen = self._seen, place
        last = max(opening, closing)
        if last >= 0:
            if _is_within(last, self._regions):
                return None
            if opening < closing and _BARRIER.search(self._lower, opening, closing):
                return None  # an end tag does not reach across these
            if self._nests(since, place):
                return None
            self._open = opening if opening > closing else None
        return () if self._open is None else self._element(self._open, place)

    def _nests(self, since: int, place: int) -> bool:
        """Tell whether one of these elements stands in another; a link in a link ends it."""
        others = (start for start in self._openings if start != "<a")
        if all(self._lower.find(each, since, place) < 0 for each in others):
            return False
        opening = None if self._open is None else _NAMED_TAG.match(self._lower, self._open)
        open_name = opening[2] if opening else ""
        for tag in _NAMED_TAG.finditer(self._lower, since, place):
            if _is_within(tag.start(), self._regions):
                continue
            if open_name and not (tag[1] and tag[2] == open_name):
                return True
            open_name = "" if tag[1] else tag[2]
        return False

    def _last(self, start: str, place: int) -> int:
        """Return where such a tag last begins between the image before and this one, or -1."""
        found = self._lower.rfind(start, self._seen, place)
        while found >= 0 and self._lower[found + len(start)] not in "\t\n\f\r />":
            found = self._lower.rfind(start, self._seen, found)
        return found

    def _element(self, opening: int, place: int) -> tuple[Element, ...] | None:
        tag = tokens.TAG.match(self._html, opening)
        if tag is None:
            return None
        content = _ONLY_PICTURES.match(self._html, tag.end())
        end = content.end() if content else tag.end()
        name = tag[2].lower()
        closing = tokens.TAG.match(self._html, end)
        if end < place or closing is None or (closing[1], closing[2].lower()) != ("/", name):
            return None
        return (Element(name, tag.start(), tag.end(), "html", tag, end),)
