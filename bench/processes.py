"""Running a command and measuring it from outside.

Owns what is measured of a process: time on the clock, processor time and peak memory, its own and
its children's. It must not know what is run.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
_SHOWN = 3000

QUIET = {
    "NO_MKDOCS_2_WARNING": "1",
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "1700000000",
}
"""Set for each process: no advertisements, modules compiled once as on any machine, the same order
of sets, the same date on each page."""


class CommandError(Exception):
    """A command that had to succeed did not; the message ends with its output."""


@dataclass(frozen=True, slots=True)
class Run:
    """One process that has ended well."""

    seconds: float
    """On the clock."""
    processor_seconds: float
    """User and system time."""
    peak_bytes: int
    """Largest resident set."""
    output: str


def run(command: Sequence[str], *, folder: Path, variables: Mapping[str, str]) -> Run:
    """Run a command to its end.

    Args:
        command: The program and its arguments.
        folder: The working directory.
        variables: Environment variables beside those of this process and `QUIET`.

    Returns:
        What it took.

    Raises:
        CommandError: It ended with another status than 0.
    """
    with tempfile.TemporaryFile() as output:
        began = perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **QUIET, **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)  # else `Popen` waits once more
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if process.returncode:
        raise CommandError(f"{' '.join(command)}: status {process.returncode}\n{text[-_SHOWN:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _MAXRSS_UNIT, text)


def own_peak_bytes() -> int:
    """Return this process's largest resident set: a child's peak is never reported below it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT
