"""What commands print and write, the options that they share, and the error that ends one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.system.files import repository, write_output
from mkdocs_alttext.system.printable import visible, visible_lines

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_NAME = 60

config_file_option = click.option(
    "-f",
    "--config-file",
    type=click.Path(exists=True, dir_okay=False),
    help="The site's configuration; by default mkdocs.yml, else mkdocs.yaml, else zensical.toml.",
)
"""The path of `mkdocs.yml` or `zensical.toml`; with `None`, it is looked for."""


class CommandError(click.ClickException):
    """Something has to be put right before the command can do its work."""

    exit_code = 2

    def __init__(self, message: str, *more: str) -> None:
        """Make the error.

        Args:
            message: One line; may hold names that anybody chose.
            more: Messages of others about it, each of one line or several.
        """
        super().__init__("\n".join([visible(message), *map(visible_lines, more)]))


def say(text: str, *, err: bool = False) -> None:
    """Print one line for people.

    Args:
        text: May hold names that anybody chose.
        err: Whether it goes to standard error.
    """
    put(visible(text), err=err)


def put(text: str, *, err: bool = False) -> None:
    """Print a text whose lines are visible already, styles apart.

    Args:
        text: What the stream cannot encode is written as Python writes it.
        err: Whether it goes to standard error.
    """
    encoding = _encoding(err=err)
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), err=err)


def is_utf_8() -> bool:
    """Tell whether standard output takes any text."""
    return _encoding(err=False).lower().replace("_", "-") in {"utf-8", "utf8"}


def _encoding(*, err: bool) -> str:
    stream = sys.stderr if err else sys.stdout
    return getattr(stream, "encoding", None) or "utf-8"


def write_file(path: Path, text: str, *, is_own: Callable[[bytes], bool], root: Path) -> None:
    """Write a file that was named on the command line, in UTF-8.

    Args:
        path: Where to; its folder is made.
        text: All of it.
        is_own: Tells by its first bytes whether a file is an earlier one, which is replaced.
        root: The project's folder.

    Raises:
        OutputError: Something else is in its place, and stays.
        CommandError: It cannot be written.
    """
    try:
        write_output(path, text.encode(), is_own=is_own, root=root, is_named_by_user=True)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CommandError(f"{path} cannot be written ({why}).") from None


def shortened(text: str, most: int = _LONGEST_NAME) -> str:
    """Return a text on one line, visible, and not too long: an address can hold a whole picture.

    Args:
        text: From a site, so that anything may be in it.
        most: Characters.
    """
    line = " ".join(visible(text[: 8 * most]).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def here(path: Path) -> str:
    """Return a path as seen from the current folder, with `/`; links stay."""
    return Path(os.path.relpath(path)).as_posix()


def relative(file: Path, folder: Path) -> str:
    """Return the path of the file behind a path as seen from a folder, with `/`."""
    return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()


def repository_here() -> Path:
    """Return the root of the repository that the current folder is in, else the folder."""
    return repository(Path.cwd()) or Path.cwd()
