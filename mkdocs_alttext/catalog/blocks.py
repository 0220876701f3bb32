"""Where the names and values of a catalog stand in its text, and how values are written.

`yaml.compose` says where each key and value stands. A mapping returns the edits that put new text
in there; nothing here knows what an entry means.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import yaml

from mkdocs_alttext.catalog.entries import ANY_LANGUAGE
from mkdocs_alttext.catalog.reading import KEYS, is_no_text
from mkdocs_alttext.html.edits import Edit
from mkdocs_alttext.system.printable import is_unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LONGEST_SIMPLE_KEY = 1000
"""Characters; YAML allows 1024, quotes and escapes included, before the colon on its line."""

_PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_./@+ -]*[A-Za-z0-9_./@+-])?")


class Block:
    """One mapping of the text. No method changes it: they return edits."""

    def __init__(self, text: str, node: yaml.Node | None) -> None:
        """Take a mapping; anything else stands for one that has no names yet."""
        self._text = text
        self._pairs: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        self.in_braces = False
        """Whether it is written as `{…}`."""
        if isinstance(node, yaml.MappingNode):
            self._pairs = {key.value: (key, value) for key, value in node.value}
            self.in_braces = bool(node.flow_style)
        self.names = list(self._pairs)
        """Its keys as they are written, in their order."""
        self._indentation = ""
        """White space before each of its names."""
        if self.names:
            key = self._pairs[self.names[0]][0]
            before = text[_line_start(key) : key.start_mark.index]
            self._indentation = before.partition("?")[0]

    def block(self, name: str) -> Block:
        """Return the mapping that is the value of a name."""
        return Block(self._text, self._pairs[name][1] if name in self._pairs else None)

    def put(self, name: str, text: str, *, behind: str = "") -> Edit | None:
        """Return the edit that gives a name a value on one line.

        Args:
            name: The name, which need not be there yet.
            text: The value as it is written.
            behind: The name that a new one follows; empty for its place in their order.

        Returns:
            `None` when a comment stands within the old value, or that value is no scalar.
        """
        if name not in self._pairs:
            pair = f"{word(name)}: {text}"
            if not (behind or self.in_braces):
                return self.inserted(name, [pair])
            end = _last(self._pairs[behind or self.names[-1]][1]).end_mark.index
            if self.in_braces:
                return Edit(end, end, f", {pair}")
            place = self._line_end(end)
            return Edit(place, place, f"{self._indentation}{pair}\n")
        value = self._pairs[name][1]
        start, end = value.start_mark.index, value.end_mark.index
        is_lines = isinstance(value, yaml.MappingNode) and not value.flow_style
        if is_lines or self._has_comment(start, end, value):
            return None
        if _is_block_scalar(value):  # it ends with the blank lines behind it
            end = start + len(self._text[start:end].rstrip())
        return Edit(start, end, text)

    def put_in_order(self, name: str, text: str) -> Edit | None:
        """Return the edit that gives a key of an entry a value; a new one has its place in `KEYS`.

        Args:
            name: The key, which is neither of the first two.
            text: The value as it is written.
        """
        before = KEYS[: KEYS.index(name)]
        behind = next(each for each in (*reversed(before), "status") if each in self._pairs)
        return self.put(name, text, behind=behind)

    def put_first(self, name: str, values: Mapping[str, str], write: Callable[[str], str]) -> Edit:
        """Return the edit that puts a new key before the others, below a comment above them."""
        if self.in_braces:
            end = self._pairs[self.names[-1]][1].end_mark.index
            return Edit(end, end, f", {name}: {one_line(values, write)}")
        place = _line_start(self._pairs[self.names[0]][0])
        lines = (f"{self._indentation}{line}\n" for line in block_lines(name, values, write))
        return Edit(place, place, "".join(lines))

    def renamed(self, name: str, key: str) -> Edit | None:
        """Return the edit that writes a name anew; `None` for one that is too long for its line."""
        node = self._pairs[name][0]
        start, end = node.start_mark.index, node.end_mark.index
        is_explicit = "?" in self._text[start - node.start_mark.column : start]
        if len(key) > LONGEST_SIMPLE_KEY and not is_explicit:
            return None
        return Edit(start, end, key)

    def inserted(self, name: str, lines: list[str]) -> Edit:
        """Return the edit that puts lines where a name belongs among the others.

        They go before the first name that is greater, and before the comments that stand right
        above it with the same indentation; else behind the last value and its comments. A blank
        line separates them where one separates the others.
        """
        written = "".join(f"{self._indentation}{line}\n" for line in lines)
        blank = ""
        if len(self.names) > 1 and not self._line_before(self._above(self.names[-1])).strip():
            blank = "\n"
        following = next((other for other in self.names if other > name), None)
        if following is None:
            place = self._end()
            return Edit(place, place, blank + written)
        place = self._above(following)
        return Edit(place, place, written + blank)

    def removed(self, name: str) -> Edit | None:
        """Return the edit that takes a name and its value out, with their lines.

        Returns:
            `None` when they do not fill their lines alone, or a comment stands among them.
        """
        key, value = self._pairs[name]
        start, end = _line_start(key), self._line_end(_last(value).end_mark.index)
        before = self._text[start : key.start_mark.index].strip(" ?")
        if self.in_braces or before or self._has_comment(start, end, key, value):
            return None
        following = self._next_line(end)
        if not (self._line_before(start) + self._text[end:following]).strip():
            end = following  # of two blank lines one is left
        return Edit(start, end, "")

    def _has_comment(self, start: int, end: int, *nodes: yaml.Node) -> bool:
        """Tell whether a comment stands in a span, beside the scalars of the nodes in it."""
        for scalar in _scalars(*nodes):
            first = scalar.start_mark.index
            if _is_block_scalar(scalar):  # a comment may follow the sign that begins it
                first = self._next_line(first)
            if "#" in self._text[start:first]:
                return True
            start = scalar.end_mark.index
        return "#" in self._text[start:end]

    def _above(self, name: str) -> int:
        """Return where the line of a name, or the comments right above it, begin.

        A comment with another indentation belongs to what is before it.
        """
        place = _line_start(self._pairs[name][0])
        while (line := self._line_before(place)).startswith(f"{self._indentation}#"):
            place -= len(line)
        return place

    def _end(self) -> int:
        """Return where the last value ends, and the comments below that are indented more."""
        if not self.names:
            return len(self._text)
        place = self._line_end(_last(self._pairs[self.names[-1]][1]).end_mark.index)
        below = re.compile(rf"(?:{self._indentation} +#.*\n)+").match(self._text, place)
        return below.end() if below else place

    def _line_end(self, place: int) -> int:
        """Return where the line of a value's end is over: some values end with their line end."""
        return place if self._text[place - 1] == "\n" else self._next_line(place)

    def _next_line(self, place: int) -> int:
        return self._text.find("\n", place) + 1 or len(self._text)

    def _line_before(self, place: int) -> str:
        """Return the line that ends at a place, with its line end; empty at the beginning."""
        return self._text[self._text.rfind("\n", 0, max(0, place - 1)) + 1 : place]


def _line_start(key: yaml.Node) -> int:
    return int(key.start_mark.index - key.start_mark.column)


def _is_block_scalar(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")


def _scalars(*nodes: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Yield the scalars of nodes in the order of the text."""
    for node in nodes:
        if isinstance(node, yaml.ScalarNode):
            yield node
        else:
            for pair in node.value:
                yield from _scalars(*pair)


def _last(node: yaml.Node) -> yaml.Node:
    """Return the last value inside a block."""
    while isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        node = node.value[-1][1]
    return node


def block_lines(name: str, values: Mapping[str, str], write: Callable[[str], str]) -> list[str]:
    """Return a key with its values, one for each language, in lines of their own."""
    if ANY_LANGUAGE in values:
        return [f"{name}: {write(values[ANY_LANGUAGE])}"]
    return [f"{name}:", *(f"  {word(tag)}: {write(values[tag])}" for tag in sorted(values))]


def one_line(values: Mapping[str, str], write: Callable[[str], str] | None = None) -> str:
    """Return values by language, or one for all of them, on one line."""
    write = write or word
    if ANY_LANGUAGE in values:
        return write(values[ANY_LANGUAGE])
    return f"{{{', '.join(f'{word(tag)}: {write(values[tag])}' for tag in sorted(values))}}}"


def quoted(text: str) -> str:
    """Return a text in double quotes, which reads back as the same in YAML 1.1 and 1.2.

    Whoever reviews a text should see all of it, so what shows nothing is escaped; joiners, which
    shape letters in some scripts, stay.

    Args:
        text: Any text that UTF-8 can hold.

    Returns:
        The scalar, on one line.
    """
    # YAML reads JSON's texts.
    return "".join(map(_escaped, json.dumps(text, ensure_ascii=False)))


def word(text: str) -> str:
    """Return a text without quotes where that is safe, else in double quotes."""
    return text if _PLAIN.fullmatch(text) and not is_no_text(text) else quoted(text)


def _escaped(character: str) -> str:
    if character == " " or not (is_unseen(character) or character.isspace()):
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"  # noqa: PLR2004 - four digits
