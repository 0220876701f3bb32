"""The names and the text forms of a cache's records, and the check of everything read back.

An answer is a JSON object with the fields of its key inside, so that an entry that was copied to
another name is noticed, and with a short digest, as SQLite has no checksums of its own.
"""

from __future__ import annotations

import hashlib
import json

from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.models import CaptionKey, Reason, StoredAnswer

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
    try:
        answer.text.encode()
    except UnicodeEncodeError:
        return False
    return len(answer.text) <= MOST_CHARACTERS


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
    fields = _object(entry)
    key = CaptionKey(*(_text(fields, name, LONGEST_NAME) for name in CaptionKey._fields))
    text = _text(fields, "text", MOST_CHARACTERS)
    if fields.get("v") not in {1, VERSION} or fields.get("check") != _check(key, text):
        raise OddEntryError
    answer = StoredAnswer(
        text,
        _reason(_text(fields, "failed", LONGEST_NAME, default="")),
        _text(fields, "detail", LONGEST_NAME, default=""),
        _text(fields, "model", LONGEST_NAME, default="") or None,
    )
    if not is_storable(answer):
        raise OddEntryError
    return key, answer


def bounded(text: str) -> str:
    """Return a short text of a service's or of a library's that fits into an entry."""
    return text[:LONGEST_NAME]


def _check(key: CaptionKey, text: str) -> str:
    written = f"{key}\x00{text}".encode(errors="surrogatepass")
    return hashlib.sha256(written).hexdigest()[:16]


def _reason(name: str) -> Reason | None:
    try:
        return Reason(name) if name else None
    except ValueError:
        raise OddEntryError from None


def _object(entry: str) -> dict[str, object]:
    try:
        fields = json.loads(entry)
    except (ValueError, RecursionError):
        # No cause: its message and its frames hold the entry's content.
        raise OddEntryError from None
    if not isinstance(fields, dict):
        raise OddEntryError
    return fields


def _text(fields: dict[str, object], name: str, longest: int, *, default: str | None = None) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str) or len(value) > longest:
        raise OddEntryError
    return value
