"""Making sure that Git can give files back before they are changed."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from mkdocs_alttext.cli.output import CommandError, here
from mkdocs_alttext.filling.messages import listed
from mkdocs_alttext.system.files import repository
from mkdocs_alttext.system.git import GitError, MisplacedRepositoryError, repository_in
from mkdocs_alttext.system.processes import find_program

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_MOST_NAMES = 200
"""In one call: the length of a command line is limited."""
_OTHERWISE = "Use --allow-dirty when the files are safe elsewhere."
_STATUS = (
    "status --porcelain=v1 -z --no-renames --untracked-files=all --ignored=matching "
    "--ignore-submodules=all"
).split()


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
