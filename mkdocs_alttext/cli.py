"""The command line `mkdocs-alttext`.

Owns the group and the loading of commands by name. It must not know what a command does: each is a
module of `commands`, imported when it is called.
"""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = ("account", "apply", "catalog", "scan")


class _Commands(click.Group):
    """Finds a command in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"mkdocs_alttext.commands.{cmd_name}").command
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mkdocs-alttext")
def main() -> None:
    """Find, review and correct the alt text of a MkDocs site."""
