"""Caches that cannot be used: locked, without room, read-only, in the wrong place."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from bench.stress_builds import Limits
from bench.stress_trial import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.stress_trial import Trial

_ROOM = 24_000
"""Bytes that suffice for each file of the site and for the report, and not for a database."""
_CONCURRENCY = 8
"""The option's default."""
_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA locking_mode = EXCLUSIVE")
connection.execute("BEGIN EXCLUSIVE")
connection.execute("UPDATE Settings SET value = value")
print("locked", flush=True)
sys.stdin.read()
"""


def locked(trial: Trial) -> None:
    """Let another process hold the filled cache during a whole build."""
    trial.build()
    with _locked(trial.cache / "cache.db"):
        build = trial.build()
    trial.require_equal(len(build.lines("is locked")), 1, "messages about the lock")
    trial.heal(spends_on=set())


def locked_while_empty(trial: Trial) -> None:
    """Let another process hold an empty cache during a whole build."""
    trial.build(max_credits=1)
    trial.forget_payments()
    with closing(sqlite3.connect(trial.cache / "cache.db")) as connection, connection:
        connection.execute("DELETE FROM Cache")
    with _locked(trial.cache / "cache.db"):
        build = trial.build()
    trial.require_equal(len(build.lines("is locked")), 1, "messages about the lock")
    trial.heal()


def a_file(trial: Trial) -> None:
    """Put a file where the cache folder should be."""
    trial.cache.write_text("no folder", encoding="utf-8")
    build = trial.build()
    trial.require_equal(len(build.lines("cannot be used")), 1, "messages about the folder")
    trial.require_equal(trial.cache.read_text(encoding="utf-8"), "no folder", "the file")
    trial.cache.unlink()
    trial.heal()


def full_disk(trial: Trial) -> None:
    """Let no file grow beyond what the site needs: SQLite cannot even make its tables."""
    build = trial.finish(trial.start(limits=Limits(largest_file=_ROOM)))
    trial.require(bool(build.lines("The cache in")), "no message about the cache")
    trial.heal()


def full_disk_later(trial: Trial) -> None:
    """Let the disk be full when a part of the texts is in the cache.

    There is room for some leases yet, so this is met only when answers are there: what was in
    flight then is told as not stored, and is all that may be paid for again.
    """
    trial.build(max_credits=len(trial.everything) // 2)
    build = trial.finish(trial.start(limits=Limits(largest_file=_ROOM)))
    trial.require(bool(build.lines("The cache in")), "no message about the cache")
    told = re.search(r"lacks (\d+) texts? of this build", build.output)
    lost = int(told[1]) if told else 0
    trial.require(lost <= _CONCURRENCY, f"{lost} texts are lost, more than were in flight")
    trial.most_doubles = lost
    missing = build.pictures("missing")
    healthy, spent = trial.spending()
    trial.require(missing <= spent.keys(), "what was left is not paid for")
    trial.require_equal(spent.total(), len(missing) + lost, "credits of the next build")
    trial.require(not healthy.pictures("missing"), "the next healthy build fills all")


def read_only(trial: Trial) -> None:
    """Forbid writing to a cache that holds a part of the texts."""
    trial.build(max_credits=len(trial.everything) // 2)
    _set_modes(trial.cache, 0o444, 0o555)
    build = trial.finish(trial.start(limits=Limits(obeys_modes=True)))
    _set_modes(trial.cache, 0o644, 0o755)
    trial.require_equal(len(build.lines("read-only")), 1, "messages about the cache")
    trial.heal()


def inside_docs(trial: Trial) -> None:
    """Configure a cache that would be published: not made, and nothing is paid for."""
    inside = trial.site.docs / "cache"
    build = trial.build(cache_dir=str(inside))
    trial.require_equal(len(build.lines("lies inside docs_dir")), 1, "messages")
    trial.require(not inside.exists(), "the folder is made")
    trial.require_equal(trial.server.credits_spent, 0, "credits")
    trial.heal()


def _set_modes(folder: Path, files: int, itself: int) -> None:
    for path in folder.iterdir():
        path.chmod(files)
    folder.chmod(itself)


@contextmanager
def _locked(database: Path) -> Iterator[None]:
    command = [sys.executable, "-c", _LOCK, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        if holder.stdout is None or holder.stdout.readline() != b"locked\n":
            raise RuntimeError("the database cannot be locked")
        try:
            yield
        finally:
            holder.communicate(b"")


SCENARIOS = (
    Scenario("cache: locked", locked),
    Scenario("cache: locked while empty", locked_while_empty),
    Scenario("cache: a file", a_file),
    Scenario("cache: full disk", full_disk),
    Scenario("cache: full disk, half filled", full_disk_later),
    Scenario("cache: read-only, half filled", read_only),
    Scenario("cache: inside docs_dir", inside_docs),
)
