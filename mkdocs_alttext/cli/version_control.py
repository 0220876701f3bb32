"""Whether files can be got back from Git.

Owns asking Git, so that it runs nothing that a pull request could have committed: it is told which
repository, and never looks for one in the folders of sources, where a folder may be made to look
like one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.cli.building import CommandError
from mkdocs_alttext.system.processes import find_program, reduced_environment, trusted_path
from mkdocs_alttext.system.project import repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SECONDS = 60
_NO_REPOSITORY = "not a git repository"
_MOST_NAMES = 200
"""A command line has an end."""
_OPTIONS = (
    "--no-pager",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "safe.bareRepository=explicit"),  # from Git 2.38 on
)
_STATUS = (
    *("status", "--porcelain=v1", "-z", "--no-renames"),
    *("--untracked-files=all", "--ignored=matching", "--ignore-submodules=all"),
)


def elsewhere(paths: Iterable[Path], root: Path) -> list[Path]:
    """Return the files that lie in another repository, such as a submodule.

    Its settings would have to be trusted for it to be asked.

    Args:
        paths: Files.
        root: The project's folder, which is the repository's root where there is one.
    """
    own = repository(root)
    home = own and own.resolve()
    return [path for path in paths if repository(path.resolve().parent) not in {None, home}]


def uncommitted(paths: Iterable[Path], root: Path) -> list[Path]:
    """Return the files that Git does not have as they are now.

    Args:
        paths: Files, none of which lies in another repository.
        root: The project's folder.

    Returns:
        Those that are changed, staged, new or ignored in the repository. Where there is no
        repository, or no Git, there is nothing that could be told.

    Raises:
        CommandError: There is a repository, and Git does not answer.
    """
    top = root.resolve()
    if repository(top) != top:
        return []
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
    files = {path: path.resolve() for path in paths}
    names = {
        path: file.relative_to(top).as_posix()
        for path, file in files.items()
        if file.is_relative_to(top)
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

    Git finds it itself, and so refuses one that belongs to somebody else, but looks no further
    than in the root.

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
    """Return what Git prints.

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
