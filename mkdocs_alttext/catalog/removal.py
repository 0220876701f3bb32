"""Taking texts and entries out of a catalog, every other byte of which stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.catalog.drafting import refused_value, spelling
from mkdocs_alttext.catalog.entries import draft_origin
from mkdocs_alttext.catalog.layout import Block, Splice, apply_splices
from mkdocs_alttext.catalog.reading import parse_catalog
from mkdocs_alttext.catalog.scalars import word
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.names import same_form

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mkdocs_alttext.catalog.entries import Entry


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
        _meaning(entries[path]) == _meaning(meant[path]) for path in meant
    )


def _meaning(entry: Entry) -> tuple[object, ...]:
    place = entry._replace(line=0, texts={}, pages={}, refused={})
    return place, dict(entry.texts), dict(entry.pages), dict(entry.refused)
