"""Leases as entries of an open database.

Owns the steps by which a lease is taken and given back. It must not know captions, nor how the
database is opened, locked or replaced: its user does that around every call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.stores.faults import CacheError, Fault
from mkdocs_alttext.stores.lease import Lease
from mkdocs_alttext.stores.record import entry_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.captions import CaptionKey
    from mkdocs_alttext.stores.database import Database
    from mkdocs_alttext.stores.text_cache import TextCache


class LeaseTable:
    """The leases of one database; an odd one counts as none."""

    def __init__(self, clock: Callable[[], float], note: Callable[[CacheError], None]) -> None:
        """Take what it looks at and speaks to.

        Args:
            clock: Seconds since the epoch.
            note: Is told of odd entries.
        """
        self._clock = clock
        self._note = note

    def take(self, database: Database, key: CaptionKey, owner: str, seconds: float) -> bool:
        """Take or renew a lease, unless another owner's lasts; return whether it is `owner`'s.

        Raises:
            CacheError: The database cannot be read or written.
        """
        name = entry_name("lease", key)
        # First without a transaction: those who wait for a lease ask often. Mostly there is none.
        found = self._read(database, name)
        if found is None and database.add(name, self._entry(owner, seconds)):
            return True
        if not self._is_free(found, owner):
            return False
        with database.transaction(durable=False) as cache:
            if is_free := self._is_free(self._read(database, name), owner):
                cache.replace(name, self._entry(owner, seconds))
        return is_free

    def give_back(self, cache: TextCache, key: CaptionKey, owner: str) -> None:
        """Remove a lease within a transaction, when it is `owner`'s."""
        cache.discard(entry_name("lease", key), beginning=Lease.beginning(owner))

    def _entry(self, owner: str, seconds: float) -> str:
        return Lease.of_this_process(owner, now=self._clock(), seconds=seconds).encode()

    def _is_free(self, lease: Lease | None, owner: str) -> bool:
        return lease is None or lease.owner == owner or lease.is_over(self._clock())

    def _read(self, database: Database, name: str) -> Lease | None:
        try:
            entry = database.read(name)
            return None if entry is None else Lease.decode(entry)
        except CacheError as error:
            if error.fault is not Fault.ODD_ENTRY:
                raise
            self._note(error)
            return None
