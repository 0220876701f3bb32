"""What programs that are started here get to know, and where they are found.

Keys of services are in the environment, and a program that handles what others committed has no
use for them. So each gets the few variables that it needs, by name.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PASSED_ON = (
    "PATH HOME LANG LC_ALL TMPDIR TEMP TMP SYSTEMROOT WINDIR LOCALAPPDATA USERPROFILE "
    "XDG_DATA_HOME XDG_DATA_DIRS XDG_CONFIG_HOME LD_LIBRARY_PATH DYLD_LIBRARY_PATH"
).split()
"""What fonts, libraries and the user's own settings are found by."""


def reduced_environment() -> dict[str, str]:
    """Return the environment of a program that is started here: no key is in it."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def trusted_path(*, outside: Path) -> str:
    """Return `PATH` without folders that a pull request could fill.

    Args:
        outside: A folder in which no program is looked for, such as that of the project. Neither
            is one in the current folder: relative folders are left out.
    """
    return os.pathsep.join(_trusted_folders(outside))


def find_program(name: str, *, outside: Path) -> str | None:
    """Return the absolute path of a program.

    Args:
        name: As on the command line.
        outside: As in `trusted_path`.
    """
    # With a folder and an ending in its name, Windows looks nowhere else.
    file = f"{name}.exe" if os.name == "nt" else name
    places = (shutil.which(str(Path(folder, file))) for folder in _trusted_folders(outside))
    return next((place for place in places if place), None)


def _trusted_folders(outside: Path) -> Iterable[str]:
    base = os.path.realpath(outside)
    for folder in os.get_exec_path():
        if os.path.isabs(folder) and not Path(os.path.realpath(folder)).is_relative_to(base):  # noqa: PTH117 - text
            yield folder
