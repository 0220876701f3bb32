"""The store on disk when its folder is shared, attacked, decayed, locked, full or gone."""

from __future__ import annotations

import fcntl
import gc
import hashlib
import json
import os
import pickle
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import diskcache
import pytest

import mkdocs_alttext
from mkdocs_alttext.captions import CaptionKey
from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.stores.disk import DiskStore
from mkdocs_alttext.stores.faults import CacheError
from mkdocs_alttext.stores.lease import MAX_LEASE_SECONDS
from mkdocs_alttext.stores.plain_rows import plain_entry
from mkdocs_alttext.stores.schema import KNOWN, MODE_TEXT, digest_of, read_schema
from mkdocs_alttext.stores.text_cache import TextCache, TextDisk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = CaptionKey(hashlib.sha256(b"a picture").hexdigest(), "en", "alttextai")
KEYS = [KEY._replace(service=f"service {number}") for number in range(60)]
TEXT = "A red bicycle"
ROOT = Path(mkdocs_alttext.__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a cache folder that holds `TEXT` under `KEY`, and nothing open."""
    folder = tmp_path / "cache"
    with opened(folder) as store:
        assert store.put(KEY, TEXT)
    return folder


@contextmanager
def opened(folder: Path) -> Iterator[DiskStore]:
    """Have a store that waits for nobody, and close it."""
    with closing(DiskStore(folder, busy_seconds=0.05)) as store:
        yield store


def plant(folder: Path, *statements: str, **values: object) -> None:
    """Change a cache's database behind the store's back."""
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for statement in statements:
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(statement, used)


def commits(folder: Path) -> int:
    """Count the transactions in a write-ahead log: the last frame of each tells a size.

    See https://www.sqlite.org/fileformat2.html#walformat.
    """
    log = (folder / "cache.db-wal").read_bytes()
    frame = 24 + int.from_bytes(log[8:12], "big")
    return sum(any(log[at + 4 : at + 8]) for at in range(32, len(log), frame))


def store_at_once(
    folder: Path,
    keys: list[CaptionKey],
    hold: Callable[[], object] = int,
    let_go: Callable[[], object] = int,
) -> tuple[list[bool], int]:
    """Have each text stored by a thread of its own; all come while the store is at work.

    Args:
        folder: Where.
        keys: What to store, each with its lease.
        hold: Called when all have come.
        let_go: Called when all have been answered.

    Returns:
        Whether each was stored, and how many transactions that took.
    """
    stored = [False] * len(keys)

    def put(at: int) -> None:
        stored[at] = store.put(keys[at], TEXT, owner="me")

    threads = [threading.Thread(target=put, args=(at,)) for at in range(len(keys))]

    def clock() -> float:
        if is_ready.is_set() and not threads[0].ident:
            for thread in threads:
                thread.start()
            # Nothing outside tells that a thread waits for the store.
            while len(store._paid._arrived) < len(keys):  # noqa: SLF001 - see above
                pass
            hold()
        return time.time()

    is_ready = threading.Event()
    with closing(DiskStore(folder, clock=clock, busy_seconds=0.05)) as store:
        for key in keys:
            assert store.acquire(key, owner="me", seconds=60)
        before = commits(folder)
        is_ready.set()
        with suppress(StoreError):
            before += store.acquire(KEYS[-1], owner="me", seconds=60)
        for thread in threads:
            thread.join()
        let_go()
        return stored, commits(folder) - before


def count(folder: Path, where: str) -> int:
    """Count the rows of a cache."""
    with closing(sqlite3.connect(folder / "cache.db")) as connection:
        (number,) = connection.execute(f"SELECT count(*) FROM {where}").fetchone()  # noqa: S608
    return int(number)


def set_aside(folder: Path) -> list[str]:
    """Return the names of what was set aside."""
    return sorted(path.name for path in folder.iterdir() if "damaged" in path.name)


def run_python(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a process that has `store` on the folder named first, `KEY`, `KEYS` and `TEXT`."""
    prelude = f"""
import os, signal, sys
from pathlib import Path
from mkdocs_alttext.captions import CaptionKey
from mkdocs_alttext.stores.disk import DiskStore
KEY = CaptionKey({KEY.sha256!r}, "en", "alttextai")
KEYS = [KEY._replace(service=f"service {{number}}") for number in range({len(KEYS)})]
TEXT = {TEXT!r}
store = DiskStore(Path(sys.argv[1]))
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
    script = "store.close(); print('sqlite3' in sys.modules, 'diskcache' in sys.modules)"
    with run_python(script, tmp_path / "cache") as process:
        output, _ = process.communicate(timeout=30)
    assert output == "False False\n"
    assert list(tmp_path.iterdir()) == []


def test_finding_a_text_imports_no_diskcache(folder: Path) -> None:
    """A build that finds all it needs reads the database, and makes none to compare it with."""
    script = "print(store.get(KEY), 'diskcache' in sys.modules); store.close()"
    with run_python(script, folder) as process:
        output, _ = process.communicate(timeout=30)
    assert output == f"{TEXT} False\n"


def test_missing_a_text_imports_no_diskcache(folder: Path) -> None:
    """A site with one picture that cannot be sent, or no key to send it with, looks in vain."""
    missed = "KEY._replace(language='de')"
    script = f"print(store.get({missed}), 'diskcache' in sys.modules); store.close()"
    with run_python(script, folder) as process:
        output, _ = process.communicate(timeout=30)
    assert output == "None False\n"


def test_what_is_known_of_diskcache_is_what_it_makes() -> None:
    """A release that makes its tables otherwise is noticed here; builds only take longer then."""
    made = TextCache()
    assert digest_of(made.schema, made.settings) == KNOWN
    assert diskcache.core.MODE_RAW == MODE_TEXT


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE Settings SET value = 1 WHERE key = 'cull_limit'",
        "DELETE FROM Settings WHERE key = 'disk_min_file_size'",
        "UPDATE Settings SET value = 'many' WHERE key = 'count'",
        "DROP INDEX Cache_expire_time",
        "CREATE INDEX other ON Cache (value)",
        "CREATE TABLE other (x)",
    ],
)
def test_a_file_that_differs_is_not_taken_for_known(folder: Path, change: str) -> None:
    """It is compared with what diskcache makes, and put right as far as it has to be."""
    plant(folder, change)
    with closing(sqlite3.connect(folder / "cache.db")) as connection:
        settings = connection.execute("SELECT key, value FROM Settings ORDER BY rowid").fetchall()
        assert digest_of(read_schema(connection), settings) != KNOWN
    with opened(folder) as store:
        assert store.get(KEY) == TEXT
        assert store.put(KEYS[1], TEXT)
        assert store.problems() == ()
    assert set_aside(folder) == []


def test_looking_up_leaves_no_folder(tmp_path: Path) -> None:
    """A dry run leaves nothing behind."""
    with opened(tmp_path / "cache") as store:
        assert store.get(KEY) is None
        store.release(KEY, owner="me")
        assert store.problems() == ()
    assert list(tmp_path.iterdir()) == []


def test_storing_makes_the_folder_with_its_parents(tmp_path: Path) -> None:
    """A folder is named as it is: diskcache would expand `$HOME` and `~`."""
    folder = tmp_path / "$HOME" / "~" / "50 %" / "cache?#"
    with opened(folder) as store:
        assert store.put(KEY, TEXT)
    assert [path.name for path in folder.iterdir()] == ["cache.db"]
    assert [path.name for path in tmp_path.iterdir()] == ["$HOME"]


def test_a_linked_folder_is_fine(folder: Path, tmp_path: Path) -> None:
    """A cache may live on another disk."""
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    with opened(tmp_path / "link") as store:
        assert store.get(KEY) == TEXT
        assert store.put(KEYS[0], TEXT)


def test_closing_leaves_no_connection_of_any_thread(folder: Path) -> None:
    """By itself diskcache leaves one for each thread, which Python 3.13 warns of."""
    script = """
import gc, sqlite3, threading
threads = [threading.Thread(target=store.put, args=(key, TEXT)) for key in KEYS[:8]]
for thread in threads: thread.start()
for thread in threads: thread.join()
store.close()
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
    store = DiskStore(folder)
    store.close()
    assert store.put(KEYS[0], TEXT)
    assert store.get(KEYS[0]) == TEXT
    gc.collect()
    assert [path.name for path in folder.iterdir()] == ["cache.db"]


def test_threads_that_wait_to_store_have_it_done_in_one_transaction(folder: Path) -> None:
    """Each would wait for the disk, one after the other, while the site is rendered beside them."""
    assert store_at_once(folder, KEYS[:4]) == ([True] * 4, 1)
    assert count(folder, "Cache WHERE key LIKE 'lease:%'") == 1  # the one that was taken last
    with opened(folder) as store:
        assert [store.get(key) for key in KEYS[:4]] == [TEXT] * 4


def test_texts_that_wait_together_are_kept_until_they_can_be_stored(folder: Path) -> None:
    """What was paid for is not lost when another program holds the file for a while."""
    file = folder / "cache.db"
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        hold = partial(other.execute, "BEGIN IMMEDIATE")
        assert store_at_once(folder, KEYS[:4], hold, other.rollback) == ([False] * 4, 0)
    with opened(folder) as store:
        assert [store.get(key) for key in KEYS[:4]] == [TEXT] * 4


def test_diskcache_itself_reads_the_cache_and_evicts_nothing_from_it(folder: Path) -> None:
    """The file stays one that diskcache and its tools can open."""
    with closing(diskcache.Cache(str(folder))) as cache:
        (name,) = list(cache)
        assert json.loads(cache[name])["text"] == TEXT
        assert (cache.eviction_policy, cache.cull_limit) == ("none", 0)
    with opened(folder) as store:
        assert store.get(KEY) == TEXT
        assert store.problems() == ()


def test_rows_are_those_that_diskcache_writes(folder: Path) -> None:
    """They are written with one statement instead of its three, and must not differ."""
    with closing(diskcache.Cache(str(folder), disk=TextDisk)) as cache:
        (name,) = list(cache)
        cache.set("other", cache[name])
    with closing(sqlite3.connect(folder / "cache.db")) as connection:
        ours, theirs = connection.execute(
            "SELECT raw, expire_time, access_count, tag, size, mode, filename, value FROM Cache"
        ).fetchall()
    assert ours == theirs


def test_an_entry_that_cannot_be_replaced_is_not_said_to_be_stored() -> None:
    """Nobody may use what was paid for before it is kept."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        cache = TextCache()
        for item in cache.schema.values():
            if item.sql and item.type == "table":
                connection.execute(item.sql)
        refuse = "SELECT RAISE(ABORT, 'refused')"
        connection.execute(f"CREATE TRIGGER t BEFORE INSERT ON Cache BEGIN {refuse}; END")
        cache.attach(connection)
        with pytest.raises(sqlite3.IntegrityError):
            cache.replace("name", TEXT)


def test_of_two_rows_neither_is_taken_for_the_entry() -> None:
    """A decayed index can yield both, and one may be long replaced."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(TextCache().schema["Cache"].sql or "")
        insert = "INSERT INTO Cache (key, raw, mode, value) VALUES ('name', 1, ?, 'text')"
        connection.execute(insert, (MODE_TEXT,))
        assert plain_entry(connection, "name") == (True, "text")
        connection.execute(insert, (MODE_TEXT,))
        assert plain_entry(connection, "name") == (False, None)


def test_what_was_read_ahead_is_read_again_once_there_is_something_to_buy(folder: Path) -> None:
    """Buying takes time, in which others write."""
    with opened(folder) as store:
        assert store.get(KEY) == TEXT
        plant(folder, "DELETE FROM Cache")
        assert store.acquire(KEYS[0], owner="me", seconds=60)
        assert store.get(KEY) is None


@pytest.mark.parametrize("was_leased", [True, False])
@pytest.mark.parametrize("moment", range(1, 6))
def test_one_of_two_gets_a_lease_whenever_the_other_comes(
    folder: Path, moment: int, *, was_leased: bool
) -> None:
    """The second comes while the first looks, each time it looks at the clock."""
    later = time.time() + 2 * MAX_LEASE_SECONDS
    taken: list[bool] = []
    looks = iter(range(1, 100))

    def clock() -> float:
        if next(looks) == moment:
            with closing(DiskStore(folder, clock=lambda: later, busy_seconds=0.0)) as other:
                try:
                    taken.append(other.acquire(KEYS[0], owner="other", seconds=60))
                except StoreError:  # the first is writing
                    taken.append(False)
        return later

    if was_leased:
        with opened(folder) as store:
            assert store.acquire(KEYS[0], owner="dead", seconds=60)
    with closing(DiskStore(folder, clock=clock, busy_seconds=0.0)) as first:
        taken.append(first.acquire(KEYS[0], owner="me", seconds=60))
    assert taken.count(True) == 1


def test_a_folder_deleted_under_way_is_made_again(folder: Path) -> None:
    """`mkdocs serve` outlives a `rm -r .cache`."""
    with opened(folder) as store:
        assert store.get(KEY) == TEXT
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        assert store.get(KEY) is None
        assert store.put(KEY, TEXT)
        assert store.get(KEY) == TEXT
        assert store.problems() == ()


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
        with opened(folder) as store:
            assert store.get(KEY) == found
            assert store.put(KEY, TEXT)
            assert store.get(KEY) == TEXT
        assert not (tmp_path / "created").exists()


def test_diskcache_is_given_no_way_to_files_and_pickles(tmp_path: Path) -> None:
    """Whichever of its operations is used one day."""
    (tmp_path / "file").write_text(TEXT, encoding="utf-8")
    disk = TextDisk(str(tmp_path), min_file_size=0)
    disk.remove("file")
    assert (tmp_path / "file").exists()
    for refused in (7, b"bytes", None, ("a", "tuple")):
        with pytest.raises(TypeError):
            disk.put(refused)
        with pytest.raises(TypeError):
            disk.store(refused, read=False)
    with pytest.raises(TypeError):
        disk.store(TEXT, read=True)
    with pytest.raises(CacheError):
        disk.get(pickle.dumps(TEXT), raw=False)
    with pytest.raises(CacheError):
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
    with opened(folder) as store:
        assert store.get(KEY) is None
        assert store.acquire(KEY, owner="me", seconds=60)
        assert store.put(KEY, TEXT)
        assert store.get(KEY) == TEXT
        store.release(KEY, owner="me")
        assert "not valid captions" in store.problems()[0]
    assert secret.read_text(encoding="utf-8") == entry
    assert count(folder, "Cache WHERE filename IS NOT NULL") == 0


def test_a_file_name_on_a_lease_is_not_removed(folder: Path, tmp_path: Path) -> None:
    """Leases are replaced and deleted as texts are."""
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    with opened(folder) as store:
        assert store.acquire(KEY, owner="dead", seconds=60)
    plant(folder, "UPDATE Cache SET mode = 3, value = NULL, filename = '../secret.txt'")
    with opened(folder) as store:
        assert store.acquire(KEY, owner="me", seconds=60)
        assert not store.acquire(KEY, owner="you", seconds=60)
        store.release(KEY, owner="me")
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
        pytest.param("value = replace(value, '\"v\":1', '\"v\":2')", id="another version"),
        pytest.param("value = replace(value, '\"v\":1', '\"v\":true')", id="wrong type"),
        pytest.param("value = replace(value, '\"v\":1,', '')", id="field missing"),
        pytest.param('value = replace(value, \'"v":1\', \'"v":1,"x":1\')', id="field added"),
        pytest.param("value = replace(value, '\"en\"', '\"de\"')", id="another language"),
        pytest.param("value = replace(value, 'red', 'rad')", id="decayed text"),
        pytest.param("value = replace(value, '\"A red', '\"\\ud800')", id="lone surrogate"),
        pytest.param("value = replace(value, '\"A red bicycle\"', '[]')", id="text is a list"),
        pytest.param("value = value || ' '", id="space at the end"),
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
    with opened(folder) as store:
        assert store.get(KEY) is None
        assert store.put(KEY, TEXT)
        assert store.get(KEY) == TEXT
    assert set_aside(folder) == []


def test_an_entry_copied_to_another_key_is_a_miss(folder: Path) -> None:
    """A picture never gets another picture's text."""
    with opened(folder) as store:
        store.put(KEYS[0], "Another text")
    plant(
        folder,
        "UPDATE Cache SET value = (SELECT value FROM Cache WHERE value LIKE '%Another%')",
    )
    with opened(folder) as store:
        assert store.get(KEY) is None
        assert store.get(KEYS[0]) == "Another text"


def test_a_hundred_megabytes_are_refused_before_they_are_read(folder: Path) -> None:
    """The look-up takes no memory for them."""
    huge = "UPDATE Cache SET value = CAST(zeroblob(100000000) AS TEXT)"
    plant(folder, "PRAGMA journal_mode = OFF", huge)
    with opened(folder) as store:
        assert store.get(KEYS[0]) is None
        tracemalloc.start()
        try:
            assert store.get(KEY) is None
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert most < 1_000_000
        assert store.put(KEY, TEXT)
        assert store.get(KEY) == TEXT


def test_another_version_s_entries_are_left_in_place(folder: Path) -> None:
    """Two versions can use one folder in turns."""
    plant(folder, "UPDATE Cache SET key = replace(key, 'caption:1:', 'caption:2:')")
    with opened(folder) as store:
        assert store.get(KEY) is None
        assert store.put(KEY, TEXT)
        assert store.problems() == ()
    assert count(folder, "Cache WHERE key LIKE 'caption:2:%'") == 1


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
def test_planted_settings_change_nothing(folder: Path, setting: tuple[object, object]) -> None:
    """By itself diskcache takes attributes, pragmas and arguments from that table."""
    key, value = setting
    plant(folder, "INSERT OR REPLACE INTO Settings VALUES (:key, :value)", key=key, value=value)
    with opened(folder) as store:
        assert store.get(KEY) == TEXT
        assert all(store.put(key, TEXT) for key in KEYS[:5])
        assert [store.get(key) for key in (KEY, *KEYS[:5])] == [TEXT] * 6
        assert store.acquire(KEY, owner="me", seconds=60)
        assert store.problems() == ()
    assert [path.name for path in folder.iterdir()] == ["cache.db"]
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
def test_a_changed_schema_loses_no_new_text(folder: Path, statement: str) -> None:
    """A trigger or an index could make storing fail unseen."""
    plant(folder, statement)
    with opened(folder) as store:
        assert store.get(KEY) in {TEXT, None}
        assert all(store.put(key, TEXT) for key in KEYS[:5])
        assert [store.get(key) for key in KEYS[:5]] == [TEXT] * 5
        assert len(store.problems()) == len(set_aside(folder))


def test_a_view_in_place_of_the_table_is_not_read(folder: Path) -> None:
    """A view could compute for ever."""
    plant(
        folder,
        "ALTER TABLE Cache RENAME TO Old",
        "CREATE VIEW Cache AS WITH RECURSIVE n(rowid) AS"
        " (SELECT 1 UNION ALL SELECT rowid + 1 FROM n) SELECT * FROM n",
    )
    with opened(folder) as store:
        assert store.get(KEY) is None
        assert store.put(KEY, TEXT)
    assert set_aside(folder) == ["cache.db.damaged-1"]


def test_another_program_s_database_is_left_as_it_is(tmp_path: Path) -> None:
    """A `cache_dir` that is not ours is told, and not written to."""
    plant(tmp_path, "CREATE TABLE bookmarks (url)")
    before = (tmp_path / "cache.db").read_bytes()
    with opened(tmp_path) as store:
        assert store.get(KEY) is None
        assert not store.put(KEY, TEXT)
        assert "another program" in store.problems()[0]
    assert (tmp_path / "cache.db").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["cache.db"]


def test_what_a_link_in_the_folder_points_to_is_not_touched(folder: Path, tmp_path: Path) -> None:
    """SQLite would write to it."""
    target = tmp_path / "target"
    target.write_bytes(b"")
    for suffix in ("", "-wal", "-shm", "-journal"):
        link = folder / f"cache.db{suffix}"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        with opened(folder) as store:
            assert store.get(KEY) is None
            assert store.put(KEY, TEXT)
        assert target.read_bytes() == b""
    assert len([name for name in set_aside(folder) if (folder / name).is_symlink()]) == 4


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
    ["random bytes", "text", "pages", "50", "100", "512", "4095", "4096", "9000", "-5000"],
)
def test_a_damaged_database_is_set_aside_and_a_new_one_begun(folder: Path, kind: str) -> None:
    """The old file is kept as it was; the one sentence names folder and file."""
    damage(folder / "cache.db", kind)
    damaged = (folder / "cache.db").read_bytes()
    with opened(folder) as store:
        assert store.get(KEY) is None
        assert store.put(KEY, TEXT)
        assert store.get(KEY) == TEXT
        (problem,) = store.problems()
    assert str(folder) in problem
    assert "cache.db.damaged-1" in problem
    assert (folder / "cache.db.damaged-1").read_bytes() == damaged
    with opened(folder) as store:
        assert store.get(KEY) == TEXT
        assert store.problems() == ()


def test_an_empty_file_is_an_empty_cache(folder: Path) -> None:
    """Nothing is lost with it, so nothing is said."""
    (folder / "cache.db").write_bytes(b"")
    with opened(folder) as store:
        assert store.get(KEY) is None
        assert store.put(KEY, TEXT)
        assert store.problems() == ()


def test_an_empty_file_beside_a_log_is_set_aside_with_it(folder: Path) -> None:
    """SQLite deletes a log beside an empty file."""
    (folder / "cache.db").write_bytes(b"")
    (folder / "cache.db-wal").write_bytes(b"what was paid for")
    with opened(folder) as store:
        assert store.put(KEY, TEXT)
        assert len(store.problems()) == 1
    assert (folder / "cache.db.damaged-1-wal").read_bytes() == b"what was paid for"


def test_nothing_that_was_set_aside_is_replaced(folder: Path) -> None:
    """Each gets a name of its own."""
    for number in range(3):
        (folder / "cache.db").write_bytes(b"damage %d " % number * 1000)
        with opened(folder) as store:
            assert store.put(KEY, TEXT)
    for number in range(3):
        database = folder / f"cache.db.damaged-{number + 1}"
        assert database.read_bytes() == b"damage %d " % number * 1000


@pytest.mark.parametrize("content", [b"", b"x" * 10, b"x" * 100_000])
def test_a_damaged_log_costs_at_most_what_it_held(folder: Path, content: bytes) -> None:
    """What was in the database already is still found."""
    (folder / "cache.db-wal").write_bytes(content)
    (folder / "cache.db-shm").write_bytes(content)
    with opened(folder) as store:
        assert store.get(KEY) == TEXT
        assert store.put(KEYS[0], TEXT)
        assert store.problems() == ()


def test_a_log_cut_at_any_point_costs_at_most_what_it_held(tmp_path: Path) -> None:
    """A process killed by SIGKILL leaves its log behind; a full disk may have cut it."""
    folder = tmp_path / "cache"
    script = "[store.put(key, TEXT) for key in KEYS]; os.kill(os.getpid(), signal.SIGKILL)"
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
        with opened(cut) as store:
            found.append(sum(store.get(key) == TEXT for key in KEYS))
            assert store.put(KEY, TEXT)
            assert store.get(KEY) == TEXT
    assert found == sorted(found)
    assert found[-1] == len(KEYS)


def test_random_damage_never_raises_and_never_yields_another_text(tmp_path: Path) -> None:
    """And what is stored afterwards stays stored, although damage may show late."""
    folder = tmp_path / "cache"
    with opened(folder) as store:
        for key in KEYS:
            store.put(key, f"{TEXT} {key.service}")
    good = (folder / "cache.db").read_bytes()
    for seed in range(20):
        chance = random.Random(seed)  # noqa: S311
        content = bytearray(good)
        for _ in range(chance.choice([1, 5, 200])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        for path in folder.iterdir():
            path.unlink()
        (folder / "cache.db").write_bytes(content)
        with opened(folder) as store:
            for key in KEYS:
                assert store.get(key) in {f"{TEXT} {key.service}", None}
            for key in KEYS[:5]:
                assert store.put(key, f"{TEXT} {key.service}")
        with opened(folder) as store:
            for key in KEYS[:5]:
                assert store.get(key) == f"{TEXT} {key.service}"


def test_damage_under_way_is_set_aside_once_by_two_stores(folder: Path) -> None:
    """The other store takes over the new file, and what it stored before is stored anew."""
    with opened(folder) as first, opened(folder) as second:
        assert second.get(KEY) == TEXT
        assert all(first.put(key, TEXT) for key in KEYS)
        plant(folder, "PRAGMA wal_checkpoint(TRUNCATE)")
        with (folder / "cache.db").open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (folder / "cache.db").stat().st_size)
        assert {second.get(key) for key in KEYS} == {None}
        assert "set aside" in second.problems()[0]
        assert first.get(KEY) is None
        assert first.put(KEY, "A new text")
        assert second.get(KEY) == "A new text"
        assert [second.get(key) for key in KEYS] == [TEXT] * len(KEYS)
        assert first.problems() == ()
    assert [name for name in set_aside(folder) if name[-1].isdecimal()] == ["cache.db.damaged-1"]


def test_what_others_write_later_is_seen(folder: Path) -> None:
    """Though a store reads ahead when it opens."""
    with opened(folder) as first, opened(folder) as second:
        assert second.get(KEY) == TEXT
        assert second.get(KEYS[0]) is None
        assert first.put(KEYS[0], TEXT)
        assert second.get(KEYS[0]) == TEXT
        assert first.put(KEY, "Another text")
        # Whoever writes reads anew.
        assert second.put(KEYS[1], TEXT)
        assert second.get(KEY) == "Another text"


def test_damage_between_two_calls_of_a_closed_store_loses_nothing_it_stored(folder: Path) -> None:
    """What an object stored is stored anew when its file turns out to be damaged."""
    with opened(folder) as store:
        assert store.put(KEYS[0], TEXT)
        store.close()
        damage(folder / "cache.db", "random bytes")
        assert store.put(KEYS[1], TEXT)
    with opened(folder) as store:
        assert store.get(KEYS[0]) == TEXT
        assert store.get(KEYS[1]) == TEXT


def test_a_database_is_opened_by_one_process_at_a_time(folder: Path) -> None:
    """Else one could set aside what another has just begun."""
    store = DiskStore(folder, busy_seconds=0.05)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        assert not store.put(KEYS[0], TEXT)
        assert store.get(KEY) is None
    finally:
        os.close(descriptor)
    store.close()
    assert "is locked by" in store.problems()[0]
    with opened(folder) as later:
        assert later.get(KEYS[0]) == TEXT


# a bad folder


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    """The folder cannot be made."""
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    with opened(tmp_path / "cache") as store:
        assert_unusable(store)


def test_a_folder_in_place_of_the_database(tmp_path: Path) -> None:
    """The database cannot be made."""
    (tmp_path / "cache.db").mkdir()
    with opened(tmp_path) as store:
        assert_unusable(store)
    assert (tmp_path / "cache.db").is_dir()


def test_a_pipe_in_place_of_the_database(tmp_path: Path) -> None:
    """Nothing waits for it."""
    os.mkfifo(tmp_path / "cache.db")
    with opened(tmp_path) as store:
        assert_unusable(store)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder nobody may fill")
def test_a_folder_that_nobody_may_make() -> None:
    """Not even root."""
    with opened(Path("/proc/alttext")) as store:
        assert_unusable(store)


def assert_unusable(store: DiskStore) -> None:
    """Check that a build goes on without this store, and is told once."""
    assert store.get(KEY) is None
    assert_no_lease(store, KEY)
    assert not store.put(KEY, TEXT)
    store.release(KEY, owner="me")
    assert sum("cannot be used" in problem for problem in store.problems()) == 1


def assert_no_lease(store: DiskStore, key: CaptionKey) -> None:
    """Check that nobody is invited to pay for what cannot be kept."""
    with pytest.raises(StoreError):
        store.acquire(key, owner="me", seconds=60)


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


@pytest.mark.parametrize("left_by", ["a closed store", "a killed process", "an open store"])
def test_a_read_only_cache_is_still_read(unprivileged_folder: Path, left_by: str) -> None:
    """A CI job may be given the cache of another."""
    folder = unprivileged_folder / "cache"
    writer = DiskStore(folder)
    assert writer.put(KEY, TEXT)
    if left_by == "a killed process":
        copies = {path.name: path.read_bytes() for path in folder.iterdir()}
        writer.close()
        for name, content in copies.items():
            (folder / name).write_bytes(content)
    elif left_by == "a closed store":
        writer.close()
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    with unprivileged(), opened(folder) as store:
        assert store.get(KEYS[0]) is None
        # What a killed process left in its log may need a writer to be found.
        assert store.get(KEY) == TEXT or left_by == "a killed process"
        assert store.problems() == ()
        assert_no_lease(store, KEYS[0])
        assert not store.put(KEYS[0], TEXT)
        assert [problem for problem in store.problems() if "read-only" in problem]
    folder.chmod(0o755)
    writer.close()


def test_a_cache_that_may_not_be_read_is_a_miss(unprivileged_folder: Path) -> None:
    """Neither the folder nor the file."""
    folder = unprivileged_folder / "cache"
    with opened(folder) as store:
        store.put(KEY, TEXT)
    folder.chmod(0)
    with unprivileged(), opened(folder) as store:
        assert_unusable(store)
    folder.chmod(0o755)
    (folder / "cache.db").chmod(0)
    with unprivileged(), opened(folder) as store:
        assert_unusable(store)


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
    with opened(folder) as store:
        assert store.get(KEY) == TEXT
        with no_room():
            assert store.get(KEY) == TEXT
            assert not store.put(KEYS[0], TEXT)
            assert not store.put(KEYS[1], TEXT)
            assert_no_lease(store, KEYS[2])
            assert store.get(KEYS[0]) == TEXT
            problems = store.problems()
        assert store.acquire(KEYS[2], owner="me", seconds=60)
        assert store.put(KEYS[2], TEXT)
    assert len(problems) == 2
    assert "lacks 2 captions" in problems[1]
    with opened(folder) as store:
        assert [store.get(key) for key in KEYS[:3]] == [TEXT] * 3


def test_what_was_paid_for_outlives_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each text is synced to the disk as it is committed, though leases between them are not."""
    full, normal = 2, 1  # https://www.sqlite.org/pragma.html#pragma_synchronous
    levels: list[tuple[str, int]] = []

    class Watched(sqlite3.Connection):
        def execute(self, *arguments: object) -> sqlite3.Cursor:
            statement = str(arguments[0])
            if "INSERT INTO Cache" in statement:
                (level,) = super().execute("PRAGMA synchronous").fetchone()
                name = str(arguments[1][0])  # type: ignore[index]  # the row's key comes first
                levels.append((name.partition(":")[0], level))
            return super().execute(*arguments)  # type: ignore[arg-type]

    connect = sqlite3.connect

    def connect_watched(database: object, **options: object) -> sqlite3.Connection:
        factory = sqlite3.Connection if database == ":memory:" else Watched
        return connect(database, factory=factory, **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(sqlite3, "connect", connect_watched)
    with opened(tmp_path / "cache") as store:
        for key in KEYS[:2]:
            assert store.acquire(key, owner="me", seconds=60)
            assert store.put(key, TEXT, owner="me")
    assert levels == [("lease", normal), ("caption", full)] * 2


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
    with opened(folder) as store:
        refused = [key for key in KEYS if not store.put(key, TEXT * 100)]
        assert refused
        assert store.get(KEY) == TEXT
        assert "full disk" in store.problems()[0]


@pytest.mark.parametrize("exclusive", [False, True])
def test_a_locked_database_is_waited_for_once(folder: Path, *, exclusive: bool) -> None:
    """Not once for each image; and afterwards all is stored."""
    now = 1000.0
    store = DiskStore(folder, clock=lambda: now, busy_seconds=0.1)
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as other:
        if exclusive:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE Cache SET access_count = 1")
        begun = time.monotonic()
        for key in KEYS:
            assert store.get(key) is None
            assert_no_lease(store, key)
            assert not store.put(key, TEXT)
        # A lock does not keep anyone from reading, unless it is meant to.
        assert store.get(KEY) == (None if exclusive else TEXT)
        assert time.monotonic() - begun < 1.0
        assert sum("is locked by" in problem for problem in store.problems()) == 1
        other.execute("ROLLBACK")
    now += 3600
    assert store.put(KEY, TEXT)
    assert store.get(KEY) == TEXT
    store.close()
    with opened(folder) as later:
        assert [later.get(key) for key in KEYS] == [TEXT] * len(KEYS)


def test_what_a_lock_kept_out_is_stored_by_closing(folder: Path) -> None:
    """A build that ends after a backup program has what it paid for."""
    store = DiskStore(folder, busy_seconds=0.05)
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert not store.put(KEYS[0], TEXT)
    store.close()
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
stored = [store.put(key, TEXT) for key in mine]
leased = store.acquire(KEY, owner=sys.argv[2], seconds=60)
found = [store.get(key) for key in mine]
print(all(stored), set(found) == {TEXT}, leased, *store.problems(), flush=True)
sys.stdin.readline()
store.close()
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
    with opened(folder) as store:
        for language in ("de", "en", "fr", "it"):
            found = [store.get(key._replace(language=language)) for key in KEYS[:50]]
            assert found == [TEXT] * 50
    assert set_aside(folder) == ["cache.db.damaged-1"]


def test_a_killed_process_loses_no_text_and_no_lease_time(folder: Path) -> None:
    """Its text is there, and nobody waits for its lease to expire."""
    script = """
store.put(KEYS[0], TEXT)
store.acquire(KEY, owner="killed", seconds=600)
print("done", flush=True)
sys.stdin.readline()
"""
    with run_python(script, folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        with opened(folder) as store:
            assert not store.acquire(KEY, owner="me", seconds=60)
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)
            assert store.get(KEYS[0]) == TEXT
            assert store.acquire(KEY, owner="me", seconds=60)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="hides when one started")
def test_a_living_process_is_not_robbed(folder: Path) -> None:
    """One that was stopped goes on where it was, and its request is answered: then it stores."""
    script = """
store.acquire(KEY, owner="stopped", seconds=60)
print("done", flush=True)
sys.stdin.readline()
"""
    now = time.time()
    disk = DiskStore(folder, clock=lambda: now)
    with run_python(script, folder) as process, closing(disk) as store:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        now += 60 + MAX_LEASE_SECONDS - 5
        assert not store.acquire(KEY, owner="me", seconds=60)
        now += 10
        assert store.acquire(KEY, owner="me", seconds=60)
        process.communicate("", timeout=30)


@pytest.mark.parametrize(
    ("field", "value", "is_free"),
    [
        pytest.param("pid", 2**22 + 1, True, id="no such process"),
        pytest.param("pid", 10**30, True, id="no such number"),
        pytest.param("pid", -1, True, id="not a process"),
        pytest.param("pid", True, True, id="wrong type"),
        pytest.param("started", 1, True, id="the number is another process's now"),
        pytest.param("started", 0, False, id="start not known"),
        pytest.param("machine", "elsewhere", False, id="another machine's process"),
        pytest.param("expires", 9e9, True, id="too good to be true"),
        pytest.param("expires", float("nan"), True, id="not a number"),
        pytest.param("expires", "soon", True, id="not a time"),
        pytest.param("owner", None, True, id="nobody"),
    ],
)
def test_whose_lease_may_be_taken(
    folder: Path, field: str, value: object, *, is_free: bool
) -> None:
    """A dead holder's, and one that is not to be believed."""
    with opened(folder) as store:
        store.acquire(KEY, owner="other", seconds=MAX_LEASE_SECONDS * 2)
        assert not store.acquire(KEY, owner="me", seconds=60)
    with closing(sqlite3.connect(folder / "cache.db")) as connection, connection:
        query = "SELECT value FROM Cache WHERE key LIKE 'lease:%'"
        fields = json.loads(connection.execute(query).fetchone()[0]) | {field: value}
        entry = json.dumps(fields, separators=(",", ":"))
        connection.execute("UPDATE Cache SET value = ? WHERE key LIKE 'lease:%'", (entry,))
    with opened(folder) as store:
        assert store.acquire(KEY, owner="me", seconds=60) is is_free
