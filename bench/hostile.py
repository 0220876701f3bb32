"""One table of what a pull request can plant, and what comes of it.

    python -m bench.hostile [--short] [--only NAME]

Real `mkdocs build` processes, and those of `mkdocs-alttext`, meet a project into which something
was planted. Ends with status 1 when a rule does not hold: no planted code runs; the key is nowhere,
not even in the environment of a program that is started; no file changes but those of the site, the
report and the cache (and what a command is there to write); and the build is complete, differs from
one without the plugin by alt text only, and takes bounded time and memory.

Owns the choice of rows and the printing. It must not know what is planted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from bench import hostile_caches, hostile_pictures, hostile_projects
from bench.figures import table
from bench.hostile_site import KEY
from bench.hostile_trial import HEADINGS, World

from api_server import ApiServer  # isort: skip - stress_site tells where it lives

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.hostile_trial import Row

ROWS: Mapping[str, Callable[[World], None]] = {
    **hostile_caches.PLANTED,
    **hostile_projects.PLANTED,
    **hostile_pictures.PLANTED,
}
LONG = frozenset(
    {"pictures: hostile files", "pictures: all hostile files", "catalog: 31 MB of entries"}
)
"""Rows that take long; the gate is for the others."""
MOST_RULES = 8
"""Broken rules that are printed of one row."""


def run_row(name: str, folder: Path, plant: Callable[[World], None] | None = None) -> Row:
    """Run one row with a service and a world of its own.

    Args:
        name: The row's.
        folder: For all that is written; it need not exist.
        plant: What to do there, when it is none of `ROWS`.
    """
    with ApiServer(api_key=KEY, credits_left=10**6) as server:
        world = World(folder, server)
        (plant or ROWS[name])(world)
        return world.row(name)


def summary(found: Sequence[Row]) -> str:
    """Return the table, and below it each rule that does not hold."""
    broken = [f"FAILS  {row.planted}: {rule}" for row in found for rule in row.broken[:MOST_RULES]]
    lines = broken or ["Every rule holds in every row."]
    return "\n".join([table(HEADINGS, [row.cells() for row in found]), "", *lines])


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line says, print the table, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="leave out what takes long")
    parser.add_argument("--only", metavar="NAME", help="rows whose name holds this")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="rows at a time")
    options = parser.parse_args(arguments)
    chosen = [name for name in ROWS if (options.only or "") in name]
    chosen = [name for name in chosen if not (options.short and name in LONG)]
    if not chosen:
        parser.error(f"no row's name holds {options.only!r}")

    def run(number: int, name: str) -> Row:
        row = run_row(name, Path(folder) / f"{number:02}")
        print("FAILS" if row.broken else "holds", name, file=sys.stderr, flush=True)
        return row

    with (
        tempfile.TemporaryDirectory(prefix="alttext-hostile-") as folder,
        ThreadPoolExecutor(options.jobs) as pool,
    ):
        found = list(pool.map(run, range(len(chosen)), chosen))
    print(summary(found))
    return int(any(row.broken for row in found))


if __name__ == "__main__":
    sys.exit(main())
