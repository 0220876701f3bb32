"""Who may ask for a caption at the moment.

Owns the text form of a lease, and the judgement whether its holder still lives. It must not know
where leases are kept, nor what is asked for.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

from mkdocs_alttext.stores.faults import CacheError, Fault
from mkdocs_alttext.stores.record import RECORD_VERSION, decode_object

MAX_LEASE_SECONDS = 900.0
"""No lease lasts longer, and one that claims to is not believed: a planted one or a clock that was
set back must not keep a build waiting."""

_START_FIELD = 19
"""Index of `starttime` after the command in `/proc/PID/stat`; see proc(5), field 22."""


class Lease(NamedTuple):
    """The right to ask for one key, as it is kept."""

    owner: str
    expires: float
    """Seconds since the epoch."""
    machine: str
    """Where process numbers mean the same as for the holder."""
    pid: int
    started: int
    """When the process started, in the system's ticks since boot; 0 where that is not known."""

    @classmethod
    def of_this_process(cls, owner: str, *, now: float, seconds: float) -> Self:
        """Return a lease that starts now.

        Args:
            owner: Who asks; unique for each process.
            now: Seconds since the epoch.
            seconds: How long it lasts, at most `MAX_LEASE_SECONDS`.
        """
        expires = float(now + min(seconds, MAX_LEASE_SECONDS))
        return cls(owner, expires, *_holder(os.getpid()))

    @classmethod
    def decode(cls, entry: str) -> Self:
        """Return the lease that an entry holds.

        Raises:
            CacheError: The entry is odd.
        """
        fields = decode_object(entry)
        match fields:
            case {
                "v": int(version),
                "owner": str(owner),
                "expires": float(expires),
                "machine": str(machine),
                "pid": int(pid),
                "started": int(started),
            }:
                # `true` is an `int` to Python, and not what we write.
                lease = cls(owner, expires, machine, int(pid), int(started))
                if version == RECORD_VERSION and pid > 0 and lease.encode() == entry:
                    return lease
        raise CacheError(Fault.ODD_ENTRY)

    @staticmethod
    def beginning(owner: str) -> str:
        """Return what the entries of an owner's leases begin with, and those of no other."""
        fields = json.dumps({"v": RECORD_VERSION, "owner": owner}, separators=(",", ":"))
        return fields[:-1] + ","

    def encode(self) -> str:
        """Return the one form in which we write this lease: JSON in ASCII."""
        return json.dumps({"v": RECORD_VERSION, **self._asdict()}, separators=(",", ":"))

    def is_over(self, now: float) -> bool:
        """Whether anyone may take it: it expired, is not to be believed, or its holder is dead.

        Who lives renews its lease, but for a process that is stopped. What it asked for is still
        paid and comes when it goes on, so it keeps its lease for as long as any could last.
        """
        left = self.expires - now
        if not -MAX_LEASE_SECONDS < left <= MAX_LEASE_SECONDS:
            return True
        lives = self._holder_lives()
        if left > 0:
            return lives is False
        return not lives or self.pid == os.getpid()  # for this one is not stopped

    def _holder_lives(self) -> bool | None:
        """Whether the process that took it lives; `None` where nothing tells."""
        # On Windows `os.kill(pid, 0)` sends Ctrl-C; there a lease just expires.
        if sys.platform == "win32" or self.machine != _machine():
            return None
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            pass
        state, started = _process_status(self.pid)
        if state in {"Z", "X"}:
            return False
        # Numbers are used again: another start is another process.
        return None if 0 in (started, self.started) else started == self.started


@lru_cache(maxsize=1)
def _holder(pid: int) -> tuple[str, int, int]:
    """Return a process's machine, number and start, which stay as they are: each is asked once."""
    _state, started = _process_status(pid)
    return _machine(), pid, started


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


def _process_status(pid: int) -> tuple[str, int]:
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
