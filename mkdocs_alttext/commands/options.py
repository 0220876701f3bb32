"""Options that commands share.

Owns how they are declared. It must not know what a command makes of them.
"""

from __future__ import annotations

import click

config_file_option = click.option(
    "-f",
    "--config-file",
    type=click.Path(exists=True, dir_okay=False),
    default="mkdocs.yml",
    show_default=True,
    help="The site's configuration.",
)
"""Names `mkdocs.yml`."""
