"""Where a project lies, and which paths lead out of it.

A pull request can commit symbolic links, so that a name inside of a project may stand for a file
anywhere. Every path that is written to is checked here first.
"""

from __future__ import annotations

import os
from pathlib import Path

GIT = ".git"


def absolute(path: str | Path) -> Path:
    """Return a path from the root of the disk on, whose links stay."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `Path.resolve` follows links


def repository(folder: Path) -> Path | None:
    """Return the root of the repository that a folder is in, if there is one.

    Args:
        folder: Where to begin; its parents follow.
    """
    start = absolute(folder)
    # `.git` is a file in a work tree and in a submodule.
    return next((each for each in (start, *start.parents) if os.path.lexists(each / GIT)), None)


def project_root(file: str | Path | None) -> Path:
    """Return the folder that holds all of a project: its repository, else that of a file.

    Args:
        file: One that the project is known by, such as `mkdocs.yml`; one in the current folder
            stands for none.
    """
    folder = absolute(file or "mkdocs.yml").parent
    return repository(folder) or folder


def leads_out(path: Path, root: Path) -> bool:
    """Tell whether links inside of a project lead out of it, or into its `.git`.

    Args:
        path: A file or folder, which need not be there.
        root: The project's.

    Returns:
        Whether it is inside of the project by its name only. What is elsewhere by its name, too,
        was chosen by somebody, and no link that was committed leads there.
    """
    base = Path(os.path.realpath(root))
    real = Path(os.path.realpath(path))
    if real.is_relative_to(base):
        return GIT in (part.casefold() for part in real.relative_to(base).parts)
    named = absolute(path)
    return any(named.is_relative_to(each) for each in (absolute(root), base))
