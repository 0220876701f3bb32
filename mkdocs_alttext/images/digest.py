"""What a picture's bytes digest to.

Owns the one fact that tells pictures apart. It must not know what they show or where they are.
"""

from __future__ import annotations

import hashlib


def sha256_of(data: bytes) -> str:
    """Return the hexadecimal SHA-256 digest of a file's original bytes."""
    return hashlib.sha256(data).hexdigest()
