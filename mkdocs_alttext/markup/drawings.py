"""What may stand inside a drawing, whose tags are read by other rules.

Owns recognising plain drawings, and the proof that a tag of a source stands outside of all. It must
not know where comments and raw text are (the outline tells). It is imported for the first source
that has a drawing before an image.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mkdocs_alttext.markup.elements import LEAVES_FOREIGN
from mkdocs_alttext.markup.outline import END, VALUES

if TYPE_CHECKING:
    from mkdocs_alttext.markup.outline import Outline

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
