"""The command line `mkdocs-alttext`: its commands, and what an error means for the exit status."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from mkdocs_alttext.cli.output import CommandError, put
from mkdocs_alttext.exceptions import ConfigurationError, OutputError
from mkdocs_alttext.system.printable import visible, visible_lines
from mkdocs_alttext.system.processes import TerminatedError

_NAMES = ("account", "apply", "cache", "catalog", "fill", "forget", "review", "scan")
"""Of the commands, each in a module of its name, which is imported when the command is needed: some
bring MkDocs with its plugins, and others work without it."""
_MOST_CHARACTERS = 500
_VERBOSE = "mkdocs_alttext.verbose"
_VERBOSE_OPTION = click.Option(
    ["-v", "--verbose"],
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=lambda context, _, value: context.meta.update({_VERBOSE: True} if value else {}),
    help="Show where in the code an error came from.",
)
"""May stand before the command's name or behind it."""


class _Commands(click.Group):
    """Exits with what a command returns, and with 2 when it could not do its work."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        del ctx
        return list(_NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command."""
        del ctx
        if cmd_name in _NAMES and cmd_name not in self.commands:
            command = import_module(f"mkdocs_alttext.cli.{cmd_name}").command
            command.params.append(_VERBOSE_OPTION)
            self.commands[cmd_name] = command
        return self.commands.get(cmd_name)

    def main(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as click has it
        """Run a command, and exit with 2 where nothing can be printed."""
        try:
            return super().main(*args, **named)
        except OSError:
            # The error could not be printed either. Keep the interpreter from trying again.
            _leave_streams()
            sys.exit(CommandError.exit_code)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run a command, and turn whatever ends it into a status, or an error with a message."""
        try:
            ctx.exit(super().invoke(ctx) or 0)
        except (click.exceptions.Exit, TerminatedError):
            raise
        except click.ClickException as error:
            # The type declares it as final, and it may quote what anybody wrote.
            object.__setattr__(error, "message", visible_lines(error.message))
            if error.__cause__:
                _trace(ctx, error)
            raise
        except (ConfigurationError, OutputError) as error:
            raise CommandError(str(error)) from None
        except (KeyboardInterrupt, click.Abort):
            raise CommandError("Interrupted.") from None
        except (Exception, SystemExit) as error:
            if isinstance(error, OSError):
                _leave_streams()  # the interpreter would try again at its end, and exit with 120
                if error.errno == errno.EPIPE:
                    ctx.exit(CommandError.exit_code)  # as with `| head`: the reader is gone
            _trace(ctx, error)
            what = visible(f"{type(error).__name__}: {error}")[:_MOST_CHARACTERS]
            hint = "" if _VERBOSE in ctx.meta else " Run it with -v to see where."
            raise CommandError(f"Something went wrong in mkdocs-alttext ({what}).{hint}") from error


def _trace(ctx: click.Context, error: BaseException) -> None:
    if _VERBOSE in ctx.meta:
        put(visible_lines("".join(traceback.format_exception(error)).rstrip()), err=True)


def _leave_streams() -> None:
    """Discard what is left in the buffers of streams that take nothing more."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # it has no number, or was closed
            try:
                stream.flush()
            except OSError:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mkdocs-alttext")
def main() -> None:
    """Find, fill, review and correct the alt text of your site."""


main.params.append(_VERBOSE_OPTION)
