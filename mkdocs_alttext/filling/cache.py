"""The cache that the options and the environment choose: a local one, maybe before a shared one.

The address of a server comes from the environment. The one of `mkdocs.yml`, which others may have
written, can name this machine only, and no password; and its `cache_dir` no folder that is
published, or that a committed link leads to.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.cache.redis import RedisCache
from mkdocs_alttext.cache.redis_server import Server, ServerAddress
from mkdocs_alttext.cache.shared import SharedCache
from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.system.environment import CACHE_SECRET, CACHE_URL
from mkdocs_alttext.system.files import GIT, absolute, leads_out

if TYPE_CHECKING:
    from mkdocs_alttext.options import Options

PUBLISHED = (
    "so the cache would be published with the site. It is not used, and nothing is paid for."
)
_SHORTEST_SECRET = 16
"""Characters; `openssl rand -hex 32` prints 64."""


def open_cache(options: Options) -> DiskCache | SharedCache:
    """Return the cache of a build or a command; nothing is opened yet.

    Args:
        options: The plugin's, validated.

    Raises:
        ConfigurationError: A variable of the environment cannot be understood.
    """
    local = DiskCache(Path(options.cache_dir))
    shared = shared_cache(options)
    return local if shared is None else SharedCache(local, shared)


def shared_cache(options: Options) -> RedisCache | None:
    """Return the shared cache alone, if there is one.

    Args:
        options: The plugin's, validated.

    Raises:
        ConfigurationError: A variable of the environment cannot be understood.
    """
    url = os.environ.get(CACHE_URL, "").strip() or options.cache_url
    if not url:
        return None
    try:
        address = ServerAddress.of(url)
    except ValueError as error:
        raise ConfigurationError(
            f"The environment variable {CACHE_URL} cannot be used: {error}."
        ) from None
    secret = os.environ.get(CACHE_SECRET, "").strip()
    if secret and len(secret) < _SHORTEST_SECRET:
        raise ConfigurationError(
            f"The environment variable {CACHE_SECRET} must have at least {_SHORTEST_SECRET} "
            "characters, such as those that `openssl rand -hex 32` prints."
        )
    server = Server(address, is_required=options.cache_required)
    return RedisCache(server, prefix=options.cache_prefix, secret=secret)


def fault_of_place(
    cache_dir: str, root: Path, name: str = "", folder: str | None = None
) -> str | None:
    """Say why a cache folder must not be used, when that is so wherever it is.

    Args:
        cache_dir: The option.
        root: The project's folder.
        name: What people call the folder that is published.
        folder: That folder, where it is known.
    """
    places = named_places(cache_dir)
    option = f"The option cache_dir ({cache_dir})"
    if any(
        leads_out(place, root) or GIT in (part.casefold() for part in place.parts)
        for place in places
    ):
        return (
            f"{option} leads into a .git, or by a link out of the project. It is not used, and "
            "nothing is paid for. Choose a folder of the project, or name the other one itself."
        )
    if folder and any(inside_of(folder, place) for place in places):
        return f"{option} lies inside {name} ({folder}), {PUBLISHED} Choose a folder outside of it."
    return None


def named_places(folder: str) -> set[Path]:
    """Return a folder as it is written, and where it leads."""
    # `Path.resolve` raises where a link leads to itself.
    return {absolute(folder), Path(os.path.realpath(folder))}


def inside_of(folder: str, place: Path) -> Path | None:
    """Return a place from a folder, when it lies in it."""
    for root in (absolute(folder), os.path.realpath(folder)):
        if place.is_relative_to(root):
            return place.relative_to(root)
    return None
