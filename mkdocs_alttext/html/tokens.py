"""The regular expressions that cut HTML source into tags, comments and raw text.

Owns the HTML standard's tokenization (13.2.5) as far as spans go. It must not know about the tree:
which element is open, and so whether `<title>` begins raw text, is the scanner's business.
Every repetition is possessive, so that no input makes an expression backtrack.
"""

from __future__ import annotations

import re
from functools import cache

_SPACE = r"\t\n\f\r "

_ATTRIBUTE = (
    rf"(?:=[^{_SPACE}/>=]*+|[^{_SPACE}/>=]++)"
    rf"(?:[{_SPACE}]*+=[{_SPACE}]*+"
    rf"(?:\"[^\"]*+\"|'[^']*+'|(?=>)|[^{_SPACE}>\"'][^{_SPACE}>]*+)"
    rf"|(?![{_SPACE}]*+=))"
)

TAG = re.compile(rf"<(/?)([a-zA-Z][^{_SPACE}/>]*+)((?:[{_SPACE}/]++|{_ATTRIBUTE})*+)>")
"""A whole start or end tag: slash, name, everything up to its `>`. A tag that the input cuts off
does not match, as a browser drops it."""

ATTRIBUTE = re.compile(
    rf"(=[^{_SPACE}/>=]*+|[^{_SPACE}/>=]++)"
    rf"(?:[{_SPACE}]*+=[{_SPACE}]*+"
    rf"(?:\"([^\"]*+)\"|'([^']*+)'|(?=>)|([^{_SPACE}>\"'][^{_SPACE}>]*+)))?+"
)
"""One attribute inside a tag that `TAG` matched: name, and a value in one of three quotings."""

COMMENT_END = re.compile(r"--!?>")

ABRUPT_COMMENT_END = re.compile(r"-?>")
"""What ends a comment at once when it directly follows `<!--`."""

# In ASCII's cases only, as the standard compares: Python takes the long s for an `s`, too.
_ANY_CASE = re.IGNORECASE | re.ASCII
_SCRIPT_STEP = re.compile(rf"<!--|-->|<(/?)script(?=[{_SPACE}/>])", _ANY_CASE)

RAW_TEXT = frozenset("iframe noembed noframes plaintext script style textarea title xmp".split())
"""Elements whose content is text to a browser, whatever it looks like, outside SVG and MathML."""


def raw_text_end(html: str, name: str, start: int) -> int:
    """Find where the text inside a raw-text element ends.

    Args:
        html: The source.
        name: The element's name, one of `RAW_TEXT`.
        start: Where the text begins.

    Returns:
        The position of the end tag, or the length of the source when there is none.
    """
    if name == "script":
        return _script_end(html, start)
    if name == "plaintext":
        return len(html)
    found = _end_tag(name).search(html, start)
    return found.start() if found else len(html)


@cache
def _end_tag(name: str) -> re.Pattern[str]:
    # Most sources have one or two of these elements, and compiling takes longer than searching.
    return re.compile(rf"</{name}(?=[{_SPACE}/>])", _ANY_CASE)


def _script_end(html: str, start: int) -> int:
    """Follow the "escaped" states: `<!--` hides one pair of script tags (13.2.5.15 and after)."""
    escaped = hidden = False
    position = start
    while found := _SCRIPT_STEP.search(html, position):
        step = found[0]
        position = found.end()
        if step == "<!--":
            escaped = True
            position -= 2  # its own dashes may begin the closing `-->`
        elif step == "-->":
            escaped = hidden = False
        elif not escaped:
            if found[1]:
                return found.start()
        elif found[1] and not hidden:
            return found.start()
        else:
            hidden = not found[1]
    return len(html)
