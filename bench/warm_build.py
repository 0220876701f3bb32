"""What the plugin costs: the project's benchmark.

    python -m bench.warm_build [--large] [--repetitions N] [--seconds N] [--pages N ...]
        [--site NAME=FOLDER[:CONFIG] ...] [--only PART ...] [--check]

It builds sites with the plugin and without, side by side, each build a process of its own, against
a service on this machine, and prints ratios: medians of pairs, with the least and the most in
parentheses. At the end it says which of the project's bounds hold on which site, with the interval
in which the median of endless repetitions lies: "unclear" where the bound is within it. Exit status
2 when a build fails; with `--check`, 1 when a bound does. The parts are:

- warm: every text is in the cache; the builds must send nothing. "wall ratio" is of two builds one
  after the other and scatters by 4 to 8 per cent where others use the machine, too; "CPU ratio" is
  of two that share one core at the same time and scatters by 1. "own share" is the time inside the
  plugin's methods over the whole build, taken from outside in another build.
- instructions: what the processor executes in a warm build, where valgrind is installed: a ratio
  that does not scatter, of the given sites and of the smallest generated ones.
- cold: the cache is empty, and the service takes its time for each picture.
- import: what importing the plugin adds to a process that has built a site of one page.
- scanner: see `bench.scanner_speed`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench import cold_trials, instructions, warm_trials
from bench.cold_trials import MOST_IMPORT_MILLISECONDS, cold_figures, import_milliseconds
from bench.figures import Spread, Verdict, table
from bench.generated_site import SiteSpec, write_site
from bench.instructions import can_count, instruction_figures
from bench.processes import CommandError, run
from bench.site_copies import SiteCopy, SiteSource
from bench.trials import Trial, api_server
from bench.warm_trials import warm_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.trials import ApiServer
    from bench.warm_trials import WarmFigures

_ROOT = Path(__file__).parent.parent
_PARTS = ("warm", "instructions", "cold", "import", "scanner")
_MANY, _FEW, _FEWEST = 15, 7, 3
"""Repetitions of what scatters, of what scatters little, and of what waits for a slow service."""
_MOST_GROWTH = 1.1
"""Cost of a page on the largest generated site over that on the smallest."""


class Sites:
    """Makes trials of sites in a folder, one at a time: thousands of pages take room."""

    def __init__(self, folder: Path, server: ApiServer, given: list[SiteSource]) -> None:
        """Take the folder and what sites there are.

        Args:
            folder: A temporary folder.
            server: The service, started.
            given: Sites of the command line.
        """
        self.folder = folder
        self._server = server
        example = SiteSource("example", _ROOT)
        has_example = (example.folder / example.config).is_file()
        self.real = [example] * has_example + given

    def copies(self) -> Iterator[Trial]:
        """Yield the example site and those given."""
        for source in self.real:
            place = self.folder / source.name
            yield self._trial(SiteCopy.of(source, place))
            shutil.rmtree(place)

    def generated(self, spec: SiteSpec, *, lightbox: bool = False) -> Iterator[Trial]:
        """Yield one generated site, with glightbox or without."""
        name = f"{spec.pages} pages, {spec.lacking:.0%} lack text{', glightbox' * lightbox}"
        place = self.folder / name.replace(" ", "-").replace(",", "").replace("%", "")
        write_site(place, spec)
        yield self._trial(SiteCopy(name, place, place / "mkdocs.yml"), lightbox=lightbox)
        shutil.rmtree(place)

    def _trial(self, site: SiteCopy, *, lightbox: bool = False) -> Trial:
        add: dict[str, dict[str, object]] = {"glightbox": {}} if lightbox else {}
        return Trial.prepare(site, self._server, site.folder / "built", add=add)


def _warm(sites: Sites, arguments: argparse.Namespace) -> list[Verdict]:
    figures: list[WarmFigures] = []
    for trial in _warm_trials(sites, arguments.pages, arguments.lacking):
        _progress(f"warm: {trial.site.name}")
        figures.append(
            warm_figures(trial, repetitions=arguments.repetitions, seconds=arguments.seconds)
        )
    print("Warm build, with the plugin over without\n")
    print(table(warm_trials.HEADINGS, [each.row() for each in figures]), end="\n\n")
    return [verdict for each in figures for verdict in each.verdicts()] + _growth(figures)


def _warm_trials(sites: Sites, pages: list[int], lacking: list[int]) -> Iterator[Trial]:
    yield from sites.copies()
    for count in pages:
        spec = SiteSpec(pages=count, images=max(50, count // 2), material=True)
        for percent in lacking:
            yield from sites.generated(replace(spec, lacking=percent / 100))


def _instructions(sites: Sites, arguments: argparse.Namespace) -> list[Verdict]:
    if not can_count():
        print("Instructions are not counted: valgrind is not installed\n")
        return []
    figures = []
    for trial in _warm_trials(sites, arguments.pages[:1], arguments.lacking):
        _progress(f"instructions: {trial.site.name}")
        figures.append(instruction_figures(trial))
    print("Instructions of a warm build, with the plugin over without\n")
    print(table(instructions.HEADINGS, [each.row() for each in figures]), end="\n\n")
    return [each.verdict() for each in figures]


def _growth(figures: list[WarmFigures]) -> list[Verdict]:
    verdicts = []
    for share in ("0%", "10%", "100%"):
        alike = [each for each in figures if each.name.endswith(f" {share} lack text")]
        if len(alike) > 1:
            growth = Spread((alike[-1].micros.median / alike[0].micros.median,))
            subject = f"{alike[-1].pages} pages over {alike[0].pages}, {share} lack text"
            verdicts.append(Verdict(subject, "own time a page", growth, _MOST_GROWTH))
    return verdicts


def _cold(sites: Sites, arguments: argparse.Namespace) -> list[Verdict]:
    spec = SiteSpec(pages=100, lacking=1.0, material=True)
    latencies = (0.1, 1.0, 3.0) if arguments.large else (0.1,)
    figures = []
    for group in (sites.copies(), sites.generated(spec), sites.generated(spec, lightbox=True)):
        for trial in group:
            for latency in latencies:
                _progress(f"cold: {trial.site.name}, {latency} s a request")
                repetitions = min(arguments.repetitions, _MANY if latency < 1 else _FEWEST)
                figures.append(cold_figures(trial, latency=latency, repetitions=repetitions))
    print("Cold build, over max(build without, pictures x latency / concurrency)\n")
    print(table(cold_trials.HEADINGS, [each.row() for each in figures]), end="\n\n")
    return [verdict for each in figures for verdict in each.verdicts()]


def _import(sites: Sites, arguments: argparse.Namespace) -> list[Verdict]:
    verdicts = []
    for trial in sites.generated(SiteSpec(pages=1, lacking=1.0, images=2)):
        _progress("import")
        into = sites.folder / "imported"
        repetitions = min(_FEW, arguments.repetitions)
        spread = import_milliseconds(trial, into, repetitions=repetitions)
        print(f"Import after a build of one page: {spread.text('.0f')} ms\n")
        verdicts.append(Verdict("import", "milliseconds", spread, MOST_IMPORT_MILLISECONDS))
    return verdicts


def _scanner(sites: Sites, arguments: argparse.Namespace) -> list[Verdict]:
    del sites
    # Apart, so that the parsers' memory is not this program's, below which no child's is known.
    command = [sys.executable, "-m", "bench.scanner_speed"]
    command += ["--repetitions", str(min(_FEW, arguments.repetitions))]
    _progress("scanner")
    print(f"Scanner and parsers\n\n{run(command, folder=_ROOT, variables={}).output}")
    return []


def _progress(text: str) -> None:
    print(f"... {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Measure, print, and return the exit status."""
    arguments = _parser().parse_args()
    arguments.pages = sorted({*arguments.pages, *([10_000] if arguments.large else [])})
    parts: dict[str, Callable[[Sites, argparse.Namespace], list[Verdict]]]
    parts = {"warm": _warm, "instructions": _instructions, "cold": _cold}
    parts |= {"import": _import, "scanner": _scanner}
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory() as folder, api_server() as server:
        sites = Sites(Path(folder), server, arguments.site)
        try:
            for part in arguments.only or _PARTS:
                verdicts += parts[part](sites, arguments)
        except CommandError as error:
            print(error, file=sys.stderr)
            return 2
    print("Bounds\n")
    print("\n".join(verdict.line() for verdict in verdicts))
    return int(arguments.check and any(verdict.word == "FAILS" for verdict in verdicts))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--large", action="store_true", help="also 10,000 pages, and slow services")
    parser.add_argument(
        "--repetitions", type=int, default=50, help="most pairs of builds of a site"
    )
    parser.add_argument("--seconds", type=float, default=90, help="roughly, for a site's pairs")
    parser.add_argument("--pages", type=int, nargs="*", default=[100, 1000], metavar="N")
    parser.add_argument(
        "--lacking", type=int, nargs="*", default=[0, 10, 100], metavar="PERCENT", help="of pages"
    )
    parser.add_argument("--site", type=SiteSource.parse, action="append", default=[])
    parser.add_argument("--only", choices=_PARTS, nargs="+")
    parser.add_argument("--check", action="store_true", help="fail when a bound does")
    return parser


if __name__ == "__main__":
    sys.exit(main())
