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
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
_SHOWN = 3000

QUIET = {
    "DISABLE_MKDOCS_2_WARNING": "true",
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
    with _Started(command, folder, variables) as started:
        return started.end()


def run_together(
    one: Sequence[str], other: Sequence[str], *, folder: Path, variables: Mapping[str, str]
) -> tuple[Run, Run]:
    """Run two commands at the same time on one core, where the system lets a program choose one.

    They take turns of a few milliseconds, so that whatever slows the machine down slows both: their
    processor times are to be compared, and not their times on the clock.

    Args:
        one: A program and its arguments.
        other: Another, started right after it.
        folder: The working directory.
        variables: Environment variables beside those of this process and `QUIET`.

    Returns:
        What each took.

    Raises:
        CommandError: One ended with another status than 0.
    """
    core = max(os.sched_getaffinity(0)) if sys.platform == "linux" else None
    with (
        _Started(one, folder, variables, core) as first,
        _Started(other, folder, variables, core) as second,
    ):
        return first.end(), second.end()


class _Started:
    """A process that runs; it is ended with the block."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        variables: Mapping[str, str],
        core: int | None = None,
    ) -> None:
        self._command = command
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the block
        self._began = perf_counter()
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **QUIET, **variables},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        if sys.platform == "linux" and core is not None:
            os.sched_setaffinity(self._process.pid, {core})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        self._output.close()

    def end(self) -> Run:
        """Wait for the end, and return what it took."""
        _, status, usage = os.wait4(self._process.pid, 0)
        seconds = perf_counter() - self._began
        code = os.waitstatus_to_exitcode(status)
        self._process.returncode = code  # else `Popen` waits once more
        self._output.seek(0)
        text = self._output.read().decode("utf-8", "replace")
        if code:
            raise CommandError(f"{' '.join(self._command)}: status {code}\n{text[-_SHOWN:]}")
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _MAXRSS_UNIT, text)


def own_peak_bytes() -> int:
    """Return this process's largest resident set: a child's peak is never reported below it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT
