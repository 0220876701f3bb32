"""What of a Markdown source is code, a comment or front matter.

Owns the spans in which nothing is an image, whatever it looks like, as far as the text alone tells
them. It must not know what is looked for elsewhere. Extensions may disagree with it, which is why
writing never relies on it alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = "\x00"
"""Takes the place of each character of such a span: no syntax has it."""

_FRONT_MATTER = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t\r]*$", re.DOTALL | re.MULTILINE
)
_FENCE = re.compile(r"^([ \t>]*)(`{3,}(?=[^`\n]*$)|~{3,})", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_RAW_TEXT = re.compile(r"<(script|style|textarea)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`)(?:(?!\n[ \t]*\r?\n).)+?(?<!`)\1(?!`)", re.DOTALL)
_INDENTED = re.compile(r"(?: {4}|\t)")
_CONTAINER = re.compile(r"[ \t>]*(?:[-*+][ \t]|\d+[.)][ \t]|!!!|\?\?\?|===|///|:[ \t]|\[\^)")
"""The first line of what may have indented content that is no code."""


def without_code(text: str) -> str:
    """Blank out what is no Markdown.

    Args:
        text: A source.

    Returns:
        A text of the same length and with the same white space, where code, comments and front
        matter hold NUL in place of each other character.
    """
    text = _FRONT_MATTER.sub(_blank, text, count=1)
    pieces: list[str] = []
    position = 0
    for start, end in _fenced(text):
        pieces += (text[position:start], _blanked(text[start:end]))
        position = end
    text = "".join((*pieces, text[position:]))
    text = _without_indented(text)
    for expression in (_COMMENT, _RAW_TEXT, _CODE_SPAN):
        text = expression.sub(_blank, text)
    return text


def _fenced(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    while opening := _FENCE.search(text, position):
        fence = opening[2]
        closing = re.compile(rf"^[ \t>]*{fence[0]}{{{len(fence)},}}[ \t\r]*$", re.MULTILINE)
        end = closing.search(text, opening.end())
        if end:
            yield opening.start(), end.end()
        position = end.end() if end else opening.end()


def _without_indented(text: str) -> str:
    """Blank out blocks that four spaces make code: those that no list or admonition holds."""
    lines = text.splitlines(keepends=True)
    is_code = is_held = False
    after_blank = True
    for number, line in enumerate(lines):
        if not line.strip():
            after_blank = True
            continue
        if not _INDENTED.match(line):
            # Unindented text after a container's first line belongs to it, too.
            is_held = bool(_CONTAINER.match(line)) or (is_held and not after_blank)
            is_code = False
        elif after_blank and not is_held:
            is_code = True
        if is_code:
            lines[number] = _blanked(line)
        after_blank = False
    return "".join(lines)


def _blank(match: re.Match[str]) -> str:
    return _blanked(match[0])


def _blanked(text: str) -> str:
    return re.sub(r"\S", _BLANK, text)
