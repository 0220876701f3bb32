"""Decoding in a process of its own.

Owns starting that process, its limits, and what its end means. It must not know formats. A decoder
that loops, takes all memory or ends its process does so there; the build goes on with a reason.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from mkdocs_alttext.captions import PreparedImage
from mkdocs_alttext.child_processes import reduced_environment
from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.reasons import Reason

_PROGRAM = "mkdocs_alttext.images.isolated"
_CLOCK = 3
"""A busy machine gives each process a part of its time only."""
_TIME_SIGNALS = frozenset({9, 24})
"""SIGKILL and SIGXCPU: how a system ends what has used up its time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may take."""

    seconds: int = 10
    """Of processor time, where the system can limit it; three times as many on the clock."""
    memory: int = 1024 * 1024 * 1024
    """Bytes of address space, where the system can limit it (not on Windows)."""


def prepared_apart(data: bytes, limits: Limits = Limits()) -> PreparedImage:
    """Prepare a picture in a process of its own.

    Args:
        data: The original file's bytes.
        limits: What it may take.

    Returns:
        The prepared picture.

    Raises:
        ImageError: The reason that the process found, or that it did not end well in time.
    """
    # The interpreter's own folders, as this process found them; never the working directory.
    folders = os.pathsep.join(os.path.realpath(folder) for folder in sys.path if folder)
    try:
        ended = subprocess.run(  # noqa: S603 - our own program; the file goes to its input
            [sys.executable, "-P", "-m", _PROGRAM, str(limits.seconds), str(limits.memory)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**reduced_environment(), "PYTHONPATH": folders},
            timeout=limits.seconds * _CLOCK,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_long(limits) from None
    except OSError as error:
        detail = f"no process could be started for it: {error.strerror}"
        raise ImageError(Reason.UNDECODABLE, detail) from None
    if ended.returncode < 0 and -ended.returncode in _TIME_SIGNALS:
        raise _too_long(limits)
    if ended.returncode:
        raise ImageError(Reason.UNDECODABLE, "its decoder broke down")
    return _read(ended.stdout)


def _read(output: bytes) -> PreparedImage:
    """Read what the process wrote: a line of JSON, then the picture."""
    line, _, picture = output.partition(b"\n")
    try:
        facts = json.loads(line)
        if "reason" in facts:
            raise ImageError(Reason(facts["reason"]), str(facts["detail"]))
        return PreparedImage(picture, facts["media_type"], facts["width"], facts["height"])
    except (ValueError, KeyError, TypeError):
        raise ImageError(Reason.UNDECODABLE, "its decoder broke down") from None


def _too_long(limits: Limits) -> ImageError:
    return ImageError(Reason.UNDECODABLE, f"too complex: it takes more than {limits.seconds} s")
