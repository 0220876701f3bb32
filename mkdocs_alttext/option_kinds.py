"""The kinds of options: which values each takes, and what a user is told of all others."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from mkdocs_alttext.cache.redis_server import ServerAddress
from mkdocs_alttext.exceptions import OptionError
from mkdocs_alttext.models import LANGUAGE_CODE, NO, YES
from mkdocs_alttext.pages.patterns import parse
from mkdocs_alttext.system.environment import NO_KEYS

if TYPE_CHECKING:
    from collections import UserDict
    from collections.abc import Mapping

_T = TypeVar("_T")
_MOST_INSTRUCTIONS = 1000
"""Characters; what a prompt takes."""
_MOST_NAME = 255
"""Bytes of a file's name."""
_MOST_PATH = 4000
"""Bytes of a path; Linux has 4096, which must do for the files in a folder, too."""


class Option(Generic[_T]):
    """An option of `Options`: what holds when the user says nothing, and which values it takes."""

    default: object = None

    def __init__(self, *, default: object = None) -> None:
        """Take what holds when the user says nothing."""
        if default is not None:
            self.default = default

    def __set_name__(self, owner: type, name: str) -> None:
        """Keep the name."""
        self.name = name

    @overload
    def __get__(self, options: None, owner: type) -> Self: ...

    @overload
    def __get__(self, options: Mapping[str, Any], owner: type) -> _T: ...

    def __get__(self, options: Mapping[str, Any] | None, owner: type) -> Self | _T:
        """Return the value that some options have, or of their class the option itself."""
        return self if options is None else options[self.name]

    def __set__(self, options: UserDict[str, Any], value: _T) -> None:
        """Replace the value that some options have."""
        options[self.name] = value

    def check(self, value: object) -> _T:
        """Return the value that holds for what a user wrote.

        Raises:
            OptionError: It is none that can be used.
        """
        raise NotImplementedError  # each kind has its own

    def read(self, value: object, folder: str) -> _T:
        """Return the value that holds for what a user wrote in a file.

        Args:
            value: As it was written.
            folder: The file's, or nothing for the current one: paths begin there.

        Raises:
            OptionError: It is none that can be used.
        """
        del folder
        return self.check(value)


class Optional(Option[_T | None]):
    """An option that may be without a value."""

    def __init__(self, option: Option[_T]) -> None:
        """Take which values there are."""
        super().__init__()
        self.option = option

    def read(self, value: object, folder: str) -> _T | None:
        """Return the value, if there is one."""
        return None if value is None else self.option.read(value, folder)


class Text(Option[str]):
    """Any text; nothing stands for the default."""

    def check(self, value: object) -> str:
        """Return the text."""
        value = self.default if value is None else value
        if not isinstance(value, str):
            raise OptionError(f"Expected type: {str} but received: {type(value)}")
        return value


class Choice(Option[str]):
    """One of several words; nothing stands for the default."""

    def __init__(self, choices: tuple[str, ...], *, default: str | None = None) -> None:
        """Take the words."""
        super().__init__(default=default)
        self.choices = choices

    def check(self, value: object) -> str:
        """Return the word."""
        value = self.default if value is None else value
        if not isinstance(value, str) or value not in self.choices:
            raise OptionError(f"Expected one of: {self.choices} but received: {value!r}")
        return value


class Removed(Option[None]):
    """An option that there is no more, or that must not be in a file: each value is refused."""

    def __init__(self, *, message: str) -> None:
        """Take what a user is told."""
        super().__init__()
        self.message = message

    def check(self, value: object) -> None:
        """Refuse it."""
        if value is not None:
            raise OptionError(self.message)


class TolerantBool(Option[bool]):
    """A boolean that also understands what environment variables hold, such as `CI=1`."""

    def check(self, value: object) -> bool:
        """Return the boolean that a value means."""
        text = str(value).strip().lower()
        if text not in YES | NO | {""}:
            raise OptionError("Expected true or false.")
        return text in YES


class BoundedNumber(Option[Any]):
    """A number between two bounds, both allowed; `true` is none."""

    def __init__(
        self, kind: type, least: float, most: float, *, default: float | None = None
    ) -> None:
        """Take the bounds.

        Args:
            kind: `int` or `float`.
            least: Smallest value.
            most: Largest value.
            default: What holds when the user says nothing.
        """
        super().__init__(default=default)
        self.kind = kind
        self.least, self.most = least, most

    def check(self, value: object) -> int | float:
        """Return the number."""
        allowed = (int, float) if self.kind is float else (int,)
        if isinstance(value, bool) or not isinstance(value, allowed):
            raise OptionError(f"Expected a number ({self.kind.__name__}).")
        if not self.least <= value <= self.most:
            raise OptionError(f"Expected a number from {self.least} to {self.most}.")
        return value


class VariableName(Option[str]):
    """The name of an environment variable; a key in its place is refused without repeating it."""

    pattern = "[A-Z][A-Z0-9_]*"

    def check(self, value: object) -> str:
        """Return the name."""
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise OptionError(
                "Expected the name of an environment variable in capital letters, such as "
                "ALTTEXTAI_API_KEY. If this is a key, it is now in a file: take it out, revoke it, "
                "and put a new one into that variable."
            )
        is_for_key = value.endswith("_API_KEY") or value.startswith("ALTTEXT")
        if value.startswith(NO_KEYS) or not is_for_key:
            # Not repeated: some keys are capital letters and digits, too.
            raise OptionError(
                "The variable's name must end in _API_KEY or begin with ALTTEXT, so that no other "
                "secret of this machine can be sent to a service. Name it so, such as DOCS_API_KEY."
            )
        return value


class ModelName(Option[str]):
    """The name of a model, as its server writes it."""

    pattern = "[!-~]{0,150}"

    def check(self, value: object) -> str:
        """Return the name; an empty one, as of an empty variable, counts as none."""
        name = value.strip() if isinstance(value, str) else None
        if name is None or not re.fullmatch(self.pattern, name):
            raise OptionError(
                "Expected the name of a model, such as gpt-4o-mini or qwen2.5vl:7b; "
                "`mkdocs-alttext account` lists them."
            )
        return name


class Instructions(Option[str]):
    """A few words to a model, as one text or a list of them."""

    default = ""

    def check(self, value: object) -> str:
        """Return the words on one line."""
        lines = [value] if isinstance(value, str) else value
        if not (isinstance(lines, list) and all(isinstance(line, str) for line in lines)):
            raise OptionError("Expected a text or a list of texts.")
        words = " ".join(" ".join(lines).split())
        if len(words) > _MOST_INSTRUCTIONS:
            raise OptionError(
                f"These are {len(words)} characters; up to {_MOST_INSTRUCTIONS} leave a small "
                "model room for the picture."
            )
        return words


class LanguageCode(Option[str]):
    """The code of a language, or `auto`; a name such as `german` is none that a service knows."""

    def check(self, value: object) -> str:
        """Return the code."""
        if isinstance(value, str) and (value == "auto" or re.fullmatch(LANGUAGE_CODE, value)):
            return value
        raise OptionError(
            f"{value!r} is not the code of a language. Write one of two or three letters, such as "
            "de, or auto."
        )


class Words(Option[list[str]]):
    """Several words: a list of them, or one string with spaces between them."""

    default = ""

    def check(self, value: object) -> list[str]:
        """Return the words."""
        if isinstance(value, str):
            return value.split()
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return value
        raise OptionError("Expected a string or a list of strings.")


class Patterns(Words):
    """Patterns as in `.gitignore`: a list of them, or one string with a line for each."""

    def check(self, value: object) -> list[str]:
        """Return the patterns."""
        given = [value] if isinstance(value, str) else super().check(value)
        patterns = [line for each in given for line in each.splitlines() if line.strip()]
        for pattern in patterns:
            try:
                parse(pattern)
            except ValueError:
                raise OptionError(f"{pattern!r} is not a pattern as in .gitignore.") from None
        return patterns


class Output(Text):
    """A file to be written; what is wrong with its name is said when it is, and ends nothing."""

    def read(self, value: object, folder: str) -> str:
        """Return the path, from the folder of the file on."""
        return os.path.abspath(os.path.join(folder, self.check(value)))  # noqa: PTH100, PTH118 - `Path.resolve` follows links


class AnyPath(Output):
    """A file or folder, which need not be there, under a name that the system takes."""

    def read(self, value: object, folder: str) -> str:
        """Return the path, from the folder of the file on."""
        path = super().read(value, folder)
        # What is no file's name on any system makes each use of it raise.
        try:
            parts = [os.fsencode(part) for part in Path(path).parts]
        except UnicodeEncodeError:
            parts = [b"\0"]
        if any(b"\0" in part for part in parts):
            raise OptionError("This holds a character that no file's name has.")
        if len(b"/".join(parts)) > _MOST_PATH or any(len(part) > _MOST_NAME for part in parts):
            raise OptionError("This is longer than the name of any file.")
        return path


class LocalServer(Option[str]):
    """The address of a cache server on this machine; a password is refused and not repeated."""

    def check(self, value: object) -> str:
        """Return the address; an empty one, as of an empty variable, counts as none."""
        url = value if isinstance(value, str) else "none"
        if not url:
            return url
        try:
            address = ServerAddress.of(url)
        except ValueError as error:
            raise OptionError(f"This cannot be used: {error}.") from None
        if address.password or address.username or not address.is_local:
            raise OptionError(
                "This may name a server on this machine, without user and password. Put any "
                "other address into the environment variable ALTTEXT_CACHE_URL."
            )
        return url


class KeyPrefix(Option[str]):
    """How the names of keys begin: no character of a pattern or of a protocol is in it."""

    pattern = "[A-Za-z0-9_.:-]{1,64}"

    def check(self, value: object) -> str:
        """Return the prefix."""
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise OptionError("Expected up to 64 letters, digits and the signs _ . : -")
        return value
