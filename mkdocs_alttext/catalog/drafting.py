"""Which drafts a catalog gets, which are refreshed or taken out, and which a person has to see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mkdocs_alttext.catalog.editing import CatalogText
from mkdocs_alttext.catalog.entries import (
    ANY_LANGUAGE,
    AUTHOR,
    Entry,
    Status,
    draft_origin,
    is_own_origin,
)
from mkdocs_alttext.catalog.moving import TextCounts, move_entries
from mkdocs_alttext.system.printable import same_form, visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

HEADER = """\
# Alt text of this site's images, by their path in the built site.
# `mkdocs-alttext catalog` adds drafts. Correct a text where it is wrong, then set its status:
#   draft       generated, nobody has approved it
#   reviewed    approved: it is never replaced
#   decorative  the image says nothing: alt=""

"""
_MOST_PAGES = 5
"""Of those that show a picture, in the comment of its entry."""
_T = TypeVar("_T")
_CANNOT_BE_EDITED = (
    "Drafts cannot be added without changing what is written here. Write each entry on lines of "
    "its own, as the documentation shows."
)


@dataclass(frozen=True, slots=True)
class PictureTexts:
    """What a build knows of an image."""

    sha256: str
    """Digest of the picture as it is now."""
    texts: Mapping[str, str]
    """What there is for the picture and may become a draft, by language as in `Entry.texts`."""
    notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What is noted of these texts, by the key of the catalog, as `refused`, and by language. A
    key that is not here says nothing: what an entry has under it stays with its text."""
    authored: frozenset[str] = frozenset()
    """The languages of texts that the site's author wrote elsewhere."""
    pages: tuple[str, ...] = ()
    """Sources of the pages that show it, for an entry that has no text yet; empty for none."""


@dataclass(slots=True)
class Changes:
    """What writing drafts did, by image path."""

    text: str
    """The catalog's new text."""
    added: list[str] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    """Of the added ones, those without a text."""
    moved: dict[str, str] = field(default_factory=dict)
    """Entries whose picture was renamed or moved, by their old path."""
    refreshed: list[str] = field(default_factory=list)
    """Entries with other drafts, or with drafts in more languages."""
    completed: list[str] = field(default_factory=list)
    """Entries that had no digest of their picture."""
    stale: list[str] = field(default_factory=list)
    """Entries whose picture changed, and whose text a person has to check."""
    outdated: list[str] = field(default_factory=list)
    """Drafts whose picture changed, for which there is no text yet."""
    kept: list[str] = field(default_factory=list)
    """Drafts whose picture has a path where a person's word on another picture is in the way."""
    stuck: list[str] = field(default_factory=list)
    """Drafts whose picture changed, where a comment or braces are in the way of the new texts."""


def write_drafts(
    text: str,
    seen: Mapping[str, PictureTexts],
    *,
    service: str,
    name: str,
    gone: Collection[str] = (),
) -> Changes:
    """Add drafts to a catalog, and refresh those that nobody changed.

    What a person wrote is never written anew: values are replaced only in drafts that nobody
    changed, and everything else is added.

    Args:
        text: The catalog's text; empty when there is none yet.
        seen: What is known of the site's images, by path.
        service: Who wrote the texts that are not the author's.
        name: The file that errors speak of.
        gone: Paths of entries that are no file of the site.

    Returns:
        The new text, and what changed. A second call with that text changes nothing.

    Raises:
        CatalogError: The text is no catalog, or is written in a way that cannot be added to.
    """
    # Disks differ in the spelling of names, and the file is shared by all of them.
    pictures = {same_form(path): picture for path, picture in seen.items()}
    changes = Changes(text)
    catalog = CatalogText(text or HEADER, name)
    digests = {path: picture.sha256 for path, picture in pictures.items()}
    while moved := move_entries(catalog, digests, set(map(same_form, gone))):
        changes.moved |= moved
        changes.text = catalog.edited(_CANNOT_BE_EDITED)
        catalog = CatalogText(changes.text, name)
    before = dict(catalog.entries)
    same = _by_digest(before)
    counts = TextCounts(before, {*digests.values()})

    def revisit(paths: Collection[str]) -> list[str]:
        """Return those that are left, as they alone have a text of what another path shows."""
        left = []
        for path in sorted(paths):
            entry, picture = before[path], pictures[path]
            if entry.is_stale(picture.sha256) and counts.needs(entry):
                left.append(path)
                continue
            known = same.get(picture.sha256)
            _revisit(catalog, entry, picture, changes, same=known, service=service)
            counts.replace(entry, catalog.entries[path])
        return left

    left = [before[path] for path in revisit(revisit(before.keys() & pictures.keys()))]
    for entry in left:
        (changes.kept if entry.is_replaceable else changes.stale).append(entry.path)
    same = _by_digest(catalog.entries)
    for path in sorted(pictures.keys() - before.keys()):
        picture = pictures[path]
        if new := _added(path, picture, same.get(picture.sha256), service):
            catalog.add(new, comment="" if new.texts else _shown_on(picture.pages))
            changes.added.append(path)
            if new.is_draft and not new.texts:
                changes.blank.append(path)
    if changes.added or text:
        changes.text = catalog.edited(_CANNOT_BE_EDITED)
    return changes


def _by_digest(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return an entry for each picture, the one for which people did most."""
    best_last = sorted(entries.values(), key=lambda each: each.standing(), reverse=True)
    return {entry.sha256: entry for entry in best_last if entry.sha256}


def _added(path: str, seen: PictureTexts, same: Entry | None, service: str) -> Entry | None:
    """Return a new entry for a picture, if there is anything to say of it.

    Args:
        path: The picture's.
        seen: What is known of it.
        same: An entry of the same bytes, whose word builds take for this one, too.
        service: Who wrote the texts that are not the author's.
    """
    entry = Entry(path, {ANY_LANGUAGE: Status.DRAFT}, sha256=seen.sha256)
    # What is approved stays so here, also when the other picture changes.
    if seen.texts or (same and not same.is_draft):
        return _redrafted(entry, seen, same, service)
    return entry if seen.pages and not same else None


def _shown_on(pages: Sequence[str]) -> str:
    more = len(pages) - _MOST_PAGES
    names = ", ".join(map(visible, pages[:_MOST_PAGES]))
    return f"shown on {names}" + (f" and {more} more" if more > 0 else "")


def _revisit(
    catalog: CatalogText,
    entry: Entry,
    seen: PictureTexts,
    changes: Changes,
    *,
    same: Entry | None,
    service: str,
) -> None:
    """Bring an entry up to date as far as no person has to.

    Args:
        catalog: The text that has it.
        entry: The entry.
        seen: What is known of its picture.
        changes: What was done so far.
        same: An entry of the bytes that its picture has now.
        service: Who wrote the texts that are not the author's.
    """
    if entry.is_stale(seen.sha256):
        if not entry.is_replaceable:
            # The drafts beside an approved text are about the old picture, and can be had anew.
            if entry.is_untouched and entry.drafts and not entry.is_draft:
                catalog.change(entry, without_drafts(entry, entry.drafts))
            changes.stale.append(entry.path)
        elif entry.texts and not (seen.texts or same):
            changes.outdated.append(entry.path)
        elif catalog.change(entry, _redrafted(entry, seen, same, service)):
            changes.refreshed.append(entry.path)
        else:
            changes.stuck.append(entry.path)
        return
    if entry.sha256 is None:
        with_digest = entry._replace(sha256=seen.sha256)
        if catalog.change(entry, with_digest):
            changes.completed.append(entry.path)
            entry = with_digest
    if any(new != entry and catalog.change(entry, new) for new in _refreshed(entry, seen, service)):
        changes.refreshed.append(entry.path)


def _redrafted(entry: Entry, seen: PictureTexts, same: Entry | None, service: str) -> Entry:
    """Return what becomes of a draft that nobody wrote or changed, for its picture as it is now."""
    if same is None:
        return _drafted(entry, seen, seen.texts, service)
    copied = same._replace(path=entry.path, pages={})
    return next(_refreshed(copied, seen, service), copied)


def _refreshed(entry: Entry, seen: PictureTexts, service: str) -> Iterator[Entry]:
    """Yield what an entry whose picture is the same could become, the best first."""
    is_said_once = ANY_LANGUAGE in entry.statuses and not (entry.is_draft or entry.reviewed)
    if is_said_once or ANY_LANGUAGE in entry.texts:
        return
    texts = {**seen.texts, **entry.texts}
    if entry.is_untouched:
        # Builds take what the author wrote, whatever a draft said before.
        texts |= {tag: seen.texts[tag] for tag in seen.authored & entry.drafts.keys()}
    if texts != entry.texts:
        yield _drafted(entry, seen, texts, service)
    if entry.is_untouched:
        # What the rules and options of today say of its texts.
        yield entry._replace(notes=_noted(entry, entry, seen))


def _drafted(entry: Entry, seen: PictureTexts, texts: Mapping[str, str], service: str) -> Entry:
    """Return an entry with texts, of which those that it did not have are drafts."""
    statuses: Mapping[str, Status] = entry.statuses
    one = statuses.get(ANY_LANGUAGE)
    if one is None or (one is not Status.DRAFT and texts.keys() - entry.texts.keys()):
        # One word for all goes on for the texts that it was said of.
        given = dict.fromkeys(entry.texts, one) if one else statuses
        statuses = {**dict.fromkeys(texts, Status.DRAFT), **given}
    new = entry._replace(texts=texts, statuses=statuses, sha256=seen.sha256)
    new = new._replace(notes=_noted(entry, new, seen))
    # What a person wrote in place of the origin stays, and what tells that one changed a draft.
    if not is_own_origin(entry.origin) or (entry.drafts and not entry.is_untouched):
        return new
    drafted = entry.drafts.keys() if entry.writer == AUTHOR else frozenset()
    writer = AUTHOR if new.drafts.keys() <= seen.authored | drafted else service
    return new._replace(origin=draft_origin(writer, new.drafts))


def _noted(old: Entry, new: Entry, seen: PictureTexts) -> dict[str, Mapping[str, str]]:
    """Return what is noted of an entry's texts: anew of drafts that are known, else as before."""
    notes: dict[str, Mapping[str, str]] = {}
    for name in dict.fromkeys((*old.notes, *seen.notes)):
        noted: dict[str, str] = {}
        for tag, text in new.texts.items():
            is_known = tag in new.drafts and seen.texts.get(tag) == text
            note = old.note(name, tag) if old.texts.get(tag) == text else None
            if is_known and name in seen.notes:
                note = seen.notes[name].get(tag)
            if note:
                noted[tag] = note
        values = {*noted.values()}
        if name in old.notes and all(old.note(name, tag) == noted.get(tag) for tag in new.texts):
            notes[name] = old.notes[name]
        elif noted.keys() == new.texts.keys() and len(values) == 1:
            notes[name] = dict.fromkeys([ANY_LANGUAGE], *values)
        elif noted:
            notes[name] = noted
    return notes


class Removal(NamedTuple):
    """A catalog's text without some texts."""

    text: str
    removed: list[str]
    """The paths of the entries whose texts are gone, all of them or those that were meant."""
    stuck: list[str]
    """Those that stay as they are, as a comment or braces are in the way."""


def without_texts(text: str, meant: Mapping[str, Collection[str]], *, name: str) -> Removal:
    """Take texts of drafts out, and each draft that has no other.

    Args:
        text: The catalog's text.
        meant: By the path of an entry, in whatever spelling, the languages of the texts.
        name: The file that errors speak of.

    Raises:
        CatalogError: The text is no catalog, or what is left would not mean the same.
    """
    catalog = CatalogText(text, name)
    languages = {same_form(path): each for path, each in meant.items()}
    removed: list[str] = []
    stuck: list[str] = []
    for path, entry in [*catalog.entries.items()]:
        if path not in languages:
            continue
        smaller = without_drafts(entry, languages[path])
        # A draft that a comment speaks of goes on without a text.
        is_done = (not smaller.texts and catalog.remove(entry)) or catalog.change(entry, smaller)
        (removed if is_done else stuck).append(entry.path)
    what = "Entries cannot be taken out of what is written here."
    return Removal(catalog.edited(what), removed, stuck)


def without_drafts(entry: Entry, languages: Collection[str]) -> Entry:
    """Return an entry without its drafts in some languages, with what is noted of them."""
    drafts = {tag: text for tag, text in entry.drafts.items() if tag not in languages}
    meant = entry.drafts.keys() - drafts.keys()

    def left(values: Mapping[str, _T]) -> dict[str, _T]:
        return {tag: value for tag, value in values.items() if tag not in meant}

    texts = left(entry.texts)
    notes = {name: left(each) for name, each in entry.notes.items()} if texts else {}
    return entry._replace(
        texts=texts,
        statuses=left(entry.statuses) or {ANY_LANGUAGE: Status.DRAFT},
        notes={name: each for name, each in notes.items() if each},
        origin=draft_origin(entry.writer, drafts) if drafts else entry.origin,
    )
