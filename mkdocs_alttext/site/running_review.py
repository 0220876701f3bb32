"""Where a review runs on this machine, so that the pages of `mkdocs serve` can lead there.

A review writes the number of its port into a file of the cache folder, and keeps that file locked
while it runs. Only a process of this machine can hold a lock: a file that was committed, or that a
review left when it was killed, leads nowhere. The review's token is not in it.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from mkdocs_alttext.site.cache_in_docs_dir import fault_of_cache_dir
from mkdocs_alttext.system.files import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs.config.defaults import MkDocsConfig

_NAME = "review.port"
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@contextmanager
def announced(cache_dir: str, config: MkDocsConfig, port: int) -> Iterator[None]:
    """Say where a review runs, for as long as it does.

    Where the file cannot be written, or another review has it, nothing is said.

    Args:
        cache_dir: The option.
        config: The site's configuration.
        port: The review's.
    """
    handle = _opened(cache_dir, config)
    is_own = handle is not None and lock(handle, waits=False)
    try:
        if handle is not None and is_own:
            _write(handle, b"%d\n" % port)
        yield
    finally:
        if handle is not None:
            if is_own:
                _write(handle, b"")
            os.close(handle)


def address_in_review(cache_dir: str) -> Callable[[str], str] | None:
    """Return what tells where a picture is reviewed, while a review runs.

    Args:
        cache_dir: The option.
    """
    port = _port_of_review(cache_dir)
    return (
        None
        if port is None
        else lambda path: f"http://127.0.0.1:{port}/file?{urlencode({'path': path})}"
    )


def _port_of_review(cache_dir: str) -> int | None:
    """Return the port of the review that runs, if one does and the system can tell."""
    try:
        handle = os.open(Path(cache_dir, _NAME), os.O_RDONLY | _FLAGS)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode) or lock(handle, waits=False) is not False:
            return None
        written = os.read(handle, 8)
    except OSError:
        return None
    finally:
        os.close(handle)
    return int(written) if re.fullmatch(rb"[1-9][0-9]{0,4}\n", written) else None


def watched_file(cache_dir: str, config: MkDocsConfig) -> str | None:
    """Return the file that changes when a review begins or ends, made where it was not there.

    Args:
        cache_dir: The option.
        config: The site's configuration.
    """
    handle = _opened(cache_dir, config)
    if handle is None:
        return None
    os.close(handle)
    return str(Path(cache_dir, _NAME))


def _opened(cache_dir: str, config: MkDocsConfig) -> int | None:
    """Open the file, which is made; `None` where that cannot be, or something else is there."""
    if fault_of_cache_dir(cache_dir, config):
        return None
    with suppress(OSError):
        Path(cache_dir).mkdir(parents=True, exist_ok=True)
        handle = os.open(Path(cache_dir, _NAME), os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
        if stat.S_ISREG(os.fstat(handle).st_mode):
            return handle
        os.close(handle)
    return None


def _write(handle: int, content: bytes) -> None:
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, content, 0)
