"""Processes: the environment of programs that are started, SIGTERM, and shortages of the machine.

Keys of services are in the environment, and a program that handles what others committed has no
use for them: it gets the few variables that it needs, by name. SIGTERM ends a build as Ctrl-C does,
so that what was paid for is stored. A shortage (of memory, file descriptors, processes, threads or
room on a disk) passes: it says nothing against a file or a service.
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
"""Exit status that shells report for a command that SIGTERM ended."""
_SAME_END = 5.0
"""Seconds in which another SIGTERM is ignored: `timeout` sends two at once, and the second must not
interrupt the storing that the first one began. A build has ended by then."""


class TerminatedError(SystemExit):
    """SIGTERM came. It is a class of its own, as plugins end builds with `SystemExit`, too."""


class Termination:
    """Raises `TerminatedError` in the main thread on SIGTERM, between `begin` and `end`."""

    def __init__(self) -> None:
        """Change nothing yet."""
        self._ending_since: float | None = None

    def begin(self) -> None:
        """Install the handler, unless there is one already, or this is not the main thread."""
        if _is_main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._end_build)

    def end(self) -> None:
        """Restore the system's own handler, unless another one was installed meanwhile."""
        self._ending_since = None
        if _is_main_thread() and signal.getsignal(signal.SIGTERM) == self._end_build:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def _end_build(self, *_: object) -> None:
        now = time.monotonic()
        if self._ending_since is None or now - self._ending_since > _SAME_END:
            self._ending_since = now
            raise TerminatedError(STATUS)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


_SHORTAGES = frozenset(
    getattr(errno, name) for name in "EAGAIN EDQUOT EMFILE ENFILE ENOBUFS ENOMEM ENOSPC".split()
)
"""`EAGAIN` is what fork says where there are too many processes."""
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
    if isinstance(error, OSError) and error.errno in _SHORTAGES:
        return error.strerror or type(error).__name__
    if isinstance(error, RuntimeError) and _NO_THREAD in str(error):
        return "this machine cannot start another thread"
    return None
