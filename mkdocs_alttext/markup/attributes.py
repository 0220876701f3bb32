"""The attributes of one tag, with their places in the source.

Owns names, values and spans. It must not know which tag they belong to or what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_alttext.markup.entities import decode_attribute
from mkdocs_alttext.markup.tokens import ATTRIBUTE

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Attribute:
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


@dataclass(frozen=True, slots=True)
class Attributes:
    """All attributes of a tag in order, duplicates included.

    Where a name stands twice, browsers use the first (HTML standard, 13.2.5.33), and so do we.
    """

    records: tuple[Attribute, ...]

    def __iter__(self) -> Iterator[Attribute]:
        """Iterate in the order of the source."""
        return iter(self.records)

    def first(self, name: str) -> Attribute | None:
        """Return the attribute that counts for a name, or `None`."""
        for record in self.records:
            if record.name == name:
                return record
        return None

    def get(self, name: str, default: str = "") -> str:
        """Return the value that counts for a name."""
        record = self.first(name)
        return default if record is None else record.value

    def __contains__(self, name: str) -> bool:
        """Tell whether there is an attribute of that name."""
        return self.first(name) is not None

    def as_dict(self) -> dict[str, str]:
        """Return name and value of each attribute that counts."""
        values: dict[str, str] = {}
        for record in self.records:
            values.setdefault(record.name, record.value)
        return values


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
        name = found[1].replace("\x00", "\ufffd")
        raw = next((value for value in found.groups()[1:] if value is not None), "")
        records.append(Attribute(_lower(name), found.start(), found.end(), raw))
    return Attributes(tuple(records))


def _lower(name: str) -> str:
    """Lower ASCII letters only, as the standard does: `str.lower` also changes others."""
    if name.isascii():
        return name.lower()
    return "".join(character.lower() if character.isascii() else character for character in name)
