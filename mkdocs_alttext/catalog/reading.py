"""Reading the catalog: which keys a file may have, of which type, and what is wrong with it.

The parser's events are taken one by one, and no document is built of them: every build reads the
file, which may have 10,000 entries, and a hostile one takes no more memory than `MOST_KEYS` keys.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import yaml
from yaml import events

from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Entry, Status, language_tag
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.models import SUGGESTIONS, Reason
from mkdocs_alttext.system.files import holds, leads_out, project_root, read_regular
from mkdocs_alttext.system.printable import ByName, same_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

NOTES = ("context", "refused", "suggestion", "long")
KEYS = ("alt", "status", "sha256", "origin", *NOTES, "pages")
"""Of an entry, in the order in which this program writes them."""

MOST_KEYS = 300_000
"""Of a file, those of 50,000 usual entries; each takes up to 240 bytes of memory."""

_STATUSES = {status.value: status for status in Status}
_REASONS = frozenset(reason.value for reason in Reason)
DIGEST = "[0-9a-f]{64}"
LANGUAGE = "[a-z]{2,8}(?:-[a-z0-9]{1,8})*"
"""In the form of `language_tag`."""
_WORD = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]{1,10})(?:[_-](?:[A-Z]?[a-z]+|[A-Z]{1,10}))*\d{0,3}")
_LONGEST_WORD = 20
_T = TypeVar("_T")
_RESOLVER: Any = yaml.resolver.Resolver()
"""Knows YAML 1.1's own rules for what is no text without quotes."""
_TEXT_TAG = "tag:yaml.org,2002:str"
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?: |\r?$)", re.MULTILINE)
_BYTE_ORDER_MARK = "\ufeff"

_NO_ANCHORS = "Anchors and aliases (& and *) are not understood here."
_LEADS_OUT = (
    "This is a link that leads out of the project. Put the file itself here, or name it in the "
    "option catalog."
)


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
    return {} if data is None else parse_catalog(decode(data, str(path)), str(path))


def read_bytes(path: Path) -> bytes | None:
    """Return the file as it is, or `None` when there is none.

    Raises:
        CatalogError: It cannot be read, is no file, is too long, or lies outside the project.
    """
    with _read_errors(path):
        return read_regular(path)
    return None


def is_as_read(path: Path, data: bytes | None) -> bool:
    """Tell whether the file holds what `read_bytes` returned of it, with the errors of that."""
    if data is None:
        return read_bytes(path) is None
    with _read_errors(path):
        return holds(path, data)
    return False


@contextmanager
def _read_errors(path: Path) -> Iterator[None]:
    """Refuse a link out of the project, and say why a file cannot be read; pass over none."""
    try:
        if leads_out(path, project_root(path)):
            raise CatalogError(str(path), _LEADS_OUT)
        yield
    except FileNotFoundError:
        pass
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
        return _Reader(text, name).entries()
    except (CatalogError, yaml.YAMLError) as error:
        if conflict := _CONFLICT.search(text):
            line: int | None = text.count("\n", 0, conflict.start()) + 1
            raise CatalogError(name, "A merge left a conflict here: solve it.", line=line) from None
        if isinstance(error, CatalogError):
            raise
        problem, line = _syntax_error(error, text)
        raise CatalogError(name, f"This is not YAML: {problem}.", line=line) from None


def is_no_text(plain: str) -> bool:
    """Tell whether YAML reads an unquoted scalar as a number, a boolean, a date or nothing."""
    return bool(_RESOLVER.resolve(yaml.ScalarNode, plain, (True, False)) != _TEXT_TAG)


class _Reader:
    """Reads the text of one file."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._keys_left = MOST_KEYS
        # libyaml is ten times as fast, where PyYAML was built with it.
        self._events = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)

    def entries(self) -> Mapping[str, Entry]:
        """Return the entries of the file's one document, found in either spelling of their path.

        Raises:
            CatalogError: A key or a value is not what it has to be; says where.
            yaml.YAMLError: The text is not YAML.
        """
        entries: dict[str, Entry] = {}
        self._next()
        if isinstance(self._next(), events.StreamEndEvent):
            return ByName(entries)
        start = self._next()
        if not isinstance(start, events.ScalarEvent) or start.value:
            what = "The catalog is a mapping from image paths to entries."
            for key in self._keys(start, what):
                entries[key.value] = self._entry(key)
        self._next()
        if not isinstance(following := self._next(), events.StreamEndEvent):
            self._fail(following, "The catalog is one document: remove this line `---`.")
        return ByName(entries)

    def _entry(self, key: events.ScalarEvent) -> Entry:
        found: dict[str, Any] = {}
        notes: dict[str, Mapping[str, str]] = {}
        what = (
            f"An entry is a mapping with {', '.join(KEYS[:-1])} and {KEYS[-1]}: correct this one."
        )
        for name in self._keys(self._next(), what):
            match name.value:
                case "alt":
                    found["texts"] = self._by_language("alt", self._text)
                case "status":
                    found["statuses"] = self._by_language("status", self._status)
                case "sha256":
                    found["sha256"] = self._digest()
                case "origin":
                    found["origin"] = self._value("origin").value
                case "refused" | "suggestion":
                    notes[name.value] = self._by_language(name.value, self._word)
                case "context" | "long":
                    notes[name.value] = self._by_language(name.value, self._text)
                case "pages":
                    found["pages"] = self._pages()
                case unknown:
                    known = ", ".join(KEYS)
                    self._fail(name, f"Unknown key{_repeated(unknown)}. Known: {known}.")
        if "statuses" not in found:
            self._fail(key, f"There is no status. Write one of: {', '.join(_STATUSES)}.")
        entry = Entry(key.value, line=_line_of(key), notes=notes, **found)
        self._check_languages(key, entry)
        return entry

    def _check_languages(self, key: events.ScalarEvent, entry: Entry) -> None:
        """Refuse an entry that is approved without a text, or whose status leaves a text out."""
        statuses, texts = entry.statuses, entry.texts
        if ANY_LANGUAGE in statuses:
            if statuses[ANY_LANGUAGE] is Status.REVIEWED and not (texts or entry.pages):
                self._fail(key, "There is no alt. Write one, or `status: decorative`.")
            return
        if ANY_LANGUAGE in texts:
            self._fail(key, "The one text of alt serves all languages: give it one status.")
        for tag in texts.keys() - statuses.keys():
            self._fail(key, f"There is no status for {tag}.")
        for tag, status in statuses.items():
            if status is Status.REVIEWED and tag not in texts:
                self._fail(key, f"There is no alt for {tag}, whose status is reviewed.")

    def _by_language(self, name: str, read: Callable[[events.Event, str], _T]) -> Mapping[str, _T]:
        """Read the value of a key: one for all languages, or a mapping with one for each."""
        event = self._next()
        if not isinstance(event, events.MappingStartEvent):
            return {ANY_LANGUAGE: read(event, name)}
        values: dict[str, _T] = {}
        for key in self._keys(event):
            tag = language_tag(key.value)
            if not re.fullmatch(LANGUAGE, tag) or tag in values:
                what = "there twice" if tag in values else "no language, such as en or pt-BR"
                self._fail(key, f"The key{_repeated(key.value)} is {what}.")
            values[tag] = read(self._next(), f"{name} for {key.value}")
        if not values:
            self._fail(event, f"The value of {name} is empty. Leave the key out.")
        return values

    def _word(self, event: events.Event, name: str) -> str:
        """Read the value of `refused` or `suggestion`."""
        is_reason = name.startswith("refused")
        known = _REASONS if is_reason else SUGGESTIONS
        if not isinstance(event, events.ScalarEvent) or event.value not in known:
            what = "reason, such as answer-too-long" if is_reason else "word for it, as decorative"
            self._fail(event, f"The value of {name} is no {what}.")
        self._check_node(event)
        return str(event.value)

    def _pages(self) -> Mapping[str, str]:
        what = "`pages` is a mapping from a page's source, such as guide.md, to its text."
        names = self._keys(self._next(), what)
        return ByName(
            {name.value: self._text(self._next(), name.value, may_be_empty=True) for name in names}
        )

    def _status(self, event: events.Event, name: str) -> Status:
        scalar = self._scalar(event, f"The value of {name} is no text.")
        if scalar.value not in _STATUSES:
            what = f"Unknown status{_repeated(scalar.value)}"
            self._fail(event, f"{what}. Known: {', '.join(_STATUSES)}.")
        return _STATUSES[scalar.value]

    def _digest(self) -> str:
        event = self._value("sha256")
        if not re.fullmatch(DIGEST, event.value):
            self._fail(event, "A sha256 has 64 hexadecimal digits. Without it, leave the key out.")
        return str(event.value)

    def _text(self, event: events.Event, what: str, *, may_be_empty: bool = False) -> str:
        scalar = self._scalar(event, f"The value of {what} is no text.")
        text = str(scalar.value)
        if not scalar.style and is_no_text(text):
            self._fail(event, f"The value of {what} is no text to YAML. Put it in quotes.")
        if not may_be_empty and not any(each.isprintable() and each != " " for each in text):
            self._fail(event, f"The value of {what} is empty. For decoration: status: decorative.")
        return text

    def _value(self, name: str) -> events.ScalarEvent:
        return self._scalar(self._next(), f"The value of {name} is no text.")

    def _keys(self, start: events.Event, otherwise: str = "") -> Iterator[events.ScalarEvent]:
        """Yield the keys of a mapping, of which the caller reads each value before the next key.

        Args:
            start: The event with which the mapping begins.
            otherwise: What to say when that event begins something else.
        """
        if not isinstance(start, events.MappingStartEvent):
            self._fail(start, otherwise)
        self._check_node(start)
        lines: dict[str, int] = {}
        while not isinstance(event := self._next(), events.MappingEndEvent):
            key = self._scalar(event, "This cannot be a key.")
            self._keys_left -= 1
            if self._keys_left < 0:
                so_far = f"The catalog has more than {MOST_KEYS} keys up to here."
                self._fail(key, f"{so_far} Remove entries.")
            name = same_form(key.value)
            if name in lines:
                self._fail(key, f"{key.value!r} is there already, in line {lines[name]}.")
            lines[name] = _line_of(key)
            yield key

    def _scalar(self, event: events.Event, otherwise: str) -> events.ScalarEvent:
        if not isinstance(event, events.ScalarEvent):
            self._fail(event, otherwise)
        self._check_node(event)
        return event

    def _check_node(self, event: events.ScalarEvent | events.MappingStartEvent) -> None:
        """Refuse what would make one place of the file speak for another, or name a type."""
        if event.anchor:
            self._fail(event, _NO_ANCHORS)
        if event.tag not in (None, "!"):
            self._fail(event, "Tags (!) are not understood here.")

    def _next(self) -> events.Event:
        event: events.Event = self._events.get_event()
        return event

    def _fail(self, event: events.Event, reason: str) -> NoReturn:
        reason = _NO_ANCHORS if isinstance(event, events.AliasEvent) else reason
        raise CatalogError(self._name, reason, line=_line_of(event))


def _repeated(value: str) -> str:
    """Return a value for a message if it looks like a misspelt word, else nothing.

    Whoever may write `mkdocs.yml` may name any file as the catalog, such as one with keys.
    """
    return f" {value!r}" if len(value) <= _LONGEST_WORD and _WORD.fullmatch(value) else ""


def _line_of(event: events.Event) -> int:
    """Return the line on which an event begins, from 1."""
    return event.start_mark.line + 1 if event.start_mark else 1


def _syntax_error(error: yaml.YAMLError, text: str) -> tuple[str, int | None]:
    """Return what the parser says of a text that is not YAML, and the line."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line = min(mark.line, text.count("\n")) + 1 if mark else None
        return str(error.problem or error.context), line
    # The parser refuses control characters, and tells the offset only.
    line = text.count("\n", 0, getattr(error, "position", 0)) + 1
    return getattr(error, "reason", "it cannot be read"), line
