"""Whether the option `cache_dir` names a folder that may be used, and what `serve` watches there.

MkDocs publishes no file whose name begins with a dot, or that lies in such a folder, unless
`exclude_docs` says otherwise.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, InclusionLevel, set_exclusions

from mkdocs_alttext.system.files import GIT, absolute, leads_out, project_root

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer

_NAMES = ("cache.db", "cache.db-journal", "cache.db-shm", "cache.db-wal", "other")
"""What may come into the folder, beside what is there."""


def fault_of_cache_dir(cache_dir: str, config: MkDocsConfig) -> str | None:
    """Say why a cache folder must not be used, when that is so.

    Args:
        cache_dir: The option.
        config: The site's configuration.
    """
    # As it is written, and where it leads; `Path.resolve` raises where a link leads to itself.
    places = {absolute(cache_dir), Path(os.path.realpath(cache_dir))}
    root = project_root(config.config_file_path)
    option = f"The option cache_dir ({cache_dir})"
    published = "so the cache would be published with the site. It is not used, and nothing is paid"
    if any(
        leads_out(place, root) or GIT in (part.casefold() for part in place.parts)
        for place in places
    ):
        return (
            f"{option} leads into a .git, or by a link out of the project. It is not used, and "
            "nothing is paid for. Choose a folder of the project, or name the other one itself."
        )
    if any(_inside(config.site_dir, place) for place in places):
        # MkDocs removes it before each build, and each would pay again.
        return (
            f"{option} lies inside site_dir ({config.site_dir}), {published} for. Choose a folder "
            "outside of it."
        )
    names = (inside for place in places if (inside := _inside(config.docs_dir, place)))
    if any(_is_published(name, config) for name in names):
        return (
            f"{option} lies inside docs_dir ({config.docs_dir}), {published} for. Choose a folder "
            "outside of it, or one inside that exclude_docs excludes: without another word, that "
            "is each whose name begins with a dot."
        )
    return None


def _inside(folder: str, place: Path) -> Path | None:
    """Return a place from a folder, when it lies in it."""
    for root in (absolute(folder), os.path.realpath(folder)):
        if place.is_relative_to(root):
            return place.relative_to(root)
    return None


def _is_published(name: Path, config: MkDocsConfig) -> bool:
    """Tell whether MkDocs would publish a file of a folder in `docs_dir`."""
    folder = Path(config.docs_dir, name)
    present = (file.relative_to(folder) for file in folder.rglob("*") if not file.is_dir())
    files = [
        File((name / file).as_posix(), config.docs_dir, config.site_dir, config.use_directory_urls)
        for file in (*map(Path, _NAMES), *present)
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
    folder = Path(config.docs_dir)
    for part in name.parts:
        server.watch(str(folder), recursive=False)
        for each in sorted(folder.iterdir()) if folder.is_dir() else ():
            if each.is_dir() and each.name != part:
                server.watch(str(each), recursive=True)
        folder /= part
