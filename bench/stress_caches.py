"""Caches that were attacked or have decayed, as rows of the stress table."""

from __future__ import annotations

import pickle
import sqlite3
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

from bench.stress_trial import Scenario

if TYPE_CHECKING:
    from pathlib import Path

    from bench.stress_trial import Trial

_FOREIGN = "A text from a foreign file"


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
    _build_anew(trial)
    trial.require(not marker.exists(), "planted code has run")
    said = trial.builds[-2].lines("was set aside as")
    trial.require_equal(len(said), 1, "messages about the file")


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
    _build_anew(trial)
    site = trial.builds[-2].site
    trial.require(
        not any(_FOREIGN.encode() in content for content in site.values()),
        "a foreign file's text is published",
    )
    trial.require(secret.exists() and secret.read_text() == _FOREIGN, "the foreign file is changed")


def another_version(trial: Trial) -> None:
    """Meet the entries of another version, which must be neither used nor lost."""
    _fill_cache(trial)
    _change(
        trial,
        "UPDATE Cache SET key = 'later' || key, value = replace(value, '\"v\":2', '\"v\":9')",
    )
    _build_anew(trial)
    kept = _count(trial, "key LIKE 'later%'")
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


def _fill_cache(trial: Trial) -> None:
    """Pay for all; what the damage then takes away must be paid for once more."""
    trial.build()
    trial.forget_payments()


def _build_anew(trial: Trial) -> None:
    """Build with a cache that gives nothing any more, and once more."""
    trial.heal(spends_on=trial.everything)
    trial.heal()


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


SCENARIOS = (
    Scenario("cache: pickled rows", pickled_rows, is_short=True),
    Scenario("cache: file-backed rows", file_backed_rows),
    Scenario("cache: another version", another_version),
    Scenario("cache: random bytes", random_bytes),
    Scenario("cache: truncated", truncated),
)
