"""Where things stand in a catalog's text.

Owns lines and spans: where a new line belongs, and which span holds a value. It must not know what
an entry means. The text is one that `parse_catalog` accepts.

Texts as YAML scalars on one line.

Owns quoting. It must not know what is quoted. What it writes reads back as the same text in YAML
1.1 and 1.2.

Bringing a catalog to disk.

Owns that nobody's words are lost on the way, and the byte order mark. It must not know what the
text says.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import yaml

from mkdocs_alttext.catalog.reading import is_no_text, read_bytes
from mkdocs_alttext.exceptions import CatalogError, OutputError
from mkdocs_alttext.system.files import refuse_link, replace_file
from mkdocs_alttext.system.printable import is_unseen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BLOCK_STYLES = ("|", ">")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:''|[^'])*'", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """A span of the text, and what takes its place."""

    start: int
    end: int
    text: str


def apply_splices(text: str, splices: Iterable[Splice]) -> str:
    """Return a text with spans replaced; those at one place are put there in their order."""
    parts: list[str] = []
    at = 0
    for splice in sorted(splices, key=lambda each: (each.start, each.end)):
        parts += [text[at : splice.start], splice.text]
        at = splice.end
        if splice.start == len(text) > 0 and text[-1] != "\n" and len(parts) > 1:
            # Lines come behind a last line that has no end.
            parts[-2] += "\r\n" if splice.text.endswith("\r\n") else "\n"
            text += "\n"
            at = len(text)
    return "".join([*parts, text[at:]])


class Block:
    """One mapping of the text."""

    def __init__(self, text: str, node: yaml.MappingNode | None) -> None:
        """Take the mapping; `None` stands for one that is not there yet."""
        self._text = text
        self._node = node
        self._pairs: dict[str, tuple[yaml.Node, yaml.Node]] = (
            {} if node is None else {key.value: (key, value) for key, value in node.value}
        )
        # The first name that is greater stands where this first exceeds: names may be unsorted.
        self._greatest = list(accumulate(self._pairs, max))
        self._keys = [key for key, _ in self._pairs.values()]

    @classmethod
    def of_document(cls, text: str) -> Block:
        """Return the mapping that a whole text holds."""
        node = yaml.compose(text, Loader=_LOADER)
        return cls(text, node if isinstance(node, yaml.MappingNode) else None)

    @property
    def is_in_braces(self) -> bool:
        """Whether it is written as `{…}`."""
        return self._node is not None and bool(self._node.flow_style)

    @property
    def names(self) -> list[str]:
        """Its names as they are written, in their order."""
        return list(self._pairs)

    @property
    def indentation(self) -> str:
        """White space before each of its names."""
        if not self._keys:
            return ""
        key = self._keys[0].start_mark
        return self._text[self._line_start(self._keys[0]) : key.index].partition("?")[0]

    def block(self, name: str) -> Block | None:
        """Return the mapping that is the value of a name, when it is one."""
        value = self._pairs[name][1] if name in self._pairs else None
        return Block(self._text, value) if isinstance(value, yaml.MappingNode) else None

    def value(self, name: str, text: str) -> Splice | None:
        """Return the splice that gives a name another value on one line.

        Returns:
            `None` when there is no such value, or a comment stands within it.
        """
        value = self._pairs[name][1] if name in self._pairs else None
        if value is None or not self._is_plain(value):
            return None
        start, end = value.start_mark.index, value.end_mark.index
        if (
            isinstance(value, yaml.ScalarNode) and value.style in _BLOCK_STYLES
        ):  # it ends with the blank lines behind it
            end = start + len(self._text[start:end].rstrip())
        return Splice(start, end, text)

    def removal(self, name: str) -> Splice | None:
        """Return the splice that takes a name and its value out.

        Returns:
            `None` when they do not fill their lines alone: a comment beside them stays.
        """
        key, value = self._pairs[name]
        if self.is_in_braces or not self._is_plain(value):
            return None
        start, end = self._line_start(key), self._line_end(value.end_mark.index)
        before = self._text[start : key.start_mark.index]
        if before.strip() or self._text[value.end_mark.index : end].strip():
            return None
        return Splice(start, end, "")

    def entry_removal(self, name: str) -> Splice | None:
        """Return the splice that takes a name and the mapping that is its value out.

        Returns:
            `None` when they do not fill their lines alone, or a comment stands among them.
        """
        key, value = self._pairs[name]
        start, end = self._line_start(key), self._line_end(_last(value).end_mark.index)
        lines = self._text[start:end]
        before = self._text[start : key.start_mark.index].strip(" ?")
        if self.is_in_braces or before or "#" in _QUOTED.sub("", lines):
            return None
        following = self._next_line(end)
        is_between_blanks = not (self._line_before(start) + self._text[end:following]).strip()
        return Splice(start, following if is_between_blanks else end, "")

    def after(self, name: str, pair: str, newline: str) -> Splice:
        """Return the splice that puts `name: value` behind another name and its value."""
        end = self._pairs[name][1].end_mark.index
        if self.is_in_braces:
            return Splice(end, end, f", {pair}")
        place = self._line_end(end)
        return Splice(place, place, f"{self.indentation}{pair}{newline}")

    def among(self, name: str, lines: str, newline: str) -> Splice:
        """Return the splice that puts lines where a name belongs among the others.

        Args:
            name: The new name. It goes before the first one that is greater, and before the
                comments that stand right above that one.
            lines: What to put there, with line ends, not indented by this method.
            newline: The file's line end.
        """
        following = bisect_right(self._greatest, name)
        blank = newline if self._is_spaced() else ""
        if following < len(self._keys):
            place = self._above(following)
            return Splice(place, place, lines + blank)
        place = self._end()
        return Splice(place, place, blank + lines)

    def _is_plain(self, value: yaml.Node) -> bool:
        """Tell whether a value is a text, or stands in braces, with no comment within it."""
        if isinstance(value, yaml.ScalarNode):
            return not self._has_comment(value)
        inner = self._text[value.start_mark.index : value.end_mark.index]
        is_in_braces = isinstance(value, yaml.MappingNode) and bool(value.flow_style)
        return is_in_braces and "#" not in inner

    def _has_comment(self, value: yaml.ScalarNode) -> bool:
        """Tell whether a comment stands behind the sign that begins indented lines."""
        start = value.start_mark.index
        return value.style in _BLOCK_STYLES and "#" in self._text[start : self._next_line(start)]

    def _is_spaced(self) -> bool:
        """Tell whether blank lines stand between the names."""
        if len(self._keys) < 2:  # noqa: PLR2004 - nothing is between fewer
            return False
        return not self._line_before(self._above(len(self._keys) - 1)).strip()

    def _above(self, number: int) -> int:
        """Return where the line of a name, or the comments right above it, begin."""
        place = self._line_start(self._keys[number])
        while (line := self._line_before(place)) and line.lstrip(" ").startswith("#"):
            if len(line) - len(line.lstrip(" ")) != len(self.indentation):
                break
            place -= len(line)
        return place

    def _end(self) -> int:
        """Return where the lines of the last value, and comments that belong to it, are over."""
        if self._node is None or not self._keys:
            return len(self._text)
        place = self._line_end(_last(self._node).end_mark.index)
        while True:
            line = self._text[place : self._next_line(place)]
            bare = line.lstrip(" ")
            if not bare.startswith("#") or len(line) - len(bare) <= len(self.indentation):
                return place
            place += len(line)

    def _line_start(self, key: yaml.Node) -> int:
        return int(key.start_mark.index - key.start_mark.column)

    def _line_end(self, place: int) -> int:
        """Return where the line of a value's end is over: some values end with their line end."""
        is_over = place > 0 and self._text[place - 1] == "\n"
        return place if is_over else self._next_line(place)

    def _next_line(self, place: int) -> int:
        end = self._text.find("\n", place)
        return len(self._text) if end < 0 else end + 1

    def _line_before(self, place: int) -> str:
        """Return the line that ends at a place, with its line end; empty at the beginning."""
        start = self._text.rfind("\n", 0, max(0, place - 1)) + 1
        return self._text[start:place]


def _last(node: yaml.Node) -> yaml.Node:
    """Return the last value inside a block."""
    while isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        node = node.value[-1][1]
    return node


_PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_./@+ -]*[A-Za-z0-9_./@+-])?")
_NAMED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


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
    if character == " " or not (is_unseen(character) or character.isspace()):
        return character
    code = ord(character)
    if code > 0xFFFF:  # noqa: PLR2004 - what four digits hold
        return f"\\U{code:08X}"
    return f"\\x{code:02X}" if code < 0x80 else f"\\u{code:04X}"  # noqa: PLR2004 - ASCII's end


def write_catalog(path: Path, text: str, *, before: bytes | None, root: Path | None = None) -> None:
    """Replace the catalog in one step.

    Args:
        path: The file; its folder is made.
        text: Its new text, without a byte order mark.
        before: What it held when it was read; `None` when there was no file.
        root: The project's folder, if it is more than the file's own.

    Raises:
        CatalogError: It cannot be written, or somebody else wrote it since; it is as it was.
    """
    if read_bytes(path) != before:
        raise CatalogError(str(path), "The file changed just now. Run the command again.")
    mark = codecs.BOM_UTF8 if (before or b"").startswith(codecs.BOM_UTF8) else b""
    try:
        # Only what is read as a catalog is replaced, so that no other file is.
        refuse_link(path, root or path.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, mark + text.encode())
    except OutputError as error:
        raise CatalogError(str(path), f"The catalog is not written: {error}") from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CatalogError(str(path), f"The catalog cannot be written ({why}).") from None
