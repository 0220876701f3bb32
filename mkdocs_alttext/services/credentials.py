"""Where a key comes from.

Owns reading it from the environment or from a file that the environment names. It must not keep,
print or pass on anything but the key itself; its errors name variables, never values.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import UnusableKeyError
from mkdocs_alttext.regular_file import read_regular

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
