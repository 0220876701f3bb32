"""From a service's words to one line of plain text, without markup, labels and idle openings."""

from __future__ import annotations

import html
import re
from contextlib import suppress

from mkdocs_alttext.system.printable import plain

LONG_TEXT = 150
"""Characters from which a text is published but reported."""
PICTURE = r"(?:image|picture|photo|photograph|graphic)"
"""What services call what they were sent."""

_MOST_ANSWER = 10_000
"""Characters of an answer that is cleaned: ten times the longest text, as each layer of markup that
is taken off takes another look at all of it."""

_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
_FENCED = re.compile(r"\s*```(?:[A-Za-z]*+[^\S\n]*+\n)?([^`]*)```\s*")
_QUOTES = frozenset("\"\" '' “” ‘’ «» »« \u2039\u203a \u203a\u2039 „“ „” 「」 『』 ``".split())
_APOSTROPHES = frozenset("'’")
_LABEL = re.compile(
    r"(?:(?:sure|certainly|of course)[,.!]? )?"
    r"(?:here(?: is|['’]s)(?: \w+){0,5}? )?[*_#> ]*"
    rf"(?:(?:(?:suggested|proposed) )?alt(?:ernative)?[ -]?text(?: for (?:the|this) {PICTURE})?"
    rf"[*_]*\s*(?:[:=]|[\u2013\u2014-](?=\s))|(?:alt|caption|(?:{PICTURE} )?description|{PICTURE})"
    r"[*_]*\s*[:=])[*_]*\s*",
    re.IGNORECASE,
)
_REDUNDANT_OPENING = re.compile(
    rf"(?:(?:this|the) {PICTURE} (?:(?:shows|depicts|displays|contains|features)\b\s*:?"
    r"|is(?: of\b:?|(?= (?:an?|the) )))"
    rf"|(?:this is )?(?:an? |the )?{PICTURE} (?:of|showing|depicting|displaying)\b\s*:?)\s+",
    re.IGNORECASE,
)
_NAME_WITH_CAPITAL = re.compile(r"[a-z]+[A-Z]")
"""How iPhone and macOS begin: they are written so at the beginning of a sentence, too."""


def clean(answer: str) -> str:
    """Turn a service's words into plain text.

    Args:
        answer: The text as it came.

    Returns:
        One line without markup, control characters, wrapping quotes or a redundant opening
        ("image of"); an opening that informs ("diagram of") stays. Cleaning twice changes nothing.
        An answer that is far too long comes back as it is, for `judge` to refuse.
    """
    if len(answer) > _MOST_ANSWER:
        return answer
    text = answer
    while (cleaned := _clean_once(text)) != text:
        text = cleaned
    return text


def _clean_once(answer: str) -> str:
    text = answer
    with suppress(ValueError):  # of a number that is too long for Python
        text = html.unescape(answer)
    text = _TAG.sub(" ", text)
    text = fenced[1] if (fenced := _FENCED.fullmatch(text)) else text
    text = plain(text, is_generated=True)
    text = text[1:-1].strip() if _is_quoted(text) else text
    text = text[label.end() :] if (label := _LABEL.match(text)) else text
    if opening := _REDUNDANT_OPENING.match(text):
        text = text[opening.end() :]
        if not _NAME_WITH_CAPITAL.match(text):
            text = text[:1].upper() + text[1:]
    return text


def _is_quoted(text: str) -> bool:
    """Tell whether one pair of quotes is around a whole text, and not around its ends."""
    opening, inner, closing = text[:1], text[1:-1], text[-1:]
    if opening + closing not in _QUOTES or not inner:
        return False
    depth = 0
    for before, character, after in zip(text, inner, text[2:], strict=False):
        if character in _APOSTROPHES and before.isalnum() and after.isalnum():
            continue
        if opening == closing == character:
            depth += 1 if before.isspace() or before in "([" else -1
        elif character in (opening, closing):
            depth += 1 if character == opening else -1
        if depth < 0:
            return False
    return depth == 0
