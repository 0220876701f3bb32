"""Lines of text found in a picture, cleaned of what is not text.

Owns the record that a reader of pictures hands over, and what makes a line worth reading out. It
must not know which software read the picture, nor how lines are put together.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_CONFIDENCE = 0.7
"""Real text of screenshots is read at 0.85 and more, shapes taken for text mostly at less."""
_CONFIDENCE_OF_FEW = 0.9
"""For two characters and for text that stands upright: both are often shapes."""
_CONFIDENCE_OF_DIGIT = 0.98

_BOX_PER_SIZE = 1.3
"""Height of a detected box over the size of its font: boxes have a margin."""
_UPRIGHT = 1.5
_MARKS = "•·●○◦■□▪▶►✓✔✗✘☑☐★☆→← "
_LEADING_SHAPE = re.compile(r"^[-*]\s+|^[^\w\s\"'“‘(\[<#$€£¥@/.~+\u2212-]+\s+")
_TRAILING_DOTS = re.compile(r"\s*(?:\.{2,}|…)$")
_QUOTES = re.compile(r"([\"'])\1{2}")
_SIGNS = str.maketrans({"\u2103": "°C", "\u2109": "°F", "\u00a0": " ", "\u3000": " "})
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_NARROW, _WIDE = frozenset("iIjlftr.,:;'|!()[] 1-"), frozenset("mwMW@%")
_PROMPTS = frozenset({"$", ">"})


@dataclass(frozen=True, slots=True)
class TextRegion:
    """One line of text as it was found."""

    text: str
    corners: tuple[tuple[float, float], ...]
    """Corners of the box around it, as (x, y) in pixels."""
    confidence: float
    """From 0 to 1."""


@dataclass(frozen=True, slots=True, order=True)
class TextLine:
    """One line of text that is worth reading out; lines sort from top to bottom."""

    top: float
    left: float
    bottom: float
    right: float
    """All in pixels."""
    text: str
    size: float
    """About the font's size in pixels."""

    @property
    def height(self) -> float:
        """Height of the box in pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Distance of the box's middle from the picture's top."""
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        """Distance of the box's middle from the picture's left."""
        return (self.left + self.right) / 2


def read_lines(regions: Iterable[TextRegion]) -> list[TextLine]:
    """Keep what is text, from top to bottom.

    Args:
        regions: What was found, in any order; boxes without extent or end are left out.

    Returns:
        Lines with plain text, without icons, stray symbols and what was hardly legible.
    """
    found = {(_line(region), region.confidence) for region in regions if _has_box(region)}
    prompts = [line for line, _ in found if line.text in _PROMPTS]
    lines = {line for line, confidence in found if not _is_junk(line, confidence)}
    return sorted(_with_prompt(line, prompts) for line in lines)


def is_sparse_script(character: str) -> bool:
    """Tell whether a character belongs to a script that writes without spaces."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff"


def width_in_ems(text: str) -> float:
    """Estimate how wide a text is, in sizes of its font."""
    return sum(
        1.0
        if is_sparse_script(character)
        else 0.34
        if character in _NARROW
        else 0.85
        if character in _WIDE
        else 0.66
        if character.isupper()
        else 0.56
        for character in text
    )


def letters(text: str) -> int:
    """Count the letters of a text."""
    return sum(character.isalpha() for character in text)


def _has_box(region: TextRegion) -> bool:
    values = [value for corner in region.corners for value in corner]
    return bool(values) and all(map(math.isfinite, (*values, region.confidence)))


def _line(region: TextRegion) -> TextLine:
    xs, ys = [x for x, _ in region.corners], [y for _, y in region.corners]
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    raw = _visible(region.text)
    long, short = right - left, bottom - top
    if _is_upright(long, short, raw):
        long, short = short, long
    by_height = short / _BOX_PER_SIZE
    by_width = (long - 0.4 * short) / max(width_in_ems(raw), 0.5)
    # Heights of boxes vary with the letters in them; widths do, too, in monospaced fonts.
    size = max(min(by_height, by_width), 1.0)
    return TextLine(top, left, bottom, right, _plain(raw), size)


def _is_upright(width: float, height: float, text: str) -> bool:
    return len(text) > 1 and height > _UPRIGHT * width


def _visible(text: str) -> str:
    """Bring a text to plain characters and single spaces."""
    text = text.translate(_SIGNS).replace("°°", "°")
    if not any(map(is_sparse_script, text)):
        text = text.translate(_FULL_WIDTH)
    visible = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or not unicodedata.category(character).startswith("C")
    )
    return " ".join(visible.split())


def _plain(text: str) -> str:
    """Drop an icon in front, dots behind and the triple quotes of code."""
    text = _QUOTES.sub("", text).strip()
    text = text.lstrip(_MARKS)
    text = _without_icon(_LEADING_SHAPE.sub("", text, count=1))
    return _TRAILING_DOTS.sub("", text)


def _without_icon(text: str) -> str:
    """Drop a single foreign letter in front of ASCII text: what an icon was taken for."""
    first, space, rest = text.partition(" ")
    is_icon = len(first) == 1 and first.isalpha() and not first.isascii()
    return rest if space and is_icon and rest.isascii() else text


def _is_junk(line: TextLine, confidence: float) -> bool:
    text = line.text
    solid = sum(character.isalnum() for character in text)
    if confidence < LEAST_CONFIDENCE or 2 * solid < len(text.replace(" ", "")) or not solid:
        return True
    if len(text) == 1:
        return not (text.isdecimal() and confidence >= _CONFIDENCE_OF_DIGIT)
    is_doubtful = len(text) == 2 or _is_upright(line.right - line.left, line.height, text)  # noqa: PLR2004
    if is_doubtful and confidence < _CONFIDENCE_OF_FEW:
        return True
    words = text.split()
    return len(words) > 1 and all(len(word) == 1 for word in words)


def _with_prompt(line: TextLine, prompts: list[TextLine]) -> TextLine:
    """Join a shell's prompt, which stands apart, to its command."""
    for prompt in sorted(prompts):
        gap = line.left - prompt.right
        is_beside = abs(prompt.middle - line.middle) < line.height / 3
        if is_beside and -line.height / 3 <= gap <= line.height:
            return replace(
                line, left=min(line.left, prompt.left), text=f"{prompt.text} {line.text}"
            )
    return line
