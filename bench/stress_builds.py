"""Real `mkdocs build` processes and all that they leave behind.

Owns starting, stopping and collecting them. It must not know what they ought to have done.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.processes import QUIET
from bench.stress_site import read_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.stress_site import StressSite

KEY = "stress-key-Zk4Qw9xT-never-to-be-seen"
LONGEST_SECONDS = 400.0
"""A build that takes longer hangs; it is killed, and its status says so."""

_START = """
import ctypes, os, resource, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)  # what runs in the background may have it ignored
largest, obeys_modes, *command = sys.argv[1:]
if largest:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))
if obeys_modes and os.geteuid() == 0:
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # drop CAP_DAC_OVERRIDE for what is started
os.execv(command[0], command)
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a build's process may do."""

    largest_file: int | None = None
    """Bytes that it may write to one file."""
    obeys_modes: bool = False
    """Whether it obeys file modes even when root starts it (on Linux)."""


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Build:
    """One build that has ended."""

    status: int
    """Exit status; negative for a signal."""
    seconds: float
    output: str
    """Standard output and error, at `-v`."""
    command_line: bytes
    """As the system shows it to everyone."""
    site: Mapping[str, bytes]
    report: Mapping[str, object]
    """Empty when there is none."""

    def pictures(self, outcome: str) -> set[str]:
        """Return the pictures with this outcome somewhere, by path in the site."""
        return {str(entry["file"]) for entry in self._images(outcome)}

    def reasons(self, outcome: str) -> Mapping[str, set[str]]:
        """Return the pictures that have this outcome somewhere, by the report's reason for it."""
        found: dict[str, set[str]] = {}
        for entry in self._images(outcome):
            found.setdefault(str(entry["reason"]), set()).add(str(entry["file"]))
        return found

    def _images(self, outcome: str) -> list[Mapping[str, object]]:
        images = self.report.get("images")
        entries = images if isinstance(images, list) else []
        return [entry for entry in entries if entry["outcome"] == outcome]

    def credits(self, name: str) -> int:
        """Return a figure of the report's credits, 0 when there is none."""
        figures = self.report.get("credits")
        return int(figures.get(name) or 0) if isinstance(figures, dict) else 0

    def lines(self, words: str) -> list[str]:
        """Return the lines of the output that hold these words."""
        return [line for line in self.output.splitlines() if words in line]


class RunningBuild:
    """One build under way."""

    def __init__(
        self,
        command: list[str],
        folder: Path,
        variables: Mapping[str, str],
    ) -> None:
        """Start it.

        Args:
            command: Arguments for the process.
            folder: Where its configuration is and its site and report will be.
            variables: Environment variables beside this process's own.
        """
        self._folder = folder
        self._began = time.perf_counter()
        with (folder / "output.txt").open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **QUIET, **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._command_line = b""

    def is_running(self) -> bool:
        """Tell whether it has not ended."""
        return self._process.poll() is None

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def terminate(self) -> None:
        """Send SIGTERM, as continuous integration does."""
        self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Press Ctrl-Z."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on after that."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, unless it has ended."""
        self._process.kill()

    def wait(self) -> Build:
        """Wait for its end and collect what it left."""
        with suppress(OSError):
            self._command_line = Path(f"/proc/{self._process.pid}/cmdline").read_bytes()
        try:
            status = self._process.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            status = self._process.wait()
        seconds = time.perf_counter() - self._began
        return Build(
            status,
            seconds,
            (self._folder / "output.txt").read_text(encoding="utf-8", errors="replace"),
            self._command_line,
            read_files(self._folder / "site"),
            _read_report(self._folder / "report.json"),
        )


def _read_report(path: Path) -> Mapping[str, object]:
    """Return a report, empty when there is none or only a part of one."""
    try:
        report: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return report


def start_build(
    site: StressSite,
    folder: Path,
    options: Mapping[str, object] | None,
    *,
    variables: Mapping[str, str],
    limits: Limits = NO_LIMITS,
) -> RunningBuild:
    """Start a build at `-v`.

    Args:
        site: What to build.
        folder: An empty or missing folder for what the build writes.
        options: The plugin's; `None` for a build without it.
        variables: Environment variables.
        limits: What the process may do.
    """
    folder.mkdir(parents=True)
    plugins = {} if options is None else {"alttext": dict(options)}
    config = json.dumps(site.config(plugins), indent=1)  # which is YAML, too
    (folder / "mkdocs.yml").write_text(config, encoding="utf-8")
    # `-P`: what lies in the folder is not imported.
    command = [sys.executable, "-P", "-m", "mkdocs", "build", "-v", "-d", str(folder / "site")]
    marks = [str(limits.largest_file or ""), "yes" if limits.obeys_modes else ""]
    command = [sys.executable, "-c", _START, *marks, *command]
    return RunningBuild(command, folder, variables)
