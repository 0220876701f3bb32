"""The attributes of one tag: what a browser reads in them, where each stands, what `alt` says."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from mkdocs_alttext.models import PICTURE_ENDINGS
from mkdocs_alttext.system.printable import is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SPACE = r"\t\n\f\r "
"""What HTML calls white space, as the inside of a class of characters."""
_NAME = rf"=[^{SPACE}/>=]*+|[^{SPACE}/>=]++"
_EQUALS = rf"[{SPACE}]*+=[{SPACE}]*+"
_BARE = rf"[^{SPACE}>\"'][^{SPACE}>]*+"
ATTRIBUTE = rf"(?:{_NAME})(?:{_EQUALS}(?:\"[^\"]*+\"|'[^']*+'|(?=>)|{_BARE})|(?!{_EQUALS}))"
"""One attribute of a tag (HTML standard, 13.2.5.32 to 13.2.5.39). Every repetition is possessive,
so that no input makes the expression backtrack."""
_PARTS = re.compile(rf"({_NAME})(?:{_EQUALS}(?:\"([^\"]*+)\"|'([^']*+)'|(?=>)|({_BARE})))?+")
"""The same in parts: name, and a value in one of three quotings."""

_REFERENCE = re.compile(r"&(?:#[0-9]++;?|#[xX][0-9a-fA-F]++;?|([0-9A-Za-z]++;?))")
_LONGEST_NUMBER = 7
"""Digits of the highest character's number."""
_REPLACEMENT = "\ufffd"
_AS_READ = str.maketrans(f"{ascii_uppercase}\x00", f"{ascii_lowercase}{_REPLACEMENT}")
"""Names are lowered in ASCII only (HTML standard, 13.2.5.33): `str.lower` also changes others."""

_LAZY = ("data-src", "data-original")
_SETS = ("srcset", "data-srcset")
_FIRST_CANDIDATE = re.compile(r"[\s,]*(\S*[^\s,])")


class Attributes:
    """The attributes of an element by their names, as a browser sees them."""

    def __init__(self, values: Mapping[str, str | None]) -> None:
        """Take the attributes.

        Args:
            values: By names in lower case; an attribute without a value is empty or `None`.
        """
        self._values = values

    def get(self, name: str, default: str = "") -> str:
        """Return the value of a name."""
        return self._values.get(name, default) or ""

    def __contains__(self, name: str) -> bool:
        """Tell whether there is an attribute of that name."""
        return name in self._values

    @property
    def names(self) -> Iterable[str]:
        """Each name once."""
        return self._values.keys()

    def as_dict(self) -> dict[str, str]:
        """Return names and values."""
        return {name: value or "" for name, value in self._values.items()}


class Attribute(NamedTuple):
    """One attribute as it is written."""

    name: str
    """In lower case."""
    start: int
    """Where its name begins."""
    end: int
    """Where it ends, its closing quote included."""
    raw: str
    """Its value as it is written, without quotes; empty when it has none."""


class WrittenAttributes(Attributes):
    """All attributes of a tag in order, duplicates included.

    Where a name stands twice, browsers use the first (HTML standard, 13.2.5.33), and so do we.
    """

    def __init__(self, source: str, start: int, end: int) -> None:
        """Read the attributes of a tag.

        Args:
            source: The source that the tag stands in.
            start: Where the tag's name ends.
            end: Where the tag ends, after its `>`: `alt=>` is an attribute, too.
        """
        self._written = [
            Attribute(
                found[1].translate(_AS_READ), *found.span(), found[2] or found[3] or found[4] or ""
            )
            for found in _PARTS.finditer(source, start, end)
        ]
        # The last to be entered is the first of its name.
        super().__init__({each.name: decode(each.raw) for each in reversed(self._written)})

    def __iter__(self) -> Iterator[Attribute]:
        """Iterate in the order of the source."""
        return iter(self._written)

    def all(self, name: str) -> list[Attribute]:
        """Return every attribute of a name, in the order of the source."""
        return [attribute for attribute in self._written if attribute.name == name]


def decode(raw: str) -> str:
    """Decode an attribute's value as a browser does.

    The standard library follows the rules for text. In attributes, `?a=1&copy=2` stays as it is:
    a name without a semicolon is no reference before `=`, a letter or a digit (HTML standard,
    13.2.5.73 Named character reference state).

    Args:
        raw: The value as it stands in the source, without its quotes.

    Returns:
        The value with references decoded, line ends normalised and NUL replaced.
    """
    value = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", _REPLACEMENT)
    return _REFERENCE.sub(_character, value) if "&" in value else value


def _character(found: re.Match[str]) -> str:
    reference, name = found[0], found[1]
    if name:
        following = found.string[found.end() : found.end() + 1]
        is_cut = not name.endswith(";") and following == "="
        return reference if is_cut else html5.get(name, reference)
    digits = reference.strip("&#xX;").lstrip("0")
    if len(digits) > _LONGEST_NUMBER:  # Python refuses thousands of digits
        return _REPLACEMENT
    # Where the standard library sees nothing, browsers see a control character.
    return unescape(reference) or chr(int(digits, 16 if reference[2] in "xX" else 10))


def image_address(attributes: Attributes) -> str:
    """Choose the address that stands for the picture of an `<img>`.

    Args:
        attributes: The tag's attributes.

    Returns:
        The value of `src`; or, when that is missing, empty or a `data:` placeholder, the address a
        lazy loader would put there, then the first candidate of `srcset`. Empty when there is none.
    """
    source = attributes.get("src").strip()
    if source and source[:5].lower() != "data:":
        return source
    for name in _LAZY:
        if lazy := attributes.get(name).strip():
            return lazy
    for name in _SETS:
        if first := _FIRST_CANDIDATE.match(attributes.get(name)):
            return first[1]
    return source


_PLACEHOLDER = "no description has been provided for this image"
"""What nbconvert 7 and later write where a notebook's picture has no text."""
_ENDING = rf"\.(?:{PICTURE_ENDINGS})"
_FILE_NAME = re.compile(rf"[^\s/\\:]+(?: [^\s/\\:]+){{0,5}}{_ENDING}", re.IGNORECASE)
_PICTURE = re.compile(rf"data:image/|[^?#]*{_ENDING}(?:[?#]|$)", re.IGNORECASE)

_NUMBER = r"(?i)(?:^| )(?:\d{4}|\(?\d+\)?\.[a-z]+$)"
"""A date, or a number at the end."""


def is_placeholder(text: str) -> bool:
    """Tell whether a text is one that a tool writes when it has none."""
    return " ".join(text.split()).rstrip(".").lower() == _PLACEHOLDER


def is_description(text: str, tag: Attributes, *, replaces_file_names: bool) -> bool:
    """Tell whether the value of an `alt` is a text that stays.

    Args:
        text: The value.
        tag: The attributes of its image.
        replaces_file_names: Whether the name of a file counts as missing.
    """
    if is_blank(text) or is_placeholder(text):
        return False
    return not (replaces_file_names and is_file_name(text, tag))


def is_file_name(text: str, tag: Attributes | None = None) -> bool:
    """Tell whether a text is only the name of an image file (WCAG failure F30).

    Args:
        text: The text. With spaces in it, it may as well be a sentence about a file: then it is a
            name if it has a number as cameras and screenshots do, or is the picture's own.
        tag: The attributes of its image, if it has one.
    """
    name = text.strip()
    if _FILE_NAME.fullmatch(name) is None:
        return False
    if " " not in name or re.search(_NUMBER, name):
        return True
    return tag is not None and name == _name_in(image_address(tag))


def _name_in(address: str) -> str:
    return unquote(address.partition("?")[0].partition("#")[0].rpartition("/")[2])


def leads_to_picture(address: str) -> bool:
    """Tell by its ending whether a link's address is that of a picture: a lightbox."""
    return _PICTURE.match(address) is not None
