"""What of a Markdown source is code, a comment or front matter, as far as the text alone tells.

Extensions may disagree with it, which is why writing never relies on it alone.
"""

from __future__ import annotations

import re

_BLANK = "\x00"
"""Takes the place of each character of such a span: no syntax has it."""

_FRONT_MATTER = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t\r]*$", re.DOTALL | re.MULTILINE
)
_FENCED = re.compile(
    r"^[ \t>]*(`{3,}+(?=[^`\n]*$)|~{3,}+).*?^[ \t>]*\1[`~]*[ \t\r]*$", re.DOTALL | re.MULTILINE
)
_HTML = re.compile(
    r"<!--.*?-->|<(script|style|textarea)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE
)
_CODE_SPAN = re.compile(r"(?<!\\)(?<![^\\]`)(`++)(?:(?!\n[ \t]*\r?\n).)+?(?<!`)\1(?!`)", re.DOTALL)
"""What stands between equal runs of backticks, in one block."""
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
    text = _without_indented(_FENCED.sub(_blank, text))
    return _CODE_SPAN.sub(_blank, _HTML.sub(_blank, text))


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
            lines[number] = _WORD.sub(_blank_word, line)
        after_blank = False
    return "".join(lines)


def _blank(match: re.Match[str]) -> str:
    return _WORD.sub(_blank_word, match[0])


def _blank_word(match: re.Match[str]) -> str:
    return _BLANK * len(match[0])
