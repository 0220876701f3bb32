"""`mkdocs-alttext cache`: moves texts that were paid for between caches, as JSON lines.

A line is an answer as every cache keeps it: picture, language, service and text, with a short
digest. Lines are read as if a stranger had written them, and an answer that is there stays.
"""

from __future__ import annotations

from itertools import islice
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.cache.base import OddEntryError, decode_answer, encode_answer
from mkdocs_alttext.cache.redis_scripts import LONGEST_VALUE
from mkdocs_alttext.cache.shared import SharedCache
from mkdocs_alttext.cli.building import BuiltSite, load_site
from mkdocs_alttext.cli.folder_site import options_without_mkdocs
from mkdocs_alttext.cli.output import CommandError, config_file_option, say, write_file
from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.filling.cache import open_cache
from mkdocs_alttext.system.printable import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

    from mkdocs_alttext.cache.disk import DiskCache
    from mkdocs_alttext.cache.redis import RedisCache
    from mkdocs_alttext.filling.option_files import SiteOptions
    from mkdocs_alttext.models import CaptionKey, StoredAnswer

_BATCH = 500
"""Answers that are stored in one step."""


def _chosen(site: SiteOptions | BuiltSite, only: str | None) -> list[DiskCache | RedisCache]:
    """Open what the site's options and the environment name.

    Raises:
        CommandError: There is no such cache, or it must not be used.
    """
    if isinstance(site, BuiltSite) and site.cache_fault:
        raise CommandError(site.cache_fault)
    cache = open_cache(site.options)
    if not isinstance(cache, SharedCache):
        if only == "shared":
            raise CommandError(
                "There is no shared cache. Put its address into the environment variable "
                "ALTTEXT_CACHE_URL."
            )
        return [cache]
    both: dict[str, DiskCache | RedisCache] = {"local": cache.local, "shared": cache.shared}
    return [both[only]] if only else [*both.values()]


@click.command("cache")
@click.argument("action", required=False, type=click.Choice(["export", "import"]))
@click.argument("file", default="-", type=click.Path(dir_okay=False, allow_dash=True))
@config_file_option
@click.option(
    "--only",
    type=click.Choice(["local", "shared"]),
    help="Only the local cache, or only the shared one; by default both, where there are two.",
)
def command(action: str | None, *, file: str, config_file: str | None, only: str | None) -> int:
    """Move texts that were paid for between caches, as JSON lines. Nothing is paid for.

    `export` writes all texts of the cache to FILE, by default to standard output. `import` stores
    those of FILE, by default of standard input, where the cache has none for a picture. The shared
    cache gets them signed, where there is a secret: import what you trust.

    Exit status: 0 when it is done, 2 when it could not be done.
    """
    if action is None:
        raise click.UsageError("Say `export` or `import`.")
    site = options_without_mkdocs(config_file) or load_site(config_file)
    caches = _chosen(site, only)
    try:
        said = _export(caches, file, site.root) if action == "export" else _import(caches, file)
    except StoreError:
        raise CommandError(f"Not done: {action}.", *_closed(caches)) from None
    for problem in _closed(caches):
        say(problem, err=True)
    say(said, err=action == "export")
    return 0


def _export(caches: Sequence[DiskCache | RedisCache], file: str, root: Path) -> str:
    """Write the texts, and say how many there are; raises `StoreError`."""
    lines: dict[CaptionKey, str] = {}
    for cache in caches:
        for key, answer in cache.entries():
            lines.setdefault(key, encode_answer(key, answer))
    text = "".join(f"{lines[key]}\n" for key in sorted(lines))
    if file == "-":
        click.echo(text, nl=False)
    else:
        is_own = methodcaller("startswith", b'{"v":')
        write_file(Path(file), text, is_own=is_own, root=root)
    return f"{counted(len(lines), 'text')} exported."


def _import(caches: Sequence[DiskCache | RedisCache], file: str) -> str:
    """Store the texts that are missing, and say how many there are; raises `StoreError`."""
    answers: dict[CaptionKey, StoredAnswer] = {}
    odd = 0
    try:
        with click.open_file(file, "rb") as stream:
            for line in _lines(stream):
                try:
                    key, answer = decode_answer(line)
                except OddEntryError:
                    odd += 1
                else:
                    answers[key] = answer
    except OSError as error:
        raise CommandError(f"{file} cannot be read ({error.strerror}).") from None
    added: set[CaptionKey] = set()
    for cache in caches:
        for start in range(0, len(answers), _BATCH):
            some = dict(islice(answers.items(), start, start + _BATCH))
            known = cache.get_all(some)
            new = {key: answer for key, answer in some.items() if key not in known}
            if not cache.put_all(new):
                raise StoreError
            added |= new.keys()
    left_out = f" {counted(odd, 'line')} left out, as they hold none." if odd else ""
    there = counted(len(answers) - len(added), "text")
    return f"{counted(len(added), 'text')} imported; {there} there before.{left_out}"


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """Yield the lines; one that is longer than any answer is yielded in parts, which are none."""
    while line := stream.readline(LONGEST_VALUE):
        if line.strip():
            yield line.decode(errors="replace")


def _closed(caches: Sequence[DiskCache | RedisCache]) -> list[str]:
    """Close the caches, and return what went wrong with them."""
    for cache in caches:
        cache.close()
    return [problem for cache in caches for problem in cache.problems()]
