"""Show that only alt text changes: builds with the plugin and without, compared byte by byte.

    python -m bench.byte_identity [--site NAME=FOLDER[:CONFIG] ...] [--strip-alt] [--keep FOLDER]

For the example site and each given one, with the minify and glightbox plugins on and off: two
builds without the plugin, then two with it against a service on this machine that gives each
picture a text. What differs between the two without (dates, random order) is excluded and printed.
Every other file has to be the same, but for alt attributes of images in HTML that had no text; and
the second build with the plugin has to send nothing and to write what the first wrote.

`--strip-alt` takes the alt text out of a copy of the sources first: well-kept sites have little to
fill. Exit status 1 when a file differs that must not, 2 when a build fails.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from bench.comparison import changed, compare, digests
from bench.figures import table
from bench.processes import CommandError
from bench.site_copies import SiteCopy, SiteSource
from bench.trials import Trial, api_server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.comparison import Comparison
    from bench.trials import ApiServer

_ROOT = Path(__file__).parent.parent
_NEIGHBOURS: Mapping[str, Mapping[str, object]] = {
    "minify": {"minify_html": True},
    "glightbox": {},
}
_HEADINGS = (
    *("site", "plugins", "files", "pages", "images", "filled", "emptied", "opted out"),
    *("not filled", "explained", "unexplained", "excluded", "requests", "second build"),
)
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One site with one combination of plugins."""

    site: str
    plugins: str
    comparison: Comparison
    excluded: set[str]
    requests: int
    changed_again: set[str]
    """Files that the second build with the plugin wrote differently."""

    @property
    def holds(self) -> bool:
        """Whether only alt text changed, and stayed."""
        return not self.comparison.unexplained and not self.changed_again

    def row(self) -> list[str]:
        """Return the row below `_HEADINGS`."""
        found = self.comparison
        numbers = [found.files, found.pages, found.images, found.filled, found.emptied]
        numbers += [found.opted_out, found.still_lacking, found.explained]
        numbers += [len(found.unexplained), len(self.excluded), self.requests]
        again = f"{len(self.changed_again)} differ" if self.changed_again else "the same"
        return [self.site, self.plugins, *map(str, numbers), again]

    def details(self) -> list[str]:
        """Return what is behind the row, a line each."""
        groups = {
            "excluded, differs between two builds without": sorted(self.excluded),
            "unexplained": self.comparison.unexplained,
            "second build differs": sorted(self.changed_again),
        }
        return [
            f"{self.site}, {self.plugins}: {title}: {line}"
            for title, lines in groups.items()
            for line in lines[:_SHOWN]
        ]


def examine(site: SiteCopy, server: ApiServer, output: Path, neighbours: set[str]) -> Finding:
    """Build a site four times and compare.

    Args:
        site: The copy.
        server: The service, started.
        output: Folder for the built sites.
        neighbours: Other plugins that are on; those of `_NEIGHBOURS` that are not named are off.

    Raises:
        CommandError: A build failed, or the second one with the plugin sent something.
    """
    add = {name: options for name, options in _NEIGHBOURS.items() if name in neighbours}
    remove = frozenset(_NEIGHBOURS.keys() - neighbours)
    trial = Trial.prepare(site, server, output, add=add, remove=remove)
    trial.forget()
    trial.build_plain()
    without = digests(trial.plain_site)
    trial.build_plain()
    excluded = changed(without, digests(trial.plain_site))
    trial.build_filled()
    requests = server.ledger.total()
    comparison = compare(trial.plain_site, trial.filled_site, excluded=excluded)
    first = digests(trial.filled_site)
    trial.build_warm()
    again = changed(first, digests(trial.filled_site)) - excluded
    plugins = "+".join(sorted(neighbours)) or "neither"
    return Finding(site.name, plugins, comparison, excluded, requests, again)


def _examine_all(source: SiteSource, folder: Path, server: ApiServer, *, strips: bool) -> int:
    """Print one site's table; return the exit status that it comes to."""
    site = SiteCopy.of(source, folder / source.name / "sources")
    if strips:
        print(f"{source.name}: alt text of {site.strip_alt()} images taken out of the sources")
    findings = []
    status = 0
    for flags in product((False, True), repeat=len(_NEIGHBOURS)):
        on = {name for name, flag in zip(_NEIGHBOURS, flags, strict=True) if flag}
        output = folder / source.name / ("-".join(sorted(on)) or "neither")
        print(f"... {source.name}: {' and '.join(sorted(on)) or 'neither'}", file=sys.stderr)
        try:
            findings.append(examine(site, server, output, on))
        except CommandError as error:
            print(f"{source.name} with {on or 'neither'}: {error}")
            status = 2
    print(table(_HEADINGS, [finding.row() for finding in findings]))
    for finding in findings:
        print(*finding.details(), sep="\n", end="\n" * bool(finding.details()))
    return status or int(not all(finding.holds for finding in findings))


def main() -> int:
    """Build, compare, print, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--site", type=SiteSource.parse, action="append", default=[])
    parser.add_argument("--strip-alt", action="store_true")
    parser.add_argument("--keep", type=Path, help="new folder to leave the built sites in")
    arguments = parser.parse_args()
    example = SiteSource("example", _ROOT)
    sources = [example] * (_ROOT / example.config).is_file() + arguments.site
    with tempfile.TemporaryDirectory() as name, api_server() as server:
        folder = (arguments.keep or Path(name)).resolve()
        statuses = [
            _examine_all(source, folder, server, strips=arguments.strip_alt) for source in sources
        ]
    return max(statuses, default=0)


if __name__ == "__main__":
    sys.exit(main())
