"""SIGTERM, for the length of a build: it ends as with Ctrl-C, so that what was paid for is stored.

Owns one handler. It must not know what ends, nor how.
"""

from __future__ import annotations

import signal
import threading
import time

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
