"""What `mkdocs-alttext scan` takes beside `mkdocs build`.

    python -m bench.scan_time [--pages N] [--lacking PERCENT] [--repetitions N] [--format FORM]
        [--site FOLDER] [--check]

It builds and scans a generated site by turns, each in a process of its own, and prints ratios of
pairs: medians, with the least and the most in parentheses. The site's `mkdocs.yml` does not list
the plugin: a build does nothing for alt text, and the scan has no cache and no key. Exit status 1
with `--check` when the bound fails.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import Spread, Verdict, table
from bench.generated_site import SiteSpec, write_site
from bench.processes import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.processes import Run

MOST_RATIO = 1.05


def pairs_of(folder: Path, form: str, repetitions: int) -> list[tuple[Run, Run]]:
    """Build and scan a site by turns.

    Args:
        folder: The site's.
        form: What the scan writes.
        repetitions: Pairs, beside a first one that only warms up.

    Returns:
        For each pair, the build and the scan.

    Raises:
        CommandError: One of them failed.
    """
    built, cache = folder / "site-of-the-build", folder / ".cache"
    build = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(built)]
    scan = [sys.executable, "-m", "mkdocs_alttext", "scan", "--format", form]
    # Accepting what is found makes the exit status 0, and takes as long.
    scan += ["--output", str(folder / "scanned"), "--write-baseline", str(folder / "accepted")]
    found = []
    for number in range(repetitions + 1):
        runs = []
        # By turns first and second, so that what a machine does over time cancels out.
        for command in (build, scan) if number % 2 else (scan, build):
            runs.append(run(command, folder=folder, variables={"ALTTEXTAI_API_KEY": ""}))
            shutil.rmtree(built, ignore_errors=True)
            shutil.rmtree(cache, ignore_errors=True)
        found.append((runs[0], runs[1]) if number % 2 else (runs[1], runs[0]))
    return found[1:]


def figures(name: str, pairs: Sequence[tuple[Run, Run]]) -> tuple[list[str], list[Verdict]]:
    """Return a row of the table, and whether the bound holds."""
    wall = Spread(tuple(scan.seconds / build.seconds for build, scan in pairs))
    processor = Spread(
        tuple(scan.processor_seconds / build.processor_seconds for build, scan in pairs)
    )
    seconds = Spread(tuple(build.seconds for build, _ in pairs))
    row = [name, str(len(pairs)), f"{seconds.median:.2f}", wall.text(), processor.text()]
    verdicts = [
        Verdict(name, "wall ratio", wall, MOST_RATIO),
        Verdict(name, "CPU ratio", processor, MOST_RATIO),
    ]
    return row, verdicts


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--lacking", type=float, default=10, metavar="PERCENT")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--format", default="text", choices=["text", "json", "github", "sarif"])
    parser.add_argument("--site", type=Path, help="a site's folder, in place of a generated one")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        if arguments.site:
            shutil.copytree(arguments.site, site)
            name = arguments.site.name
        else:
            lacking = arguments.lacking / 100
            write_site(site, SiteSpec(pages=arguments.pages, lacking=lacking))
            name = f"{arguments.pages} pages, {arguments.lacking:g} % lack text"
        pairs = pairs_of(site, arguments.format, arguments.repetitions)
    row, verdicts = figures(name, pairs)
    print(f"mkdocs-alttext scan over mkdocs build (format: {arguments.format})\n")
    print(table(("site", "n", "build s", "wall ratio", "CPU ratio"), [row]), end="\n\n")
    for verdict in verdicts:
        print(verdict.line())
    return int(arguments.check and any(verdict.word == "FAILS" for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())
