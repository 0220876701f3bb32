"""The catalog's file while somebody works on it: a change takes as long as its entry, not its file.

To read and check 5,000 entries takes seconds. So the text is kept in pieces, one for each entry,
and an edit looks at the pieces around its place: `CatalogText` changes them as it changes a whole
file, and checks what it wrote. Where the pieces alone do not say what the file says (it may be one
line of braces), the whole file is edited.

Others may write the file meanwhile. It is read again before each change, and what they wrote stays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.catalog.drafting import HEADER
from mkdocs_alttext.catalog.editing import CatalogText, without_lines, write_catalog
from mkdocs_alttext.catalog.reading import decode, parse_catalog, read_bytes
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mkdocs_alttext.catalog.entries import Entry

_MOST_TRIES = 5
"""How often a change is begun anew, as others write the file at the same moment."""
_OBSTACLE = (
    "This entry cannot be changed where it stands: a comment or braces are in the way. Write each "
    "of its values on a line of its own, without a comment."
)
_GONE = (
    "The file is gone, or empty. Put it back; or save once more, and it is written again with all "
    "that was in it."
)
_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""As YAML 1.1 counts lines."""


class Piece(NamedTuple):
    """An entry, and the text from its first line up to that of the next one."""

    entry: Entry
    text: str


class PieceEdit(NamedTuple):
    """What was done to the pieces: taking it back gives the same bytes again."""

    at: int
    """Number of the first piece."""
    before: list[Piece]
    after: list[Piece]
    head: str
    """What stood above all entries before."""


class LiveCatalog:
    """The entries of a file, and changes of single ones. For one thread at a time."""

    def __init__(self, path: Path, *, root: Path) -> None:
        """Read the file.

        Args:
            path: The file; there need not be one.
            root: The project's folder.

        Raises:
            CatalogError: It cannot be read, or is no catalog.
        """
        self.path = path
        self.version = 0
        """Another number after each change of the entries, whoever made it."""
        self.reads = 0
        """How often the file was read, as somebody else had written it, the first time included."""
        self.entries: dict[str, Entry] = {}
        """By path in the form of `same_form`; their lines are not known."""
        self.is_gone = False
        """Whether the file had entries, and is not there any more or empty: `entries` stay."""
        self.may_restore = False
        """Whether a change writes a file that is gone again, as a person knows of it."""
        self.was_restored = False
        """Whether the last change did."""
        self._root = root
        self._data: bytes | None = None
        self._stamp: tuple[int, ...] | None = None
        self._head = ""
        self._pieces: list[Piece] = []
        self._texts: list[bytes] = []
        self._names: list[str] = []
        """Texts and names of the pieces, in their order: joining and finding them takes no time."""
        self._made: list[PieceEdit] = []
        """What was done to the pieces since the last change began."""
        self._read(read_bytes(path))

    def refresh(self) -> bool:
        """Read the file again if somebody else wrote it.

        Returns:
            Whether somebody did.

        Raises:
            CatalogError: It cannot be read by now, or is no catalog; the entries stay as they were.
        """
        stamp = self._stamp_now()
        if stamp and stamp == self._stamp:
            return False
        data = read_bytes(self.path)
        is_other = data != self._data
        if is_other:
            self.is_gone = bool(self._pieces) and not (data or b"").strip()
            self.may_restore &= self.is_gone
            if self.is_gone:
                self._data = data
            else:
                self._read(data)
        self._stamp = stamp
        return is_other

    def change(self, work: Callable[[], list[PieceEdit]]) -> list[PieceEdit]:
        """Make edits and write the file in one step.

        Args:
            work: Makes them by the methods below, on the entries as they are then. It is called
                again where somebody else wrote the file at the same moment.

        Returns:
            The edits.

        Raises:
            CatalogError: The file cannot be read or written, or an edit cannot be made; neither the
                file nor the entries are changed.
        """
        self.was_restored = False
        for left in reversed(range(_MOST_TRIES)):
            self.refresh()
            if self.is_gone and not self.may_restore:
                raise CatalogError(str(self.path), _GONE)
            self._made.clear()
            try:
                edits = work()
                if edits or self.is_gone:
                    data = b"".join((self._head.encode(), *self._texts))
                    self._data = write_catalog(self.path, data, before=self._data, root=self._root)
                    self._stamp = self._stamp_now()
                    self.was_restored, self.is_gone, self.may_restore = self.is_gone, False, False
                    self.version += 1
            except BaseException as error:
                for edit in reversed(self._made[:]):
                    self.take_back(edit)
                if isinstance(error, CatalogError) and left and self._is_written_by_others():
                    self._stamp = None  # the clock did not tell
                    continue
                raise
            return edits
        raise AssertionError

    def add(self, entry: Entry) -> PieceEdit:
        """Add an entry where its path belongs."""
        names = enumerate(self._names)
        # It goes above the comments of the one that follows, which end the piece before.
        place = next((at for at, name in names if name > entry.path), len(self._names))
        start = max(0, min(place - 1, len(self._names) - 2))

        def add(catalog: CatalogText) -> bool:
            catalog.add(entry)
            return True

        return self._edit(start, start + 2, add)

    def replace(self, entry: Entry, *wanted: Entry) -> PieceEdit:
        """Write what differs between an entry and what it is to be.

        Args:
            entry: As `entries` has it.
            wanted: What it may become; the first that can be written is.

        Raises:
            CatalogError: None of these can be written.
        """
        at = self._names.index(same_form(entry.path))
        return self._edit(at, at + 1, lambda text: any(text.change(entry, new) for new in wanted))

    def rename(self, paths: Mapping[str, str]) -> PieceEdit:
        """Give entries other paths where they stand, all at once, as they may change places.

        What has one of the new paths and gets no other is taken out.

        Args:
            paths: The new ones by the old ones, these in the form of `same_form`.

        Raises:
            CatalogError: That cannot be written.
        """
        taken = {same_form(new) for new in paths.values()} & self.entries.keys() - paths.keys()

        def rename(text: CatalogText) -> bool:
            return all(text.remove(text.entries[each]) for each in taken) and text.rename(paths)

        return self._edit(0, len(self._pieces), rename)

    def remove(self, entry: Entry) -> PieceEdit:
        """Take an entry out.

        Raises:
            CatalogError: That cannot be done.
        """
        at = self._names.index(same_form(entry.path))
        # Blank lines around it belong to the pieces beside it.
        return self._edit(max(0, at - 1), at + 2, lambda text: text.remove(entry))

    def take_back(self, edit: PieceEdit) -> PieceEdit:
        """Have what stood there before an edit.

        Args:
            edit: The last one that was made, whose `version` is the one of now.
        """
        return self._put(edit.at, edit.after, edit.before, edit.head)

    def _edit(self, start: int, end: int, work: Callable[[CatalogText], bool]) -> PieceEdit:
        pieces = self._pieces[start:end]
        text = (self._head if start == 0 else "") + "".join(piece.text for piece in pieces)
        try:
            catalog = CatalogText(text or HEADER, str(self.path))
            is_known = without_lines(catalog.entries) == {
                same_form(each.entry.path): each.entry for each in pieces
            }
        except CatalogError:
            is_known = False
        is_whole = len(pieces) == len(self._pieces)
        if not (is_known or is_whole):
            return self._edit(0, len(self._pieces), work)
        if not (is_known and work(catalog)):
            raise CatalogError(str(self.path), _OBSTACLE, line=self._line_of(start))
        head, after = _split(catalog.edited(_OBSTACLE), str(self.path))
        if start and head:
            return self._edit(0, len(self._pieces), work)
        return self._put(start, pieces, after, head if start == 0 else self._head)

    def _put(self, at: int, before: list[Piece], after: list[Piece], head: str) -> PieceEdit:
        edit = PieceEdit(at, before, after, self._head)
        self._made.append(edit)
        end = at + len(before)
        self._pieces[at:end] = after
        self._texts[at:end] = [piece.text.encode() for piece in after]
        self._names[at:end] = [same_form(piece.entry.path) for piece in after]
        self._head = head
        for piece in before:
            self.entries.pop(same_form(piece.entry.path), None)
        self.entries.update({same_form(piece.entry.path): piece.entry for piece in after})
        return edit

    def _read(self, data: bytes | None) -> None:
        text = decode(data or b"", str(self.path))
        self._head, self._pieces = _split(text, str(self.path))
        self._texts = [piece.text.encode() for piece in self._pieces]
        self._names = [same_form(piece.entry.path) for piece in self._pieces]
        self.entries = dict(zip(self._names, (piece.entry for piece in self._pieces), strict=True))
        self._data = data
        self.version += 1
        self.reads += 1

    def _is_written_by_others(self) -> bool:
        try:
            return read_bytes(self.path) != self._data
        except CatalogError:
            return False

    def _stamp_now(self) -> tuple[int, ...] | None:
        try:
            facts = self.path.stat()
        except OSError:
            return None
        return facts.st_mtime_ns, facts.st_size, facts.st_ino

    def _line_of(self, place: int) -> int:
        above = self._head + "".join(piece.text for piece in self._pieces[:place])
        return above.count("\n") + 1


def _split(text: str, name: str) -> tuple[str, list[Piece]]:
    """Return what stands above all entries of a text, and the entries with their texts.

    Raises:
        CatalogError: The text is no catalog.
    """
    entries = [*parse_catalog(text, name).values()]
    starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
    places = [starts[entry.line - 1] for entry in entries]
    ends = [*places[1:], len(text)][: len(places)]
    pieces = [
        Piece(entry._replace(line=0), text[start:end])
        for entry, start, end in zip(entries, places, ends, strict=True)
    ]
    return text[: places[0]] if places else text, pieces
