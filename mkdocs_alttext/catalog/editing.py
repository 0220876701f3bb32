"""Edits to a catalog's text that leave every other byte as it is, and how its file is replaced.

New text is put in where each value stands (`catalog.blocks`). A round trip through a YAML library
would print the file anew: other indentation, folded lines, other line ends.
"""

from __future__ import annotations

import codecs
from contextlib import suppress
from typing import TYPE_CHECKING

import yaml

from mkdocs_alttext.catalog.blocks import (
    LONGEST_SIMPLE_KEY,
    Block,
    block_lines,
    one_line,
    quoted,
    word,
)
from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Entry, language_tag
from mkdocs_alttext.catalog.reading import NOTES, is_as_read, parse_catalog
from mkdocs_alttext.exceptions import CatalogError, OutputError
from mkdocs_alttext.html.edits import Edit, apply_edits
from mkdocs_alttext.system.files import folder_lock, refuse_link, replace_file
from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_SECONDS_FOR_OTHERS = 2.0
"""How long another process of ours may take to replace the file, before it is not waited for."""


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
        self._document = Block(self._text, node)
        self._edits: list[Edit] = []

    def add(self, entry: Entry, comment: str = "") -> None:
        """Add an entry where its path belongs among the others.

        Args:
            entry: The entry.
            comment: What a line of it says to people; printable, and empty for none.
        """
        key = word(entry.path)
        lines = [
            *([f"? {key}", ":"] if len(key) > LONGEST_SIMPLE_KEY else [f"{key}:"]),
            *([f"  # {comment}"] if comment else []),
            *(f"  {line}" for line in block_lines("alt", entry.texts, quoted) if entry.texts),
            f"  status: {one_line(entry.statuses)}",
            f"  sha256: {word(entry.sha256 or '')}",
            *([f"  origin: {word(entry.origin)}"] if entry.origin else []),
        ]
        lines += (
            f"  {name}: {one_line(entry.notes[name])}" for name in NOTES if name in entry.notes
        )
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
        edits = [
            *_edits(block, "alt", entry.texts, new.texts, write=quoted),
            *_edits(block, "status", entry.statuses, new.statuses),
            *_edit(block, "sha256", entry.sha256, new.sha256),
            *_edit(block, "origin", entry.origin, new.origin),
        ]
        for name in NOTES:
            edits += _edits(block, name, entry.notes.get(name, {}), new.notes.get(name, {}))
        if not self._take(edits):
            return False
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
        if not self._take(edits):
            return False
        for old in paths:
            del self.entries[old]
        self.entries |= renamed
        return True

    def remove(self, entry: Entry) -> bool:
        """Take an entry out; return whether that was possible, as `change` does."""
        if not self._take([self._document.removed(entry.path)]):
            return False
        del self.entries[same_form(entry.path)]
        return True

    def _take(self, edits: Sequence[Edit | None]) -> bool:
        """Keep edits that belong together; return whether all of them are possible."""
        possible = [each for each in edits if each]
        if len(possible) < len(edits):
            return False
        self._edits += possible
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
            if without_lines(parse_catalog(text, "")) == without_lines(self.entries):
                return text
        raise CatalogError(self._name, otherwise)


def without_lines(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return entries that do not say where they stand in a file."""
    return {path: entry._replace(line=0) for path, entry in entries.items()}


def _edit(block: Block, name: str, old: str | None, new: str | None) -> list[Edit | None]:
    """Do what `_edits` does for a key with one value."""
    if new == old:
        return []
    return [block.removed(name) if new is None else block.put_in_order(name, word(new))]


def _edits(
    block: Block,
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
    if not new or new == old:
        return [block.removed(name)] if new != old else []
    if not old and write:
        return [block.put_first(name, new, write)]
    if write and old.keys() == new.keys() == {ANY_LANGUAGE}:
        return [block.put(name, write(new[ANY_LANGUAGE]))]
    inner = block.block(name)
    if not write and (not inner.names or inner.in_braces):
        return [block.put_in_order(name, one_line(new))]
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


def write_catalog(
    path: Path, data: bytes, *, before: bytes | None, root: Path | None = None
) -> bytes:
    """Replace the catalog in one step.

    Args:
        path: The file; its folder is made.
        data: Its new text in UTF-8, without a byte order mark.
        before: What it held when it was read; `None` when there was no file.
        root: The project's folder, if it is more than the file's own.

    Returns:
        What it holds now.

    Raises:
        CatalogError: It cannot be written, or somebody else wrote it since; it is as it was.
    """
    mark = codecs.BOM_UTF8 if (before or b"").startswith(codecs.BOM_UTF8) else b""
    data = mark + data

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
    return data
