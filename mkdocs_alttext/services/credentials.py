"""Where a service is asked and with which key: addresses that may get both, and hiding the key.

The service's own address, this machine's and those that the user allows are asked. Whoever can
change `mkdocs.yml` can write any `base_url` into it, and would be sent the key and the site's
pictures. Nothing is connected here, and errors name variables and files, never what they hold.
"""

from __future__ import annotations

import html
import re
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from mkdocs_alttext.exceptions import ConfigurationError, UnusableKeyError
from mkdocs_alttext.system.environment import ALLOWED_HOSTS, BASE_URL, is_loopback
from mkdocs_alttext.system.files import read_regular
from mkdocs_alttext.system.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs_alttext.services.base import ServiceKind
    from mkdocs_alttext.system.environment import UserSettings

HOST = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]*[0-9A-Za-z])?|[0-9A-Fa-f:.]+")


def checked_base_url(
    base_url: str, *, has_key: bool = True, name: str = "`base_url`"
) -> tuple[str, str, bool]:
    """Return the address without its last slash, the host to name, and whether it is this machine.

    No message repeats the address: it may hold a password or the key.

    Args:
        base_url: The address.
        has_key: Whether a key is sent there.
        name: What holds it, for messages.

    Raises:
        ConfigurationError: It is no address, or the key would go there unencrypted.
    """
    example = "write it like https://service.example/api/v1"
    if not re.fullmatch(r"[!-~]+", base_url) or "\\" in base_url:
        raise ConfigurationError(f"{name} must be plain ASCII without spaces; {example}.")
    if "@" in base_url:
        raise ConfigurationError(f"{name} must not hold a user name or password; {example}.")
    if "?" in base_url or "#" in base_url:
        raise ConfigurationError(f"{name} must end with its path, before any ? or #; {example}.")
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigurationError(f"{name} is not an address; {example}.") from None
    if parts.scheme not in {"http", "https"} or not HOST.fullmatch(host):
        raise ConfigurationError(f"{name} must be an https address with a host; {example}.")
    is_local = is_loopback(host)
    named = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    if parts.scheme == "http" and has_key and not is_local:
        raise ConfigurationError(
            f"{name} would send the key to {named} unencrypted; write https://{named} instead "
            "(plain http is for 127.0.0.1, [::1] and localhost)."
        )
    return base_url.rstrip("/"), named, is_local


_PORTS = {"http": 80, "https": 443}


class Endpoint(NamedTuple):
    """Where a service is asked, or why it is not."""

    base_url: str | None
    """`None` for the service's own."""
    host: str = ""
    """The host that is not asked, as it is to be written to allow it."""
    refusal: str = ""
    """Why it is not asked there, with the words to confirm it; empty when it is."""
    is_local: bool = False
    """Whether it is on this machine."""
    sends_key: bool = True
    """Whether the key goes there."""


def endpoint(
    kind: ServiceKind,
    base_url: str | None,
    user: UserSettings,
    *,
    has_key: bool,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Endpoint:
    """Find out where a service is asked.

    Args:
        kind: The service.
        base_url: What `mkdocs.yml` says.
        user: What the environment says to every service.
        has_key: Whether there is a key.
        environment: Where the service's own variable is looked for.

    Returns:
        The address of `mkdocs.yml` if there is one, else that of the service's own variable, else
        the environment's for every service.

    Raises:
        ConfigurationError: The address is none, or the key would go there unencrypted.
    """
    variable, users_word = _users_address(kind, user, environment)
    chosen = base_url or users_word
    if not (kind.takes_base_url and chosen):
        is_local = kind.base_url is not None and checked_base_url(kind.base_url, has_key=False)[2]
        return Endpoint(None, is_local=is_local, sends_key=kind.key_host is None)
    source = "The option base_url" if base_url else f"The environment variable {variable}"
    name = "`base_url`" if base_url else f"The environment variable {variable}"
    checked_base_url(chosen, has_key=False, name=name)
    parts = urlsplit(chosen)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    sends_key = has_key and kind.key_host in {None, host}
    _, named, is_this_machine = checked_base_url(chosen, has_key=sends_key, name=name)
    found = Endpoint(chosen, is_local=is_this_machine, sends_key=sends_key)
    if is_this_machine or user.allows(host, port):
        return found
    is_own = kind.base_url is not None and host == urlsplit(kind.base_url).hostname
    # Whoever has no key for it did not mean to use it.
    is_own = is_own or (sends_key and host == kind.key_host)
    # `!ENV` hands the user's own address on.
    is_users_word = chosen == users_word
    if parts.scheme == "https" and (is_own or is_users_word):
        return found
    return Endpoint(
        None,
        named,
        f"{source} names {named}{' without encryption' * (parts.scheme == 'http')}, which nobody "
        "confirmed as a host that gets pictures and keys: nothing is sent there. If you trust it, "
        f"set the environment variable {ALLOWED_HOSTS} to {named}.",
    )


def _users_address(
    kind: ServiceKind, user: UserSettings, environment: Mapping[str, str]
) -> tuple[str, str | None]:
    """Return the variable that says where the service is, and the address in it."""
    variable = kind.base_url_variable or ""
    if written := environment.get(variable, "").strip():
        return variable, kind.base_url_from(written) if kind.base_url_from else written
    return BASE_URL, user.base_url


def extra_headers(kind: ServiceKind, environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the headers that the environment adds to each request.

    Args:
        kind: The service, which names them and their variables.
        environment: The environment. What no header can hold is left out.
    """
    found = [(name, environment.get(key, "").strip()) for name, key in kind.header_variables]
    return tuple(each for each in found if re.fullmatch(r"[!-~]{1,200}", each[1]))


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


_QUOTES = "\"'`\u2018\u2019\u201c\u201d"
_SECRET_LENGTH = 8
"""A shorter key is a stand-in such as `x`, and to hide it would riddle every text."""
_MOST_ESCAPES = 8
"""How often a text may be escaped; twice is a mistake that occurs."""


class BearerAuth:
    """A key that goes with each request and is hidden from texts."""

    __slots__ = ("_header", "_key")  # keeps the key out of vars()

    def __init__(self, key: str, *, header: str | None = None) -> None:
        """Check the key.

        Args:
            key: The key; white space around it is dropped.
            header: The header that holds the key alone; `None` for a bearer token.

        Raises:
            UnusableKeyError: It cannot be a key; the message does not repeat it.
        """
        key = key.strip()
        if not key:
            raise UnusableKeyError("The API key is empty; set it to the key of your account.")
        if key[0] in _QUOTES or key[-1] in _QUOTES:
            raise UnusableKeyError(
                "The API key is in quotes, which some tools take for a part of it; write it "
                "without them."
            )
        if not key.isprintable() or max(key) > "\xff":
            raise UnusableKeyError(
                "The API key holds characters that no key has (line breaks, control characters "
                "or letters outside Latin-1); copy it again, alone and on one line."
            )
        self._key = key
        self._header = header

    def added_to(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of one request with the key among them."""
        if self._header:
            return {**headers, self._header: self._key}
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
