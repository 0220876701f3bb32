"""Entries read without diskcache, as long as their rows are as we write them.

Owns the judgement whether a row is. It must not know what entries hold, nor what to make of others:
diskcache is asked about those. A build that finds all it needs does without importing it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.stores.schema import MODE_TEXT

if TYPE_CHECKING:
    import sqlite3

_MOST = 20_000
"""Entries, of a few hundred bytes each."""


def plain_entries(connection: sqlite3.Connection, prefix: str) -> dict[str, str]:
    """Return entries by name.

    Args:
        connection: Open on a database whose tables were checked.
        prefix: How the names begin.
    """
    query = (
        "SELECT key, value FROM Cache WHERE key >= ? AND key < ? AND raw = 1 AND mode = ?"
        " AND filename IS NULL AND expire_time IS NULL"
        " AND typeof(key) = 'text' AND typeof(value) = 'text' LIMIT ?"
    )
    bounds = (prefix, prefix + "\U0010ffff", MODE_TEXT, _MOST)
    return dict(connection.execute(query, bounds))


def plain_entry(connection: sqlite3.Connection, name: str) -> tuple[bool, str | None]:
    """Return whether there is nothing to ask diskcache about a name, and its entry, if any.

    Args:
        connection: Open on a database whose tables were checked.
        name: The entry's.
    """
    # One statement for both, and all rows at once: a thread may lose the interpreter at each step.
    query = (
        "SELECT value, mode = ? AND filename IS NULL AND expire_time IS NULL"
        " AND typeof(value) = 'text' FROM Cache WHERE key = ? AND raw = 1"
    )
    rows = connection.execute(query, (MODE_TEXT, name)).fetchall()
    if not rows:
        return True, None
    entry, is_plain = rows[0]
    # A decayed index can yield two rows where there is one.
    return (True, entry) if is_plain and len(rows) == 1 else (False, None)
