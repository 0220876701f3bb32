"""What a database file defines, compared with what diskcache defines.

Owns the judgement whether a file is a cache of ours. It must not know what diskcache's tables hold,
nor change anything.
"""

from __future__ import annotations

import hashlib
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.stores.faults import CacheError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

KNOWN = "6f0b969647708dec13e5da004cc930277bb60aee937ca369c4e474c3e05b4e8d"
"""The digest of what diskcache 5.6.3 makes. A file that has it needs no comparison, and so neither
diskcache nor a database of its making: most builds only read."""

MODE_TEXT = 1
"""How diskcache marks a value that is kept as it is."""

_COUNTERS = frozenset({"count", "size", "hits", "misses"})
"""Settings that diskcache's triggers count up."""


class SchemaObject(NamedTuple):
    """A row of `sqlite_master`: a table, an index, a trigger or a view."""

    type: str
    name: str
    table: str
    sql: str | None


Schema = dict[str, SchemaObject]


def read_schema(connection: sqlite3.Connection) -> Schema:
    """Return what a database defines, by name, in the order in which it was made."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid")
    return {row[1]: SchemaObject(*row) for row in rows}


def read_settings(connection: sqlite3.Connection) -> list[tuple[str, object]]:
    """Return the names and values that a database sets, in the order in which they were made."""
    query = "SELECT key, value FROM Settings ORDER BY rowid LIMIT 100"
    return connection.execute(query).fetchall()


def steady(settings: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Return settings by name, without the numbers that change as entries are stored."""
    return {
        name: "a number" if name in _COUNTERS and isinstance(value, int) else value
        for name, value in settings
    }


def digest_of(schema: Schema, settings: Iterable[tuple[str, object]]) -> str:
    """Return a digest of a schema and of steady settings, in the order in which they were made."""
    made = (list(schema.values()), list(steady(settings).items()))
    return hashlib.sha256(repr(made).encode()).hexdigest()


def is_as_we_make_it(connection: sqlite3.Connection) -> bool:
    """Tell whether a database is exactly what diskcache 5.6.3 makes, but for its entries."""
    try:
        return digest_of(read_schema(connection), read_settings(connection)) == KNOWN
    except sqlite3.Error:
        return False  # what is wrong with it is met again


def missing_objects(found: Schema, ours: Schema) -> list[SchemaObject]:
    """Return what diskcache would have made.

    Raises:
        CacheError: The file is another program's; or something is not as diskcache makes it; or
            there are other triggers, which could do anything with what is stored.
    """
    foreign = [item for name, item in found.items() if ours.get(name) != item]
    if any(item.type == "trigger" or item.name in ours for item in foreign):
        raise CacheError(Fault.DAMAGED, "its tables were changed")
    if any(item.type == "table" for item in foreign) and not ours.keys() & found.keys():
        raise CacheError(Fault.UNUSABLE, "it belongs to another program")
    return [item for name, item in ours.items() if name not in found and item.sql]


def foreign_indexes(found: Schema, ours: Schema) -> list[SchemaObject]:
    """Return the indexes that are not ours.

    Some come from diskcache's other settings; others could make it refuse to store.
    """
    return [
        item
        for item in found.values()
        if item.type == "index" and item.sql and item.name not in ours
    ]
