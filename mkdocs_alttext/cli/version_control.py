"""Asking Git whether files can be got back, without running anything that was committed.

Git is told which repository to ask, and never looks for one in the folders of sources, where a pull
request can make a folder look like one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.cli.output import CommandError, here
from mkdocs_alttext.filling.messages import listed
from mkdocs_alttext.system.files import repository
from mkdocs_alttext.system.processes import find_program, reduced_environment, trusted_path

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_SECONDS = 60
_NO_REPOSITORY = "not a git repository"
_MOST_NAMES = 200
"""In one call: the length of a command line is limited."""
_OPTIONS = (
    "--no-pager --literal-pathspecs -c core.fsmonitor=false -c core.hooksPath=/dev/null "
    "-c safe.bareRepository=explicit"  # from Git 2.38 on
).split()
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
                f"Git is not asked, as it is one of the project's own files ({own}). Use "
                "--allow-dirty when the files are safe elsewhere."
            )
        return []
    folder = _git_folder(git, top)
    if folder is None:
        return []
    names = {
        path: file.relative_to(top).as_posix()
        for path in paths
        if (file := path.resolve()).is_relative_to(top)
    }
    changed: set[str] = set()
    asked = [*names.values()]
    where = (f"--git-dir={folder}", f"--work-tree={top}")
    for first in range(0, len(asked), _MOST_NAMES):
        some = asked[first : first + _MOST_NAMES]
        said = _asked([git, *where, *_OPTIONS, *_STATUS, "--", *some], top)
        # Each entry is two letters, a space and a path. An ignored folder ends with a slash.
        changed |= {entry[3:] for entry in said.split("\0") if entry}
    folders = tuple(entry for entry in changed if entry.endswith("/"))
    return [path for path, name in names.items() if name in changed or name.startswith(folders)]


def _git_folder(git: str, top: Path) -> str | None:
    """Return the folder that holds a repository: `.git`, or what the file `.git` names.

    Git itself looks for it, in the root only, and so refuses one that belongs to another user.

    Raises:
        CommandError: Git refuses it, or it lies among the sources, where a pull request can write.
    """
    try:
        said = _asked([git, *_OPTIONS, "rev-parse", "--absolute-git-dir"], top)
    except CommandError as error:
        if _NO_REPOSITORY in str(error):
            return None
        raise
    folder = Path(said.removesuffix("\n"))
    real = folder.resolve()
    if real != top / ".git" and real.is_relative_to(top):
        raise CommandError(
            f"{top / '.git'} names a repository among the files of the project ({folder}), which "
            "is not asked. Use --allow-dirty when the files are safe elsewhere."
        )
    return str(folder)


def _asked(command: Sequence[str], top: Path) -> str:
    """Run Git, and return what it prints.

    Raises:
        CommandError: It does not answer, or with an error.
    """
    environment = reduced_environment() | {
        "PATH": trusted_path(outside=top),
        "LC_ALL": "C",
        "GIT_CEILING_DIRECTORIES": str(top.parent),
        "GIT_OPTIONAL_LOCKS": "0",  # it writes nothing
        "GIT_TERMINAL_PROMPT": "0",
    }
    try:
        run = subprocess.run(  # noqa: S603 - no shell, and the names come after `--`
            command,
            cwd=top,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(f"Git does not answer ({type(error).__name__}).") from None
    if run.returncode:
        said = os.fsdecode(run.stderr).strip()
        raise CommandError(f"Git does not say whether files are committed: {said}")
    return os.fsdecode(run.stdout)
