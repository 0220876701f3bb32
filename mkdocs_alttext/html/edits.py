"""Changing single attributes of a source: edits as spans and what takes their place."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mkdocs_alttext.html.scanner import ImageTag

_WHITE_SPACE = "\t\n\f\r "
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


class Edit(NamedTuple):
    """One span of the source and what takes its place."""

    start: int
    end: int
    text: str


def quote_attribute(value: str) -> str:
    """Quote a text as an attribute value.

    `<` and `>` are escaped though HTML does not ask for it: other plugins look for tags with
    expressions that end at the first `>`.

    Args:
        value: Any text.

    Returns:
        The value in double quotes, which every browser reads back as the same text.
    """
    return f'"{value.translate(_ESCAPES)}"'


def set_attribute(tag: ImageTag, name: str, value: str) -> list[Edit]:
    """Give an attribute a value: in its place, or directly after the tag's name.

    Browsers read the first of several attributes of one name, so that one is replaced and the
    later ones go.

    Args:
        tag: The tag to change.
        name: The attribute's name in lower case.
        value: Its new value, not yet quoted.

    Returns:
        The edits.
    """
    return insert_quoted(tag, name, quote_attribute(value))


def insert_quoted(tag: ImageTag, name: str, quoted: str) -> list[Edit]:
    """Give an attribute a value as `set_attribute` does.

    Args:
        tag: The tag to change.
        name: The attribute's name in lower case.
        quoted: Its new value with its quotes, which is written as it is.

    Returns:
        The edits.
    """
    written = f"{name}={quoted}"
    places = [span for span in tag.spans if span.name == name]
    if not places:
        return [Edit(tag.name_end, tag.name_end, f" {written}")]
    first, *later = places
    return [
        Edit(first.start, first.end, written),
        *(Edit(attribute.start, attribute.end, "") for attribute in later),
    ]


def remove_attribute(html: str, tag: ImageTag, name: str) -> list[Edit]:
    """Remove every attribute of a name, with the white space before it.

    Args:
        html: The source.
        tag: The tag to change.
        name: The attribute's name in lower case.

    Returns:
        The edits; none when the tag has no such attribute.
    """
    edits: list[Edit] = []
    for attribute in tag.spans:
        if attribute.name != name:
            continue
        start = attribute.start
        while html[start - 1] in _WHITE_SPACE:
            start -= 1
        # In `a=b c="d"e=f` and `a=b c="d"/>` only this white space ends the value `b`.
        ends = _WHITE_SPACE + ">" if start > tag.name_end else _WHITE_SPACE + "/>"
        is_apart = html[attribute.end] in ends
        edits.append(Edit(start if is_apart else attribute.start, attribute.end, ""))
    return edits


def apply_edits(html: str, edits: Iterable[Edit]) -> str:
    """Splice edits into a source.

    Args:
        html: The source.
        edits: Edits in any order. Where spans overlap, all that they cover is replaced.

    Returns:
        The source with each span replaced, and every other character as it was.
    """
    pieces: list[str] = []
    position = 0
    # The sort is stable: what is put at one place stays in its order.
    for edit in sorted(edits, key=itemgetter(0, 1)):
        pieces += (html[position : edit.start], edit.text)
        position = max(position, edit.end)
    if not pieces:
        return html
    pieces.append(html[position:])
    return "".join(pieces)
