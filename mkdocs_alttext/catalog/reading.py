"""Reading the catalog.

Owns the way from a file to entries, and what can be wrong with it as a file. It must not know what
an entry is used for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from mkdocs_alttext.catalog.grammar import EntryReader
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.project import leads_out, project_root
from mkdocs_alttext.regular_file import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mkdocs_alttext.catalog.entries import Entry

_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?: |\r?$)", re.MULTILINE)
_LEADS_OUT = (
    "This is a link that leads out of the project. Put the file itself here, or name it in the "
    "option catalog."
)
_BYTE_ORDER_MARK = "\ufeff"


def read_catalog(path: Path) -> Mapping[str, Entry]:
    """Read the catalog.

    Args:
        path: The file; there need not be one.

    Returns:
        Its entries by image path, in the order of the file; either spelling of a path finds one.

    Raises:
        CatalogError: The file cannot be read, or something in it is wrong; says where.
    """
    data = read_bytes(path)
    if data is None:
        return {}
    text = decode(data, str(path))
    del data  # it may be as long as what is read from it
    return parse_catalog(text, str(path))


def read_bytes(path: Path) -> bytes | None:
    """Return the file as it is, or `None` when there is none.

    Raises:
        CatalogError: It cannot be read, is no file, is too long, or lies outside the project.
    """
    try:
        if leads_out(path, project_root(path)):
            raise CatalogError(str(path), _LEADS_OUT)
        return read_regular(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CatalogError(str(path), f"The catalog cannot be read ({why}).") from None


def decode(data: bytes, name: str) -> str:
    """Return the text of a file, without its byte order mark.

    Raises:
        CatalogError: It is not UTF-8.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CatalogError(name, "This is not UTF-8. Save the file as UTF-8.", line=line) from None
    return text.removeprefix(_BYTE_ORDER_MARK)


def parse_catalog(text: str, name: str) -> Mapping[str, Entry]:
    """Read entries from a text; `name` is the file that errors speak of.

    Raises:
        CatalogError: Something in it is wrong; says where.
    """
    try:
        return _parse(text, name)
    except CatalogError:
        if conflict := _CONFLICT.search(text):
            line = text.count("\n", 0, conflict.start()) + 1
            raise CatalogError(name, "A merge left a conflict here: solve it.", line=line) from None
        raise


def _parse(text: str, name: str) -> Mapping[str, Entry]:
    try:
        return EntryReader(text, name).entries()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = f"This is not YAML: {error.problem or error.context}."
        line = min(mark.line, text.count("\n")) + 1 if mark else None
        raise CatalogError(name, problem, line=line) from None
    except yaml.YAMLError as error:
        # The parser refuses control characters, and tells the offset only.
        at = getattr(error, "position", 0)
        reason = f"This is not YAML: {getattr(error, 'reason', 'it cannot be read')}."
        raise CatalogError(name, reason, line=text.count("\n", 0, at) + 1) from None
    except RecursionError:
        raise CatalogError(name, "This is nested too deeply.") from None
