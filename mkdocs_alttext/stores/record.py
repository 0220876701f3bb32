"""What one entry of a cache holds.

Owns the text form of a caption and the check of everything that is read back. It must not know
where entries are kept.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from mkdocs_alttext.stores.faults import CacheError, Fault

if TYPE_CHECKING:
    from mkdocs_alttext.captions import CaptionKey

RECORD_VERSION = 1
"""Part of every entry and of its name: another version's entries are neither read nor replaced."""
_encode = json.JSONEncoder(separators=(",", ":")).encode
"""Made once: `json.dumps` makes an encoder for each text."""
MAX_TEXT_BYTES = 4096
"""Longest text that is stored or believed, in UTF-8; alt text is a tenth of it at most."""


def entry_name(kind: str, key: CaptionKey | str) -> str:
    """Return the name of an entry: its kind, its version and the key's digest.

    With an empty key, it is what the names of all entries of a kind begin with.
    """
    return f"{kind}:{RECORD_VERSION}:{key}"


def is_storable(text: str) -> bool:
    """Whether a text can be kept: not empty, not oversized, and valid in UTF-8.

    A lone surrogate is refused because a page that holds one cannot be written.
    """
    try:
        return 0 < len(text.encode()) <= MAX_TEXT_BYTES
    except UnicodeEncodeError:
        return False


def encode_caption(key: CaptionKey, text: str) -> str:
    """Return the one form in which we write this caption: JSON in ASCII.

    The key's fields are inside, so that an entry copied to another name is noticed; so is a
    digest, because SQLite has no checksums and a decayed text would be published as it is.
    """
    fields = {
        "v": RECORD_VERSION,
        "sha256": key.sha256,
        "language": key.language,
        "service": key.service,
        "text": text,
        "check": hashlib.sha256(f"{key}\x00{text}".encode()).hexdigest()[:16],
    }
    return _encode(fields)


def decode_caption(key: CaptionKey, entry: str) -> str:
    """Return an entry's text when the entry is exactly what we would write for it.

    Comparing with our own form checks every field, its type, its order and that there is no other.

    Args:
        key: What was looked for.
        entry: What was found.

    Raises:
        CacheError: The entry is odd.
    """
    fields = decode_object(entry)
    text = fields.get("text")
    if not isinstance(text, str) or not is_storable(text) or encode_caption(key, text) != entry:
        raise CacheError(Fault.ODD_ENTRY)
    return text


def decode_object(entry: str) -> dict[str, object]:
    """Return the JSON object in an entry.

    Raises:
        CacheError: There is none.
    """
    try:
        fields = json.loads(entry)
    except (ValueError, RecursionError):
        # No cause: its message and its frames hold the entry's content.
        raise CacheError(Fault.ODD_ENTRY) from None
    if not isinstance(fields, dict):
        raise CacheError(Fault.ODD_ENTRY)
    return fields
