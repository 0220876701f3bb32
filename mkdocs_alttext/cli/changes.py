"""The sources that a command changes: a diff for people and for `git apply`, and writing them."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Mapping
from difflib import unified_diff
from pathlib import Path

import click

from mkdocs_alttext.cli.output import CommandError, here, put, relative
from mkdocs_alttext.system.files import leads_out, read_regular, replace_file, repository
from mkdocs_alttext.system.printable import visible

Changes = Mapping[Path, tuple[str, str]]
"""Files, each with its text before and after."""


def print_diff(changes: Changes) -> None:
    """Print a diff, which `git apply` takes: its lines are what the files hold."""
    diff = ""
    for path, (before, after) in changes.items():
        file = path.resolve()  # a link is no file to Git
        name = relative(file, repository(file.parent) or Path.cwd())
        diff += as_diff(name, before, after)
    if not diff:
        return
    if sys.stdout.isatty():
        # A person reads it, and what moves the cursor could hide a change.
        lines = (line.removesuffix("\r") for line in diff.removesuffix("\n").split("\n"))
        put("\n".join("\t".join(map(visible, line.split("\t"))) for line in lines))
        return
    if "GITHUB_ACTIONS" in os.environ:
        # A source can have lines that are commands to GitHub. Git skips what is around a diff.
        word = secrets.token_hex(16)
        diff = f"::stop-commands::{word}\n{diff}::{word}::\n"
    # In UTF-8, as the sources are, and with their line ends.
    click.echo(diff.encode(), nl=False)


def as_diff(name: str, before: str, after: str) -> str:
    """Return the diff of one file.

    Args:
        name: The file's path as both sides show it, from the root of its repository.
        before: Its text with its line ends.
        after: Its new text.
    """
    # Only a line feed ends a line to these programs, whatever `str.splitlines` thinks of others.
    old, new = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (before, after))
    sides = [_quoted(f"{side}/{name}") for side in "ab"]
    # A name with spaces ends with a tab, as a date may follow it.
    before_name, after_name = (f"{side}\t" if " " in side else side for side in sides)
    lines = unified_diff(old, new, before_name, after_name)
    body = (
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    # With this line, Git takes the names from the repository's root wherever it is called.
    return "".join([f"diff --git {' '.join(sides)}\n", *body])


def _quoted(name: str) -> str:
    """Return a name as Git writes it: in quotes, with odd bytes as numbers, where it has to be."""
    if visible(name) == name and not re.search(r'["\\]', name):
        return name
    quoted = re.sub(rb'[^ -~]|["\\#:]', lambda odd: b"\\%03o" % odd[0][0], os.fsencode(name))
    return f'"{quoted.decode()}"'


def write_changes(changes: Changes, root: Path) -> None:
    """Write new sources.

    Args:
        changes: What is to be written.
        root: The project's folder, which a link must not lead out of.

    Raises:
        CommandError: A file cannot be written, or changed since it was read.
    """
    for path, (before, after) in changes.items():
        try:
            # Of a link that stays in the project, the file behind it changes.
            target = path.resolve()
            if read_regular(target) != before.encode() or leads_out(target, root):
                raise CommandError(f"{here(path)} changed just now. Run the command again.")
            replace_file(target, after.encode())
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise CommandError(
                f"{here(path)} cannot be written ({why}). Files before it are written; run the "
                "command again when that is put right."
            ) from None
