"""The key: where it is read from, the one place that writes it into a request, and hiding it.

Errors name variables and files, never what they hold.
"""

from __future__ import annotations

import html
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import UnusableKeyError
from mkdocs_alttext.system.files import read_regular
from mkdocs_alttext.system.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_SUFFIX = "_FILE"
_MOST_BYTES = 4096


def read_key(variable: str, environment: Mapping[str, str]) -> str | None:
    """Read a service's key.

    Args:
        variable: Name of the environment variable that holds it. Where that is empty, the variable
            with `_FILE` appended may hold the path of a file with the key, as secrets are mounted
            in containers.
        environment: The environment.

    Returns:
        The key without surrounding white space, or `None` when there is none.

    Raises:
        UnusableKeyError: The file cannot be read.
    """
    if key := environment.get(variable, "").strip():
        return key
    path = environment.get(variable + FILE_SUFFIX, "").strip()
    if not path:
        return None
    try:
        # Editors of Windows begin a text with a mark, which is no part of the key.
        return read_regular(Path(path), _MOST_BYTES).decode("utf-8-sig").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableKeyError(
            f"The file that {variable}{FILE_SUFFIX} names cannot be read ({type(error).__name__}). "
            "Check the path, its permissions, and that it is a short text in UTF-8, no pipe."
        ) from None


_SECRET_LENGTH = 8
"""A shorter key is a stand-in such as `x`, and to hide it would riddle every text."""
_MOST_ESCAPES = 8
"""How often a text may be escaped; twice is a mistake that occurs."""


class BearerAuth:
    """A key that goes with each request and is hidden from texts."""

    __slots__ = ("_key",)  # keeps the key out of vars()

    def __init__(self, key: str) -> None:
        """Check the key.

        Args:
            key: The key; white space around it is dropped.

        Raises:
            UnusableKeyError: It cannot be a key; the message does not repeat it.
        """
        key = key.strip()
        if not key:
            raise UnusableKeyError("The API key is empty; set it to the key of your account.")
        if not key.isprintable() or max(key) > "\xff":
            raise UnusableKeyError(
                "The API key holds characters that no key has (line breaks, control characters "
                "or letters outside Latin-1); copy it again, alone and on one line."
            )
        self._key = key

    def added_to(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of one request with the key among them."""
        return {**headers, "Authorization": f"Bearer {self._key}"}

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return f"{type(self).__name__}(***)"

    def redact(self, text: str) -> str:
        """Return a text with the key replaced wherever it appears, escaped or not.

        A text that must be unescaped to find the key comes back unescaped. One that is escaped over
        and over, or cannot be unescaped, is replaced as a whole.
        """
        if len(self._key) < _SECRET_LENGTH:
            return text
        redacted = bare = self._replace(text)
        with suppress(ValueError):  # of a number too long for Python
            for _ in range(_MOST_ESCAPES):
                # What cleaning and browsers undo, layer by layer.
                barer = printable(html.unescape(bare))
                if barer == bare:
                    return redacted
                bare = self._replace(barer)
                if bare != barer:
                    redacted = bare
        return "***"

    def _replace(self, text: str) -> str:
        # Without regard to case: host names come back in lower case.
        return re.sub(re.escape(self._key), "***", text, flags=re.IGNORECASE)
