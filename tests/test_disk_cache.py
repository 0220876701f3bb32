"""The cache on disk when its folder is shared, attacked, decayed, locked, full or gone."""

from __future__ import annotations

import fcntl
import gc
import hashlib
import json
import os
import pickle
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import tracemalloc
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import diskcache
import pytest
from forged_databases import journal, with_pages

import mkdocs_alttext
from mkdocs_alttext.cache.base import OddEntryError, answer_names, encode_answer
from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.cache.lease_records import MOST_SECONDS
from mkdocs_alttext.cache.text_disk import text_disk
from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.models import CaptionKey, StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = CaptionKey(hashlib.sha256(b"a picture").hexdigest(), "en", "alttextai")
KEYS = [KEY._replace(service=f"service {number}") for number in range(60)]
TEXT = StoredAnswer("A red bicycle")
ROOT = Path(mkdocs_alttext.__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a cache folder that holds `TEXT` under `KEY`, and nothing open."""
    folder = tmp_path / "cache"
    with opened(folder) as cache:
        assert cache.put(KEY, TEXT)
    return folder


@contextmanager
def opened(folder: Path) -> Iterator[DiskCache]:
    """Have a cache that waits for nobody, and close it."""
    with closing(DiskCache(folder, busy_seconds=0.05)) as cache:
        yield cache


def plant(folder: Path, *statements: str, **values: object) -> None:
    """Change a cache's database behind the cache's back."""
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for statement in statements:
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(statement, used)


def count(folder: Path, where: str) -> int:
    """Count the rows of a cache."""
    with closing(sqlite3.connect(folder / "cache.db")) as connection:
        (number,) = connection.execute(f"SELECT count(*) FROM {where}").fetchone()  # noqa: S608
    return int(number)


def set_aside(folder: Path) -> list[str]:
    """Return the names of what was set aside."""
    names = (path.name for path in folder.iterdir() if "damaged" in path.name)
    return sorted(name for name in names if not name.endswith(("-wal", "-shm")))


def run_python(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a process that has `cache` on the folder named first, `KEY`, `KEYS` and `TEXT`."""
    prelude = f"""
import os, signal, sys
from pathlib import Path
from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.models import CaptionKey, StoredAnswer
KEY = CaptionKey({KEY.sha256!r}, "en", "alttextai")
KEYS = [KEY._replace(service=f"service {{number}}") for number in range({len(KEYS)})]
TEXT = {TEXT!r}
cache = DiskCache(Path(sys.argv[1]))
"""
    return subprocess.Popen(
        [sys.executable, "-c", prelude + script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


# what it leaves alone


def test_making_and_closing_a_store_touches_nothing(tmp_path: Path) -> None:
    """A build with nothing to look up pays for no import, folder or connection."""
    script = "cache.close(); print('diskcache' in sys.modules)"
    with run_python(script, tmp_path / "cache") as process:
        output, _ = process.communicate(timeout=30)
    assert output == "False\n"
    assert list(tmp_path.iterdir()) == []


def test_finding_a_text_imports_no_diskcache(folder: Path) -> None:
    """A build that finds all it needs reads the database, and makes none to compare it with."""
    script = "print(cache.get(KEY), 'diskcache' in sys.modules); cache.close()"
    with run_python(script, folder) as process:
        output, _ = process.communicate(timeout=30)
    assert output == f"{TEXT!r} False\n"


def test_missing_a_text_imports_no_diskcache(folder: Path) -> None:
    """A site with one picture that cannot be sent, or no key to send it with, looks in vain."""
    missed = "KEY._replace(language='de')"
    script = f"print(cache.get({missed}), 'diskcache' in sys.modules); cache.close()"
    with run_python(script, folder) as process:
        output, _ = process.communicate(timeout=30)
    assert output == "None False\n"


def test_looking_up_leaves_no_folder(tmp_path: Path) -> None:
    """A dry run leaves nothing behind."""
    with opened(tmp_path / "cache") as cache:
        assert cache.get(KEY) is None
        assert cache.unanswered(owner="me") == 0
        assert list(cache.entries()) == []
        assert cache.problems() == ()
    assert list(tmp_path.iterdir()) == []


def test_storing_makes_the_folder_with_its_parents(tmp_path: Path) -> None:
    """A folder is named as it is."""
    folder = tmp_path / "~" / "$NONE" / "50 %" / "cache?#"
    with opened(folder) as cache:
        assert cache.put(KEY, TEXT)
    assert [path.name for path in folder.iterdir()] == ["cache.db"]
    assert [path.name for path in tmp_path.iterdir()] == ["~"]


def test_a_folder_whose_name_diskcache_would_change_is_not_used(tmp_path: Path) -> None:
    """The cache would be somewhere else."""
    with opened(tmp_path / "$HOME") as cache:
        assert not cache.put(KEY, TEXT)
        assert "its name holds a $" in cache.problems()[0]


def test_a_linked_folder_is_fine(folder: Path, tmp_path: Path) -> None:
    """A cache may live on another disk."""
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    with opened(tmp_path / "link") as cache:
        assert cache.get(KEY) == TEXT
        assert cache.put(KEYS[0], TEXT)


def test_closing_leaves_no_connection_of_any_thread(folder: Path) -> None:
    """By itself diskcache leaves one for each thread, which Python 3.13 warns of."""
    script = """
import gc, sqlite3, threading
threads = [threading.Thread(target=cache.put, args=(key, TEXT)) for key in KEYS[:8]]
for thread in threads: thread.start()
for thread in threads: thread.join()
cache.get(KEY)
cache.close()
def is_open(connection):
    try: connection.total_changes
    except sqlite3.ProgrammingError: return False
    return True
print([c for c in gc.get_objects() if isinstance(c, sqlite3.Connection) and is_open(c)])
"""
    with run_python(script, folder) as process:
        output, _ = process.communicate(timeout=30)
    assert output == "[]\n"


def test_a_closed_store_still_stores_and_leaves_nothing_open(folder: Path) -> None:
    """A worker that is late does not lose what was paid for."""
    cache = DiskCache(folder)
    cache.close()
    assert cache.put(KEYS[0], TEXT)
    assert cache.get(KEYS[0]) == TEXT
    gc.collect()
    assert [path.name for path in folder.iterdir()] == ["cache.db"]


def test_diskcache_itself_reads_the_cache_and_evicts_nothing_from_it(folder: Path) -> None:
    """The file stays one that diskcache and its tools can open."""
    with closing(diskcache.Cache(str(folder))) as cache:
        (name,) = list(cache)
        assert json.loads(cache[name])["text"] == TEXT.text
        assert (cache.eviction_policy, cache.cull_limit) == ("none", 0)
    with opened(folder) as cache:
        assert cache.get(KEY) == TEXT
        assert cache.problems() == ()


def test_a_folder_deleted_under_way_is_made_again(folder: Path) -> None:
    """`mkdocs serve` outlives a `rm -r .cache`."""
    with opened(folder) as cache:
        assert cache.get(KEY) == TEXT
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        assert cache.get(KEY) is None
        assert cache.put(KEY, TEXT)
        assert cache.get(KEY) == TEXT
        assert cache.problems() == ()


# planted rows


class CreatesFile:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        """Remember which file."""
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        """Make a pickle that opens the file for writing."""
        return open, (str(self.path), "w")


def test_a_planted_pickle_is_never_loaded(folder: Path, tmp_path: Path) -> None:
    """CVE-2025-69872: diskcache unpickles whatever a row holds."""
    evil = pickle.dumps(CreatesFile(tmp_path / "created"))
    (folder / "evil.val").write_bytes(evil)
    for statement, found in (
        ("UPDATE Cache SET mode = 4, value = :evil", None),
        ("UPDATE Cache SET mode = 4, value = NULL, filename = 'evil.val'", None),
        ("UPDATE Cache SET raw = 0", None),
        ("INSERT INTO Cache (key, raw, mode, value) VALUES (:evil, 0, 4, :evil)", TEXT),
    ):
        plant(folder, statement, evil=evil)
        with opened(folder) as cache:
            assert cache.get(KEY) == found
            assert cache.put(KEY, TEXT)
            assert cache.get(KEY) == TEXT
        assert not (tmp_path / "created").exists()


def test_diskcache_is_given_no_way_to_files_and_pickles(tmp_path: Path) -> None:
    """Whichever of its operations is used one day."""
    (tmp_path / "file").write_text(TEXT.text, encoding="utf-8")
    disk = text_disk()(str(tmp_path), min_file_size=0)
    disk.remove("file")
    assert (tmp_path / "file").exists()
    for refused in (7, b"bytes", None, ("a", "tuple")):
        with pytest.raises(TypeError):
            disk.put(refused)
        with pytest.raises(TypeError):
            disk.store(refused, read=False)
    with (tmp_path / "file").open("rb") as file, pytest.raises(TypeError):
        disk.store(file, read=True)
    with pytest.raises(OddEntryError):
        disk.get(pickle.dumps(TEXT.text), raw=False)
    with pytest.raises(OddEntryError):
        disk.get(b"bytes", raw=True)


@pytest.mark.parametrize("mode", [1, 2, 3, 4, 5])
def test_a_planted_file_name_is_neither_read_nor_removed(
    folder: Path, tmp_path: Path, mode: int
) -> None:
    """By itself diskcache reads such a file on a look-up and removes it on a replacement."""
    secret = tmp_path / "secret.txt"
    with closing(sqlite3.connect(folder / "cache.db")) as connection:
        (entry,) = connection.execute("SELECT value FROM Cache").fetchone()
    # Even with an entry that would be believed in the file.
    secret.write_text(entry, encoding="utf-8")
    plant(
        folder,
        "UPDATE Cache SET mode = :mode, value = NULL, filename = '../secret.txt', size = 3",
        mode=mode,
    )
    with opened(folder) as cache:
        assert cache.get(KEY) is None
        assert cache.acquire(KEY, owner="me", seconds=60)
        assert cache.put(KEY, TEXT)
        assert cache.get(KEY) == TEXT
        cache.release(KEY, owner="me")
    assert secret.read_text(encoding="utf-8") == entry
    assert count(folder, "Cache WHERE filename IS NOT NULL") == 0


def test_a_file_name_on_a_lease_is_not_removed(folder: Path, tmp_path: Path) -> None:
    """Leases are replaced and deleted as texts are."""
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    with opened(folder) as cache:
        assert cache.acquire(KEY, owner="dead", seconds=60)
    plant(folder, "UPDATE Cache SET mode = 3, value = NULL, filename = '../secret.txt'")
    with opened(folder) as cache:
        assert cache.acquire(KEY, owner="me", seconds=60)
        assert not cache.acquire(KEY, owner="you", seconds=60)
        cache.release(KEY, owner="me")
    assert (tmp_path / "secret.txt").exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("value = zeroblob(10)", id="blob"),
        pytest.param("value = NULL", id="null"),
        pytest.param("value = 7", id="number"),
        pytest.param("value = ''", id="empty"),
        pytest.param("value = 'A text'", id="no JSON"),
        pytest.param("value = '[]'", id="no object"),
        pytest.param("value = replace(printf('%60000s', ''), ' ', '[')", id="deep JSON"),
        pytest.param("value = CAST(x'7b22ff' AS TEXT)", id="no UTF-8"),
        pytest.param("value = replace(value, '\"v\":2', '\"v\":3')", id="another version"),
        pytest.param("value = replace(value, '\"v\":2', '\"v\":[]')", id="version is a list"),
        pytest.param("value = replace(value, '\"en\"', '\"\\ud800\"')", id="surrogate in the key"),
        pytest.param("value = replace(value, '\"en\"', '7')", id="wrong type"),
        pytest.param("value = replace(value, '\"v\":2,', '')", id="field missing"),
        pytest.param("value = replace(value, '\"en\"', '\"de\"')", id="another language"),
        pytest.param("value = replace(value, 'red', 'rad')", id="decayed text"),
        pytest.param("value = replace(value, '\"A red', '\"\\ud800')", id="lone surrogate"),
        pytest.param("value = replace(value, '\"A red bicycle\"', '[]')", id="text is a list"),
        pytest.param("mode = 'x'", id="mode is text"),
        pytest.param("mode = NULL", id="mode is null"),
        pytest.param("filename = ''", id="file name is empty"),
        pytest.param("filename = zeroblob(100000)", id="file name is huge"),
        pytest.param("value = printf('%100000s', 'x')", id="value is huge"),
        pytest.param("key = CAST(key AS BLOB)", id="key is a blob"),
        pytest.param("expire_time = 1", id="expired"),
    ],
)
def test_an_odd_entry_is_a_miss_and_is_replaced(folder: Path, change: str) -> None:
    """Whatever is in its place, a text can be stored."""
    plant(folder, f"UPDATE Cache SET {change}")  # noqa: S608
    with opened(folder) as cache:
        assert cache.get(KEY) is None
        assert cache.put(KEY, TEXT)
        assert cache.get(KEY) == TEXT
    assert set_aside(folder) == []


def test_an_entry_copied_to_another_key_is_a_miss(folder: Path) -> None:
    """A picture never gets another picture's text."""
    with opened(folder) as cache:
        cache.put(KEYS[0], StoredAnswer("Another text"))
    plant(
        folder,
        "UPDATE Cache SET value = (SELECT value FROM Cache WHERE value LIKE '%Another%')",
    )
    with opened(folder) as cache:
        assert cache.get(KEY) is None
        assert cache.get(KEYS[0]) == StoredAnswer("Another text")


def test_a_hundred_megabytes_are_refused_before_they_are_read(folder: Path) -> None:
    """The look-up takes no memory for them."""
    huge = "UPDATE Cache SET value = CAST(zeroblob(100000000) AS TEXT)"
    plant(folder, "PRAGMA journal_mode = OFF", huge)
    with opened(folder) as cache:
        assert cache.get(KEYS[0]) is None
        tracemalloc.start()
        try:
            assert cache.get(KEY) is None
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert most < 1_000_000
        assert cache.put(KEY, TEXT)
        assert cache.get(KEY) == TEXT


@pytest.mark.parametrize(
    "setting",
    [
        ("eviction_policy", "least-recently-stored"),
        ("cull_limit", 10),
        ("size_limit", 1),
        ("statistics", 1),
        ("disk_min_file_size", 0),
        ("disk_fetch", "evil"),
        ("disk_unknown", "evil"),
        ("sqlite_journal_mode", "off"),
        ("sqlite_query_only", 1),
        ("sqlite_page_size; DROP TABLE Cache", 1),
        ("_directory", "/"),
        ("get", "evil"),
        ("count", "evil"),
        ("size", b"\x00" * 10_000_000),
        (b"evil", b"evil"),
    ],
    ids=lambda setting: str(setting[0]),
)
def test_a_file_with_planted_settings_is_not_written_to(
    folder: Path, setting: tuple[object, object]
) -> None:
    """By itself diskcache takes attributes, pragmas and arguments from that table."""
    key, value = setting
    plant(folder, "INSERT OR REPLACE INTO Settings VALUES (:key, :value)", key=key, value=value)
    with opened(folder) as cache:
        assert cache.get(KEY) == TEXT
        assert all(cache.put(key, TEXT) for key in KEYS[:5])
        assert [cache.get(key) for key in (KEY, *KEYS[:5])] == [TEXT] * 6
        assert cache.acquire(KEY, owner="me", seconds=60)
        (problem,) = cache.problems()
        assert "1 answer was taken over" in problem
    assert set_aside(folder) == ["cache.db.damaged-1"]
    with closing(diskcache.Cache(str(folder))) as cache:
        assert cache.eviction_policy == "none"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER evil AFTER INSERT ON Cache BEGIN DELETE FROM Cache; END",
        "DROP TABLE Settings",
        "ALTER TABLE Cache ADD COLUMN evil AS (zeroblob(1000000000))",
        "CREATE UNIQUE INDEX evil ON Cache (mode)",
        "CREATE TABLE evil (x)",
        "PRAGMA user_version = 99",
        "ANALYZE",
    ],
)
def test_a_changed_schema_loses_no_text(folder: Path, statement: str) -> None:
    """A trigger or an index could make storing fail unseen."""
    plant(folder, statement)
    with opened(folder) as cache:
        assert cache.get(KEY) == TEXT
        assert all(cache.put(key, TEXT) for key in KEYS[:5])
        assert [cache.get(key) for key in (KEY, *KEYS[:5])] == [TEXT] * 6
        assert len(cache.problems()) == len(set_aside(folder))


def test_a_view_in_place_of_the_table_is_not_read(folder: Path) -> None:
    """A view could compute for ever."""
    plant(
        folder,
        "ALTER TABLE Cache RENAME TO Old",
        "CREATE VIEW Cache AS WITH RECURSIVE n(rowid) AS"
        " (SELECT 1 UNION ALL SELECT rowid + 1 FROM n) SELECT * FROM n",
    )
    with opened(folder) as cache:
        assert cache.get(KEY) is None
        assert cache.put(KEY, TEXT)
    assert set_aside(folder) == ["cache.db.damaged-1"]


def test_another_program_s_database_is_left_as_it_is(tmp_path: Path) -> None:
    """A `cache_dir` that is not ours is told, and not written to."""
    plant(tmp_path, "CREATE TABLE bookmarks (url)")
    before = (tmp_path / "cache.db").read_bytes()
    with opened(tmp_path) as cache:
        assert cache.get(KEY) is None
        assert not cache.put(KEY, TEXT)
        assert "another program" in cache.problems()[0]
    assert (tmp_path / "cache.db").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["cache.db"]


def test_what_a_link_in_the_folder_points_to_is_not_touched(folder: Path, tmp_path: Path) -> None:
    """SQLite would write to it."""
    target = tmp_path / "target"
    target.write_bytes(b"")
    for suffix in ("-wal", "-shm", "-journal", ""):
        link = folder / f"cache.db{suffix}"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        with opened(folder) as cache:
            assert cache.get(KEY) == (TEXT if suffix else None)
            assert cache.put(KEY, TEXT)
        assert target.read_bytes() == b""
    assert sum(path.is_symlink() for path in folder.iterdir()) == 4


def test_a_planted_journal_deletes_no_file(folder: Path, tmp_path: Path) -> None:
    """SQLite deletes the file that a hot journal names as its super-journal."""
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    path = folder / "cache.db-journal"
    size = (folder / "cache.db").stat().st_size
    path.write_bytes(journal(pages=size // 4096, names=precious))
    with opened(folder) as cache:
        assert cache.get(KEY) == TEXT
        assert cache.put(KEYS[0], TEXT)
    assert precious.read_bytes() == b"precious"
    assert [name for name in set_aside(folder) if name.endswith("-journal")]


def test_a_planted_journal_makes_no_huge_file(folder: Path) -> None:
    """SQLite makes the database as long as a journal says that it was."""
    (folder / "cache.db-journal").write_bytes(journal(pages=200_000_000))
    with opened(folder) as cache:
        assert cache.get(KEY) == TEXT
        assert cache.put(KEYS[0], TEXT)
        assert (folder / "cache.db").stat().st_size < 1_000_000


def test_a_journal_of_a_process_that_was_killed_is_undone(tmp_path: Path) -> None:
    """Where there is no write-ahead log, what was stored before must not be lost with it."""
    folder = tmp_path / "cache"
    with opened(folder) as cache:
        assert all(cache.put(key, TEXT) for key in KEYS)
    plant(folder, "PRAGMA journal_mode = DELETE")
    script = """
import sqlite3
connection = sqlite3.connect(sys.argv[1] + "/cache.db", isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE Cache SET value = printf('%5000s', 'x')")
os.kill(os.getpid(), signal.SIGKILL)
"""
    with run_python(script, folder) as process:
        process.communicate(timeout=30)
    assert (folder / "cache.db-journal").stat().st_size > 0
    with opened(folder) as cache:
        assert [cache.get(key) for key in KEYS] == [TEXT] * len(KEYS)
        assert cache.problems() == ()


def test_a_log_that_claims_to_be_huge_makes_no_huge_file(folder: Path) -> None:
    """The last frame of each transaction in a write-ahead log says how many pages there are."""
    with opened(folder) as cache:
        assert cache.get(KEY) == TEXT  # whoever reads keeps the log from being moved
        assert cache.put(KEYS[0], TEXT)
        log = bytearray((folder / "cache.db-wal").read_bytes())
        database = (folder / "cache.db").read_bytes()
    (folder / "cache.db").write_bytes(database)
    (folder / "cache.db-wal").write_bytes(with_pages(log, 200_000_000))
    with opened(folder) as cache:
        cache.get(KEY)
        assert cache.put(KEYS[1], TEXT)
    assert (folder / "cache.db").stat().st_size < 1_000_000


def test_a_packed_cache_takes_little_memory(folder: Path) -> None:
    """A pull request can bring megabytes that unpack to gigabytes."""
    plant(
        folder,
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000)"
        " INSERT INTO Cache (key, raw, mode, value)"
        " SELECT 'answer/' || x, 1, 1, printf('%60000s', x) FROM n",
    )
    tracemalloc.start()
    try:
        with opened(folder) as cache:
            assert cache.get(KEY) == TEXT
            assert list(cache.entries()) == [(KEY, TEXT)]
            assert cache.put(KEYS[0], TEXT)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20_000_000


def test_texts_of_version_0_1_are_found(folder: Path) -> None:
    """They were paid for."""
    old = encode_answer(KEYS[1], StoredAnswer("A blue bicycle")).replace('"v":2', '"v":1')
    plant(
        folder,
        "INSERT INTO Cache (key, raw, mode, value) VALUES (:name, 1, 1, :entry)",
        name=answer_names(KEYS[1])[1],
        entry=old,
    )
    with opened(folder) as cache:
        assert cache.get(KEYS[1]) == StoredAnswer("A blue bicycle")
        assert {key for key, _ in cache.entries()} == {KEY, KEYS[1]}
        assert cache.forget([KEYS[1]]) == 1
        assert cache.get(KEYS[1]) is None


def test_a_field_of_a_later_version_is_ignored(folder: Path) -> None:
    """Two versions can use one folder in turns."""
    plant(folder, 'UPDATE Cache SET value = replace(value, \'"v":2\', \'"v":2,"later":[1]\')')
    with opened(folder) as cache:
        assert cache.get(KEY) == TEXT


# decay


def damage(database: Path, kind: str) -> None:
    """Cut a database after so many bytes, or overwrite it."""
    content = database.read_bytes()
    if kind == "random bytes":
        content = random.Random(1).randbytes(len(content))  # noqa: S311
    elif kind == "text":
        content = b"This is not a database. " * 500
    elif kind == "pages":
        content = content[:4096] + bytes(len(content) - 4096)
    else:
        content = content[: int(kind)]
    database.write_bytes(content)


@pytest.mark.parametrize(
    "kind",
    ["random bytes", "text", "pages", "50", "100", "512", "4095", "4096", "9000"],
)
def test_a_damaged_database_is_set_aside_and_a_new_one_begun(folder: Path, kind: str) -> None:
    """The old file is kept as it was; the one sentence names folder and file."""
    damage(folder / "cache.db", kind)
    damaged = (folder / "cache.db").read_bytes()
    with opened(folder) as cache:
        assert cache.get(KEY) is None
        assert cache.put(KEY, TEXT)
        assert cache.get(KEY) == TEXT
        (problem,) = cache.problems()
    assert str(folder) in problem
    assert "cache.db.damaged-1" in problem
    if kind in {"random bytes", "text"}:
        assert "no answer was taken over" in problem
    assert (folder / "cache.db.damaged-1").read_bytes() == damaged
    with opened(folder) as cache:
        assert cache.get(KEY) == TEXT
        assert cache.problems() == ()


@pytest.mark.parametrize(
    ("kind", "most_lost"), [("a page", 30), ("the index", 0), ("the half", 250)]
)
def test_what_stands_on_sound_pages_is_taken_over(folder: Path, kind: str, most_lost: int) -> None:
    """Each answer was paid for. The sentence says how many there are."""
    many = [KEY._replace(sha256=f"{number:064x}") for number in range(400)]
    with opened(folder) as cache:
        assert cache.put_all(dict.fromkeys(many, TEXT))
    database = folder / "cache.db"
    with closing(sqlite3.connect(database)) as connection:
        find = "SELECT rootpage FROM sqlite_master WHERE name = 'Cache_key_raw'"
        index, size = (
            connection.execute(each).fetchone()[0] for each in (find, "PRAGMA page_size")
        )
    content = database.read_bytes()
    if kind == "the half":
        content = content[: len(content) // 2]
    else:
        middle = content.index(f'"sha256":"{200:064x}'.encode()) // size
        start = size * (middle if kind == "a page" else index - 1)
        content = content[:start] + b"\xff" * size + content[start + size :]
    database.write_bytes(content)
    with opened(folder) as cache:
        found = sum(cache.get(key) == TEXT for key in many)
        assert len(many) - most_lost <= found
        (problem,) = cache.problems()
    assert f", and {found + 1} answers were taken over from it" in problem


def test_who_is_killed_while_replacing_a_database_loses_nothing(folder: Path) -> None:
    """Wherever it is: each change of a name may be its last."""
    with opened(folder) as cache:
        assert all(cache.put(key, TEXT) for key in KEYS)
    odd = folder / "cache.db"
    plant(folder, "CREATE TABLE Mine (x)", "PRAGMA wal_checkpoint(TRUNCATE)")
    content = odd.read_bytes()
    script = """
left = int(sys.argv[2])
def hook(event, arguments):
    global left
    if event == 'os.rename' and 'cache.db' in str(arguments[0]):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
cache.acquire(KEY, owner='me', seconds=60)
"""
    statuses: list[int] = []
    while 0 not in statuses:
        for path in folder.iterdir():
            if path.is_file():
                path.unlink()
        odd.write_bytes(content)
        with run_python(script, folder, len(statuses)) as process:
            process.communicate(timeout=30)
        statuses.append(process.returncode)
        with opened(folder) as cache:
            assert all(cache.get(key) == TEXT for key in KEYS)
    assert statuses.count(-signal.SIGKILL) > 3


def test_what_was_read_is_stored_again_when_the_folder_is_removed(folder: Path) -> None:
    """A new file may get the number of the one that is gone."""
    for _ in range(5):
        with opened(folder) as cache:
            assert cache.get(KEY) == TEXT
            shutil.rmtree(folder)
            assert cache.put(KEYS[1], TEXT)
            shutil.rmtree(folder)
            assert cache.put(KEYS[2], TEXT)
        with opened(folder) as cache:
            assert [cache.get(key) for key in (KEY, *KEYS[1:3])] == [TEXT] * 3


def test_what_is_forgotten_does_not_come_back_with_a_new_file(folder: Path) -> None:
    """It is not known any more."""
    with opened(folder) as cache:
        assert cache.get(KEY) == TEXT
        assert cache.forget([KEY]) == 1
        shutil.rmtree(folder)
        assert cache.put(KEYS[1], TEXT)
        assert cache.get(KEY) is None


def test_an_empty_file_is_an_empty_cache(folder: Path) -> None:
    """Nothing is lost with it, so nothing is said."""
    (folder / "cache.db").write_bytes(b"")
    with opened(folder) as cache:
        assert cache.get(KEY) is None
        assert cache.put(KEY, TEXT)
        assert cache.problems() == ()


def test_an_empty_file_beside_a_log_is_set_aside_with_it(folder: Path) -> None:
    """SQLite deletes a log beside an empty file."""
    (folder / "cache.db").write_bytes(b"")
    (folder / "cache.db-wal").write_bytes(b"what was paid for")
    with opened(folder) as cache:
        assert cache.put(KEY, TEXT)
        assert len(cache.problems()) == 1
    assert (folder / "cache.db.damaged-1-wal").read_bytes() == b"what was paid for"


def test_nothing_that_was_set_aside_is_replaced(folder: Path) -> None:
    """Each gets a name of its own."""
    for number in range(3):
        (folder / "cache.db").write_bytes(b"damage %d " % number * 1000)
        with opened(folder) as cache:
            assert cache.put(KEY, TEXT)
    for number in range(3):
        database = folder / f"cache.db.damaged-{number + 1}"
        assert database.read_bytes() == b"damage %d " % number * 1000


@pytest.mark.parametrize("content", [b"", b"x" * 10, b"x" * 100_000])
def test_a_damaged_log_costs_at_most_what_it_held(folder: Path, content: bytes) -> None:
    """What was in the database already is still found."""
    (folder / "cache.db-wal").write_bytes(content)
    (folder / "cache.db-shm").write_bytes(content)
    with opened(folder) as cache:
        assert cache.get(KEY) == TEXT
        assert cache.put(KEYS[0], TEXT)
        assert cache.problems() == ()


def test_a_log_cut_at_any_point_costs_at_most_what_it_held(tmp_path: Path) -> None:
    """A process killed by SIGKILL leaves its log behind; a full disk may have cut it."""
    folder = tmp_path / "cache"
    script = "[cache.put(key, TEXT) for key in KEYS]; os.kill(os.getpid(), signal.SIGKILL)"
    with run_python(script, folder) as process:
        process.communicate(timeout=30)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    found = []
    for part in range(5):
        cut = tmp_path / f"cut {part}"
        cut.mkdir()
        for name, content in files.items():
            kept = len(content) * part // 4 + part if name == "cache.db-wal" else len(content)
            (cut / name).write_bytes(content[:kept])
        with opened(cut) as cache:
            found.append(sum(cache.get(key) == TEXT for key in KEYS))
            assert cache.put(KEY, TEXT)
            assert cache.get(KEY) == TEXT
    assert found == sorted(found)
    assert found[-1] == len(KEYS)


def test_random_damage_never_raises_and_never_yields_another_text(tmp_path: Path) -> None:
    """And what is stored afterwards stays stored, although damage may show late."""
    folder = tmp_path / "cache"
    with opened(folder) as cache:
        for key in KEYS:
            cache.put(key, StoredAnswer(key.service))
    good = (folder / "cache.db").read_bytes()
    for seed in range(20):
        chance = random.Random(seed)  # noqa: S311
        content = bytearray(good)
        for _ in range(chance.choice([1, 5, 200])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        for path in folder.iterdir():
            path.unlink()
        (folder / "cache.db").write_bytes(content)
        with opened(folder) as cache:
            for key in KEYS:
                assert cache.get(key) in {StoredAnswer(key.service), None}
            for key in KEYS[:5]:
                assert cache.put(key, StoredAnswer(key.service))
        with opened(folder) as cache:
            for key in KEYS[:5]:
                assert cache.get(key) == StoredAnswer(key.service)


def test_damage_under_way_is_set_aside_once_by_two_stores(folder: Path) -> None:
    """The other cache takes over the new file, and what it stored before is stored anew."""
    with opened(folder) as first, opened(folder) as second:
        assert second.get(KEY) == TEXT
        assert all(first.put(key, TEXT) for key in KEYS)
        plant(folder, "PRAGMA wal_checkpoint(TRUNCATE)")
        with (folder / "cache.db").open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (folder / "cache.db").stat().st_size)
        assert {second.get(key) for key in KEYS} == {None}
        assert "set aside" in second.problems()[0]
        assert first.get(KEY) == TEXT  # which the second had read
        assert first.put(KEY, StoredAnswer("A new text"))
        assert second.get(KEY) == StoredAnswer("A new text")
        assert [second.get(key) for key in KEYS] == [TEXT] * len(KEYS)
        assert first.problems() == ()
    assert [name for name in set_aside(folder) if name[-1].isdecimal()] == ["cache.db.damaged-1"]


def test_damage_between_two_calls_of_a_closed_store_loses_nothing_it_stored(folder: Path) -> None:
    """What an object stored is stored anew when its file turns out to be damaged."""
    with opened(folder) as cache:
        assert cache.put(KEYS[0], TEXT)
        cache.close()
        damage(folder / "cache.db", "random bytes")
        assert cache.put(KEYS[1], TEXT)
    with opened(folder) as cache:
        assert cache.get(KEYS[0]) == TEXT
        assert cache.get(KEYS[1]) == TEXT


def test_a_database_is_opened_by_one_process_at_a_time(folder: Path) -> None:
    """Else one could set aside what another has just begun."""
    cache = DiskCache(folder, busy_seconds=0.05)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        assert not cache.put(KEYS[0], TEXT)
        assert cache.get(KEY) is None
    finally:
        os.close(descriptor)
    cache.close()
    assert "is locked by" in cache.problems()[0]
    with opened(folder) as later:
        assert later.get(KEYS[0]) == TEXT


# a bad folder


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    """The folder cannot be made."""
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    with opened(tmp_path / "cache") as cache:
        assert_unusable(cache)


def test_a_folder_in_place_of_the_database(tmp_path: Path) -> None:
    """The database cannot be made."""
    (tmp_path / "cache.db").mkdir()
    with opened(tmp_path) as cache:
        assert_unusable(cache)
    assert (tmp_path / "cache.db").is_dir()


def test_a_pipe_in_place_of_the_database(tmp_path: Path) -> None:
    """Nothing waits for it."""
    os.mkfifo(tmp_path / "cache.db")
    with opened(tmp_path) as cache:
        assert_unusable(cache)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder nobody may fill")
def test_a_folder_that_nobody_may_make() -> None:
    """Not even root."""
    with opened(Path("/proc/alttext")) as cache:
        assert_unusable(cache)


def assert_unusable(cache: DiskCache) -> None:
    """Check that a build goes on without this cache, and is told once."""
    assert cache.get(KEY) is None
    assert_no_lease(cache, KEY)
    assert not cache.put(KEY, TEXT)
    cache.release(KEY, owner="me")
    assert sum("cannot be used" in problem for problem in cache.problems()) == 1


def assert_no_lease(cache: DiskCache, key: CaptionKey) -> None:
    """Check that nobody is invited to pay for what cannot be kept."""
    with pytest.raises(StoreError):
        cache.acquire(key, owner="me", seconds=60)


@pytest.fixture
def unprivileged_folder() -> Iterator[Path]:
    """Return a folder for tests that obey file modes, which root does not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Obey file modes for a while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize("left_by", ["a closed cache", "a killed process", "an open cache"])
def test_a_read_only_cache_is_still_read(unprivileged_folder: Path, left_by: str) -> None:
    """A CI job may be given the cache of another."""
    folder = unprivileged_folder / "cache"
    writer = DiskCache(folder)
    assert writer.put(KEY, TEXT)
    if left_by == "a killed process":
        copies = {path.name: path.read_bytes() for path in folder.iterdir()}
        writer.close()
        for name, content in copies.items():
            (folder / name).write_bytes(content)
    elif left_by == "a closed cache":
        writer.close()
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    with unprivileged(), opened(folder) as cache:
        assert cache.get(KEYS[0]) is None
        # What a killed process left in its log may need a writer to be found.
        assert cache.get(KEY) == TEXT or left_by == "a killed process"
        assert cache.problems() == ()
        assert_no_lease(cache, KEYS[0])
        assert not cache.put(KEYS[0], TEXT)
        assert [problem for problem in cache.problems() if "read-only" in problem]
    folder.chmod(0o755)
    writer.close()


def test_a_cache_that_may_not_be_read_is_a_miss(unprivileged_folder: Path) -> None:
    """Neither the folder nor the file."""
    folder = unprivileged_folder / "cache"
    with opened(folder) as cache:
        cache.put(KEY, TEXT)
    folder.chmod(0)
    with unprivileged(), opened(folder) as cache:
        assert_unusable(cache)
    folder.chmod(0o755)
    (folder / "cache.db").chmod(0)
    with unprivileged(), opened(folder) as cache:
        assert_unusable(cache)


@contextmanager
def no_room() -> Iterator[None]:
    """Let every file refuse to grow."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_without_room_texts_are_found_and_what_was_paid_for_is_stored_later(folder: Path) -> None:
    """What could not be stored is kept in memory until it can."""
    now = 1000.0
    with closing(DiskCache(folder, clock=lambda: now)) as cache:
        assert cache.get(KEY) == TEXT
        with no_room():
            assert cache.get(KEY) == TEXT
            assert not cache.put(KEYS[0], TEXT)
            assert not cache.put(KEYS[1], TEXT)
            assert_no_lease(cache, KEYS[2])
            assert cache.get(KEYS[0]) == TEXT
            problems = cache.problems()
        now += 3600
        assert cache.acquire(KEYS[2], owner="me", seconds=60)
        assert cache.put(KEYS[2], TEXT)
    assert len(problems) == 2
    assert "lacks 2 texts" in problems[1]
    with opened(folder) as cache:
        assert [cache.get(key) for key in KEYS[:3]] == [TEXT] * 3


def test_a_full_disk_is_told_as_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's own fault for a full disk, by its limit on a file's pages."""

    class Limited(sqlite3.Connection):
        def execute(self, *arguments: object) -> sqlite3.Cursor:
            super().execute("PRAGMA max_page_count = 1")
            return super().execute(*arguments)  # type: ignore[arg-type]

    connect = sqlite3.connect

    def connect_limited(database: object, **options: object) -> sqlite3.Connection:
        factory = sqlite3.Connection if database == ":memory:" else Limited
        return connect(database, factory=factory, **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(sqlite3, "connect", connect_limited)
    with opened(folder) as cache:
        refused = [key for key in KEYS if not cache.put(key, StoredAnswer("x" * 4000))]
        assert refused
        assert cache.get(KEY) == TEXT
        assert "full disk" in cache.problems()[0]


@pytest.mark.parametrize("exclusive", [False, True])
def test_a_locked_database_is_waited_for_once(folder: Path, *, exclusive: bool) -> None:
    """Not once for each image; and afterwards all is stored."""
    now = 1000.0
    cache = DiskCache(folder, clock=lambda: now, busy_seconds=0.1)
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as other:
        if exclusive:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE Cache SET access_count = 1")
        begun = time.monotonic()
        for key in KEYS:
            assert cache.get(key) is None
            assert_no_lease(cache, key)
            assert not cache.put(key, TEXT)
        # A lock does not keep anyone from reading, unless it is meant to.
        assert cache.get(KEY) == (None if exclusive else TEXT)
        assert time.monotonic() - begun < 1.0
        assert sum("is locked by" in problem for problem in cache.problems()) == 1
        other.execute("ROLLBACK")
    now += 3600
    assert cache.put(KEY, TEXT)
    assert cache.get(KEY) == TEXT
    cache.close()
    with opened(folder) as later:
        assert [later.get(key) for key in KEYS] == [TEXT] * len(KEYS)


def test_a_lease_makes_reading_fresh(folder: Path) -> None:
    """A cache that could not be read is left alone; what was paid for meanwhile is found."""
    with closing(DiskCache(folder, clock=lambda: 1000.0, busy_seconds=0.05)) as cache:
        with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("BEGIN EXCLUSIVE")
            assert cache.get(KEY) is None
            other.execute("ROLLBACK")
        with opened(folder) as another:
            assert another.put(KEYS[0], TEXT)
        assert cache.get(KEYS[0]) is None
        assert cache.acquire(KEYS[0], owner="me", seconds=60)
        assert cache.get(KEYS[0]) == TEXT


def test_what_a_lock_kept_out_is_stored_by_closing(folder: Path) -> None:
    """A build that ends after a backup program has what it paid for."""
    cache = DiskCache(folder, busy_seconds=0.05)
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert not cache.put(KEYS[0], TEXT)
    cache.close()
    with opened(folder) as later:
        assert later.get(KEYS[0]) == TEXT


# processes


def test_processes_share_a_folder(tmp_path: Path) -> None:
    """Four builds begin at once on a folder whose database is damaged."""
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "cache.db").write_bytes(random.Random(1).randbytes(20_000))  # noqa: S311
    script = """
sys.stdin.readline()
mine = [key._replace(language=sys.argv[2]) for key in KEYS[:50]]
stored = [cache.put(key, TEXT) for key in mine]
leased = cache.acquire(KEY, owner=sys.argv[2], seconds=60)
found = [cache.get(key) for key in mine]
print(all(stored), set(found) == {TEXT}, leased, *cache.problems(), flush=True)
sys.stdin.readline()
cache.close()
"""
    processes = [run_python(script, folder, language) for language in ("de", "en", "fr", "it")]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    # All live until all have answered: a dead holder's lease would be free.
    answers = [
        process.stdout.readline().split(maxsplit=3) for process in processes if process.stdout
    ]
    for process in processes:
        process.communicate("end\n", timeout=30)
    assert [answer[:2] for answer in answers] == [["True", "True"]] * 4
    assert sorted(answer[2].strip() for answer in answers) == ["False"] * 3 + ["True"]
    with opened(folder) as cache:
        for language in ("de", "en", "fr", "it"):
            found = [cache.get(key._replace(language=language)) for key in KEYS[:50]]
            assert found == [TEXT] * 50
    assert set_aside(folder) == ["cache.db.damaged-1"]


def test_a_killed_process_loses_no_text_and_no_lease_time(folder: Path) -> None:
    """Its text is there, and nobody waits for its lease to expire."""
    script = """
cache.put(KEYS[0], TEXT)
cache.acquire(KEY, owner="killed", seconds=600)
print("done", flush=True)
sys.stdin.readline()
"""
    with run_python(script, folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        with opened(folder) as cache:
            assert not cache.acquire(KEY, owner="me", seconds=60)
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)
            assert cache.get(KEYS[0]) == TEXT
            assert cache.acquire(KEY, owner="me", seconds=60)


def test_a_stopped_process_keeps_nobody_waiting_beyond_its_lease(folder: Path) -> None:
    """What it had sent is told, and may be charged twice: that is the price."""
    script = """
cache.acquire(KEY, owner="stopped", seconds=60)
cache.mark_sent(KEY, owner="stopped")
print("done", flush=True)
sys.stdin.readline()
"""
    with run_python(script, folder) as process, opened(folder) as cache:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        process.send_signal(signal.SIGSTOP)
        assert not cache.acquire(KEY, owner="me", seconds=60)
        plant(folder, "UPDATE Cache SET expire_time = expire_time - 60")
        assert cache.acquire(KEY, owner="me", seconds=60)
        assert cache.unanswered(owner="me") == 1
        assert cache.mark_sent(KEY, owner="me") == 0
        process.send_signal(signal.SIGCONT)
        process.communicate("", timeout=30)


@pytest.mark.parametrize(
    ("place", "value", "is_free"),
    [
        pytest.param(2, 2**22 + 1, True, id="no such process"),
        pytest.param(2, 10**30, True, id="no such number"),
        pytest.param(2, -1, True, id="not a process"),
        pytest.param(2, True, True, id="wrong type"),
        pytest.param(3, 1, True, id="the number is another process's now"),
        pytest.param(3, 0, False, id="start not known"),
        pytest.param(1, "elsewhere", False, id="another machine's process"),
        pytest.param(0, None, True, id="nobody"),
    ],
)
def test_whose_lease_may_be_taken(
    folder: Path, place: int, value: object, *, is_free: bool
) -> None:
    """A dead holder's, and one that is not to be believed."""
    with opened(folder) as cache:
        cache.acquire(KEY, owner="other", seconds=MOST_SECONDS * 2)
        assert not cache.acquire(KEY, owner="me", seconds=60)
    with closing(sqlite3.connect(folder / "cache.db")) as connection, connection:
        query = "SELECT value FROM Cache WHERE key LIKE 'lease/%'"
        fields = json.loads(connection.execute(query).fetchone()[0])
        fields[place] = value
        change = "UPDATE Cache SET value = ? WHERE key LIKE 'lease/%'"
        connection.execute(change, (json.dumps(fields),))
    with opened(folder) as cache:
        assert cache.acquire(KEY, owner="me", seconds=60) is is_free


@pytest.mark.parametrize("end", ["NULL", "9e9", "'soon'", "zeroblob(9)", "unixepoch() + 1000"])
def test_a_lease_whose_end_cannot_be_right_is_not_believed(folder: Path, end: str) -> None:
    """It would keep each build waiting."""
    with opened(folder) as cache:
        cache.acquire(KEY, owner="other", seconds=60)
        plant(folder, f"UPDATE Cache SET expire_time = {end} WHERE key LIKE 'lease/%'")  # noqa: S608
        assert cache.acquire(KEY, owner="me", seconds=60)
        assert not cache.acquire(KEY, owner="other", seconds=60)


def test_what_killed_processes_had_sent_is_counted_until_somebody_is_told(folder: Path) -> None:
    """Also what the second had taken over from the first, though it got the answer."""
    first = "cache.acquire(KEYS[1], owner='1', seconds=60); cache.mark_sent(KEYS[1], owner='1')"
    second = """
assert cache.unanswered(owner='2') == 1
cache.acquire(KEYS[1], owner='2', seconds=60)
cache.mark_sent(KEYS[1], owner='2')
cache.put(KEYS[1], TEXT, owner='2')
cache.acquire(KEYS[2], owner='2', seconds=60)
cache.mark_sent(KEYS[2], owner='2')
"""
    for script in (first, second):
        with run_python(f"{script}\nos.kill(os.getpid(), signal.SIGKILL)", folder) as process:
            process.communicate(timeout=30)
    with opened(folder) as cache:
        assert cache.unanswered(owner="me") == 2
        cache.told(owner="me")
        assert cache.unanswered(owner="you") == 0
        assert cache.problems() == ()


def test_what_a_build_has_to_tell_stays_its_own_while_others_ask_again(folder: Path) -> None:
    """Another one asks for the same and has its answer; then the first is killed."""
    first = "cache.mark_sent(KEYS[1], owner='1'); os.kill(os.getpid(), signal.SIGKILL)"
    second = """
print(cache.unanswered(owner='2'), flush=True)
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""
    with run_python(first, folder) as process:
        process.communicate(timeout=30)
    with opened(folder) as cache:
        with run_python(second, folder) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "1\n"
            assert cache.acquire(KEYS[1], owner="3", seconds=60)
            assert cache.mark_sent(KEYS[1], owner="3") == 0
            assert cache.put(KEYS[1], TEXT, owner="3")
            cache.told(owner="3")
            assert cache.unanswered(owner="me") == 0
            process.communicate("", timeout=30)
        assert cache.unanswered(owner="me") == 1
        cache.told(owner="me")
    assert count(folder, "Cache WHERE key LIKE 'sent/%'") == 0


def test_each_of_a_killed_processs_requests_is_counted(folder: Path) -> None:
    """Also of two for one picture, as the first may have been charged for nothing."""
    script = """
cache.acquire(KEYS[1], owner='1', seconds=60)
for is_charged in (True, False, True):
    cache.mark_sent(KEYS[1], owner='1')
    cache.end_request(KEYS[1], owner='1', is_charged=is_charged)
cache.mark_sent(KEYS[1], owner='1')
os.kill(os.getpid(), signal.SIGKILL)
"""
    with run_python(script, folder) as process:
        process.communicate(timeout=30)
    with opened(folder) as cache:
        assert cache.unanswered(owner="me") == 3


def test_what_is_stored_late_ends_its_lease_and_its_mark(folder: Path) -> None:
    """Else the next build would wait for it, and tell of a request that was answered."""
    with opened(folder) as cache:
        assert cache.acquire(KEYS[1], owner="me", seconds=60)
        cache.mark_sent(KEYS[1], owner="me")
        with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert not cache.put(KEYS[1], TEXT, owner="me")
    assert count(folder, "Cache WHERE key NOT LIKE 'answer/%'") == 0
    assert count(folder, "Cache") == 2


@pytest.mark.parametrize("text", ["", "x", "[]", '["x", true, 0]', "[[], true, 1]"])
def test_an_odd_mark_stands_for_nothing(folder: Path, text: str) -> None:
    """Somebody planted it."""
    with opened(folder) as cache:
        cache.mark_sent(KEY, owner="other")
    plant(folder, "UPDATE Cache SET value = :text WHERE key LIKE 'sent/%'", text=text)
    with opened(folder) as cache:
        assert cache.unanswered(owner="me") == 0
        assert cache.mark_sent(KEY, owner="me") == 0
        assert cache.mark_sent(KEY, owner="you") == 1
