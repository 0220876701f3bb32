"""Taking entries out of a catalog's text, every other byte of which stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.catalog.layout import Block, Splice, apply_splices
from mkdocs_alttext.catalog.reading import parse_catalog
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.names import same_form

if TYPE_CHECKING:
    from collections.abc import Collection


class Removal(NamedTuple):
    """A catalog's text without some entries."""

    text: str
    removed: list[str]
    """The paths of the entries that are gone."""
    stuck: list[str]
    """Those that stay, as a comment or braces are in the way."""


def without_entries(text: str, paths: Collection[str], *, name: str) -> Removal:
    """Take entries out.

    Args:
        text: The catalog's text.
        paths: Of entries that it has, in whatever spelling.
        name: The file that errors speak of.

    Raises:
        CatalogError: The text is no catalog, or what is left would not mean the same.
    """
    entries = parse_catalog(text, name)
    document = Block.of_document(text)
    wanted = {same_form(path) for path in paths}
    splices: list[Splice] = []
    removed, stuck = [], []
    for path in document.names:
        if same_form(path) not in wanted:
            continue
        splice = document.entry_removal(path)
        if splice is None:
            stuck.append(path)
        else:
            splices.append(splice)
            removed.append(path)
    new = apply_splices(text, splices)
    left = [path for path in entries if same_form(path) not in set(map(same_form, removed))]
    if list(parse_catalog(new, name)) != left:
        raise CatalogError(name, "Entries cannot be taken out of what is written here.")
    return Removal(new, removed, stuck)
