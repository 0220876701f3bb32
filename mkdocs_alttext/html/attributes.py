"""The attributes of one tag, with their places in the source.

Owns names, values and spans. It must not know which tag they belong to or what they mean.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.html.entities import decode_attribute
from mkdocs_alttext.html.tokens import ATTRIBUTE

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Sequence


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

    @property
    def value(self) -> str:
        """Its value as a browser sees it."""
        return decode_attribute(self.raw)


class Attributes:
    """All attributes of a tag in order, duplicates included.

    Where a name stands twice, browsers use the first (HTML standard, 13.2.5.33), and so do we.
    """

    __slots__ = ("_by_name", "_found")

    def __init__(self, found: Sequence[re.Match[str]]) -> None:
        """Take the attributes.

        Args:
            found: Matches of `tokens.ATTRIBUTE`, in the order of the source. What they say is read
                when it is asked for: of most attributes nothing ever is.
        """
        self._found = found
        # The last to be entered is the first of its name.
        self._by_name = {lower_name(match[1]): match for match in reversed(found)}

    def __iter__(self) -> Iterator[Attribute]:
        """Iterate in the order of the source."""
        return map(_attribute, self._found)

    def all(self, name: str) -> list[Attribute]:
        """Return every attribute of a name, in the order of the source."""
        if len(self._by_name) == len(self._found):
            return [] if name not in self._by_name else [_attribute(self._by_name[name])]
        return [attribute for attribute in self if attribute.name == name]

    def first(self, name: str) -> Attribute | None:
        """Return the attribute that counts for a name, or `None`."""
        match = self._by_name.get(name)
        return None if match is None else _attribute(match)

    def get(self, name: str, default: str = "") -> str:
        """Return the value that counts for a name."""
        match = self._by_name.get(name)
        return default if match is None else decode_attribute(_raw(match))

    def __contains__(self, name: str) -> bool:
        """Tell whether there is an attribute of that name."""
        return name in self._by_name

    @property
    def names(self) -> Iterable[str]:
        """Each name once."""
        return self._by_name

    def has_none_of(self, names: frozenset[str]) -> bool:
        """Tell whether there is no attribute of these names."""
        return names.isdisjoint(self._by_name)

    def as_dict(self) -> dict[str, str]:
        """Return name and value of each attribute that counts."""
        return {name: self.get(name) for name in self._by_name}


def parse_attributes(tag: re.Match[str]) -> Attributes:
    """Parse the attributes of a tag.

    Args:
        tag: A match of `tokens.TAG`.

    Returns:
        Its attributes, with spans in the same source.
    """
    # Up to the `>` itself: an expression sees nothing past its end, and `alt=>` is a case.
    # A slash between attributes separates them as white space does, so it is never part of a match.
    return Attributes(list(ATTRIBUTE.finditer(tag.string, tag.start(3), tag.end())))


def _attribute(match: re.Match[str]) -> Attribute:
    return Attribute(lower_name(match[1]), match.start(), match.end(), _raw(match))


def _raw(match: re.Match[str]) -> str:
    _, double, single, bare = match.groups()
    if double is not None:
        return double
    return single if single is not None else bare or ""


@lru_cache(maxsize=256)  # few names are met, each of them thousands of times
def lower_name(name: str) -> str:
    """Lower ASCII letters only, as the standard does for names: `str.lower` also changes others."""
    if name.isascii():
        return name.lower().replace("\x00", "\ufffd")
    name = name.replace("\x00", "\ufffd")
    return "".join(character.lower() if character.isascii() else character for character in name)
