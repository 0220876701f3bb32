"""The images that are written in a Markdown source.

Owns what may be an image there, in Markdown or in HTML: its span, its line, its address, and the
slot that a text goes into. It must not know how a text is spelt, nor whether Python-Markdown agrees
that it is an image: `proof` asks it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache, cached_property
from typing import TYPE_CHECKING

from markdown import Markdown
from markdown.inlinepatterns import LinkInlineProcessor

from mkdocs_alttext.html.attributes import image_address
from mkdocs_alttext.html.scanner import ImageTag, read_tag
from mkdocs_alttext.sources.code import without_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BEGINNING = re.compile(r"!\[|<img(?=[\s/>])", re.IGNORECASE)
_BLOCK_END = re.compile(r"\n[ \t>]*\r?\n")
_ESCAPE = re.compile(r"\\([^\w\s]|_)")
_REFERENCE = re.compile(r"\s?\[([^\]]*)\]")
_DEFINITION = re.compile(
    r"^[ \t>]*\[([^\[\]\n]+)\]:[ \t]*(?:\r?\n[ \t]*)?<?([^\s<>]+)", re.MULTILINE
)
_ATTRIBUTE_LIST = re.compile(r"\{:?[ ]*[^}\n ][^\n]*?\}")
_ALT_IN_LIST = re.compile(r"""(?<=[\s{:])alt=("[^"\n]*"|'[^'\n]*'|[^\s}"']*)""")


class Form(Enum):
    """How a text is written into a slot."""

    BRACKETS = auto()
    """Between the brackets of `![…](…)` or `![…][id]`."""
    NAME = auto()
    """Before the name of `![name]` or `![name][]`, which is text and reference in one."""
    LIST = auto()
    """As the value of `alt` in an attribute list, `![](…){ alt="…" }`."""
    TAG = auto()
    """As an attribute of `<img>`."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a text goes."""

    form: Form
    start: int
    end: int
    name: str = ""
    """The reference's name, where the text stands before it."""


@dataclass(frozen=True, slots=True)
class SourceImage:
    """What may be an image of a source."""

    line: int
    """Where it begins, from 1."""
    src: str
    """Its address as it is written; empty when another file defines it."""
    alt: str | None
    """Its text, as nearly as can be told without rendering; `None` when it has no `alt`."""
    slot: Slot
    tag: ImageTag | None = field(default=None, repr=False)
    """Of `<img>`."""


def find_images(text: str) -> list[SourceImage]:
    """Find what may be an image.

    Args:
        text: A Markdown source.

    Returns:
        In the order of the source, each `![…](…)`, `![…][…]`, `![…]` with a known name, and
        `<img>`, except in code and comments.
    """
    if not _BEGINNING.search(text):
        return []
    return list(_Finder(text).images())


class _Finder:
    """Looks through one source."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._visible = without_code(text)
        self._grammar = _link_grammar()
        self._line = 1
        self._counted = 0

    def images(self) -> Iterator[SourceImage]:
        position = 0
        while beginning := _BEGINNING.search(self._visible, position):
            start = beginning.start()
            position = beginning.end()
            if beginning[0].startswith("<"):
                image = self._html_image(start)
            elif self._is_escaped(start):
                image = None
            else:
                image = self._markdown_image(start)
            if image:
                yield image
                position = max(position, image.slot.end)  # its text is none of an image

    @cached_property
    def _definitions(self) -> Mapping[str, str]:
        return {_name(found[1]): found[2] for found in _DEFINITION.finditer(self._visible)}

    def _is_escaped(self, place: int) -> bool:
        first = place
        while first and self._visible[first - 1] == "\\":
            first -= 1
        return (place - first) % 2 == 1

    def _html_image(self, start: int) -> SourceImage | None:
        tag = read_tag(self._visible, start)
        if tag is None:
            return None
        alt = tag.attributes.get("alt") if "alt" in tag.attributes else None
        slot = Slot(Form.TAG, start, tag.end)
        return SourceImage(self._line_of(start), image_address(tag.attributes), alt, slot, tag)

    def _markdown_image(self, start: int) -> SourceImage | None:
        block = self._block(start)
        _, after, is_closed = self._grammar.getText(block, len("!["))
        if not is_closed:
            return None
        opening, closing = start + len("!["), start + after - 1
        written = self._text[opening:closing]
        if block.startswith("(", after):
            src, _, end, is_link = self._grammar.getLink(block, after)
            if not is_link:
                return None
            place = start + block.find(src, after)
            src = _ESCAPE.sub(r"\1", self._text[place : place + len(src)])
            slot = _list_slot(block, start, end) or Slot(Form.BRACKETS, opening, closing)
            return self._image(start, src, written, slot)
        if reference := _REFERENCE.match(block, after):
            name = self._text[start + reference.start(1) : start + reference.end(1)]
            slot = Slot(Form.BRACKETS, opening, closing)
            if not name.strip():
                name, slot = written, Slot(Form.NAME, opening, start + reference.end() - 1, written)
            slot = _list_slot(block, start, reference.end()) or slot
            return self._image(start, self._definitions.get(_name(name), ""), written, slot)
        if _name(written) not in self._definitions:
            return None
        slot = Slot(Form.NAME, opening, closing, written)
        return self._image(start, self._definitions[_name(written)], written, slot)

    def _block(self, start: int) -> str:
        """Return the block from a place on as Python-Markdown sees it, without escaped characters.

        It has put them away by then.
        """
        end = _BLOCK_END.search(self._visible, start)
        return _ESCAPE.sub("\x00\x00", self._visible[start : end.start() if end else None])

    def _image(self, start: int, src: str, written: str, slot: Slot) -> SourceImage:
        if slot.form is Form.LIST:
            written = self._text[slot.start : slot.end].strip("\"'")
        alt = html.unescape(_ESCAPE.sub(r"\1", written))
        return SourceImage(self._line_of(start), src, alt, slot)

    def _line_of(self, place: int) -> int:
        # Images come in order, so that each character is looked at once.
        self._line += self._text.count("\n", self._counted, place)
        self._counted = place
        return self._line


@cache
def _link_grammar() -> LinkInlineProcessor:
    """Return Python-Markdown's own reading of `(address "title")`, on which nothing could improve.

    It is made once, as that takes longer than reading a page, and only asked.
    """
    markdown = Markdown()
    markdown.convert(".")  # which makes what its parts need
    return LinkInlineProcessor("", markdown)


def _list_slot(block: str, start: int, end: int) -> Slot | None:
    """Return the value of `alt` in the attribute list that follows an image, if there is one."""
    attributes = _ATTRIBUTE_LIST.match(block, end)
    alt = attributes and _ALT_IN_LIST.search(block, attributes.start(), attributes.end())
    return Slot(Form.LIST, start + alt.start(1), start + alt.end(1)) if alt else None


def _name(written: str) -> str:
    return " ".join(written.split()).lower()
