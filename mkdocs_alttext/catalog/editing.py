"""Edits to a catalog's text that leave every other byte as it is, and how its file is replaced.

`yaml.compose` says where each key and value stands, and new text is put in there. A round trip
through a YAML library would print the file anew: other indentation, folded lines, other line ends.
"""

from __future__ import annotations

import codecs
import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING

import yaml

from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Entry, language_tag
from mkdocs_alttext.catalog.reading import KEYS, NOTES, is_as_read, is_no_text, parse_catalog
from mkdocs_alttext.exceptions import CatalogError, OutputError
from mkdocs_alttext.html.edits import Edit, apply_edits
from mkdocs_alttext.system.files import folder_lock, refuse_link, replace_file
from mkdocs_alttext.system.printable import is_unseen, same_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_SECONDS_FOR_OTHERS = 2.0
"""How long another process of ours may take to replace the file, before it is not waited for."""
_LONGEST_SIMPLE_KEY = 1000
"""Characters; YAML allows 1024, quotes and escapes included, before the colon on its line."""

_PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_./@+ -]*[A-Za-z0-9_./@+-])?")


class CatalogText:
    """The text of a catalog, and the edits to it."""

    def __init__(self, text: str, name: str) -> None:
        """Read the text.

        Args:
            text: The whole file, without a byte order mark.
            name: The file that errors speak of.

        Raises:
            CatalogError: The text is no catalog; says where.
        """
        self.entries = dict(parse_catalog(text, name))
        """What the text says after the edits, by path in the form of `same_form`."""
        self._original = text
        self._name = name
        self._newline = "\r\n" if "\r\n" in text else "\n"
        # Lines may be added behind the last one.
        self._text = text if text.endswith("\n") else text + self._newline
        node = yaml.compose(self._text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self._document = _Block(self._text, node)
        self._edits: list[Edit] = []

    def add(self, entry: Entry, comment: str = "") -> None:
        """Add an entry where its path belongs among the others.

        Args:
            entry: The entry.
            comment: What a line of it says to people; printable, and empty for none.
        """
        key = word(entry.path)
        lines = [
            *([f"? {key}", ":"] if len(key) > _LONGEST_SIMPLE_KEY else [f"{key}:"]),
            *([f"  # {comment}"] if comment else []),
            *(f"  {line}" for line in (_lines("alt", entry.texts, quoted) if entry.texts else ())),
            f"  status: {_value(entry.statuses)}",
            f"  sha256: {word(entry.sha256 or '')}",
            *([f"  origin: {word(entry.origin)}"] if entry.origin else []),
        ]
        lines += (f"  {name}: {_value(entry.notes[name])}" for name in NOTES if name in entry.notes)
        self._edits.append(self._document.inserted(entry.path, lines))
        self.entries[same_form(entry.path)] = entry

    def change(self, entry: Entry, new: Entry) -> bool:
        """Write what differs between an entry and what it is to be.

        Args:
            entry: As the text says it, edits so far included.
            new: The same with other texts, statuses, digest, origin or notes.

        Returns:
            Whether that was possible. A comment or braces may be in the way of a value; then
            nothing is changed.
        """
        block = self._document.block(entry.path)
        edits: list[Edit | None] = []
        if new.texts != entry.texts:
            edits += _edits(block, "alt", entry.texts, new.texts, write=quoted)
        if new.statuses != entry.statuses:
            edits += _edits(block, "status", entry.statuses, new.statuses)
        if new.sha256 != entry.sha256:
            edits.append(_edit(block, "sha256", new.sha256))
        if new.origin != entry.origin:
            edits.append(_edit(block, "origin", new.origin))
        for name in NOTES:
            old, own = entry.notes.get(name, {}), new.notes.get(name, {})
            if old != own:
                edits += _edits(block, name, old, own)
        if None in edits:
            return False
        self._edits += [each for each in edits if each is not None]
        self.entries[same_form(entry.path)] = new
        return True

    def rename(self, paths: Mapping[str, str]) -> bool:
        """Give entries other paths where they stand, which keeps their comments with them.

        Args:
            paths: The new ones by the old ones, all at once, as entries may change places.

        Returns:
            Whether that was possible: a path may be too long to be written so.
        """
        renamed = {
            same_form(new): self.entries[old]._replace(path=new) for old, new in paths.items()
        }
        edits = [self._document.renamed(self.entries[old].path, word(paths[old])) for old in paths]
        if None in edits:
            return False
        self._edits += [each for each in edits if each is not None]
        for old in paths:
            del self.entries[old]
        self.entries |= renamed
        return True

    def remove(self, entry: Entry) -> bool:
        """Take an entry out; return whether that was possible, as `change` does."""
        edit = self._document.removed(entry.path)
        if edit is None:
            return False
        self._edits.append(edit)
        del self.entries[same_form(entry.path)]
        return True

    def edited(self, otherwise: str) -> str:
        """Return the text with all edits.

        Args:
            otherwise: What an error says when the new text, read again, does not say what is meant.

        Raises:
            CatalogError: The text is written in a way that cannot be edited so.
        """
        if not self._edits:
            return self._original
        written = (
            each._replace(text=each.text.replace("\n", self._newline)) for each in self._edits
        )
        text = apply_edits(self._text, written)
        is_end_changed = any(each.end == len(self._text) for each in self._edits)
        if not (is_end_changed or self._original.endswith("\n")):
            text = text.removesuffix(self._newline)
        with suppress(CatalogError):
            if _without_lines(parse_catalog(text, "")) == _without_lines(self.entries):
                return text
        raise CatalogError(self._name, otherwise)


def _without_lines(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    return {path: entry._replace(line=0) for path, entry in entries.items()}


def _edit(block: _Block, name: str, value: str | None) -> Edit | None:
    """Return what gives a key another value, or takes it out; `None` where that is not possible."""
    return block.removed(name) if value is None else block.put_in_order(name, word(value))


def _edits(
    block: _Block,
    name: str,
    old: Mapping[str, str],
    new: Mapping[str, str],
    *,
    write: Callable[[str], str] | None = None,
) -> list[Edit | None]:
    """Return what makes values by language other ones; `None` for what is not possible.

    Args:
        block: The entry.
        name: The key.
        old: What its value says.
        new: What it is to say.
        write: Writes one of the values; by default as a word, and all of them on one line.
    """
    if not new:
        return [block.removed(name)]
    if not old and write:
        return [block.put_first(name, new, write)]
    if write and old.keys() == new.keys() == {ANY_LANGUAGE}:
        return [block.put(name, write(new[ANY_LANGUAGE]))]
    inner = block.block(name)
    if not write and (not inner.names or inner.in_braces):
        return [block.put_in_order(name, _value(new))]
    if not inner.names or ANY_LANGUAGE in new:
        return [None]  # one for all languages cannot become several, nor several one
    write = write or word
    names = {language_tag(each): each for each in inner.names}
    return [
        inner.put(names.get(each, each), write(new[each]))
        if each in new
        else inner.removed(names[each])
        for each in sorted({*old, *new})
        if new.get(each) != old.get(each)
    ]


class _Block:
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

    def block(self, name: str) -> _Block:
        """Return the mapping that is the value of a name."""
        return _Block(self._text, self._pairs[name][1] if name in self._pairs else None)

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
            return Edit(end, end, f", {name}: {_value(values, write)}")
        place = _line_start(self._pairs[self.names[0]][0])
        lines = (f"{self._indentation}{line}\n" for line in _lines(name, values, write))
        return Edit(place, place, "".join(lines))

    def renamed(self, name: str, key: str) -> Edit | None:
        """Return the edit that writes a name anew; `None` for one that is too long for its line."""
        node = self._pairs[name][0]
        start, end = node.start_mark.index, node.end_mark.index
        is_explicit = "?" in self._text[start - node.start_mark.column : start]
        if len(key) > _LONGEST_SIMPLE_KEY and not is_explicit:
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


def _lines(name: str, values: Mapping[str, str], write: Callable[[str], str]) -> list[str]:
    """Return a key with its values, one for each language, in lines of their own."""
    if ANY_LANGUAGE in values:
        return [f"{name}: {write(values[ANY_LANGUAGE])}"]
    return [f"{name}:", *(f"  {word(tag)}: {write(values[tag])}" for tag in sorted(values))]


def _value(values: Mapping[str, str], write: Callable[[str], str] | None = None) -> str:
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
    mark = codecs.BOM_UTF8 if (before or b"").startswith(codecs.BOM_UTF8) else b""
    write_bytes(path, mark + text.encode(), before=before, root=root)


def write_bytes(path: Path, data: bytes, *, before: bytes | None, root: Path | None = None) -> None:
    """Do what `write_catalog` does, with all that the file is to hold."""

    def check() -> None:
        if not is_as_read(path, before):
            raise CatalogError(str(path), "The file changed just now. Run the command again.")

    try:
        # Only what is read as a catalog is replaced, so that no other file is.
        refuse_link(path, root or path.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        # To be on the disk takes a while, in which others may write the file. Programs that know
        # nothing of the lock have the time between the last look and the next call.
        with folder_lock(path.parent, seconds=_SECONDS_FOR_OTHERS):
            replace_file(path, data, check=check)
    except OutputError as error:
        raise CatalogError(str(path), f"The catalog is not written: {error}") from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CatalogError(str(path), f"The catalog cannot be written ({why}).") from None
