"""Caches that were attacked, decayed or cannot be written, as rows of the stress table.

Owns the damage. It must not know what the service does.
"""

from __future__ import annotations

import pickle
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from random import Random
from typing import TYPE_CHECKING

from bench.stress_builds import Limits
from bench.stress_trial import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.stress_trial import Trial

_ROOM = 24_000
"""Bytes that suffice for each file of the site and for the report, and not for a database."""
_FOREIGN = "A text from a foreign file"
_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA locking_mode = EXCLUSIVE")
connection.execute("BEGIN EXCLUSIVE")
connection.execute("UPDATE Settings SET value = value")
print("locked", flush=True)
sys.stdin.read()
"""


class _CreatesFile:
    """Unpickles as a file that is made."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self._path), "w")


def pickled_rows(trial: Trial) -> None:
    """Put pickles that make a file in the place of values, keys and settings."""
    _fill_cache(trial)
    marker = trial.folder / "code-has-run"
    evil = pickle.dumps(_CreatesFile(marker))
    (trial.cache / "evil.val").write_bytes(evil)
    _change(
        trial,
        "UPDATE Cache SET mode = 4, value = :evil WHERE rowid % 2",
        "UPDATE Cache SET mode = 4, value = NULL, filename = 'evil.val' WHERE NOT rowid % 2",
        "INSERT INTO Cache (key, raw, mode, value) VALUES (:evil, 0, 4, :evil)",
        "UPDATE Settings SET value = :evil WHERE key = 'eviction_policy'",
        evil=evil,
    )
    build = _build_anew(trial)
    trial.require(not marker.exists(), "planted code has run")
    trial.require_equal(len(build), 1, "messages about entries")


def file_backed_rows(trial: Trial) -> None:
    """Let rows name a file that is not the cache's."""
    _fill_cache(trial)
    secret = trial.folder / "secret.txt"
    secret.write_text(_FOREIGN, encoding="utf-8")
    _change(
        trial,
        "UPDATE Cache SET mode = 1 + rowid % 4, value = NULL, size = 3, filename = :name",
        name="../secret.txt",
    )
    said = _build_anew(trial)
    site = trial.builds[-2].site
    trial.require(
        not any(_FOREIGN.encode() in content for content in site.values()),
        "a foreign file's text is published",
    )
    trial.require(secret.exists() and secret.read_text() == _FOREIGN, "the foreign file is changed")
    trial.require_equal(len(said), 1, "messages about entries")


def another_version(trial: Trial) -> None:
    """Meet the entries of another version, which must be neither used nor lost."""
    _fill_cache(trial)
    _change(
        trial,
        "UPDATE Cache SET key = replace(key, 'caption:1:', 'caption:9:'),"
        " value = replace(value, '\"v\":1', '\"v\":9')",
    )
    _build_anew(trial)
    kept = _count(trial, "key LIKE 'caption:9:%'")
    trial.require_equal(kept, len(trial.everything), "entries of the other version")


def random_bytes(trial: Trial) -> None:
    """Overwrite the database."""
    _fill_cache(trial)
    database = trial.cache / "cache.db"
    size = database.stat().st_size
    _replace(trial, Random(0).randbytes(size))  # noqa: S311 - damage, no secret


def truncated(trial: Trial) -> None:
    """Cut the database in the middle of a page."""
    _fill_cache(trial)
    content = (trial.cache / "cache.db").read_bytes()
    _replace(trial, content[: len(content) * 6 // 10 + 7])


def locked(trial: Trial) -> None:
    """Let another process hold the filled cache during a whole build."""
    _fill_cache(trial, forget=False)
    with _locked(trial.cache / "cache.db"):
        build = trial.build()
    trial.require_equal(len(build.lines("is locked")), 1, "messages about the lock")
    trial.heal(spends_on=set())


def locked_while_empty(trial: Trial) -> None:
    """Let another process hold an empty cache during a whole build."""
    trial.build(max_credits=1)
    trial.server.ledger.clear()
    _change(trial, "DELETE FROM Cache")
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
    trial.require(bool(build.lines("The caption cache in")), "no message about the cache")
    trial.heal()


def full_disk_later(trial: Trial) -> None:
    """Let the disk be full when a part of the texts is in the cache."""
    trial.build(max_credits=len(trial.everything) // 2)
    build = trial.finish(trial.start(limits=Limits(largest_file=_ROOM)))
    trial.require(bool(build.lines("The caption cache in")), "no message about the cache")
    trial.heal()


def read_only(trial: Trial) -> None:
    """Forbid writing to a cache that holds a part of the texts."""
    trial.build(max_credits=len(trial.everything) // 2)
    _set_modes(trial.cache, 0o444, 0o555)
    build = trial.finish(trial.start(limits=Limits(obeys_modes=True)))
    _set_modes(trial.cache, 0o644, 0o755)
    trial.require_equal(len(build.lines("read-only")), 1, "messages about the cache")
    trial.heal()


def inside_docs(trial: Trial) -> None:
    """Configure a cache that would be published: refused, with nothing made or sent."""
    inside = trial.site.docs / "cache"
    build = trial.collect(trial.start({"cache_dir": str(inside)}))
    trial.require(build.status > 0, "a cache inside docs_dir is accepted")
    trial.require_equal(len(build.lines("lies inside docs_dir")), 1, "messages")
    trial.require("Traceback" not in build.output, "a traceback in the output")
    trial.require(not inside.exists(), "the folder is made")
    trial.require_equal(len(trial.server.calls), 0, "requests")
    trial.heal(spends_on=trial.everything)


def _fill_cache(trial: Trial, *, forget: bool = True) -> None:
    """Pay for all; what the damage then takes away must be paid for once more."""
    trial.build()
    if forget:
        trial.forget_payments()


def _build_anew(trial: Trial) -> list[str]:
    """Build with a cache that gives nothing any more; return what is said about its entries."""
    build = trial.heal(spends_on=trial.everything)
    trial.heal()
    return build.lines("not valid captions")


def _replace(trial: Trial, content: bytes) -> None:
    """Build with other bytes in the place of the database, which must be set aside unharmed."""
    (trial.cache / "cache.db").write_bytes(content)
    build = trial.heal(spends_on=trial.everything)
    aside = trial.cache / "cache.db.damaged-1"
    trial.require(aside.exists() and aside.read_bytes() == content, "it is not set aside")
    trial.require_equal(len(build.lines("was set aside as")), 1, "messages about the damage")
    trial.heal()


def _change(trial: Trial, *statements: str, **values: object) -> None:
    path = trial.cache / "cache.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(statement, used)


def _count(trial: Trial, where: str) -> int:
    with closing(sqlite3.connect(trial.cache / "cache.db")) as connection:
        query = f"SELECT count(*) FROM Cache WHERE {where}"  # noqa: S608 - our own words
        return int(connection.execute(query).fetchone()[0])


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
    Scenario("cache: pickled rows", pickled_rows, is_short=True),
    Scenario("cache: file-backed rows", file_backed_rows),
    Scenario("cache: another version", another_version),
    Scenario("cache: random bytes", random_bytes),
    Scenario("cache: truncated", truncated),
    Scenario("cache: locked", locked),
    Scenario("cache: locked while empty", locked_while_empty),
    Scenario("cache: a file", a_file),
    Scenario("cache: full disk", full_disk),
    Scenario("cache: full disk, half filled", full_disk_later),
    Scenario("cache: read-only, half filled", read_only),
    Scenario("cache: inside docs_dir", inside_docs),
)
