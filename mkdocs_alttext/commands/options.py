"""Options that commands share.

Owns how they are declared. It must not know what a command makes of them.
"""

from __future__ import annotations

import click

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
