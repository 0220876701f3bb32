"""What programs that are started here get to know, and where they are found.

Keys of services are in the environment, and a program that handles what others committed has no
use for them. So each gets the few variables that it needs, by name.

SIGTERM, for the length of a build: it ends as with Ctrl-C, so that what was paid for is stored.

Owns one handler. It must not know what ends, nor how.

What a machine runs out of: file descriptors, processes, threads, memory, room on a disk.

Owns telling these errors from those that lie in a file or in a service. They pass: the next build
tries again.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
import time
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


STATUS = 128 + signal.SIGTERM
"""What a shell says of a command that SIGTERM ended."""
_SAME_ENDING = 5.0
"""Seconds in which another SIGTERM is taken for the same: `timeout` sends two at once, and the
second must not cut off what the first one has stored. A build has ended by then."""


class TerminatedError(SystemExit):
    """SIGTERM came. Nothing may take it for the end that a plugin makes."""

    def __init__(self) -> None:
        """Take the status that a shell says."""
        super().__init__(STATUS)


class Termination:
    """Turns SIGTERM into the end of a build, between `begin` and `end`."""

    def __init__(self) -> None:
        """Change nothing yet."""
        self._is_installed = False
        self._ending_since: float | None = None

    def begin(self) -> None:
        """Take SIGTERM, unless somebody else does, or this is not the thread that gets signals."""
        if self._is_installed or not _is_main_thread():
            return
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._end_build)
            self._is_installed = True

    def end(self) -> None:
        """Leave SIGTERM as it was found, unless somebody else has taken it meanwhile."""
        if not (self._is_installed and _is_main_thread()):
            return
        self._is_installed = False
        self._ending_since = None
        if signal.getsignal(signal.SIGTERM) == self._end_build:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def _end_build(self, number: int, frame: object) -> None:
        del number, frame
        now = time.monotonic()
        if self._ending_since is None or now - self._ending_since > _SAME_ENDING:
            self._ending_since = now
            raise TerminatedError


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


_SHORT = frozenset(
    {
        errno.EAGAIN,  # what fork says where there are too many processes
        errno.EDQUOT,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
        errno.ENOSPC,
    }
)
_NO_THREAD = "can't start new thread"


def shortage_in(error: BaseException) -> str | None:
    """Say what this machine had too little of.

    Args:
        error: What was raised.

    Returns:
        A few words for a person; `None` when the error is about something else.
    """
    if isinstance(error, MemoryError):
        return "not enough memory"
    if isinstance(error, OSError) and error.errno in _SHORT:
        return error.strerror or type(error).__name__
    if isinstance(error, RuntimeError) and _NO_THREAD in str(error):
        return "this machine cannot start another thread"
    return None
