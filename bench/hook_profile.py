"""What the plugin's time in a warm build goes to.

    python -m bench.hook_profile [--pages N] [--lacking PERCENT] [--site NAME=FOLDER[:CONFIG]]
        [--lines N] [--keep FILE]

It fills the cache of one site, builds it once with a clock around the plugin's methods and once
with a profile inside them, and prints both. Times in the profile are longer than they are.
"""

from __future__ import annotations

import argparse
import pstats
import sys
import tempfile
from pathlib import Path

from bench.figures import table
from bench.generated_site import SiteSpec, write_site
from bench.processes import CommandError
from bench.site_copies import SiteCopy, SiteSource
from bench.trials import MeasuredBuild, Trial, api_server


def _methods(measured: MeasuredBuild) -> str:
    rows = [
        [name, f"{1000 * seconds:.1f}", f"{100 * seconds / measured.build:.3f}"]
        for name, seconds in sorted(measured.seconds.items(), key=lambda item: -item[1])
    ]
    rows.append(
        ["all", f"{1000 * measured.plugin:.1f}", f"{100 * measured.plugin / measured.build:.3f}"]
    )
    share = 100 * measured.processor_plugin / measured.processor_build
    rows.append(["all, processor", f"{1000 * measured.processor_plugin:.1f}", f"{share:.3f}"])
    return table(["method", "ms", "% of the build"], rows)


def main() -> int:
    """Profile, print, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--lacking", type=float, default=100, metavar="PERCENT")
    parser.add_argument("--site", type=SiteSource.parse)
    parser.add_argument("--lines", type=int, default=15)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="where to keep the profile")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, api_server() as server:
        folder = Path(name) / "site"
        if arguments.site:
            site = SiteCopy.of(arguments.site, folder)
        else:
            images = max(50, arguments.pages // 2)
            lacking = arguments.lacking / 100
            write_site(
                folder, SiteSpec(arguments.pages, lacking=lacking, images=images, material=True)
            )
            site = SiteCopy("generated", folder, folder / "mkdocs.yml")
        trial = Trial.prepare(site, server, folder / "built")
        profile = (arguments.keep or Path(name) / "profile").resolve()
        try:
            trial.build_filled()
            trial.build_warm()  # pictures that were written just now are remembered from here on
            print(_methods(trial.measure_warm()), end="\n\n")
            trial.measure_warm(profile)
        except CommandError as error:
            print(error, file=sys.stderr)
            return 2
        for order in ("tottime", "cumulative"):
            pstats.Stats(str(profile)).sort_stats(order).print_stats(arguments.lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
