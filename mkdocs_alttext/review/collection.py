"""The items of a review: what the catalog and the build say of each picture in each language.

Nothing here asks or writes. The catalog's file says what is approved; beside it stand the drafts
that `mkdocs-alttext catalog` would add, which become entries when a person decides about them.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections import defaultdict
from typing import TYPE_CHECKING

from mkdocs_alttext.catalog.drafting import write_drafts
from mkdocs_alttext.catalog.editing import without_lines
from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Entry, Status, language_tag
from mkdocs_alttext.catalog.reading import decode, parse_catalog, read_bytes
from mkdocs_alttext.review.items import OPEN, State
from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs_alttext.catalog.live import LiveCatalog
    from mkdocs_alttext.review.site import SeenPicture, SeenSite


class Unit:
    """One picture in one language, and how far it is; it changes with the catalog."""

    __slots__ = ("id", "is_skipped", "path", "service", "state", "tag", "text")

    def __init__(self, path: str, tag: str) -> None:
        """Name it; its state is not known yet.

        Args:
            path: The picture's, inside the built site.
            tag: The language's; `ANY_LANGUAGE` for a text that serves all.
        """
        self.id = item_id(path, tag)
        self.path = path
        self.tag = tag
        self.state = State.MISSING
        self.text = ""
        self.service = ""
        """Who wrote its draft."""
        self.is_skipped = False

    @property
    def is_open(self) -> bool:
        """Whether a person is to look at it."""
        return self.state in OPEN

    @property
    def folder(self) -> str:
        """The folder of its picture, without a slash at the end."""
        return posixpath.dirname(self.path)


def item_id(path: str, tag: str) -> str:
    """Return the id of an item, which stays the same from run to run."""
    return hashlib.sha256(f"{path}\0{tag}".encode(errors="replace")).hexdigest()[:16]


class Collection:
    """The items of a site. For one thread at a time."""

    def __init__(self, site: SeenSite, catalog: LiveCatalog) -> None:
        """Take what there is.

        Args:
            site: What a build said.
            catalog: The file.

        Raises:
            CatalogError: Drafts cannot be added to it.
        """
        self.site = site
        self.catalog = catalog
        self._drafts: Mapping[str, Entry] = {}
        """What `mkdocs-alttext catalog` would make of the entries, by path."""
        self._drafted_from: dict[str, tuple[Entry | None, ...]] = {}
        """What of the file each of them stands for: before and after entries were moved."""
        self._moves: dict[str, str] = {}
        """New paths of entries whose picture has another one now, by the old ones."""
        self._moving: dict[str, Entry] = {}
        """These entries, by their old paths."""
        self._draft()
        self.units: dict[str, Unit] = {}
        """By id, in the order of their paths."""
        self._of_path: dict[str, list[Unit]] = {}
        self.rebuild()

    def _draft(self) -> None:
        data = read_bytes(self.catalog.path)
        text, name = decode(data or b"", str(self.catalog.path)), str(self.catalog.path)
        changes = write_drafts(
            text, self.site.texts, service=self.site.service, name=name, gone=self.site.gone
        )
        self._drafts = dict(without_lines(parse_catalog(changes.text, name)))
        self._moves = {same_form(old): new for old, new in changes.moved.items()}
        self._moving = {old: self.catalog.entries[old] for old in self._moves}
        self._drafted_from = {path: (self.catalog.entries.get(path),) for path in self._drafts}
        for old, new in self._moves.items():
            self._drafted_from[same_form(new)] += (self._moving[old]._replace(path=new),)

    def picture(self, unit: Unit) -> SeenPicture:
        """Return what a build said of an item's picture."""
        return self.site.pictures[unit.path]

    def entry(self, path: str) -> Entry | None:
        """Return what is said of a picture, with the drafts that may be added."""
        form = same_form(path)
        own = self.catalog.entries.get(form)
        is_as_drafted = own is None or own in self._drafted_from.get(form, ())
        return self._drafts.get(form, own) if is_as_drafted else own

    def moves(self) -> Mapping[str, str]:
        """Return the new paths of entries whose picture has another one now, by the old ones.

        None where that was done since, or somebody changed one of them: of two that change places,
        one alone would be written over the other.
        """
        entries = self.catalog.entries
        is_open = all(entries.get(old) == entry for old, entry in self._moving.items())
        return self._moves if is_open else {}

    def is_only_cached(self, path: str) -> bool:
        """Tell whether what `entry` returns is in no file yet."""
        return same_form(path) not in self.catalog.entries

    def revision(self, unit: Unit) -> str:
        """Return what tells whether somebody changed what an item shows."""
        entry = self.entry(unit.path)
        shown: tuple[object, ...] = (unit.text, unit.state)
        if entry:
            tag = unit.tag
            notes = [entry.note(key, tag) for key in ("refused", "suggestion", "long")]
            shown = (*shown, entry.status(tag), *notes)
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]

    def of_path(self, path: str) -> list[Unit]:
        """Return the items of a picture, one for each language, in either spelling of its path."""
        return self._of_path.get(same_form(path), [])

    def rebuild(self) -> None:
        """Look at everything anew."""
        skipped = {unit.id for unit in self.units.values() if unit.is_skipped}
        self.units = {}
        self._of_path = defaultdict(list)
        for path in sorted(self.site.pictures):
            for unit in self._units_of(path):
                unit.is_skipped = unit.id in skipped
                self.units[unit.id] = unit
                self._of_path[same_form(path)].append(unit)

    def update(self, path: str) -> list[Unit] | None:
        """Look at one picture anew.

        Returns:
            Its items; `None` where it has others than before, so that everything has to be looked
            at.
        """
        new = [*self._units_of(path)]
        units = self.of_path(path)
        if [unit.id for unit in new] != [unit.id for unit in units]:
            return None
        for unit, now in zip(units, new, strict=True):
            unit.state, unit.text, unit.service = now.state, now.text, now.service
        return units

    def _units_of(self, path: str) -> Iterator[Unit]:
        picture, entry = self.site.pictures[path], self.entry(path)
        for tag in self._tags(picture, entry):
            unit = Unit(path, tag)
            _look_at(unit, picture, entry)
            yield unit

    @staticmethod
    def _tags(picture: SeenPicture, entry: Entry | None) -> list[str]:
        """Return the languages that a picture needs a text in, or has one in."""
        if entry and ANY_LANGUAGE in entry.texts:
            return [ANY_LANGUAGE]
        tags = set(entry.texts) if entry else set()
        for language, code in picture.languages.items():
            tag = entry.tag(language, code) if entry else None
            tags.add(tag or language_tag(code or language))
        return sorted(tags)


def _look_at(unit: Unit, picture: SeenPicture, entry: Entry | None) -> None:
    """Set what is known of an item."""
    text = entry.texts.get(unit.tag) if entry else None
    status = entry.status(unit.tag) if entry else None
    unit.text = text or ""
    unit.service = entry.writer if entry and text and status is Status.DRAFT else ""
    if entry is None or (text is None and status is not Status.DECORATIVE):
        unit.state = State.GIVEN if picture.own_name else State.MISSING
        unit.text = picture.own_name
    elif entry.is_stale(picture.sha256):
        unit.state = State.STALE
    elif status is Status.DECORATIVE:
        unit.state = State.DECORATIVE
    elif status is Status.REVIEWED:
        unit.state = State.REVIEWED
    elif entry.note("refused", unit.tag):
        unit.state = State.REFUSED
    elif entry.note("suggestion", unit.tag):
        unit.state = State.SUGGESTED
    else:
        unit.state = State.DRAFT
