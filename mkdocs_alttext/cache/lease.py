"""Who may ask for an answer at the moment, and who did: the texts of leases and marks.

A lease ends at a fixed time unless it is renewed. One whose end cannot be right is not believed, as
a planted lease or a clock that was set back must not keep a build waiting; the lease of a process
that is dead is free at once.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

MOST_SECONDS = 900.0
"""Longest lease: a request and its retries take two thirds of it at most."""

_MOST_UNTOLD = 1000
"""More is not believed: each build that dies adds one."""
_START_FIELD = 19
"""Index of `starttime` after the command in `/proc/PID/stat`; see proc(5), field 22."""


class Holder(NamedTuple):
    """Who holds a lease, or sent a request."""

    owner: str
    machine: str
    """Where process numbers mean the same as for the holder."""
    pid: int
    started: int
    """When the process started, in the system's ticks since boot; 0 where that is not known."""

    @classmethod
    def of_this_process(cls, owner: str) -> Holder:
        """Return the holder that this process is, under a name that is unique for each build."""
        return cls(owner, *_process(os.getpid()))

    @classmethod
    def decode(cls, text: str) -> Holder | None:
        """Return the holder that a text names, or `None` when it is not what `encode` writes."""
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            return None
        match fields:
            case [str(owner), str(machine), int(pid), int(started)] if not isinstance(pid, bool):
                return cls(owner, machine, pid, int(started))
        return None

    def encode(self) -> str:
        """Return the text of this holder: JSON in ASCII."""
        return json.dumps(self)

    def lives(self) -> bool | None:
        """Tell whether the process is there; `None` where nothing tells."""
        # On Windows `os.kill(pid, 0)` sends Ctrl-C; there a lease just ends.
        if sys.platform == "win32" or self.machine != _machine():
            return None
        if self.pid <= 0:
            return False
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            pass
        state, started = _status(self.pid)
        if state in {"Z", "X"}:
            return False
        # Numbers are used again: another start is another process.
        return None if 0 in {started, self.started} else started == self.started


class Mark(NamedTuple):
    """That requests for a key were sent, of which a user is to be told unless they are answered."""

    holder: Holder
    is_open: bool
    """Whether the holder's own request was not answered yet."""
    untold: int
    """Requests of builds that are gone, which the holder tells its user of."""

    @classmethod
    def decode(cls, text: str) -> Mark | None:
        """Return the mark that a text holds, or `None` when it is not what `encode` writes."""
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            return None
        match fields:
            case [str(holder), bool(is_open), int(untold)] if 0 <= untold <= _MOST_UNTOLD:
                who = Holder.decode(holder)
                return who and cls(who, is_open, int(untold))
        return None

    def encode(self) -> str:
        """Return the text of this mark: JSON in ASCII."""
        return json.dumps([self.holder.encode(), self.is_open, self.untold])

    @property
    def requests(self) -> int:
        """How many requests it stands for."""
        return self.untold + self.is_open

    def is_left(self, owner: str, *, has_lease: bool) -> bool:
        """Tell whether its holder is gone, or can no longer be counted on to tell its user.

        Args:
            owner: Who asks; its own marks are not left.
            has_lease: Whether somebody has the lease on the key.
        """
        lives = self.holder.lives()
        if self.holder.owner == owner or (has_lease and lives is not False):
            return False
        return self.is_open or lives is not True


def is_free(text: str | None, seconds_left: float | None, owner: str) -> bool:
    """Tell whether a lease may be taken.

    Args:
        text: Its holder; `None` for a lease that is over or cannot be read.
        seconds_left: Until its end; `None` when it has none.
        owner: Who wants it.
    """
    holder = None if text is None else Holder.decode(text)
    if holder is None or seconds_left is None or not 0 < seconds_left <= MOST_SECONDS:
        return True
    return holder.owner == owner or holder.lives() is False


@lru_cache(maxsize=1)
def _process(pid: int) -> tuple[str, int, int]:
    """Return a process's machine, number and start, which stay as they are: each is asked once."""
    return _machine(), pid, _status(pid)[1]


def _machine() -> str:
    """Name the process table we live in.

    The host's name is not enough: containers share names and volumes and number their processes
    alike, and a cache is carried from one to the next.
    """
    boot = _read("/proc/sys/kernel/random/boot_id").strip()
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = ""
    return f"{platform.node()} {boot} {namespace}".strip()


def _status(pid: int) -> tuple[str, int]:
    """Return a process's state letter and start time, or `("", 0)` where the system hides them."""
    # The command may hold spaces and brackets, so fields are counted from its last bracket.
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if len(fields) <= _START_FIELD or not fields[_START_FIELD].isdecimal():
        return "", 0
    return fields[0], int(fields[_START_FIELD])


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
