"""The cache that the options and the environment choose: a local one, maybe before a shared one.

The address comes from the environment. The one of `mkdocs.yml`, which others may have written, can
name this machine only, and no password.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.cache.address import ServerAddress
from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.cache.redis import RedisCache
from mkdocs_alttext.cache.redis_server import Server
from mkdocs_alttext.cache.shared import SharedCache
from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.system.environment import CACHE_SECRET, CACHE_URL

if TYPE_CHECKING:
    from mkdocs_alttext.options import Options

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
