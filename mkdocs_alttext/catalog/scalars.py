"""Texts as YAML scalars on one line.

Owns quoting. It must not know what is quoted. What it writes reads back as the same text in YAML
1.1 and 1.2.
"""

from __future__ import annotations

import re
import unicodedata

from mkdocs_alttext.catalog.grammar import is_no_text

_PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_./@+ -]*[A-Za-z0-9_./@+-])?")
_NAMED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_JOINERS = "\u200c\u200d"
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"})


def quoted(text: str) -> str:
    """Return a text in double quotes.

    Whoever reviews a text should see all of it, so what shows nothing is escaped; joiners, which
    shape letters in some scripts, stay.

    Args:
        text: Any text that UTF-8 can hold.

    Returns:
        The scalar, on one line.
    """
    return f'"{"".join(map(_escaped, text))}"'


def word(text: str) -> str:
    """Return a text without quotes where that is safe, else in double quotes."""
    return text if _PLAIN.fullmatch(text) and not is_no_text(text) else quoted(text)


def _escaped(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    is_unseen = unicodedata.category(character) in _UNSEEN
    if character == " " or character in _JOINERS or not is_unseen:
        return character
    code = ord(character)
    if code > 0xFFFF:  # noqa: PLR2004 - what four digits hold
        return f"\\U{code:08X}"
    return f"\\x{code:02X}" if code < 0x80 else f"\\u{code:04X}"  # noqa: PLR2004 - ASCII's end
