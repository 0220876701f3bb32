"""What `mkdocs-alttext fill` takes on a large site whose texts are known.

    python -m bench.fill [--kills NUMBER]

A folder of 1,000 pages of 100 KB is made, of which each tenth has an image without text, and filled
once by a service on this machine. Then, in turn, its pages are put back and filled from the cache,
and the folder is read and written once by a program of a few lines, each in a process of its own.
The same with 4,000 pages tells what memory depends on. Ends with status 1 where filling takes more
than four times what reading and writing takes, or memory grows with the pages.

With `--kills`, it kills fills of a small site at so many random moments instead, and ends with
status 1 where a page is then neither as it was nor as it is to be, or a picture is paid for that
was neither on its way nor new.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from bench.figures import Spread, Verdict, table
from bench.folder_site import FolderProject

from api_server import ApiServer  # isort: skip - folder_site tells where it lives

if TYPE_CHECKING:
    import subprocess

_BYTES, _EVERY, _PICTURES = 100_000, 10, 100
_PAGES, _MORE_PAGES = 1000, 4000
_ROUNDS = 7
_MOST_TIMES = 4.0
_MOST_GROWTH = 4.0
"""MiB, from 1,000 pages to 4,000: what an interpreter's memory varies by."""
_COPY = """
import pathlib
for path in sorted(pathlib.Path("site").rglob("*")):
    if path.is_file():
        path.write_bytes(path.read_bytes())
"""
_KILLED_PAGES, _KILLED_BYTES = 60, 20_000
_LATENCY = 0.1
_EACH_WARM = 5
"""One kill of so many meets a fill whose texts are all known."""
_IN_FLIGHT = 9
"""Requests that a kill may lose: `concurrency` and one."""


class _Ran(NamedTuple):
    """A process that ended."""

    seconds: float
    processor: float
    """Seconds of it."""
    peak: float
    """MiB."""
    output: str


def _run(project: FolderProject, *command: str) -> _Ran:
    begun = time.perf_counter()
    process = project.start(*command)
    assert process.stdout  # noqa: S101 - it was piped
    with process.stdout as stream:
        output = stream.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"Status {process.returncode}: {output}")
    return _Ran(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output)


def _measure(folder: Path, server: ApiServer) -> list[Verdict]:
    """Measure, print a table, and return what is judged."""
    filled: dict[int, list[_Ran]] = {_PAGES: [], _MORE_PAGES: []}
    copied = []
    for pages, runs in filled.items():
        project = FolderProject(folder / str(pages), server.base_url)
        project.write(pages, size=_BYTES, every=_EVERY, pictures=_PICTURES)
        project.restore()
        _run(project)  # asks, and compiles
        for _ in range(_ROUNDS if pages == _PAGES else 2):
            project.restore()
            runs.append(_run(project))
            if f"{pages // _EVERY} of {pages} pages changed." not in runs[-1].output:
                raise SystemExit(runs[-1].output)
            if pages == _PAGES:
                copied.append(_run(project, "-c", _COPY))
    rows = [
        (
            name,
            Spread(tuple(run.seconds for run in runs)).text(),
            Spread(tuple(run.processor for run in runs)).text(),
        )
        for name, runs in (("fill", filled[_PAGES]), ("read and write", copied))
    ]
    print(table((f"{_PAGES} pages of 100 KB", "seconds", "of the processor"), rows))
    pairs = zip(filled[_PAGES], copied, strict=True)
    times = Spread(tuple(one.seconds / two.seconds for one, two in pairs))
    few, many = (Spread(tuple(run.peak for run in runs)) for runs in filled.values())
    print(f"Peak memory: {few.text('.1f')} MiB; of {_MORE_PAGES} pages {many.text('.1f')} MiB.")
    growth = Spread((many.median - few.median,))
    return [
        Verdict("fill", "times reading and writing", times, _MOST_TIMES),
        Verdict("fill", f"MiB more for {_MORE_PAGES} pages", growth, _MOST_GROWTH),
    ]


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Kill a process after a while, and tell whether that came in time."""
    time.sleep(seconds)
    is_running = process.poll() is None
    process.kill()
    process.communicate()
    return is_running


def _prepare(project: FolderProject, *, is_cold: bool) -> None:
    """Put the pages back, and lose the cache if it is to be cold."""
    project.restore()
    if is_cold:
        project.forget()


def _kill(folder: Path, server: ApiServer, moments: int) -> list[str]:
    """Kill fills, and return what is wrong afterwards."""
    project = FolderProject(folder, server.base_url)
    project.write(_KILLED_PAGES, size=_KILLED_BYTES, every=1, pictures=_KILLED_PAGES)
    project.restore()
    old = dict(project.pages())
    _run(project)  # compiles
    new = dict(project.pages())
    longest = {}
    for is_cold in (True, False):
        _prepare(project, is_cold=is_cold)
        longest[is_cold] = _run(project).seconds
    random, faults, in_time = Random(moments), [], 0  # noqa: S311 - moments, not secrets
    for number in range(moments):
        is_cold = number % _EACH_WARM != 0
        _prepare(project, is_cold=is_cold)
        spent = server.credits_spent
        in_time += _ended(project.start(), random.uniform(0, longest[is_cold]))
        for path, content in project.pages():
            if path in old and content not in (old[path], new[path]):
                faults.append(f"moment {number}: {path} is neither old nor new")
        _run(project)
        if dict(project.pages()) != new:
            faults.append(f"moment {number}: the next run did not finish what was left")
        most = (_KILLED_PAGES if is_cold else 0) + _IN_FLIGHT
        if server.credits_spent - spent > most:
            faults.append(f"moment {number}: {server.credits_spent - spent} credits, not {most}")
    print(f"{moments} fills were killed, {in_time} of them before they ended.")
    if not in_time:
        faults.append("no fill was killed before it ended")
    return faults


def main() -> int:
    """Measure, or kill."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--kills", type=int, metavar="NUMBER", help="kill so many fills instead")
    kills = parser.parse_args().kills
    with tempfile.TemporaryDirectory() as name, ApiServer(latency=_LATENCY) as server:
        server.top_up(1_000_000)
        if kills:
            faults = _kill(Path(name), server, kills)
            print("\n".join(faults) or "Each page was old or new, and each picture paid for once.")
            return bool(faults)
        verdicts = _measure(Path(name), server)
    for verdict in verdicts:
        print(verdict.line())
    return any(verdict.word == "FAILS" for verdict in verdicts)


if __name__ == "__main__":
    sys.exit(main())
