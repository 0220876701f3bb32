"""The attributes of one tag, with their places in the source.

Owns names, values and spans. It must not know which tag they belong to or what they mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.markup.entities import decode_attribute
from mkdocs_alttext.markup.tokens import ATTRIBUTE

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator


class Attribute(NamedTuple):
    """One attribute as it is written. A tuple, as there are many on each page."""

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

    __slots__ = ("_by_name", "records")

    def __init__(self, records: tuple[Attribute, ...]) -> None:
        """Take the attributes.

        Args:
            records: In the order of the source.
        """
        self.records = records
        # The last to be entered is the first of its name.
        self._by_name = {record.name: record for record in reversed(records)}

    def __iter__(self) -> Iterator[Attribute]:
        """Iterate in the order of the source."""
        return iter(self.records)

    def first(self, name: str) -> Attribute | None:
        """Return the attribute that counts for a name, or `None`."""
        return self._by_name.get(name)

    def get(self, name: str, default: str = "") -> str:
        """Return the value that counts for a name."""
        record = self._by_name.get(name)
        return default if record is None else record.value

    def __contains__(self, name: str) -> bool:
        """Tell whether there is an attribute of that name."""
        return name in self._by_name

    def as_dict(self) -> dict[str, str]:
        """Return name and value of each attribute that counts."""
        return {record.name: record.value for record in self._by_name.values()}


def parse_attributes(tag: re.Match[str]) -> Attributes:
    """Parse the attributes of a tag.

    Args:
        tag: A match of `tokens.TAG`.

    Returns:
        Its attributes, with spans in the same source.
    """
    records = []
    # Up to the `>` itself: an expression sees nothing past its end, and `alt=>` is a case.
    # A slash between attributes separates them as white space does, so it is never part of a match.
    for found in ATTRIBUTE.finditer(tag.string, tag.start(3), tag.end()):
        name, raw, single, bare = found.groups()
        if raw is None:
            raw = single if single is not None else bare or ""
        start, end = found.span()
        records.append(Attribute(_lower(name), start, end, raw))
    return Attributes(tuple(records))


def _lower(name: str) -> str:
    """Lower ASCII letters only, as the standard does: `str.lower` also changes others."""
    if name.isascii():
        return name.lower().replace("\x00", "\ufffd")
    name = name.replace("\x00", "\ufffd")
    return "".join(character.lower() if character.isascii() else character for character in name)
