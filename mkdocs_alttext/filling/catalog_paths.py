"""Entries of the catalog whose path is no file of the site, and what can be done about each."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.models import Outcome


class UnknownPath(NamedTuple):
    """One such entry."""

    path: str
    """In the form in which names are compared."""
    moved_to: str | None = None
    """The path of the same picture, which was renamed or moved: the catalog's command corrects the
    entry."""
    meant: str | None = None
    """A path of the site that is written much like this one."""
    is_taken: bool = False
    """Whether the path that is meant has another entry."""

    def __str__(self) -> str:
        """Return the path with what is known of it."""
        if self.meant is None:
            return self.path
        if self.is_taken:
            return f"{self.path} ({self.meant} has an entry of its own)"
        return f"{self.path} (did you mean {self.meant}?)"


def find_unknown(
    catalog: Mapping[str, Entry],
    files: Collection[str],
    outcomes: Iterable[Outcome],
    *,
    docs_dir: Collection[str],
) -> list[UnknownPath]:
    """Find the entries that name no file of a site.

    Args:
        catalog: The entries, by path.
        files: The site's, in the form in which names are compared.
        outcomes: What became of its images.
        docs_dir: By what people call `docs_dir`.
    """
    unknown = [path for path in catalog if path not in files]
    if not unknown:
        return []
    by_lower_case = {path.lower(): path for path in sorted(files)}
    pictures: dict[str | None, str] = {}
    spoken_of: dict[str | None, str] = {}
    for outcome in outcomes:
        if outcome.file and outcome.sha256:
            own = catalog.get(outcome.file)
            is_free = own is None or own.is_replaceable or own.is_stale(outcome.sha256)
            found_in = pictures if is_free else spoken_of
            found_in.setdefault(outcome.sha256, outcome.file)
    found, taken = [], set(catalog)
    for path in unknown:
        digest = catalog[path].sha256
        if digest in pictures:
            found.append(UnknownPath(path, moved_to=pictures[digest]))
            continue
        if digest in spoken_of:
            found.append(UnknownPath(path, meant=spoken_of[digest], is_taken=True))
            continue
        forms = (by_lower_case.get(form.lower()) for form in _forms(path, docs_dir))
        meant = next(filter(None, forms), None)
        found.append(UnknownPath(path, meant=meant, is_taken=meant in taken))
        taken.add(meant or path)
    return found


def _forms(path: str, docs_dir: Collection[str]) -> Iterator[str]:
    """Yield what a path may be meant to be: people write those of their disk, and addresses."""
    for written in (path, unquote(path)):
        plain = re.sub(r"\A(?:\.\./|/)+", "", posixpath.normpath(written.replace("\\", "/")))
        yield same_form(plain)
        for name in docs_dir:
            if plain.startswith(f"{name.strip('/')}/"):
                yield same_form(plain[len(name.strip("/")) + 1 :])
