"""Options that commands share.

Owns how they are declared. It must not know what a command makes of them.

What commands print: every line is visible, and fits the encoding of where it goes.

Owns the way to standard output and standard error. Everything that people read goes through `say`;
what programs read is made harmless by its form, and goes through `put`.
"""

from __future__ import annotations

import sys

import click

from mkdocs_alttext.system.printable import visible

config_file_option = click.option(
    "-f",
    "--config-file",
    type=click.Path(exists=True, dir_okay=False),
    help="The site's configuration; by default mkdocs.yml, else mkdocs.yaml.",
)
"""Names `mkdocs.yml`; `None` leaves it to MkDocs to find it."""

CONFIG_FILES = ("mkdocs.yml", "mkdocs.yaml", "properdocs.yml", "properdocs.yaml")
"""What MkDocs or ProperDocs finds in the current folder."""

_VERBOSE = "mkdocs_alttext.verbose"


verbose_option = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=lambda context, _, value: context.meta.update({_VERBOSE: True} if value else {}),
    help="Show where in the code an error came from.",
)
"""Before the command or behind it."""


def is_verbose(context: click.Context) -> bool:
    """Tell whether the user wants to see where errors come from."""
    return bool(context.meta.get(_VERBOSE))


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
