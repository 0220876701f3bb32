"""Entries of pictures that were renamed or moved, and the paths that they get.

An entry stands under the path of its picture, and knows the picture by its bytes. Where these are
under another path by now, the entry goes there, unless something that a person wrote is in its way.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mkdocs_alttext.catalog.editing import CatalogText
    from mkdocs_alttext.catalog.entries import Entry

_MOST_COPIES = 20
"""Paths of one picture that entries are moved to."""


class TextCounts:
    """How many entries have a text of each picture that is shown, by language."""

    def __init__(self, entries: Mapping[str, Entry], shown: Collection[str]) -> None:
        """Count.

        Args:
            entries: Those of a catalog.
            shown: The digests of the site's pictures.
        """
        self._shown = shown
        self._count = Counter[tuple[str | None, str]]()
        for entry in entries.values():
            self._count.update(_texts_of(entry))

    def needs(self, entry: Entry) -> bool:
        """Tell whether an entry alone has a text of a picture that is shown."""
        return entry.sha256 in self._shown and any(
            self._count[text] == 1 for text in _texts_of(entry)
        )

    def replace(self, entry: Entry, new: Entry | None) -> None:
        """Take note that an entry became another, or is gone."""
        self._count.subtract(_texts_of(entry))
        self._count.update(_texts_of(new) if new else ())


def _texts_of(entry: Entry) -> list[tuple[str | None, str]]:
    return [(entry.sha256, tag) for tag in entry.texts]


def move_entries(
    catalog: CatalogText, digests: Mapping[str, str], gone: Collection[str]
) -> dict[str, str]:
    """Give entries the path that their picture has now.

    Where pictures change names among each other, as numbered ones do when one is put in between,
    the old paths are not gone, and show other pictures.

    Args:
        catalog: The text, which gets the edits.
        digests: Of the site's pictures, by their paths in the form of `same_form`.
        gone: Paths of entries, in that form, that are no file of the site.

    Returns:
        The new paths by the old ones.
    """
    paths: dict[str, list[str]] = {}
    for path, digest in digests.items():
        if len(same := paths.setdefault(digest, [])) < _MOST_COPIES:
            same.append(path)
    entries = catalog.entries
    approved = {each.sha256 for each in entries.values() if not each.is_draft}
    leaving = {
        old: entry
        for old, entry in entries.items()
        if entry.sha256 in paths
        # Builds take what is approved.
        and not (entry.is_draft and entry.sha256 in approved)
        and (old in gone or (old in digests and entry.is_stale(digests[old])))
    }
    moves = _targets(leaving, paths, entries)
    counts = TextCounts(entries, paths)

    def is_free(new: str, entry: Entry) -> bool:
        taken = entries.get(new)
        if taken is None or new in moves:
            return True
        if counts.needs(taken) or not (_gives_way(taken, entry) and catalog.remove(taken)):
            return False
        counts.replace(taken, None)
        return True

    while stuck := [old for old, new in moves.items() if not is_free(new, leaving[old])]:
        for old in stuck:  # behind one that stays
            del moves[old]
    names = {entries[old].path: new for old, new in moves.items()}
    return names if moves and catalog.rename(moves) else {}


def _targets(
    leaving: Mapping[str, Entry], paths: Mapping[str, Sequence[str]], entries: Mapping[str, Entry]
) -> dict[str, str]:
    """Return a path for each entry that leaves its own, where there is one; each path once.

    Args:
        leaving: These entries, by their paths.
        paths: Those of each picture, by its digest.
        entries: All of the catalog.
    """
    moves: dict[str, str] = {}
    meant: set[str] = set()
    for old, entry in sorted(leaving.items(), key=lambda each: each[1].standing()):
        for new in paths.get(entry.sha256 or "", ()):
            taken = entries.get(new)
            is_open = taken is None or new in leaving or _gives_way(taken, entry)
            if new not in meant and is_open:
                moves[old] = new
                meant.add(new)
                break
    return moves


def _gives_way(taken: Entry, entry: Entry) -> bool:
    """Tell whether one entry may have the path of another, which nobody wrote."""
    return taken.is_replaceable and (not entry.is_draft or taken.is_stale(entry.sha256 or ""))
