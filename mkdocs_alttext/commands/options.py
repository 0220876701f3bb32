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
