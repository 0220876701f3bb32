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
_TICKS = re.compile(r"(?<!\\)`+")
_BLOCK_END = re.compile(r"\n[ \t]*\r?\n")
_WORD = re.compile(r"\S+")
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
    if "```" in text or "~~~" in text:
        text = _blank_spans(text, _fenced(text))
    if "\n    " in text or "\n\t" in text:
        text = _without_indented(text)
    if "<" in text:
        text = _RAW_TEXT.sub(_blank, _COMMENT.sub(_blank, text))
    return _blank_spans(text, _code_spans(text)) if "`" in text else text


def _blank_spans(text: str, spans: Iterator[tuple[int, int]]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += (text[position:start], _blanked(text[start:end]))
        position = end
    return "".join((*pieces, text[position:]))


def _fenced(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    while opening := _FENCE.search(text, position):
        fence = opening[2]
        closing = re.compile(rf"^[ \t>]*{fence[0]}{{{len(fence)},}}[ \t\r]*$", re.MULTILINE)
        end = closing.search(text, opening.end())
        if end:
            yield opening.start(), end.end()
        position = end.end() if end else opening.end()


def _code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield what stands between equal runs of backticks, in one block."""
    position = 0
    while opening := _TICKS.search(text, position):
        block = _BLOCK_END.search(text, opening.end())
        closing = re.compile(rf"(?<!`){opening[0]}(?!`)")
        end = closing.search(text, opening.end() + 1, block.start() if block else len(text))
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
    return _WORD.sub(lambda word: _BLANK * len(word[0]), text)
