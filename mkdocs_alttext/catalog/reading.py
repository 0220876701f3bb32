"""The catalog's grammar.

Owns which keys there are, of which type, and where a file departs from that. It must not know files
or what an entry is used for. It takes the parser's events one by one, without building a document
from them: 10,000 entries are read at every build.

Reading the catalog.

Owns the way from a file to entries, and what can be wrong with it as a file. It must not know what
an entry is used for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    StreamEndEvent,
)

from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Entry, Status, language_tag
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.models import Reason
from mkdocs_alttext.system.files import read_regular
from mkdocs_alttext.system.printable import ByName, plain, same_form
from mkdocs_alttext.system.project import leads_out, project_root

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


KEYS = ("alt", "status", "sha256", "origin", "refused", "pages")
"""Of an entry, in the order in which this program writes them."""

MOST_KEYS = 300_000
"""Of a file, those of 50,000 usual entries; each takes up to 240 bytes of memory."""
_STATUSES = {status.value: status for status in Status}
_REASONS = {reason.value: reason for reason in Reason}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LANGUAGE = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8})*")
_WORD = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]{1,10})(?:[_-](?:[A-Z]?[a-z]+|[A-Z]{1,10}))*\d{0,3}")
_LONGEST_SLIP = 20
_NOTHING: Mapping[str, str] = {}
_TAGS = (None, "!")
_TYPES = yaml.resolver.Resolver.yaml_implicit_resolvers
"""YAML 1.1's own rules, by first character, for what is no text without quotes."""
_NO_ANCHORS = "Anchors and aliases (& and *) are not understood here."


class EntryReader:
    """Walks through the text of one file."""

    def __init__(self, text: str, name: str) -> None:
        """Begin; `name` is the file that errors speak of."""
        self._name = name
        self._keys_left = MOST_KEYS
        # libyaml is ten times as fast, where PyYAML was built with it.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        self._next: Callable[[], Event] = loader.get_event

    def entries(self) -> Mapping[str, Entry]:
        """Return the entries of the file's one document, found in either spelling of their path.

        Raises:
            CatalogError: Something departs from the grammar; says where.
            yaml.YAMLError: The text is not YAML.
        """
        entries: dict[str, Entry] = {}
        self._next()
        if isinstance(self._next(), StreamEndEvent):
            return ByName(entries)
        start = self._next()
        if isinstance(start, MappingStartEvent):
            self._check_node(start)
            seen: dict[str, int] = {}
            while key := self._key(seen):
                entries[key.value] = self._entry(key)
        elif not isinstance(start, ScalarEvent) or start.value:
            self._fail(start, "The catalog is a mapping from image paths to entries.")
        self._next()
        if not isinstance(following := self._next(), StreamEndEvent):
            self._fail(following, "The catalog is one document: remove this line `---`.")
        return ByName(entries)

    def _entry(self, key: ScalarEvent) -> Entry:
        line = _line_of(key)
        self._mapping(f"An entry is a mapping with {', '.join(KEYS[:-1])} and {KEYS[-1]}.")
        status, sha256, origin = None, None, None
        texts = pages = _NOTHING
        refused: Mapping[str, Reason] = {}
        seen: dict[str, int] = {}
        while name := self._key(seen):
            match name.value:
                case "alt":
                    texts = self._texts()
                case "status":
                    status = self._status()
                case "sha256":
                    sha256 = self._digest()
                case "origin":
                    origin = self._scalar("origin").value
                case "refused":
                    refused = self._refused()
                case "pages":
                    pages = self._pages()
                case _:
                    key_said = f"Unknown key{_slip(name.value)}"
                    self._fail(name, f"{key_said}. Known: {', '.join(KEYS)}.")
        if status is None:
            self._fail(key, f"There is no status. Write one of: {', '.join(_STATUSES)}.")
        if status is not Status.DECORATIVE and not (texts or pages):
            self._fail(key, "There is no alt. Write one, or `status: decorative`.")
        return Entry(key.value, status, texts, sha256, origin, pages, refused, line)

    def _texts(self) -> Mapping[str, str]:
        event = self._next()
        if not isinstance(event, MappingStartEvent):
            return {ANY_LANGUAGE: self._text(event, "alt")}
        self._check_node(event)
        texts: dict[str, str] = {}
        seen: dict[str, int] = {}
        while name := self._key(seen):
            tag = language_tag(name.value)
            if not _LANGUAGE.fullmatch(tag) or tag in texts:
                what = "there twice" if tag in texts else "no language, such as en or pt-BR"
                self._fail(name, f"The key{_slip(name.value)} is {what}.")
            texts[tag] = self._text(self._next(), f"alt for {name.value}")
        return texts

    def _refused(self) -> Mapping[str, Reason]:
        event = self._next()
        if not isinstance(event, MappingStartEvent):
            return {ANY_LANGUAGE: self._reason(event)}
        self._check_node(event)
        refused: dict[str, Reason] = {}
        seen: dict[str, int] = {}
        while name := self._key(seen):
            refused[language_tag(name.value)] = self._reason(self._next())
        return refused

    def _reason(self, event: Event) -> Reason:
        reason = _REASONS.get(event.value) if isinstance(event, ScalarEvent) else None
        if reason is None:
            self._fail(event, "The value of refused is no reason, such as answer-too-long.")
        return reason

    def _pages(self) -> Mapping[str, str]:
        self._mapping("`pages` is a mapping from a page's source, such as guide.md, to its text.")
        pages: dict[str, str] = {}
        seen: dict[str, int] = {}
        while name := self._key(seen):
            pages[name.value] = self._text(self._next(), name.value, may_be_empty=True)
        return ByName(pages)

    def _status(self) -> Status:
        event = self._scalar("status")
        status = _STATUSES.get(event.value)
        if status is None:
            known = ", ".join(_STATUSES)
            self._fail(event, f"Unknown status{_slip(event.value)}. Known: {known}.")
        return status

    def _digest(self) -> str:
        event = self._scalar("sha256")
        if not _DIGEST.fullmatch(event.value):
            self._fail(event, "A sha256 has 64 hexadecimal digits. Without it, leave the key out.")
        return str(event.value)

    def _text(self, event: Event, what: str, *, may_be_empty: bool = False) -> str:
        if not isinstance(event, ScalarEvent):
            self._fail(event, f"The value of {what} is no text.")
        self._check_node(event)
        text = str(event.value)
        if not event.style and is_no_text(text):
            self._fail(event, f"The value of {what} is no text to YAML. Put it in quotes.")
        if not may_be_empty and not plain(text):
            self._fail(event, f"The value of {what} is empty. For decoration: status: decorative.")
        return text

    def _scalar(self, what: str) -> ScalarEvent:
        event = self._next()
        if not isinstance(event, ScalarEvent):
            self._fail(event, f"The value of {what} is no text.")
        self._check_node(event)
        return event

    def _mapping(self, otherwise: str) -> None:
        event = self._next()
        if not isinstance(event, MappingStartEvent):
            self._fail(event, otherwise)
        self._check_node(event)

    def _key(self, seen: dict[str, int]) -> ScalarEvent | None:
        """Return the next key of a mapping, or `None` at its end."""
        event = self._next()
        if isinstance(event, MappingEndEvent):
            return None
        if not isinstance(event, ScalarEvent):
            self._fail(event, "This cannot be a key.")
        self._keys_left -= 1
        if self._keys_left < 0:
            self._fail(
                event,
                f"The catalog has more than {MOST_KEYS} keys up to here. Remove entries.",
            )
        self._check_node(event)
        name = same_form(event.value)
        if name in seen:
            self._fail(event, f"{event.value!r} is there already, in line {seen[name]}.")
        seen[name] = _line_of(event)
        return event

    def _check_node(self, event: ScalarEvent | MappingStartEvent) -> None:
        """Refuse what would make one place of the file speak for another, or name a type."""
        if event.anchor:
            self._fail(event, _NO_ANCHORS)
        if event.tag not in _TAGS:
            self._fail(event, "Tags (!) are not understood here.")

    def _fail(self, event: Event, reason: str) -> NoReturn:
        reason = _NO_ANCHORS if isinstance(event, AliasEvent) else reason
        raise CatalogError(self._name, reason, line=_line_of(event))


def _slip(value: str) -> str:
    """Return a value for a message, if it looks like a word that was meant to be another one.

    Whoever may write `mkdocs.yml` may name any file as the catalog, such as one with keys.
    """
    is_word = len(value) <= _LONGEST_SLIP and _WORD.fullmatch(value)
    return f" {value!r}" if is_word else ""


def is_no_text(plain: str) -> bool:
    """Tell whether YAML reads an unquoted scalar as a number, a boolean, a date or nothing."""
    rules = [*_TYPES.get(plain[:1], ()), *_TYPES.get(None, ())]
    return any(expression.match(plain) for _, expression in rules)


def _line_of(event: Event) -> int:
    """Return the line on which an event begins, from 1."""
    return event.start_mark.line + 1 if event.start_mark else 1


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
