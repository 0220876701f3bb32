"""Whether the cache lies where it can be used, and what `mkdocs serve` watches around it.

MkDocs publishes no file whose name begins
with a dot, or that lies in such a folder, unless `exclude_docs` says otherwise.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, InclusionLevel, set_exclusions

from mkdocs_alttext.system.project import GIT, leads_out, project_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer

_NAMES = ("cache.db", "cache.db-journal", "cache.db-shm", "cache.db-wal", "digests.json", "other")
"""What may come into the folder, beside what is there."""


def fault_of_cache_dir(cache_dir: str, config: MkDocsConfig) -> str | None:
    """Say why a cache folder must not be used, when that is so.

    Args:
        cache_dir: The option.
        config: The site's configuration.
    """
    # As it is written, and where it leads; `Path.resolve` raises where a link leads to itself.
    places = {Path(os.path.abspath(cache_dir)), Path(os.path.realpath(cache_dir))}  # noqa: PTH100 - links are kept
    line = f"The option cache_dir ({cache_dir}) lies inside"
    unused = "It is not used, and nothing is paid for."
    if _is_foreign(places, config):
        return (
            f"The option cache_dir ({cache_dir}) leads into a .git, or by a link out of the "
            f"project. {unused} Choose a folder of the project, or name the other one itself."
        )
    if any(_inside(config.site_dir, place) is not None for place in places):
        # MkDocs removes it before each build, and each would pay again.
        return (
            f"{line} site_dir ({config.site_dir}), so the cache would be published with the site. "
            f"{unused} Choose a folder outside of it."
        )
    names = (inside for place in places if (inside := _inside(config.docs_dir, place)))
    if any(_is_published(name, config) for name in names):
        return (
            f"{line} docs_dir ({config.docs_dir}), so the cache would be published with the site. "
            f"{unused} Choose a folder outside of it, or one inside that exclude_docs excludes: "
            "without another word, that is each whose name begins with a dot."
        )
    return None


def _is_foreign(places: set[Path], config: MkDocsConfig) -> bool:
    """Tell whether a pull request may have chosen a folder that is nobody's to choose."""
    root = project_root(config.config_file_path)
    return any(
        leads_out(place, root) or GIT in (part.casefold() for part in place.parts)
        for place in places
    )


def _inside(folder: str, place: Path) -> Path | None:
    """Return a place from a folder, when it lies in it."""
    for root in (os.path.abspath(folder), os.path.realpath(folder)):  # noqa: PTH100 - links are kept
        if place.is_relative_to(root):
            return place.relative_to(root)
    return None


def _is_published(name: Path, config: MkDocsConfig) -> bool:
    """Tell whether MkDocs would publish a file of a folder in `docs_dir`."""
    folder = Path(config.docs_dir, name)
    present = (
        Path(found, file).relative_to(folder).as_posix()
        for found, _, files in os.walk(folder)
        for file in files
    )
    files = [
        File((name / file).as_posix(), config.docs_dir, config.site_dir, config.use_directory_urls)
        for file in {*_NAMES, *present}
    ]
    set_exclusions(files, config)
    return any(file.inclusion is not InclusionLevel.EXCLUDED for file in files)


def unwatch_cache(server: LiveReloadServer, cache_dir: str, config: MkDocsConfig) -> None:
    """Have `mkdocs serve` not build again for what it writes into a cache inside `docs_dir`.

    Each folder on the way to the cache is watched without what is in its folders, and these one by
    one. A folder that comes meanwhile is watched when the server is started again.

    Args:
        server: Watches all of `docs_dir`.
        cache_dir: The option.
        config: The site's configuration.
    """
    name = _inside(config.docs_dir, Path(os.path.realpath(cache_dir)))
    if name is None:
        return
    server.unwatch(config.docs_dir)
    for folder, is_deep in _around(Path(config.docs_dir), name):
        server.watch(str(folder), recursive=is_deep)


def _around(folder: Path, name: Path) -> Iterator[tuple[Path, bool]]:
    """Return what to watch of a folder but for a folder in it, and whether with all that it has."""
    for part in name.parts:
        yield folder, False
        for each in sorted(folder.iterdir()) if folder.is_dir() else ():
            if each.is_dir() and each.name != part:
                yield each, True
        folder /= part
