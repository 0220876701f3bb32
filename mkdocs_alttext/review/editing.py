"""What a person decides about items, written into the catalog at once, and taken back again."""

from __future__ import annotations

import hashlib
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Entry, Status, draft_origin
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.review.items import State
from mkdocs_alttext.system.printable import counted, plain, same_form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.catalog.live import LiveCatalog, PieceEdit
    from mkdocs_alttext.review.collection import Collection, Unit

_MOST_STEPS = 100
LONGEST_TEXT = 5000
"""Characters."""
_REFUSALS = ("refused", "suggestion")
"""Notes that are about drafts only."""


class ConflictError(Exception):
    """Somebody else changed what a person decided about."""


class UnusableTextError(Exception):
    """There is nothing that could be approved; the message says what to do."""


class Change(NamedTuple):
    """What a step did to one picture."""

    path: str
    before: Entry | None
    after: Entry | None


class Step(NamedTuple):
    """One thing that a person did, to be taken back in one go."""

    words: str
    item: str
    """Id of the item to go back to."""
    is_of_list: bool
    """Whether it is shown in a list then."""
    changes: Sequence[Change]
    edits: Sequence[PieceEdit]
    version: int
    """Of the catalog, after it."""
    earlier_version: int
    number: int
    """Of all steps of this review, from 1."""


class Wanted(NamedTuple):
    """What a person wants an item to say."""

    unit: Unit
    text: str
    revision: str
    """Of the item, as the person saw it."""
    status: Status
    is_typed: bool
    """Whether the text is another than the person was shown."""


class BulkResult(NamedTuple):
    """What saving many did."""

    saved: list[Wanted]
    left: dict[str, str]
    """Why others were not saved, in a sentence, by the item's id."""


class Editor:
    """Writes decisions. For one thread at a time."""

    def __init__(self, collection: Collection, catalog: LiveCatalog) -> None:
        """Begin without steps.

        Args:
            collection: The items.
            catalog: The file.
        """
        self._collection = collection
        self._catalog = catalog
        self._steps = deque[Step](maxlen=_MOST_STEPS)
        self._number = 0

    @property
    def last(self) -> Step | None:
        """The step that the next undo takes back."""
        return self._steps[-1] if self._steps else None

    def approve(self, unit: Unit, text: str, revision: str) -> None:
        """Approve a text of an item.

        Args:
            unit: The item.
            text: As the person left it.
            revision: Of the item, as the person saw it.

        Raises:
            UnusableTextError: The text is empty or too long.
            ConflictError: Somebody else changed the item since.
            CatalogError: It cannot be written.
        """
        text = _usable(text)
        self._save(unit, revision, f"approving {unit.path}", Status.REVIEWED, text)

    def keep(self, unit: Unit, text: str, revision: str) -> None:
        """Write a text as a draft; arguments and errors are those of `approve`."""
        text = _usable(text)
        self._save(unit, revision, f"the draft of {unit.path}", Status.DRAFT, text)

    def empty(self, unit: Unit, revision: str) -> None:
        """Have an item say nothing: the picture is decoration. See `approve`."""
        self._save(unit, revision, f"{unit.path} as decorative", Status.DECORATIVE, None)

    def as_it_is(self, unit: Unit) -> Wanted:
        """Return what has the text of an item approved as it is now."""
        revision = self._collection.revision(unit)
        return Wanted(unit, unit.text, revision, Status.REVIEWED, is_typed=False)

    def save_many(self, wanted: Sequence[Wanted]) -> BulkResult:
        """Do what a person decided about many items, in one step.

        Args:
            wanted: Items with their texts.

        Raises:
            CatalogError: It cannot be written.
        """
        saved: list[Wanted] = []
        left: dict[str, str] = {}
        if not wanted:
            return BulkResult(saved, left)
        changes: list[Change] = []

        def work() -> list[PieceEdit]:
            for made in (saved, left, changes):
                made.clear()
            edits: list[PieceEdit] = []
            # Before any is written, as one may be in another language of the same picture.
            as_seen = [self._is_as_seen(each.unit, each.revision) for each in wanted]
            for each, is_as_seen in zip(wanted, as_seen, strict=True):
                if not is_as_seen:
                    if _says(each):
                        saved.append(each)
                    else:
                        left[each.unit.id] = "Somebody else changed it since."
                    continue
                try:
                    done, change = self._written(each.unit, each.status, _new_text(each))
                except (CatalogError, UnusableTextError) as error:
                    left[each.unit.id] = str(error)
                    continue
                edits += done
                changes.append(change)
                saved.append(each)
            return edits

        if edits := self._catalog.change(work):
            is_approval = all(each.status is Status.REVIEWED for each in saved)
            words = f"{'approving' if is_approval else 'saving'} {counted(len(saved), 'text')}"
            self._note(words, wanted[0].unit.id, changes, edits, is_of_list=True)
        return BulkResult(saved, left)

    def undo(self) -> tuple[Step, list[str]]:
        """Take the last step back.

        What somebody else changed since stays as they left it.

        Returns:
            The step, and the paths of pictures that it was not taken back for.

        Raises:
            IndexError: There is no step.
            CatalogError: It cannot be written; the step stays.
        """
        step = self._steps[-1]
        left: list[str] = []
        is_exact = False

        def work() -> list[PieceEdit]:
            nonlocal is_exact
            left.clear()
            catalog = self._catalog
            is_exact = catalog.version == step.version
            if is_exact:
                return [catalog.take_back(edit) for edit in reversed(step.edits)]
            edits: list[PieceEdit] = []
            for change in reversed(step.changes):
                try:
                    edits += _taken_back(change, catalog)
                except CatalogError:
                    left.append(change.path)
            return edits

        self._catalog.change(work)
        self._steps.pop()
        if self._steps and is_exact and self._steps[-1].version == step.earlier_version:
            # The bytes are those of before, so that the step before can be taken back as well.
            self._steps[-1] = self._steps[-1]._replace(version=self._catalog.version)
        return step, left

    def _save(
        self, unit: Unit, revision: str, words: str, status: Status, text: str | None
    ) -> None:
        changes: list[Change] = []

        def work() -> list[PieceEdit]:
            if not self._is_as_seen(unit, revision):
                raise ConflictError
            edits, change = self._written(unit, status, text)
            changes[:] = [change]
            return edits

        if edits := self._catalog.change(work):
            self._note(words, unit.id, changes, edits)

    def _is_as_seen(self, unit: Unit, revision: str) -> bool:
        """Tell whether an item is what the person saw, in the file as it was read just now."""
        has_same_items = self._collection.update(unit.path) is not None
        return has_same_items and self._collection.revision(unit) == revision

    def _written(
        self, unit: Unit, status: Status, text: str | None
    ) -> tuple[list[PieceEdit], Change]:
        """Write a decision about one item; no edits where the file says that already."""
        catalog, form = self._catalog, same_form(unit.path)
        sha256 = self._collection.picture(unit).sha256
        shown = self._collection.entry(unit.path) or Entry(unit.path, {ANY_LANGUAGE: Status.DRAFT})
        if shown.is_stale(sha256):
            shown = _of_other_picture(shown, unit.tag)
        new = decided(shown, unit.tag, status, text)._replace(sha256=sha256)
        edits: list[PieceEdit] = []
        if moves := self._collection.moves():
            edits.append(catalog.rename(moves))
        own = catalog.entries.get(form)
        if own is None:
            edits.append(catalog.add(new))
        elif own != new:
            try:
                edits.append(catalog.replace(own, *_ways_to_write(new, own)))
            except CatalogError:
                for edit in edits:
                    catalog.take_back(edit)
                raise
        return edits, Change(unit.path, own, catalog.entries[form])

    def _note(
        self,
        words: str,
        item: str,
        changes: Sequence[Change],
        edits: Sequence[PieceEdit],
        *,
        is_of_list: bool = False,
    ) -> None:
        """Keep what was just done as the last step."""
        self._number += 1
        now = self._catalog.version
        step = Step(words, item, is_of_list, changes, edits, now, now - 1, self._number)
        self._steps.append(step)


def is_approvable(unit: Unit, show: str) -> bool:
    """Tell whether an item is approved with others.

    What is stale, refused or perhaps decoration is to be looked at on its own; so is what has a
    remark, and what was skipped.

    Args:
        unit: The item.
        show: The filter's value: a person who chose to see one of these has looked for it.
    """
    has_draft = unit.state in {State.DRAFT, State.REFUSED, State.SUGGESTED, State.STALE}
    is_plain = (unit.state is State.DRAFT and not unit.has_remark) or unit.state == show
    return has_draft and bool(unit.text) and is_plain and unit.is_skipped <= (show == "skipped")


def text_digest(text: str) -> str:
    """Return what is the same for texts that differ in nothing but what shows nothing."""
    return hashlib.sha256(plain(text).encode(errors="replace")).hexdigest()[:16]


def _says(wanted: Wanted) -> bool:
    """Tell whether an item is as it is wanted already: a form may be sent twice."""
    done = {Status.REVIEWED: State.REVIEWED, Status.DECORATIVE: State.DECORATIVE}
    is_done = wanted.unit.state is done.get(wanted.status)
    is_same = plain(wanted.text) == plain(wanted.unit.text)
    if wanted.status is Status.DRAFT:
        return is_same
    return is_done and (is_same or (wanted.status is Status.DECORATIVE and not wanted.is_typed))


def _new_text(wanted: Wanted) -> str | None:
    """Return the text to be written; `None` where it stays as it is, byte for byte."""
    if wanted.status is Status.DECORATIVE:
        return (plain(wanted.text) or None) if wanted.is_typed else None
    is_in_catalog = wanted.unit.state not in {State.GIVEN, State.MISSING}
    return None if is_in_catalog and not wanted.is_typed else _usable(wanted.text)


def _of_other_picture(entry: Entry, tag: str) -> Entry:
    """Return an entry in which only one language may be approved: nobody compared the others."""
    others = [each for each in entry.texts if each not in {tag, *entry.drafts}]
    if not others:
        return entry
    statuses = {each: own for each in entry.texts if (own := entry.status(each))}
    return entry._replace(statuses=statuses | dict.fromkeys(others, Status.DRAFT))


def decided(entry: Entry, tag: str, status: Status, text: str | None) -> Entry:
    """Return an entry in which a person decided about one language.

    Args:
        entry: What is said of the picture so far.
        tag: The language, in the form of `language_tag`; `ANY_LANGUAGE` for all.
        status: What the person said.
        text: The text; `None` to leave what there is.
    """
    texts = dict(entry.texts)
    if text is not None:
        texts[tag] = text
    others = {each for each in (*texts, *entry.statuses) if each not in {tag, ANY_LANGUAGE}}
    statuses = dict(entry.statuses)
    one = statuses.get(ANY_LANGUAGE)
    if one is None:
        statuses[tag] = status
    elif not others or one is status:
        statuses = {ANY_LANGUAGE: status}
    else:
        statuses = {**dict.fromkeys(texts.keys() - {tag}, one), tag: status}
    new = entry._replace(texts=texts, statuses=statuses)
    if status is not Status.DRAFT:
        notes = {name: each for name, each in entry.notes.items() if name not in _REFUSALS}
        for name in _REFUSALS:
            noted = {each: entry.note(name, each) for each in texts if each != tag}
            if left := {each: note for each, note in noted.items() if note}:
                notes[name] = left
        new = new._replace(notes=notes)
    # What tells whether somebody changed the drafts that are left is about just these.
    if entry.is_untouched and new.drafts and not new.is_untouched and status is not Status.DRAFT:
        new = new._replace(origin=draft_origin(entry.writer, new.drafts))
    return new


def _ways_to_write(new: Entry, own: Entry) -> list[Entry]:
    """Return what an entry may become, the shortest first.

    The file may have several lines where one would do, or a comment at a note, which is no reason
    to refuse what a person says.
    """
    ways = [new, new._replace(notes=own.notes)]
    said = {*new.statuses.values()}
    if len(said) == 1 and new.statuses != own.statuses and ANY_LANGUAGE not in own.statuses:
        one = dict.fromkeys([ANY_LANGUAGE], *said)
        ways = [each._replace(statuses=one) for each in ways] + ways
    return ways


def _taken_back(change: Change, catalog: LiveCatalog) -> list[PieceEdit]:
    """Take back what a step did to an entry, unless somebody changed that since.

    Raises:
        CatalogError: Somebody did, or it cannot be written.
    """
    own = catalog.entries.get(same_form(change.path))
    if own == change.before:
        return []
    if own is None or own != change.after:
        raise CatalogError(str(catalog.path), "Somebody else changed the entry.")
    if change.before is None:
        return [catalog.remove(own)]
    return [catalog.replace(own, change.before)]


def _usable(text: str) -> str:
    text = plain(text)
    if not text:
        raise UnusableTextError("There is no text. Write one, or choose “Decorative”.")
    if len(text) > LONGEST_TEXT:
        raise UnusableTextError(
            f"The text has {len(text)} characters, and {LONGEST_TEXT} at most can be kept."
        )
    return text
