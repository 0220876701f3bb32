"""The sources that a command changes: whether Git has them, what changes, and writing them."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
from collections.abc import Collection, Mapping
from difflib import unified_diff
from pathlib import Path

import click

from mkdocs_alttext.cli.output import CommandError, here, put, relative
from mkdocs_alttext.filling.messages import listed
from mkdocs_alttext.system.files import leads_out, read_regular, replace_file, repository
from mkdocs_alttext.system.git import GitError, MisplacedRepositoryError, repository_in
from mkdocs_alttext.system.printable import visible
from mkdocs_alttext.system.processes import find_program

Changes = Mapping[Path, tuple[str, str]]
"""Files, each with its text before and after."""
_MOST_NAMES = 200
"""In one call: the length of a command line is limited."""
_OTHERWISE = "Use --allow-dirty when the files are safe elsewhere."
_STATUS = (
    "status --porcelain=v1 -z --no-renames --untracked-files=all --ignored=matching "
    "--ignore-submodules=all"
).split()


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


def require_committed(paths: Collection[Path], root: Path) -> None:
    """Make sure that Git has files as they are now.

    Without a repository, or without Git, every file passes.

    Args:
        paths: Files that are to change.
        root: The project's folder, which is the repository's root where there is one.

    Raises:
        CommandError: Some are changed, staged, new or ignored in the repository, or lie in another
            one, such as a submodule, whose settings would have to be trusted for it to be asked; or
            there is a repository, and Git does not answer.
    """
    own, top = repository(root), root.resolve()
    home = own and own.resolve()
    others = [each for each in paths if repository(each.resolve().parent) not in {None, home}]
    if others:
        lie = "lies" if len(others) == 1 else "lie"
        raise CommandError(
            f"Nothing was written: {listed([*map(here, others)])} {lie} in another repository than "
            "the project, which is not asked whether it has them. Commit them there, then use "
            "--allow-dirty."
        )
    if home == top and (changed := _uncommitted(paths, top)):
        have = "has" if len(changed) == 1 else "have"
        raise CommandError(
            f"Nothing was written: {listed([*map(here, changed)])} {have} uncommitted changes. "
            "Commit them first, or use --allow-dirty."
        )


def _uncommitted(paths: Collection[Path], top: Path) -> list[Path]:
    """Return the files that the repository in a folder does not have as they are now."""
    git = find_program("git", outside=top)
    if git is None:
        if own := shutil.which("git"):
            raise CommandError(
                f"Git is not asked, as it is one of the project's own files ({own}). {_OTHERWISE}"
            )
        return []
    names = {
        path: file.relative_to(top).as_posix()
        for path in paths
        if (file := path.resolve()).is_relative_to(top)
    }
    changed: set[str] = set()
    asked = [*names.values()]
    try:
        own_repository = repository_in(git, top)
        if own_repository is None:
            return []
        for first in range(0, len(asked), _MOST_NAMES):
            some = asked[first : first + _MOST_NAMES]
            said = os.fsdecode(own_repository.ask(*_STATUS, "--", *some))
            # Each entry is two letters, a space and a path. An ignored folder ends with a slash.
            changed |= {entry[3:] for entry in said.split("\0") if entry}
    except MisplacedRepositoryError as error:
        raise CommandError(f"{error} {_OTHERWISE}") from None
    except GitError as error:
        raise CommandError(f"Git does not say whether files are committed: {error}") from None
    folders = tuple(entry for entry in changed if entry.endswith("/"))
    return [path for path, name in names.items() if name in changed or name.startswith(folders)]
