"""Leases and marks: who may ask for an answer at the moment, and who did.

Both are records in a diskcache, and name the process that wrote them. A lease ends at a fixed time
unless it is renewed. One whose end cannot be right is not believed, as a planted lease or a clock
that was set back must not keep a build waiting; the lease of a process that is dead is free at
once. `diskcache.Cache.add` knows only the end, so a lease is read, judged and set. Every function
that takes a cache is called inside of a transaction.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from functools import cache as cached
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.cache.base import LEASE, SENT, OddEntryError, entry_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diskcache import Cache

    from mkdocs_alttext.models import CaptionKey

MOST_SECONDS = 900.0
"""Longest lease: a request and its retries take two thirds of it at most."""

_MOST_UNTOLD = 1000
"""More is not believed, and not written."""
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
        return cls(owner, _machine(), os.getpid(), _status(os.getpid())[1])

    @classmethod
    def decode(cls, text: str) -> Holder | None:
        """Return the holder that a text names, or `None` when it is not what `encode` writes."""
        match _json(text):
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
    """That requests were sent, of which a user is to be told unless they are answered.

    One stands under a key while a request for it is under way, and one under the name of each build
    that has to tell of others: whoever asks for the key again then leaves that alone.
    """

    holder: Holder
    is_open: bool
    """Whether the holder's own request was not answered yet."""
    untold: int
    """Requests without an answer, of builds that are gone too, which the holder tells of."""

    @classmethod
    def decode(cls, text: str) -> Mark | None:
        """Return the mark that a text holds, or `None` when it is not what `encode` writes."""
        match _json(text):
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

    def is_left(self, owner: str, *, is_leased: bool) -> bool:
        """Tell whether its holder is gone, or can no longer be counted on to tell its user.

        Args:
            owner: Who asks; its own marks are not left.
            is_leased: Whether somebody else has the lease on the key.
        """
        lives = self.holder.lives()
        if self.holder.owner == owner or (is_leased and lives is not False):
            return False
        return self.is_open or lives is not True


def is_of_build(name: str, text: str) -> bool:
    """Tell whether a record is a lease or a mark."""
    kind, decode = name.partition("/")[0], {LEASE: Holder.decode, SENT: Mark.decode}
    return kind in decode and decode[kind](text) is not None


def take_lease(cache: Cache, key: CaptionKey, owner: str, seconds: float) -> bool:
    """Take or renew a lease; return whether it is `owner`'s now."""
    name = entry_name(LEASE, key)
    if _other_holder(cache, name, owner):
        return False
    text = Holder.of_this_process(owner).encode()
    return bool(cache.set(name, text, expire=min(seconds, MOST_SECONDS)))


def end_lease(cache: Cache, key: CaptionKey, owner: str) -> None:
    """End a lease, when `owner` holds it."""
    name = entry_name(LEASE, key)
    holder = Holder.decode(_text(cache, name)[0])
    if holder is not None and holder.owner == owner:
        cache.delete(name)


def add_mark(cache: Cache, key: CaptionKey, owner: str) -> int:
    """Note that `owner` sends a request; return how many requests of builds that are gone it met.

    Those are `owner`'s to tell from now on.
    """
    name = entry_name(SENT, key)
    found = Mark.decode(_text(cache, name)[0])
    earlier = found.requests if found and found.is_left(owner, is_leased=False) else 0
    _add_untold(cache, owner, earlier)
    cache.set(name, Mark(Holder.of_this_process(owner), is_open=True, untold=0).encode())
    return earlier


def end_mark(cache: Cache, key: CaptionKey, owner: str, *, is_charged: bool) -> None:
    """Note that `owner`'s request is over; one that may be charged is to be told."""
    name = entry_name(SENT, key)
    mark = Mark.decode(_text(cache, name)[0])
    if mark and mark.holder.owner == owner:
        _add_untold(cache, owner, int(is_charged))
        cache.delete(name)


def take_over_marks(cache: Cache, names: Iterable[str], owner: str) -> int:
    """Make marks of builds that are gone `owner`'s; return how many requests they stand for."""
    count = 0
    for name in names:
        mark = Mark.decode(_text(cache, name)[0])
        lease = entry_name(LEASE, name.partition("/")[2])
        if mark and mark.is_left(owner, is_leased=_other_holder(cache, lease, owner)):
            cache.delete(name)
            count += mark.requests
    _add_untold(cache, owner, count)
    return count


def remove_marks(cache: Cache, names: Iterable[str], owner: str) -> None:
    """Remove those of some marks that are `owner`'s."""
    for name in names:
        mark = Mark.decode(_text(cache, name)[0])
        if mark and mark.holder.owner == owner:
            cache.delete(name)


def _add_untold(cache: Cache, owner: str, count: int) -> None:
    """Add to what `owner` has to tell its user of."""
    if count:
        name = entry_name(SENT, owner)
        known = Mark.decode(_text(cache, name)[0])
        untold = min(_MOST_UNTOLD, count + (known.untold if known else 0))
        cache.set(name, Mark(Holder.of_this_process(owner), is_open=False, untold=untold).encode())


def _other_holder(cache: Cache, name: str, owner: str) -> bool:
    """Tell whether somebody else has a lease that is to be believed."""
    text, end = _text(cache, name)
    holder = Holder.decode(text)
    if holder is None or not isinstance(end, float):
        return False
    is_believed = 0 < end - time.time() <= MOST_SECONDS
    return is_believed and holder.owner != owner and holder.lives() is not False


def _text(cache: Cache, name: str) -> tuple[str, object]:
    """Return a record and when it ends, in seconds since the epoch; an odd one is empty."""
    try:
        text, end = cache.get(name, default="", expire_time=True)
    except OddEntryError:
        return "", None
    return text, end


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@cached
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
