"""What a cache of answers promises, how its records are written, and the cache that keeps nothing.

A key has up to three records: the answer, the *lease* of the build that is asking for it, and the
*mark* that a request for it was sent. The mark is written before a request leaves and removed with
its answer. What a build that died had sent may have been charged: it is found by its mark, which
stays until a build has told its user of it.

An answer is a JSON object with the fields of its key inside, so that an entry that was copied to
another name is noticed, and with a short digest, as SQLite has no checksums of its own. Everything
that is read back is checked field by field.

`cache.disk` and `cache.redis` are such caches, and `cache.shared` is both as one. `filling.cache`
chooses among them, which is where another one is named.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.models import CaptionKey, Reason, StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable

VERSION = 2
"""Of an answer's form. Unknown fields are ignored, so that later versions can add some."""

ANSWER, LEASE, SENT = "answer", "lease", "sent"
"""The kinds of records."""

MOST_CHARACTERS = 4000
"""Longest text that is kept: four times the largest `max_length`."""

_FIRST_VERSION = "caption:1:"
"""How the names of answers began in version 0.1, which stored published texts only."""

ANSWER_NAMES = ((f"{ANSWER}/", f"{ANSWER}0"), (_FIRST_VERSION, "caption:1;"))
"""The ranges of all names of answers: after the one, before the other."""
LONGEST_NAME = 200
"""Characters of a language code, of a service's identity, of a model's name or of a detail."""


LONGEST_PATH = 1000
"""Characters of a page's path; a longer one is not kept."""
_LONGEST = {
    "text": MOST_CHARACTERS,
    "long_description": MOST_CHARACTERS,
    "context_page": LONGEST_PATH,
}
"""Characters of the fields that are longer than names."""


class OddEntryError(StoreError):
    """An entry is not what this program writes: it is a miss, and the others are fine."""


def entry_name(kind: str, key: CaptionKey | str) -> str:
    """Return the name of a record: its kind and the key's digest."""
    return f"{kind}/{key}"


def answer_names(key: CaptionKey) -> tuple[str, str]:
    """Return the names under which an answer may stand, the current one first."""
    return entry_name(ANSWER, key), f"{_FIRST_VERSION}{key}"


def is_storable(answer: StoredAnswer) -> bool:
    """Tell whether an answer can be kept: not oversized, and valid in UTF-8.

    A lone surrogate is refused, because a page that holds one cannot be written.
    """
    texts = (answer.text, answer.long_description)
    try:
        for text in texts:
            text.encode()
    except UnicodeEncodeError:
        return False
    return all(len(text) <= MOST_CHARACTERS for text in texts)


def encode_answer(key: CaptionKey, answer: StoredAnswer) -> str:
    """Return an answer as it is stored: JSON in ASCII."""
    fields: dict[str, object] = {"v": VERSION, **key._asdict(), "text": answer.text}
    fields |= {name: value for name, value in answer._asdict().items() if value not in {None, ""}}
    fields["check"] = _check(key, answer.text)
    return json.dumps(fields, separators=(",", ":"))


def decode_answer(entry: str) -> tuple[CaptionKey, StoredAnswer]:
    """Return what an entry holds.

    Args:
        entry: The text of an entry, of this version or of the first one.

    Raises:
        OddEntryError: A field is missing, of another type or too long, or the digest is another.
    """
    try:
        fields = json.loads(entry)
        if not isinstance(fields, dict):
            raise OddEntryError
        key = CaptionKey(*(_text(fields, name) for name in CaptionKey._fields))
        said: dict[str, Any] = {
            name: _text(fields, name, default="") for name in StoredAnswer._fields if name != "text"
        }
        said["failed"] = Reason(said["failed"]) if said["failed"] else None
        said["model"] = said["model"] or None
        answer = StoredAnswer(_text(fields, "text"), **said)
        check = _check(key, answer.text)
        is_whole = fields.get("v") in (1, VERSION) and fields.get("check") == check
    except (ValueError, RecursionError):
        # No cause: its message and its frames hold the entry's content.
        raise OddEntryError from None
    if not (is_whole and is_storable(answer)):
        raise OddEntryError
    return key, answer


def bounded(text: str) -> str:
    """Return a short text of a service's or of a library's that fits into an entry."""
    return text[:LONGEST_NAME]


def _check(key: CaptionKey, text: str) -> str:
    written = f"{key}\x00{text}".encode(errors="surrogatepass")
    return hashlib.sha256(written).hexdigest()[:16]


def _text(fields: dict[str, object], name: str, *, default: str | None = None) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str) or len(value) > _LONGEST.get(name, LONGEST_NAME):
        raise OddEntryError
    return value


class AnswerCache(Protocol):
    """Answers by key. Safe for threads and processes."""

    is_shared: bool
    """Whether there is a server behind it, which `get` does not ask: `fetch` and `acquire` do."""

    def get(self, key: CaptionKey) -> StoredAnswer | None:
        """Return the answer of a key, or `None` for a miss; anything odd is a miss."""

    def fetch(self, keys: Iterable[CaptionKey]) -> None:
        """Look in a shared cache for keys that `get` missed, so that it finds what is there.

        Args:
            keys: What is looked up in one go, and once in a build.
        """

    def put(self, key: CaptionKey, answer: StoredAnswer, *, owner: str | None = None) -> bool:
        """Store an answer durably before returning.

        Args:
            key: What the answer is for.
            answer: What the service said, fit to publish or not.
            owner: Whose lease and mark on the key end in the same step.

        Returns:
            Whether it is stored. What is not is tried again later, and is a hit meanwhile.
        """

    def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> bool:
        """Take or renew the lease on a key, so that one build at a time asks for it.

        Args:
            key: What is about to be asked for.
            owner: Who asks; unique for each build.
            seconds: How long the lease lasts unless it is renewed or released.

        Returns:
            Whether `owner` holds the lease now.

        Raises:
            StoreError: The cache cannot tell, or cannot store what would be paid for.
        """

    def release(self, key: CaptionKey, *, owner: str) -> None:
        """End the lease, when `owner` holds it."""

    def mark_sent(self, key: CaptionKey, *, owner: str) -> int:
        """Note that a request for the key leaves now; call it with the lease held.

        Args:
            key: What is asked for.
            owner: Who asks.

        Returns:
            How many requests of builds that are gone the mark stood for that was there.

        Raises:
            StoreError: It cannot be noted.
        """

    def end_request(self, key: CaptionKey, *, owner: str, is_charged: bool) -> None:
        """Note that `owner`'s request ended without an answer.

        Args:
            key: What was asked for.
            owner: Who asked.
            is_charged: Whether it may have been charged: then the user is to be told of it.
        """

    def unanswered(self, *, owner: str) -> int:
        """Take over the marks of builds that are gone, and count the requests they stand for.

        Args:
            owner: Who tells the user of them.
        """

    def told(self, *, owner: str) -> None:
        """Remove all of `owner`'s marks, as the user was told of what they stand for."""

    def problems(self) -> tuple[str, ...]:
        """Return what went wrong with the cache so far, in sentences for a person."""

    def close(self) -> None:
        """Store what could not be stored before, then close what is open."""


class NoCache:
    """An `AnswerCache` that misses everything and keeps nothing, so that nothing is paid for."""

    is_shared = False

    def fetch(self, keys: Iterable[CaptionKey]) -> None:
        """Find nothing."""

    def get(self, key: CaptionKey) -> None:
        """Miss."""

    def put(self, key: CaptionKey, answer: StoredAnswer, *, owner: str | None = None) -> bool:
        """Store nothing, and say so."""
        del key, answer, owner
        return False

    def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> NoReturn:
        """Keep anyone from paying for what would be lost.

        Raises:
            StoreError: Always.
        """
        del key, owner, seconds
        raise StoreError("there is no cache")

    def release(self, key: CaptionKey, *, owner: str) -> None:
        """Do nothing: nobody holds a lease."""

    def mark_sent(self, key: CaptionKey, *, owner: str) -> int:
        """Do nothing: only what is free is asked for without a lease."""
        del key, owner
        return 0

    def end_request(self, key: CaptionKey, *, owner: str, is_charged: bool) -> None:
        """Do nothing: there are no marks."""

    def unanswered(self, *, owner: str) -> int:
        """Count nothing."""
        del owner
        return 0

    def told(self, *, owner: str) -> None:
        """Do nothing: there are no marks."""

    def problems(self) -> tuple[str, ...]:
        """Return nothing: whoever chose this cache says why."""
        return ()

    def close(self) -> None:
        """Do nothing: nothing is open."""
