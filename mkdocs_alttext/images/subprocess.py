"""Decoding a picture in a process of its own, with limits of time and memory.

A decoder that loops, takes all memory or ends its process does so there; the build goes on with a
reason. `images.isolated` is the program of that process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import cache
from importlib import metadata
from typing import NamedTuple

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.models import Picture, Reason
from mkdocs_alttext.system.processes import reduced_environment, shortage_in

_PROGRAM = "mkdocs_alttext.images.isolated"
_DECODERS = ("mkdocs-alttext", "Pillow", "pillow-heif", "resvg_py")
_CLOCK = 3
"""A busy machine gives each process a part of its time only."""
_SIGXCPU = 24
"""What a system sends to a process that has used up its time."""
_CRASHES = frozenset(
    getattr(signal, name, None)
    for name in "SIGABRT SIGBUS SIGFPE SIGILL SIGSEGV SIGSYS SIGTRAP".split()
)
"""How a decoder ends its process; any other signal comes from outside."""
_HAS_BEGUN = b"\n"
"""What the process writes before it decodes: all that goes wrong before is the machine's fault."""


class Limits(NamedTuple):
    """What one picture may take."""

    seconds: int = 10
    """Of processor time, where the system can limit it; three times as many on the clock."""
    memory: int = 1024 * 1024 * 1024
    """Bytes of address space, where the system can limit it (not on Windows)."""


USUAL_LIMITS = Limits()


def prepared_apart(
    data: bytes, limits: Limits = USUAL_LIMITS, *, takes_strips: bool = False
) -> Picture:
    """Prepare a picture in a process of its own.

    Args:
        data: The original file's bytes.
        limits: What it may take.
        takes_strips: As in `images.prepare.prepare`.

    Returns:
        The prepared picture.

    Raises:
        ImageError: The reason that the process found, or that it did not end well in time;
            `OUT_OF_RESOURCES` when that is no fault of the picture's.
    """
    # The interpreter's own folders, as this process found them; never the working directory.
    folders = os.pathsep.join(os.path.realpath(folder) for folder in sys.path if folder)
    seconds = limits.seconds * _CLOCK
    wanted = (limits.seconds, limits.memory, takes_strips)
    try:
        ended = subprocess.run(  # noqa: S603 - our own program; the file goes to its input
            [sys.executable, "-P", "-m", _PROGRAM, *map(str, map(int, wanted))],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**reduced_environment(), "PYTHONPATH": folders},
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        if sys.platform == "win32":  # where nothing but the clock limits it
            raise _too_long(limits) from None
        raise _not_tried(f"this machine is too busy: not decoded within {seconds} s") from None
    except (OSError, MemoryError, RuntimeError) as error:
        why = shortage_in(error) or getattr(error, "strerror", None) or type(error).__name__
        raise _not_tried(f"no process could be started for it: {why}") from None
    _check_end(-ended.returncode, limits, has_begun=ended.stdout.startswith(_HAS_BEGUN))
    return _read(ended.stdout.removeprefix(_HAS_BEGUN))


@cache
def software() -> str:
    """Name what a picture is decoded with, and the limits: what is final for it is not for others.

    Returns:
        The names and versions of the packages that decode, on one line.
    """
    parts = [f"python/{sys.version_info.major}.{sys.version_info.minor}"]
    for package in _DECODERS:
        try:
            parts.append(f"{package}/{metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    limits = USUAL_LIMITS
    return " ".join([*parts, f"{limits.seconds}s", f"{limits.memory}B"])


def _check_end(ended_by: int, limits: Limits, *, has_begun: bool) -> None:
    """Raise what a process's end says against the picture, or against the machine.

    Args:
        ended_by: The number of a signal, 0 for a good end, or less for an exit status.
        limits: What the picture might take.
        has_begun: Whether the process came to decoding it.
    """
    if ended_by == _SIGXCPU:
        raise _too_long(limits)
    if not has_begun:
        raise _not_tried("its process did not come to decoding it")
    if ended_by > 0 and ended_by not in _CRASHES:
        raise _not_tried(f"its process was ended by signal {ended_by}, as for lack of memory")
    if ended_by:
        raise ImageError(Reason.UNDECODABLE, "its decoder broke down", is_final=ended_by > 0)


def _read(output: bytes) -> Picture:
    """Read what the process wrote: a line of JSON, then the picture."""
    line, _, picture = output.partition(b"\n")
    try:
        said = json.loads(line)
        if "facts" in said:
            return Picture(picture, *said["facts"])
        reason, is_final = Reason(said["reason"]), said["is_final"] is True
        raise ImageError(reason, str(said["detail"]), is_final=is_final)
    except (ValueError, KeyError, TypeError):
        raise ImageError(Reason.UNDECODABLE, "its decoder broke down") from None


def _not_tried(why: str) -> ImageError:
    return ImageError(Reason.OUT_OF_RESOURCES, why)


def _too_long(limits: Limits) -> ImageError:
    detail = f"too complex: it takes more than {limits.seconds} s"
    return ImageError(Reason.UNDECODABLE, detail, is_final=True)
