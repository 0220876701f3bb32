"""Caches that a pull request, or whoever else may write to a shared one, can bring."""

from __future__ import annotations

import json
import pickle
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from bench.hostile_site import PICTURES
from bench.hostile_trial import COMPLETE
from bench.stress_site import picture
from mkdocs_alttext.cache.base import answer_names, encode_answer
from mkdocs_alttext.models import StoredAnswer

from forged_databases import journal, with_pages  # isort: skip - stress_site tells where it lives

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bench.hostile_trial import World
    from mkdocs_alttext.models import CaptionKey

_HUGE = 200_000_000
"""Pages of 4,096 bytes: 819 GB."""
_PACKED_ROWS = 5000
_PADDING = 60_000
"""Characters of each of these rows; a third of a gigabyte altogether, which packs well."""
_MANY = 300
"""Pictures whose own entries are as long."""
_INSERT = "INSERT OR REPLACE INTO Cache (key, raw, mode, value) VALUES (:name, 1, 1, :entry)"
_UNPRINTABLE = "A kite\x1b[31m\x00 over \x9b a hill\u2028, seen\x07 from afar\r\n::error::here"
_TURNED = "A \u202egnp.etik\u202c over a hill"
_PILED = "A kite" + "\ufe01" * 100 + " over a hill"


class _CreatesFile:
    """Unpickles as a file that is made."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self._path), "w")


def change(world: World, *statements: str, **values: object) -> None:
    """Change a cache's database behind the cache's back."""
    path = world.cache / "cache.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for statement in statements:
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(statement, used)


def super_journal(world: World) -> None:
    """Let a hot journal name a precious file, which SQLite would delete."""
    world.fill()
    size = (world.cache / "cache.db").stat().st_size
    hot = journal(pages=size // 4096, names=world.precious / "one")
    (world.cache / "cache.db-journal").write_bytes(hot)
    _build_on(world)


def journal_pages(world: World) -> None:
    """Let a hot journal say that the database was of 819 GB."""
    world.fill()
    (world.cache / "cache.db-journal").write_bytes(journal(pages=_HUGE))
    _build_on(world)


def log_pages(world: World) -> None:
    """Let a write-ahead log say that the database is of 819 GB."""
    world.fill()
    path = world.cache / "cache.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE Cache SET access_count = 1")
        database = path.read_bytes()
        log = bytearray(path.with_name("cache.db-wal").read_bytes())
    path.write_bytes(database)
    path.with_name("cache.db-wal").write_bytes(with_pages(log, _HUGE))
    _build_on(world)


def packed(world: World) -> None:
    """Bring rows of 60 KB, also in the entries of many pictures: a few megabytes when packed."""
    names = [f"many/{number}.png" for number in range(_MANY)]
    base = (world.docs / PICTURES[0]).read_bytes()
    for number, name in enumerate(names):
        world.site.add_picture(name, base + b"%d" % number)
    world.site.add_page("many.md", "\n\n".join(f"![]({name})" for name in names))
    world.fill()
    change(world, "DELETE FROM Cache WHERE key LIKE 'answer/%'")
    with closing(sqlite3.connect(world.cache / "cache.db")) as connection, connection:
        connection.executemany(
            _INSERT,
            (
                {"name": answer_names(key)[0], "entry": _padded(encode_answer(key, text))}
                for key, text in _answers(world, [*PICTURES, *names], "A kite over a hill")
            ),
        )
        connection.execute(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < :rows)"
            " INSERT INTO Cache (key, raw, mode, value)"
            " SELECT 'answer/' || x, 1, 1, printf('%60000s', x) FROM n",
            {"rows": _PACKED_ROWS},
        )
    spent = world.server.credits_spent
    _build_on(world)
    world.require(world.server.credits_spent <= spent + 1, f"{COMPLETE}texts were paid for again")
    world.command("catalog", changes=frozenset({"project/alttext.yml"}))
    world.command("scan", status=None)


def _padded(entry: str) -> str:
    return json.dumps({**json.loads(entry), "later": "x" * _PADDING}, separators=(",", ":"))


def _answers(world: World, names: list[str], text: str) -> list[tuple[CaptionKey, StoredAnswer]]:
    return [(world.site.key_of(name), StoredAnswer(text)) for name in names]


def pickles(world: World) -> None:
    """Put pickles that make a file in the place of values, keys and settings."""
    world.fill()
    evil = pickle.dumps(_CreatesFile(world.markers / "unpickled"))
    (world.cache / "evil.val").write_bytes(evil)
    change(
        world,
        "UPDATE Cache SET mode = 4, value = :evil WHERE rowid % 2",
        "UPDATE Cache SET mode = 4, value = NULL, filename = 'evil.val' WHERE NOT rowid % 2",
        "INSERT INTO Cache (key, raw, mode, value) VALUES (:evil, 0, 4, :evil)",
        "UPDATE Settings SET value = :evil WHERE key = 'eviction_policy'",
        evil=evil,
    )
    _build_on(world)


def file_backed(world: World) -> None:
    """Let rows name precious files, which would be read, or removed when a row is replaced."""
    world.fill()
    depth = len(world.cache.relative_to(world.folder).parts)
    name = "../" * depth + "precious/one"
    change(
        world,
        "UPDATE Cache SET mode = 1 + rowid % 4, value = NULL, size = 3, filename = :name",
        name=name,
    )
    run = _build_on(world)
    world.require("precious" not in run, f"{COMPLETE}a foreign file's text is published")


def settings(world: World) -> None:
    """Plant settings that diskcache takes attributes, pragmas and arguments from."""
    world.fill()
    for key, value in (
        ("_directory", str(world.precious)),
        ("eviction_policy", "least-recently-stored"),
        ("cull_limit", 10),
        ("size_limit", 1),
        ("sqlite_journal_mode", "off"),
        ("disk_min_file_size", 0),
        ("get", "evil"),
    ):
        change(world, "INSERT OR REPLACE INTO Settings VALUES (:key, :value)", key=key, value=value)
    _build_on(world)


def schema(*statements: str) -> Callable[[World], None]:
    """Return a build with a cache that defines more than it should."""

    def run(world: World) -> None:
        world.fill()
        change(world, *statements)
        _build_on(world)

    return run


def links(world: World) -> None:
    """Put links to precious files in the place of the cache's own."""
    world.fill()
    for suffix in ("-wal", "-shm", "-journal", ""):
        path = world.cache / f"cache.db{suffix}"
        path.unlink(missing_ok=True)
        path.symlink_to(world.precious / "one")
        _build_on(world)


def folder_of_another(world: World) -> None:
    """Let `cache_dir` name a folder that holds files of another program."""
    world.options["cache_dir"] = str(world.precious)
    world.build(makes=frozenset({"precious/cache.db"}))


def texts(planted: Mapping[str, str], *, max_length: int = 300) -> Callable[[World], None]:
    """Return a build with texts in the cache that no service wrote.

    Args:
        planted: Texts, by the picture's path.
        max_length: The option.
    """

    def run(world: World) -> None:
        world.options["max_length"] = max_length
        world.fill()
        for name, text in planted.items():
            key = world.site.key_of(name)
            change(
                world,
                _INSERT,
                name=answer_names(key)[0],
                entry=encode_answer(key, StoredAnswer(text)),
            )
        spent = world.server.credits_spent
        html = _build_on(world)
        again = world.server.credits_spent > spent + 1
        world.require(not again, f"{COMPLETE}texts were paid for again")
        for character in "\x1b\x00\x9b\u2028\x07\u202e\u202c\ufe01":
            world.require(character not in html, f"{COMPLETE}{character!r} is published")
        for text in planted.values():
            is_unfit = len(text) > max_length or text in {"image.png", "404"}
            world.require(not is_unfit or text not in html, f"{COMPLETE}{text[:40]!r} is published")

    return run


def _build_on(world: World) -> str:
    """Build, then with a new picture, so that the cache is written, then once more, warm.

    Returns:
        All HTML of the last build.
    """
    world.build()
    number = len(world.runs)
    world.site.add_picture(f"new/{number}.png", picture(100 + number))
    world.site.add_page(f"new/{number}.md", f"![]({number}.png)\n")
    world.build()
    spent = len(world.server.calls)
    world.build()
    world.require(len(world.server.calls) == spent, f"{COMPLETE}a warm build asked the service")
    pages = sorted((world.project / "site").rglob("*.html"))
    return "".join(page.read_text(encoding="utf-8", errors="replace") for page in pages)


PLANTED: Mapping[str, Callable[[World], None]] = {
    "cache: journal that names a file": super_journal,
    "cache: journal of 819 GB": journal_pages,
    "cache: log of 819 GB": log_pages,
    "cache: packed, rows of 60 KB": packed,
    "cache: pickles": pickles,
    "cache: rows that name a file": file_backed,
    "cache: settings": settings,
    "cache: trigger": schema(
        "CREATE TRIGGER evil AFTER INSERT ON Cache BEGIN DELETE FROM Cache; END",
        "DELETE FROM Cache WHERE key LIKE 'answer/%'",
    ),
    "cache: view": schema(
        "ALTER TABLE Cache RENAME TO Old",
        "CREATE VIEW Cache AS WITH RECURSIVE n(rowid) AS"
        " (SELECT 1 UNION ALL SELECT rowid + 1 FROM n) SELECT * FROM n",
    ),
    "cache: links in place of its files": links,
    "cache: a folder of others": folder_of_another,
    "text: control characters": texts({"a.png": _UNPRINTABLE, "b.png": _PILED}),
    "text: turned around": texts({"a.png": _TURNED}),
    "text: image.png, 404": texts({"a.png": "image.png", "b.png": "404"}),
    "text: 4,000 characters": texts({"a.png": "A kite over a hill. " * 200}),
    "text: 32 characters, max_length: 20": texts(
        {"a.png": "A kite over a green hill, far up"}, max_length=20
    ),
}
"""What is done in a world, by what is planted."""
