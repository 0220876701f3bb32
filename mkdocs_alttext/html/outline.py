"""What is markup in a source, told without reading it from its start.

Owns the proof that a `<` is read as the beginning of a tag: what stands right before it tells
whether a tag or a quoted value may be open, and comments, raw text and images are found by one
search. What it cannot prove it calls unknown. It must not know what is open around a place.

What may stand inside a drawing, whose tags are read by other rules.

Owns recognising plain drawings, and the proof that a tag of a source stands outside of all. It must
not know where comments and raw text are (the outline tells). It is imported for the first source
that has a drawing before an image.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.html import tokens
from mkdocs_alttext.html.attributes import lower_name
from mkdocs_alttext.html.elements import LEAVES_FOREIGN

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPACE = "\t\n\f\r "
END = rf"[{_SPACE}/>]"
"""What ends a name."""
_QUOTES = ('"', "'")
_BEFORE_VALUE = f"={_SPACE}"

_LANDMARK = re.compile(
    rf"<(?:i(?:m(?:g|age)(?={END})|frame)|button|m(?:arquee|ath)|!|no(?:embed|frames)|"
    r"object|plaintext|s(?:cript|elect|tyle|ummary)|t(?:able|emplate|extarea|itle)|xmp)"
)
"""Where an image, a control, a scope, a comment, raw text or an element with rules of its own may
begin, in lower case: all that takes a look at each tag of the source, taken together."""

_IMAGES = frozenset({"<img", "<image"})
_CONTROLS = frozenset({"<button", "<summary"})
_SCOPES = frozenset({"<marquee", "<object", "<select", "<table"})

_MARKUP = re.compile(r"<[a-zA-Z/!?]")

VALUES = (
    rf"[^<>\"'=]*+(?:=[{_SPACE}]*+(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^{_SPACE}\"'<>]++)[^<>\"'=]*+)*+"
)
"""The attributes of a tag whose end cannot be mistaken."""

_START = itemgetter(0)
_KELVIN = "\u212a"


class Outline(NamedTuple):
    """The images of a source, its comments and raw text, and what is markup besides."""

    html: str
    lower: str
    """In lower case."""
    regions: Sequence[tuple[int, int]]
    """The spans where nothing is markup, in order, up to the last image."""
    images: Sequence[int]
    """Where each `<img` or `<image` begins that is markup, in order."""
    controls: Sequence[int]
    """Where each `<button` or `<summary` may begin before the last image, in order."""
    scopes: Sequence[int]
    """Where each element may begin that links do not end each other across, likewise."""
    drawing: int
    """Before it there is no drawing."""

    @classmethod
    def of(cls, html: str) -> Outline | None:
        """Find the images of a source, and its comments and raw text up to the last of them.

        Args:
            html: The source.

        Returns:
            The outline; `None` where the source is not plain enough to tell.
        """
        lower = html.lower()
        # Lowering makes two characters of `İ`, and every place after it another; and of the Kelvin
        # sign it makes a letter of names.
        if len(lower) != len(html) or _KELVIN in html:
            return None
        regions: list[tuple[int, int]] = []
        images: list[int] = []
        controls: list[int] = []
        scopes: list[int] = []
        last = lower.rfind("<im") + len("<image ")
        # CPython's `rfind` tells in half the time of `find` that there is none.
        drawing = lower.find("<svg", 0, last) if lower.rfind("<svg", 0, last) >= 0 else last
        outline = cls(html, lower, regions, images, controls, scopes, drawing)
        since = 0
        for found in _LANDMARK.finditer(lower, 0, last):
            start = found.start()
            if start < since:
                continue
            kind = found[0]
            if kind in _CONTROLS:
                controls.append(start)
                continue
            if kind in _SCOPES:
                scopes.append(start)
                continue
            if not outline.is_markup(start, since):
                return None
            if kind in _IMAGES:
                images.append(start)
                since = start
                continue
            end = outline._region_end(start)
            if end is None:
                return None
            regions.append((start, end))
            since = end
        return outline

    def is_within(self, place: int) -> bool:
        """Tell whether a place is in a comment or raw text."""
        if not self.regions:
            return False
        before = bisect_right(self.regions, place, key=_START) - 1
        return before >= 0 and place < self.regions[before][1]

    def is_markup(self, place: int, since: int = 0) -> bool:
        """Tell whether a `<` outside comments and raw text surely begins a tag.

        A quoted value that holds it would begin at the last quote of its kind (HTML standard,
        13.2.5.36 and 13.2.5.37). A tag that holds it, and has no `>` in a value, would begin after
        the last `>`.

        Args:
            place: Where it stands.
            since: A place before it that is not inside a tag, from where to look.

        Returns:
            Whether nothing is open there; `False` also where that is not sure.
        """
        html = self.html
        end = html.rfind(">", since, place)
        if end < place - 1 and _MARKUP.search(html, max(end, since), place):
            return False
        for quote in _QUOTES:
            last = html.rfind(quote, since, place)
            if 0 <= end < last:
                if self._opens_value(last, since):
                    return False
                last = html.rfind(quote, since, end)
            # Mostly a letter stands there: asked here, as calls take longer.
            if last > since and html[last - 1] in _BEFORE_VALUE and self._opens_value(last, since):
                return False
        return True

    def is_outside_tags(self, place: int) -> bool:
        """Tell whether a place between a `>` and the next `<` surely is text."""
        end = max(self.html.rfind(">", 0, place), 0)
        return not any(self._opens_value(self.html.rfind(each, 0, end), 0) for each in _QUOTES)

    def is_html(self, place: int, since: int = 0) -> bool:
        """Tell whether a tag surely is read by the rules for HTML, and not as part of a drawing.

        Args:
            place: Where it stands.
            since: An image before it, which ends every drawing, another tag of which this is
                known, or 0.
        """
        if place <= self.drawing:
            return True
        # Most sources have no drawing before their last image.

        return is_outside_drawings(self, place, since)

    def _opens_value(self, quote: int, since: int) -> bool:
        """Tell whether a quote, if there is one after a place, may be the first of a value."""
        if quote <= since:
            return False
        before = self.html[quote - 1]
        return before == "=" or (
            before in _SPACE and self.html[since:quote].rstrip(_SPACE).endswith("=")
        )

    def _region_end(self, start: int) -> int | None:
        """Return the end of the comment or raw text that begins at `start`, if it is one."""
        html = self.html
        if html.startswith("<!--", start):
            comment = tokens.ABRUPT_COMMENT_END.match(html, start + 4)
            comment = comment or tokens.COMMENT_END.search(html, start + 4)
            return comment.end() if comment else None
        if html.startswith("<!", start):
            # In a drawing, `<![CDATA[` is text up to another end.
            return None if html.startswith("[", start + 2) else html.find(">", start) + 1 or None
        tag = tokens.TAG.match(html, start)
        if tag is None or (name := lower_name(tag[2])) not in tokens.RAW_TEXT:
            return None
        end = tokens.raw_text_end(html, name, tag.end())
        # In a drawing they are elements like others, which is the same where they hold none.
        return end if self.is_html(start) or html.find("<", tag.end(), end) < 0 else None


_SHAPE = (
    r"</?+(?:circle|clippath|defs|desc|ellipse|g|line|lineargradient|marker|mask|path|pattern|"
    r"polygon|polyline|radialgradient|rect|stop|symbol|text|title|tspan|use)"
    rf"(?={END}){VALUES}>"
)
_COMMENT = r"<!--(?!-?>)(?:[^-]++|-(?!-!?>))*+--!?>"
DRAWING = re.compile(
    rf"<svg(?={END}){VALUES}>(?:[^<]++|{_COMMENT}|{_SHAPE})*+</svg>", re.IGNORECASE | re.ASCII
)
"""A whole drawing of simple shapes, which neither nests one nor leads out of it."""

_LEAVES_DRAWING = re.compile(rf"<(?:{'|'.join(sorted(LEAVES_FOREIGN))}){END}")
_HTML_IN_DRAWING = re.compile(r"</?(?:desc|foreignobject|title)")
_OF_DRAWINGS = re.compile(r"<(?:svg|/?(?:desc|foreignobject|title))")


def is_outside_drawings(outline: Outline, place: int, since: int) -> bool:
    """Tell whether a tag surely stands outside of all drawings.

    Args:
        outline: The source.
        place: Where the tag stands.
        since: An image before it, which ends every drawing, another tag of which this is known, or
            0.
    """
    if not _OF_DRAWINGS.search(outline.lower, since, place):
        return True
    while (drawing := outline.lower.rfind("<svg", since, place)) >= 0:
        whole = DRAWING.match(outline.html, drawing, place)
        after = whole.end() if whole else drawing
        if _HTML_IN_DRAWING.search(outline.lower, after, place):
            return False
        # These tags end every drawing (HTML standard, 13.2.6.5).
        leaves = _LEAVES_DRAWING.search(outline.lower, after, place)
        if leaves:
            return not outline.is_within(leaves.start()) and outline.is_markup(
                leaves.start(), since
            )
        if not whole:
            return False
        place = drawing
    # Only after HTML in it can a drawing go on behind such a place.
    return not (since and _HTML_IN_DRAWING.search(outline.lower, since, place))
