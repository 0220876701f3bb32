"""Which drafts a catalog gets, which are refreshed or taken out, and which a person has to see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.catalog.editing import CatalogText
from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Entry, Status, draft_origin, language_tag
from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mkdocs_alttext.models import Reason

HEADER = """\
# Alt text of this site's images, by their path in the built site.
# `mkdocs-alttext catalog` adds drafts. Correct a text where it is wrong, then set its status:
#   draft       generated, nobody has approved it
#   reviewed    approved: it is never replaced
#   decorative  the image says nothing: alt=""

"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a build knows of an image."""

    sha256: str
    """Digest of the picture as it is now."""
    texts: Mapping[str, str]
    """What the cache holds for the picture, by the service's language code."""
    refused: Mapping[str, Reason] = field(default_factory=dict)
    """Why texts of these are not published, by the same codes."""


@dataclass(slots=True)
class Changes:
    """What writing drafts did, by image path."""

    text: str
    """The catalog's new text."""
    added: list[str] = field(default_factory=list)
    refreshed: list[str] = field(default_factory=list)
    """Drafts with other texts, or with texts in more languages."""
    completed: list[str] = field(default_factory=list)
    """Entries that had no digest of their picture."""
    stale: list[str] = field(default_factory=list)
    """Entries whose picture changed, and whose text a person has to check."""
    outdated: list[str] = field(default_factory=list)
    """Drafts whose picture changed, for which the cache has no text yet."""
    stuck: list[str] = field(default_factory=list)
    """Drafts whose picture changed, where a comment or braces are in the way of the new texts."""


def write_drafts(text: str, seen: Mapping[str, Seen], *, service: str, name: str) -> Changes:
    """Add drafts to a catalog, and refresh those that nobody changed.

    What a person wrote is never written anew: values are replaced only in drafts that nobody
    changed, and everything else is added.

    Args:
        text: The catalog's text; empty when there is none yet.
        seen: What is known of the site's images, by path.
        service: Who wrote the texts.
        name: The file that errors speak of.

    Returns:
        The new text, and what changed. A second call with that text changes nothing.

    Raises:
        CatalogError: The text is no catalog, or is written in a way that cannot be added to.
    """
    catalog = CatalogText(text or HEADER, name)
    before = dict(catalog.entries)
    changes = Changes(text)
    for path in sorted(seen):
        # Disks differ in the spelling of names, and the file is shared by all of them.
        written = same_form(path)
        if written in before:
            _revisit(catalog, before[written], seen[path], service, changes)
        elif seen[path].texts and written not in catalog.entries:
            entry = Entry(written, Status.DRAFT)
            catalog.add(_drafted(entry, seen[path], _texts(seen[path]), service))
            changes.added.append(written)
    if changes.added or text:
        changes.text = catalog.edited(
            "Drafts cannot be added without changing what is written here. Write each entry on "
            "lines of its own, as the README shows."
        )
    return changes


def _revisit(
    catalog: CatalogText, entry: Entry, seen: Seen, service: str, changes: Changes
) -> None:
    """Bring an entry up to date as far as no person has to."""
    if entry.is_stale(seen.sha256):
        if not entry.is_untouched:
            changes.stale.append(entry.path)
        elif not seen.texts:
            changes.outdated.append(entry.path)
        elif catalog.change(entry, _drafted(entry, seen, _texts(seen), service)):
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


def _refreshed(entry: Entry, seen: Seen, service: str) -> Iterator[Entry]:
    """Yield what an entry whose picture is the same could become, the best first."""
    if entry.status is not Status.DRAFT or ANY_LANGUAGE in entry.texts:
        return
    known = _texts(seen)
    texts = {**known, **entry.texts}
    if texts != entry.texts:
        more = _drafted(entry, seen, texts, service)._replace(sha256=entry.sha256)
        yield more if entry.is_untouched else entry._replace(texts=texts)
    if entry.is_untouched and entry.texts.keys() <= known.keys():
        # What the rules and options of today say of its texts. Nobody judged other texts.
        yield entry._replace(refused=_refused(seen, entry.texts))


def _drafted(entry: Entry, seen: Seen, texts: Mapping[str, str], service: str) -> Entry:
    """Return an entry as a draft that this program writes."""
    return entry._replace(
        texts=texts,
        sha256=seen.sha256,
        origin=draft_origin(service, texts),
        refused=_refused(seen, texts),
    )


def _texts(seen: Seen) -> dict[str, str]:
    return {language_tag(code): text for code, text in seen.texts.items()}


def _refused(seen: Seen, texts: Mapping[str, str]) -> dict[str, Reason]:
    """Return why texts are refused, as an entry with these texts says it."""
    refused = {language_tag(code): reason for code, reason in seen.refused.items()}
    refused = {tag: reason for tag, reason in refused.items() if tag in texts}
    is_one = refused.keys() == texts.keys() and len(set(refused.values())) == 1
    return {ANY_LANGUAGE: next(iter(refused.values()))} if is_one else refused


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
        smaller = _without(entry, languages[path])
        is_done = catalog.change(entry, smaller) if smaller.texts else catalog.remove(entry)
        (removed if is_done else stuck).append(entry.path)
    what = "Entries cannot be taken out of what is written here."
    return Removal(catalog.edited(what), removed, stuck)


def _without(entry: Entry, languages: Collection[str]) -> Entry:
    """Return a draft without its texts in some languages."""
    texts = {each: text for each, text in entry.texts.items() if each not in languages}
    refused = {each: why for each, why in entry.refused.items() if each not in languages}
    service = (entry.origin or "").rpartition(" ")[0]
    return entry._replace(texts=texts, refused=refused, origin=draft_origin(service, texts))
