"""Whether the option `cache_dir` names a folder that may be used, and what `serve` watches there.

MkDocs publishes no file whose name begins with a dot, or that lies in such a folder, unless
`exclude_docs` says otherwise.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, InclusionLevel, set_exclusions

from mkdocs_alttext.cache.file_checks import COMPANIONS, DATABASE_NAME
from mkdocs_alttext.filling.cache import (
    PUBLISHED,
    fault_of_place,
    inside_of,
    named_places,
)
from mkdocs_alttext.system.files import project_root

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer

_NAMES = (*(f"{DATABASE_NAME}{suffix}" for suffix in ("", *COMPANIONS)), "other")
"""What may come into the folder, beside what is there."""


def fault_of_cache_dir(cache_dir: str, config: MkDocsConfig) -> str | None:
    """Say why a cache folder must not be used, when that is so.

    Args:
        cache_dir: The option.
        config: The site's configuration.
    """
    root = project_root(config.config_file_path)
    # MkDocs removes site_dir before each build, and each would pay again.
    if fault := fault_of_place(cache_dir, root, "site_dir", config.site_dir):
        return fault
    places = named_places(cache_dir)
    names = (inside for place in places if (inside := inside_of(config.docs_dir, place)))
    if any(_is_published(name, config) for name in names):
        return (
            f"The option cache_dir ({cache_dir}) lies inside docs_dir ({config.docs_dir}), "
            f"{PUBLISHED} Choose a folder outside of it, or one inside that exclude_docs excludes: "
            "without another word, that is each whose name begins with a dot."
        )
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
    name = inside_of(config.docs_dir, Path(os.path.realpath(cache_dir)))
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
