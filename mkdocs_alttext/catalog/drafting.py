"""Writing drafts into a catalog's text.

Owns which entries are added, refreshed or left alone. It must not know files or builds. What a
person wrote is never printed anew: new lines are spliced in, and values are replaced only in drafts
that nobody changed. The result is read again and compared with what was meant.

Taking texts and entries out of a catalog, every other byte of which stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.catalog.editing import Block, Splice, apply_splices, quoted, word
from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Entry, Status, draft_origin, language_tag
from mkdocs_alttext.catalog.reading import parse_catalog
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mkdocs_alttext.models import Reason

_LONGEST_SIMPLE_KEY = 1000
"""Characters; YAML allows 1024, quotes and escapes included, before the colon on its line."""

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
    entries = parse_catalog(text, name)
    drafting = _Drafting(text, entries, service)
    for path in sorted(seen):
        if path in entries:
            drafting.revisit(entries[path], seen[path])
        elif seen[path].texts and same_form(path) not in drafting.meant:
            # Disks differ in the spelling of names, and the file is shared by all of them.
            drafting.add(same_form(path), seen[path])
    changes = drafting.changes()
    if not _says(changes.text, drafting.meant):
        raise CatalogError(
            name,
            "Drafts cannot be added without changing what is written here. Write each entry on "
            "lines of its own, as the README shows.",
        )
    return changes


def _says(text: str, meant: Mapping[str, Entry]) -> bool:
    """Tell whether a text, read again, means these entries."""
    try:
        written = parse_catalog(text, "")
    except CatalogError:
        return False
    return written.keys() == meant.keys() and all(
        _meaning(written[path]) == _meaning(meant[path]) for path in meant
    )


def spelling(alt: Block, language: str) -> str | None:
    """Return a language as it is written in the file."""
    return next((name for name in alt.names if language_tag(name) == language), None)


def _refused(seen: Seen, texts: Mapping[str, str]) -> dict[str, Reason]:
    """Return why texts are refused, as an entry with these texts says it."""
    refused = {language_tag(code): reason for code, reason in seen.refused.items()}
    refused = {tag: reason for tag, reason in refused.items() if tag in texts}
    is_one = refused.keys() == texts.keys() and len(set(refused.values())) == 1
    return {ANY_LANGUAGE: next(iter(refused.values()))} if is_one else refused


def refused_value(refused: Mapping[str, Reason], texts: Mapping[str, str]) -> str:
    """Return how the reasons of an entry's refused texts are written, on one line."""
    if ANY_LANGUAGE in refused:
        return word(refused[ANY_LANGUAGE])
    pairs = [f"{word(tag)}: {word(refused[tag])}" for tag in sorted(texts) if tag in refused]
    return f"{{{', '.join(pairs)}}}"


def _meaning(entry: Entry) -> Entry:
    return entry._replace(
        line=0, texts=dict(entry.texts), pages=dict(entry.pages), refused=dict(entry.refused)
    )


class _Drafting:
    """Splices for one text."""

    def __init__(self, text: str, entries: Mapping[str, Entry], service: str) -> None:
        self.meant = dict(entries)
        self._text = text or HEADER
        self._service = service
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._document = Block.of_document(self._text)
        self._splices: list[Splice] = []
        self._changes = Changes(text)

    def changes(self) -> Changes:
        """Return what was done."""
        if self._splices:
            self._changes.text = apply_splices(self._text, self._splices)
        return self._changes

    def add(self, path: str, seen: Seen) -> None:
        """Add a draft for an image that has no entry."""
        texts = {language_tag(language): text for language, text in seen.texts.items()}
        entry = Entry(
            path,
            Status.DRAFT,
            texts,
            seen.sha256,
            draft_origin(self._service, texts),
            refused=_refused(seen, texts),
        )
        lines = self._lines(entry)
        self._splices.append(self._document.among(path, lines, self._newline))
        self.meant[path] = entry
        self._changes.added.append(path)

    def revisit(self, entry: Entry, seen: Seen) -> None:
        """Bring an entry up to date as far as no person has to."""
        block = self._document.block(entry.path)
        if block is None:
            return
        name = same_form(entry.path)
        if entry.is_stale(seen.sha256):
            if not entry.is_untouched:
                self._changes.stale.append(entry.path)
            elif not seen.texts:
                self._changes.outdated.append(entry.path)
            elif not self._rewrite(entry, seen, block, frozenset()):
                self._changes.stuck.append(entry.path)
            return
        if entry.status is Status.DRAFT and ANY_LANGUAGE not in entry.texts:
            is_rewritten = self._rewrite(entry, seen, block, frozenset(entry.texts))
            if not is_rewritten and entry.is_untouched:
                self._judge_again(entry, seen, block)
        if self.meant[name].sha256 is None:
            pair = f"sha256: {word(seen.sha256)}"
            self._splices.append(block.after("status", pair, self._newline))
            self._changes.completed.append(entry.path)
            self.meant[name] = self.meant[name]._replace(sha256=seen.sha256)

    def _rewrite(self, entry: Entry, seen: Seen, block: Block, kept: frozenset[str]) -> bool:
        """Put new texts into a draft, beside those that are kept; say whether that was done."""
        new = {language_tag(language): text for language, text in seen.texts.items()}
        new = {language: text for language, text in new.items() if language not in kept}
        alt = block.block("alt")
        if alt is None or not new:
            return False
        texts = {each: entry.texts[each] for each in entry.texts if each in kept} | new
        values = []
        origin = entry.origin
        if entry.is_untouched:
            origin = draft_origin(self._service, texts)
            values.append(block.value("origin", word(origin)))
        if not kept:
            values.append(block.value("sha256", word(seen.sha256)))
        refused = entry.refused
        if entry.is_untouched:
            refused = _refused(seen, texts)
            values += self._refused_in(entry, refused, texts, block)
        for language in sorted({*entry.texts, *new}):
            if language in new:
                values.append(self._text_in(alt, language, new[language]))
            elif language not in kept:
                values.append(alt.removal(spelling(alt, language) or language))
        splices = [each for each in values if each is not None]
        if len(splices) < len(values):
            return False
        self._splices += splices
        self._changes.refreshed.append(entry.path)
        sha256 = entry.sha256 if kept else seen.sha256
        self.meant[same_form(entry.path)] = entry._replace(
            texts=texts, sha256=sha256, origin=origin, refused=refused
        )
        return True

    def _judge_again(self, entry: Entry, seen: Seen, block: Block) -> None:
        """Say of a draft what the rules and options of today say of its texts."""
        if not entry.texts.keys() <= set(map(language_tag, seen.texts)):
            return  # the cache does not know them, so nobody judged them
        refused = _refused(seen, entry.texts)
        splices = self._refused_in(entry, refused, entry.texts, block)
        if splices and None not in splices:
            self._splices += [each for each in splices if each is not None]
            self._changes.refreshed.append(entry.path)
            self.meant[same_form(entry.path)] = entry._replace(refused=refused)

    def _refused_in(
        self,
        entry: Entry,
        refused: Mapping[str, Reason],
        texts: Mapping[str, str],
        block: Block,
    ) -> list[Splice | None]:
        """Return the change to why texts are refused; none where that stays as it is."""
        if refused == entry.refused:
            return []
        written = refused_value(refused, texts)
        if not entry.refused:
            return [block.after("origin", f"refused: {written}", self._newline)]
        return [block.value("refused", written) if refused else block.removal("refused")]

    def _text_in(self, alt: Block, language: str, text: str) -> Splice | None:
        if name := spelling(alt, language):
            return alt.value(name, quoted(text))
        pair = f"{word(language)}: {quoted(text)}"
        if alt.is_in_braces:
            return alt.after(alt.names[-1], pair, self._newline)
        return alt.among(language, f"{alt.indentation}{pair}{self._newline}", self._newline)

    def _lines(self, entry: Entry) -> str:
        texts = [f"    {word(each)}: {quoted(entry.texts[each])}" for each in sorted(entry.texts)]
        key = word(entry.path)
        lines = [
            *((f"? {key}", ":") if len(key) > _LONGEST_SIMPLE_KEY else (f"{key}:",)),
            "  alt:",
            *texts,
            f"  status: {entry.status.value}",
            f"  sha256: {word(entry.sha256 or '')}",
            f"  origin: {word(entry.origin or '')}",
        ]
        if entry.refused:
            lines.append(f"  refused: {refused_value(entry.refused, entry.texts)}")
        return "".join(f"{self._document.indentation}{line}{self._newline}" for line in lines)


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
    entries = parse_catalog(text, name)
    document = Block.of_document(text)
    languages = {same_form(path): set(each) for path, each in meant.items()}
    left = dict(entries)
    splices: list[Splice] = []
    removed, stuck = [], []
    for path in document.names:
        form = same_form(path)
        if form not in languages:
            continue
        known = next(key for key in entries if same_form(key) == form)
        smaller = _without(entries[known], languages[form])
        if smaller.texts:
            block = document.block(path)
            changes = _changes(block, entries[known], smaller) if block else [None]
        else:
            changes = [document.entry_removal(path)]
        made = [change for change in changes if change is not None]
        if len(made) < len(changes):
            stuck.append(path)
            continue
        splices += made
        removed.append(path)
        left[known] = smaller
        if not smaller.texts:
            del left[known]
    new = apply_splices(text, splices)
    if not _is_same(parse_catalog(new, name), left):
        raise CatalogError(name, "Entries cannot be taken out of what is written here.")
    return Removal(new, removed, stuck)


def _without(entry: Entry, languages: Collection[str]) -> Entry:
    """Return a draft without its texts in some languages."""
    texts = {each: text for each, text in entry.texts.items() if each not in languages}
    refused = {each: why for each, why in entry.refused.items() if each not in languages}
    service = (entry.origin or "").rpartition(" ")[0]
    return entry._replace(texts=texts, refused=refused, origin=draft_origin(service, texts))


def _changes(block: Block, entry: Entry, smaller: Entry) -> list[Splice | None]:
    """Return what makes an entry a smaller one; `None` for what cannot be done."""
    alt = block.block("alt")
    if alt is None:
        return [None]
    changes = [
        alt.removal(spelling(alt, language) or language)
        for language in entry.texts
        if language not in smaller.texts
    ]
    changes.append(block.value("origin", word(smaller.origin or "")))
    if smaller.refused != entry.refused:
        written = refused_value(smaller.refused, smaller.texts)
        is_left = bool(smaller.refused)
        changes.append(block.value("refused", written) if is_left else block.removal("refused"))
    return changes


def _is_same(entries: Mapping[str, Entry], meant: Mapping[str, Entry]) -> bool:
    return list(entries) == list(meant) and all(
        _meaning_without(entries[path]) == _meaning_without(meant[path]) for path in meant
    )


def _meaning_without(entry: Entry) -> tuple[object, ...]:
    place = entry._replace(line=0, texts={}, pages={}, refused={})
    return place, dict(entry.texts), dict(entry.pages), dict(entry.refused)
