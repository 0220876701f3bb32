"""The records of a shared cache on a Redis or Valkey server, by the client `redis`.

An answer is the entry that other caches have, under a key that never expires. With a secret it
stands behind its HMAC, and one that has none, or another, is a miss: somebody who got at the
server, but not at the secret, cannot put a text on a page. Answers are bought under a lease with a
fence, each step in one script (`redis_scripts`), and nothing leaves before its mark is stored.

A server that loses its data is noticed by the generation, a random text that is lost, too, and one
that was restarted by its number: it may have lost the last seconds. Either way others may have paid
for what is missing there now. So this build stores again what it knows, and takes no lease any
more.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from itertools import islice
from operator import methodcaller
from threading import RLock
from typing import TYPE_CHECKING, Any

from mkdocs_alttext.cache import redis_scripts as scripts
from mkdocs_alttext.cache.base import (
    ANSWER,
    LEASE,
    SENT,
    OddEntryError,
    decode_answer,
    encode_answer,
    entry_name,
    is_storable,
)
from mkdocs_alttext.cache.lease_records import MOST_SECONDS, Holder
from mkdocs_alttext.cache.redis_server import ServerError, ServerFault
from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.system.printable import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeVar

    from mkdocs_alttext.cache.redis_server import Server
    from mkdocs_alttext.models import CaptionKey, StoredAnswer

    Item = TypeVar("Item")

_BATCH = 500
"""Records that are read or written in one round trip by what goes through all of them."""


class _UnsignedError(OddEntryError):
    """A value has no signature of ours."""


class RedisCache:
    """An `AnswerCache` on a server, safe for threads; builds use it behind a local one."""

    is_shared = False

    def __init__(self, server: Server, *, prefix: str = "alttext", secret: str = "") -> None:
        """Take the server; nothing is opened.

        Args:
            server: Where the records are.
            prefix: How the names of all keys begin.
            secret: What values are signed with; empty to take them unverified.
        """
        self.server = server
        self._prefix = prefix
        self._secret = secret.encode()
        self._lock = RLock()
        """Guards what follows, but not the time of a call."""
        self._fences: dict[tuple[CaptionKey, str], bytes] = {}
        self._known: dict[CaptionKey, str] = {}
        """What is there as far as this build knows, sealed, in case that the server loses it."""
        self._unsaved: dict[CaptionKey, tuple[StoredAnswer, str]] = {}
        """What is to be stored, and whose lease and mark end with that."""
        self._generation = b""
        self._restarts = 0
        """Restarts of the server that were noticed here."""
        self._is_behind = self._is_lost = self._must_recover = False
        self._odd = self._unsigned = 0

    # answers

    def get(self, key: CaptionKey) -> StoredAnswer | None:
        """Return the answer of a key, or `None` for a miss; anything odd is a miss."""
        return self.get_all([key]).get(key)

    def fetch(self, keys: Iterable[CaptionKey]) -> None:
        """Do nothing: `get` asks the server."""

    def get_all(self, keys: Iterable[CaptionKey]) -> dict[CaptionKey, StoredAnswer]:
        """Return the answers that there are, looked up in one go; none where that fails."""
        wanted = list(keys)
        with self._lock:
            found = {key: self._unsaved[key][0] for key in wanted if key in self._unsaved}
        asked = [key for key in wanted if key not in found]
        try:
            values = self._values([self._answer_name(key) for key in asked])
        except ServerError:
            return found
        for key, value in zip(asked, values, strict=True):
            if (answer := self._answer(key, value)) is not None:
                found[key] = answer
        return found

    def put(self, key: CaptionKey, answer: StoredAnswer, *, owner: str | None = None) -> bool:
        """Store an answer; what cannot be stored now is tried again with the next change."""
        if not is_storable(answer):
            return False
        with self._lock:
            self._unsaved[key] = answer, owner or ""
        return self._save(None if self._is_behind else key)

    def put_all(self, answers: Mapping[CaptionKey, StoredAnswer]) -> bool:
        """Store answers that were read from another cache; tell whether they are stored."""
        values = {key: self._sealed(encode_answer(key, each)) for key, each in answers.items()}
        try:
            self.server.call(lambda client: self._add(client, values, nx=False), writes=True)
        except ServerError:
            return False
        return True

    def entries(self) -> Iterator[tuple[CaptionKey, StoredAnswer]]:
        """Yield every answer with its key; odd entries are left out.

        Raises:
            StoreError: The server cannot be read, or not to the end.
        """
        start = self._name(f"{ANSWER}/")
        for names in _batches(self._names(start)):
            for name, value in zip(names, self._values(names), strict=True):
                try:
                    key, answer = decode_answer(self._opened(value or b""))
                except OddEntryError:
                    continue
                if self._answer_name(key).encode() == name:
                    yield key, answer

    def state(self) -> str:
        """Say what the server is and holds, in one sentence for a person; empty where it fails."""
        try:
            count = len(set(self._names(self._name(f"{ANSWER}/"))))
        except ServerError:
            return ""
        self.told(owner="")  # nobody's: finds out whether something may be changed
        info = self.server.info
        program = "Valkey" if info.get("server_name") == "valkey" else "Redis"
        program = f"{program} {info.get(f'{program.lower()}_version', '')}".rstrip()
        names = {"used_memory_human": "of memory", "maxmemory_policy": "as maxmemory-policy"}
        facts = [f"{info[name]} {what}" for name, what in names.items() if name in info]
        return (
            f"The shared cache at {self.server.address} holds {counted(count, 'text')} under "
            f"{self._prefix} ({', '.join([program, *facts])})."
        )

    def forget(self, keys: Iterable[CaptionKey]) -> int:
        """Remove the answers of some keys.

        Returns:
            How many of the keys had an answer.

        Raises:
            StoreError: They cannot be removed, or not all.
        """
        removed = 0
        for some in _batches(keys):
            names = [self._answer_name(key) for key in some]
            removed += self.server.call(methodcaller("delete", *names))
            with self._lock:
                for key in some:
                    self._known.pop(key, None)
                    self._unsaved.pop(key, None)
        return removed

    # leases and marks

    def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> bool:
        """Take or renew the lease; a `StoreError` when the server cannot tell."""
        return self.take(key, owner=owner, seconds=seconds)[0]

    def take(
        self, key: CaptionKey, *, owner: str, seconds: float
    ) -> tuple[bool, StoredAnswer | None]:
        """Take or renew the lease, and look for an answer in the same step.

        Args:
            key: What is about to be asked for.
            owner: Who asks.
            seconds: How long the lease lasts.

        Returns:
            Whether the lease is `owner`'s now, and the answer that is there.

        Raises:
            ServerError: The server cannot tell, or would not keep what is paid for.
        """
        holder = Holder.of_this_process(owner).encode()
        milliseconds = int(min(seconds, MOST_SECONDS) * 1000)
        names = [self._answer_name(key), self._lease_name(key), self._name("fence")]
        dead = b""
        while not self._is_lost:
            state, value, more = self._change(
                scripts.TAKE, names, owner, holder, milliseconds, end=(dead,)
            )
            if self._is_lost:
                break
            answer = self._answer(key, value or None)
            if state == b"ours":
                with self._lock:
                    self._fences[key, owner] = more
                return True, answer
            # On this machine a process that is gone can be told from one that takes long.
            of = Holder.decode(more.partition(b" ")[2].decode(errors="replace"))
            if more == dead or of is None or of.lives() is not False:
                return False, answer
            dead = more
        self.release(key, owner=owner)
        raise ServerError(ServerFault.LOST)

    def release(self, key: CaptionKey, *, owner: str) -> None:
        """End the lease, when `owner` holds it."""
        self._try(scripts.RELEASE, [self._lease_name(key)], owner)

    def mark_sent(self, key: CaptionKey, *, owner: str) -> int:
        """Note that a request leaves now; a `StoreError` when it must not."""
        names = [self._lease_name(key), self._name(SENT)]
        fence = self._fences.get((key, owner), b"")
        values = (owner, fence, str(key), Holder.of_this_process(owner).encode())
        state, earlier = self._change(scripts.MARK, names, *values, end=())
        if self._is_lost:
            raise ServerError(ServerFault.LOST)
        if state == b"held":
            raise StoreError("the lease ended before the request left")
        return int(earlier)

    def end_request(self, key: CaptionKey, *, owner: str, is_charged: bool) -> None:
        """Note that `owner`'s request ended without an answer."""
        names = [self._name(SENT)]
        self._try(scripts.END_REQUEST, names, owner, str(key), int(is_charged))

    def unanswered(self, *, owner: str) -> int:
        """Take over the marks of builds that are gone, and count the requests.

        Of another machine's, that is known when their leases have ended.
        """
        names = [self._name(SENT)]
        found = self._try(scripts.HOLDERS, names, owner)
        if not (found and found[1]):
            return 0
        decoded = {each: Holder.decode(each.decode(errors="replace")) for each in set(found[1])}
        gone = [each for each, holder in decoded.items() if holder and holder.lives() is False]
        me = Holder.of_this_process(owner).encode()
        start = self._name(f"{LEASE}/")
        done = self._try(scripts.TAKE_OVER, names, owner, me, start, *gone)
        return int(done[1]) if done else 0

    def told(self, *, owner: str) -> None:
        """Remove all of `owner`'s marks, unless others cannot find what was answered."""
        self._try(scripts.TOLD, [self._name(SENT)], owner)

    # what went wrong

    def problems(self) -> tuple[str, ...]:
        """Return what went wrong so far, in sentences for a person."""
        told = list(self.server.problems())
        if self._odd:
            told.append(
                f"holds values that are not valid. They were not used ({self._odd} times). Find out"
                " who else writes to that server."
            )
        if self._unsigned:
            told.append(
                "holds values that are not signed with ALTTEXT_CACHE_SECRET. They were not used "
                f"({self._unsigned} times). Where you trust them, read them without the secret by "
                "`mkdocs-alttext cache export`, and sign them by `mkdocs-alttext cache import`."
            )
        if unsaved := len(self._unsaved):
            told.append(
                f"lacks {counted(unsaved, 'text')} of this run, which could not be stored there. "
                "The run tries once more when it ends; else other machines may pay for the same, "
                "and `mkdocs-alttext cache` moves them from the local cache."
            )
        return tuple(f"The shared cache at {self.server.address} {each}" for each in told)

    def close(self) -> None:
        """Store what could not be stored before, and close all connections."""
        if self._unsaved:
            self.server.try_again()
            self._save()
        self.server.close()

    # the server

    def _change(
        self, script: str, names: list[str], *values: object, end: tuple[object, ...] | None = None
    ) -> list[Any]:
        """Run a script that changes something, after what could not be stored before.

        Args:
            script: What is done.
            names: Of the keys that it is about.
            values: What it is given.
            end: What it is given behind the generation; `None` where it takes none.

        Raises:
            ServerError: It was not run, or nobody knows.
        """
        if self._is_behind and not self._save():
            raise ServerError(ServerFault.FULL)
        return self._run(script, names, *values, end=end)

    def _try(self, script: str, names: list[str], *values: object) -> list[Any] | None:
        """Run a script whose failing is one sentence and nothing more."""
        try:
            return self._change(script, names, *values)
        except ServerError:
            return None

    def _run(
        self, script: str, names: list[str], *values: object, end: tuple[object, ...] | None
    ) -> list[Any]:
        def run(client: Any) -> list[Any]:  # noqa: ANN401 - the client is imported late
            keys, arguments = names, [*values]
            if end is not None:
                keys = [*names, self._name("generation")]
                arguments += [self._current_generation(client), *end]
            found = client.register_script(script)(keys=keys, args=arguments)
            if not (isinstance(found, list) and found):
                raise ServerError(ServerFault.UNUSABLE, "it runs no scripts")
            return found

        done = self.server.call(run, writes=True)
        if done[0] == b"lost" or self._must_recover or self.server.restarts != self._restarts:
            self._recover()
        return done

    def _current_generation(self, client: Any) -> bytes:  # noqa: ANN401 - imported late
        """Return the generation that this build began with; the first build makes one."""
        if not self._generation:
            name = self._name("generation")
            client.set(name, secrets.token_hex(16), nx=True)
            if self.server.evicts:  # which forgets what was paid for
                raise self.server.note(ServerError(ServerFault.EVICTS))
            self._generation = client.get(name) or b""
        return self._generation

    def _recover(self) -> None:
        """Store what this build knows where it is missing: the server may have lost it."""
        self.server.note(ServerError(ServerFault.LOST), pauses=False)
        with self._lock:
            known, self._restarts, self._generation = dict(self._known), self.server.restarts, b""
            self._is_lost = self._must_recover = True

        self.server.call(lambda client: self._add(client, known, nx=True), writes=True)
        self._must_recover = False

    def _add(
        self,
        client: Any,  # noqa: ANN401 - the client is imported late
        values: Mapping[CaptionKey, str],
        *,
        nx: bool,
    ) -> None:
        """Store sealed values, with `nx` only where there are none."""
        self._current_generation(client)
        for some in _batches(values.items()):
            pipeline = client.pipeline(transaction=False)
            for key, value in some:
                pipeline.set(self._answer_name(key), value, nx=nx)
            pipeline.execute()

    def _save(self, only: CaptionKey | None = None) -> bool:
        """Store what is not stored yet, or one answer of it; return whether that was possible."""
        with self._lock:
            unsaved = {key: each for key, each in self._unsaved.items() if only in {None, key}}
        for key, (answer, owner) in unsaved.items():
            names = [self._answer_name(key), self._lease_name(key), self._name(SENT)]
            values = owner, self._fences.get((key, owner), b""), str(key)
            sealed = self._sealed(encode_answer(key, answer))
            with self._lock:
                self._known[key] = sealed
            try:
                self._run(scripts.FINISH, names, *values, end=(sealed,))
            except ServerError:
                self._is_behind = True
                return False
            with self._lock:
                if self._unsaved.get(key) == (answer, owner):
                    del self._unsaved[key]
        self._is_behind = False
        return True

    def _values(self, names: Iterable[str | bytes]) -> list[bytes | None]:
        """Return the values under some names, in one round trip; what is no text is missing."""
        wanted = list(names)
        if not wanted:
            return []

        def look(client: Any) -> list[object]:  # noqa: ANN401 - the client is imported late
            pipeline = client.pipeline(transaction=False)
            for name in wanted:  # not MGET, which brings what is planted at any size
                pipeline.getrange(name, 0, scripts.LONGEST_VALUE)
            found: list[object] = pipeline.execute(raise_on_error=False)
            for each in found:
                if isinstance(each, Exception) and not str(each).startswith("WRONGTYPE"):
                    raise each
            return found

        found = self.server.call(look)
        return [each if isinstance(each, bytes) and each else None for each in found]

    def _names(self, start: str) -> Iterator[bytes]:
        """Yield the names of all keys that begin with a text, some of them once more."""
        cursor = 0

        def scan(client: Any) -> tuple[int, list[bytes]]:  # noqa: ANN401 - imported late
            following, names = client.scan(cursor, match=f"{start}*", count=_BATCH)
            return int(following), list(names)

        while True:
            cursor, names = self.server.call(scan)
            yield from names
            if not cursor:
                return

    def _answer(self, key: CaptionKey, value: bytes | None) -> StoredAnswer | None:
        """Return what a value says, if it is a sound answer of its key."""
        if value is None:
            return None
        try:
            found, answer = decode_answer(self._opened(value))
        except _UnsignedError:
            return None
        except OddEntryError:
            found = None
        if found != key:
            self._odd += 1
            return None
        with self._lock:
            self._known.setdefault(key, value.decode())
        return answer

    def _sealed(self, entry: str) -> str:
        """Return an entry as it is stored: behind its signature, where there is a secret."""
        return f"{self._signature(entry)} {entry}" if self._secret else entry

    def _opened(self, value: bytes) -> str:
        """Return the entry of a value.

        Raises:
            OddEntryError: It is none of ours, or not signed as it must be.
        """
        if len(value) > scripts.LONGEST_VALUE or not value.isascii():
            raise OddEntryError
        signature, _, entry = (
            ("", "", text) if (text := value.decode()).startswith("{") else (text.partition(" "))
        )
        if self._secret and not hmac.compare_digest(signature, self._signature(entry)):
            self._unsigned += 1
            raise _UnsignedError
        return entry

    def _signature(self, entry: str) -> str:
        return hmac.new(self._secret, entry.encode(), hashlib.sha256).hexdigest()

    def _name(self, rest: str) -> str:
        return f"{self._prefix}:{rest}"

    def _answer_name(self, key: CaptionKey) -> str:
        return self._name(entry_name(ANSWER, key))

    def _lease_name(self, key: CaptionKey) -> str:
        return self._name(entry_name(LEASE, key))


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield items in lists that are read or written in one round trip."""
    rest = iter(items)
    while some := list(islice(rest, _BATCH)):
        yield some
