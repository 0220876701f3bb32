"""Character references inside attribute values.

Owns decoding a raw attribute value to the text a browser sees. It must not know about tags.
The standard library's `html.unescape` follows the rules for text, which differ in attributes:
`?a=1&copy=2` stays as it is there (HTML standard, 13.2.5.73 Named character reference state).
"""

from __future__ import annotations

import re
from html.entities import html5

_REFERENCE = re.compile(r"&(?:#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?|([0-9A-Za-z]+;?))")
_LONGEST_NAME = max(map(len, html5))
_MAX_CODE_POINT = 0x10FFFF
_MAX_DIGITS = len(str(_MAX_CODE_POINT))
_SURROGATES = range(0xD800, 0xE000)
_C1_CONTROLS = range(0x80, 0xA0)
_REPLACEMENT = "\ufffd"


def decode_attribute(raw: str) -> str:
    """Decode an attribute value as a browser does.

    Args:
        raw: The value as it stands in the source, without its quotes.

    Returns:
        The value with references decoded, line ends normalised and NUL replaced.
    """
    if "\r" in raw:
        raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in raw:
        raw = raw.replace("\x00", _REPLACEMENT)
    return _REFERENCE.sub(_decode, raw) if "&" in raw else raw


def _decode(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name is None:
        digits = (hexadecimal or decimal).lstrip("0") or "0"
        # A reference this long is out of range; int() refuses some of them for their length alone.
        if len(digits) > _MAX_DIGITS:
            return _REPLACEMENT
        return _character(int(digits, 16 if hexadecimal else 10))
    return _named(match.string, match.start(), match.end(), name)


def _character(code: int) -> str:
    """Map a numeric reference (HTML standard, 13.2.5.80 Numeric character reference end state)."""
    if code == 0 or code > _MAX_CODE_POINT or code in _SURROGATES:
        return _REPLACEMENT
    if code in _C1_CONTROLS:
        return bytes([code]).decode("cp1252", errors="ignore") or chr(code)
    return chr(code)


def _named(source: str, start: int, end: int, name: str) -> str:
    for length in range(min(len(name), _LONGEST_NAME), 0, -1):
        character = html5.get(name[:length])
        if character is None:
            continue
        rest = start + 1 + length
        following = source[rest : rest + 1]
        if name[length - 1] != ";" and (following == "=" or _is_ascii_alphanumeric(following)):
            break
        return character + source[rest:end]
    return source[start:end]


def _is_ascii_alphanumeric(character: str) -> bool:
    return character.isascii() and character.isalnum()
