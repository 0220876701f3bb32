"""Whether files can be got back from Git.

Owns asking Git. It must not know why.
"""

from __future__ import annotations

import os
import subprocess
from collections import defaultdict
from typing import TYPE_CHECKING

from mkdocs_alttext.commands.building import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SECONDS = 60
_NO_REPOSITORY = "not a git repository"


def uncommitted(paths: Iterable[Path]) -> list[Path]:
    """Return the files that Git does not have as they are now.

    Args:
        paths: Files.

    Returns:
        Those that are changed, staged, new or ignored in a repository. Where there is no
        repository, or no Git, there is nothing that could be told.

    Raises:
        CommandError: There is a repository, and Git does not answer.
    """
    folders: dict[Path, dict[str, Path]] = defaultdict(dict)
    for path in paths:
        place = path.resolve()
        folders[place.parent][place.name] = path
    found = []
    for folder, names in folders.items():
        entries = _status(folder, list(names))
        changed = {entry.rpartition("/")[2] for entry in entries}
        # An ignored folder, which ends with a slash, stands for all that is in it.
        is_ignored = "" in changed
        found += [path for name, path in names.items() if is_ignored or name in changed]
    return found


def _status(folder: Path, names: list[str]) -> list[str]:
    """Return the paths of those files that Git calls changed, unknown or ignored."""
    options = ["status", "--porcelain=v1", "-z", "--no-renames"]
    unknown = ["--untracked-files=all", "--ignored=matching"]
    command = ["git", "--literal-pathspecs", "-C", str(folder), *options, *unknown, "--", *names]
    try:
        run = subprocess.run(  # noqa: S603 - no shell, and the names come after `--`
            command,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        return []
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(f"Git does not answer ({type(error).__name__}).") from None
    said = os.fsdecode(run.stderr).strip()
    if run.returncode and _NO_REPOSITORY in said:
        return []
    if run.returncode:
        raise CommandError(f"Git does not say whether files are committed: {said}")
    # Each entry is two letters, a space and a path.
    return [entry[3:] for entry in os.fsdecode(run.stdout).split("\0") if entry]
