"""Asking Git about a project, without running anything that was committed.

Git is told which repository to ask, and never looks for one in the folders of sources, where a pull
request can make a folder look like one. It runs no hook and no filter, connects to nobody, and
writes nothing.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.system.processes import reduced_environment, trusted_path

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS = 60
_NO_REPOSITORY = "not a git repository"
_OPTIONS = (
    "--no-pager --literal-pathspecs -c core.fsmonitor=false -c core.hooksPath=/dev/null "
    "-c protocol.allow=never "
    "-c safe.bareRepository=explicit"  # from Git 2.38 on
).split()


class GitError(Exception):
    """Git does not answer, or with an error; the message says how."""


class MisplacedRepositoryError(GitError):
    """The repository lies among the sources, where a pull request can write."""


class Repository(NamedTuple):
    """The repository of a project."""

    git: str
    """Path of the program."""
    folder: str
    """`.git`, or what the file `.git` names."""
    top: Path
    """The project's folder, without links."""

    def ask(self, *arguments: str, seconds: float = _SECONDS) -> bytes:
        """Run Git, and return what it prints.

        Args:
            arguments: A command with its arguments; paths are those from `top`.
            seconds: How long it may take.

        Raises:
            GitError: It does not answer, or with an error.
        """
        where = (f"--git-dir={self.folder}", f"--work-tree={self.top}")
        return _asked([self.git, *where, *_OPTIONS, *arguments], self.top, seconds)


def repository_in(git: str, top: Path) -> Repository | None:
    """Return the repository that has its root in a folder.

    Git itself looks for it, there only, and so refuses one that belongs to another user.

    Args:
        git: Path of the program.
        top: The folder, without links.

    Raises:
        MisplacedRepositoryError: It lies among the sources.
        GitError: Git refuses it, or does not answer.
    """
    try:
        said = _asked([git, *_OPTIONS, "rev-parse", "--absolute-git-dir"], top, _SECONDS)
    except GitError as error:
        if _NO_REPOSITORY in str(error):
            return None
        raise
    folder = Path(os.fsdecode(said).removesuffix("\n"))
    real = folder.resolve()
    if real != top / ".git" and real.is_relative_to(top):
        raise MisplacedRepositoryError(
            f"{top / '.git'} names a repository among the files of the project ({folder}), which "
            "is not asked."
        )
    return Repository(git, str(folder), top)


def _asked(command: Sequence[str], top: Path, seconds: float) -> bytes:
    environment = reduced_environment() | {
        "PATH": trusted_path(outside=top),
        "LC_ALL": "C",
        "GIT_CEILING_DIRECTORIES": str(top.parent),
        "GIT_NO_LAZY_FETCH": "1",  # from Git 2.44 on; what is not here is not fetched
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
            timeout=seconds,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"Git does not answer ({type(error).__name__}).") from None
    if run.returncode:
        raise GitError(os.fsdecode(run.stderr).strip())
    return run.stdout
