"""Where a service is asked: which addresses get pictures and keys, and which need a confirmation.

The service's own address, this machine's and those that the user allows are asked. Whoever can
change `mkdocs.yml` can write any `base_url` into it, and would be sent the key and the site's
pictures. Nothing is connected here.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.system.environment import ALLOWED_HOSTS, BASE_URL

if TYPE_CHECKING:
    from mkdocs_alttext.services.base import ServiceKind
    from mkdocs_alttext.system.environment import UserSettings

HOST = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]*[0-9A-Za-z])?|[0-9A-Fa-f:.]+")


def checked_base_url(base_url: str, *, has_key: bool = True) -> tuple[str, str, bool]:
    """Return the address without its last slash, the host to name, and whether it is this machine.

    No message repeats the address: it may hold a password or the key.

    Args:
        base_url: The address.
        has_key: Whether a key is sent there.

    Raises:
        ConfigurationError: It is no address, or the key would go there unencrypted.
    """
    example = "write it like https://service.example/api/v1"
    if not re.fullmatch(r"[!-~]+", base_url) or "\\" in base_url:
        raise ConfigurationError(f"`base_url` must be plain ASCII without spaces; {example}.")
    if "@" in base_url:
        raise ConfigurationError(f"`base_url` must not hold a user name or password; {example}.")
    if "?" in base_url or "#" in base_url:
        raise ConfigurationError(
            f"`base_url` must end with its path, before any ? or #; {example}."
        )
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigurationError(f"`base_url` is not an address; {example}.") from None
    if parts.scheme not in {"http", "https"} or not HOST.fullmatch(host):
        raise ConfigurationError(f"`base_url` must be an https address with a host; {example}.")
    is_loopback = _is_loopback(host)
    named = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    if parts.scheme == "http" and has_key and not is_loopback:
        raise ConfigurationError(
            f"`base_url` would send the key to {named} unencrypted; write https://{named} instead "
            "(plain http is for 127.0.0.1, [::1] and localhost)."
        )
    return base_url.rstrip("/"), named, is_loopback


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_PORTS = {"http": 80, "https": 443}


class Endpoint(NamedTuple):
    """Where a service is asked, or why it is not."""

    base_url: str | None
    """`None` for the service's own."""
    host: str = ""
    """The host that is not asked, as it is to be written to allow it."""
    refusal: str = ""
    """Why it is not asked there, with the words to confirm it; empty when it is."""


def endpoint(
    kind: ServiceKind, base_url: str | None, user: UserSettings, *, has_key: bool
) -> Endpoint:
    """Find out where a service is asked.

    Args:
        kind: The service.
        base_url: What `mkdocs.yml` says.
        user: What the environment says.
        has_key: Whether a key goes with each request.

    Returns:
        The address of `mkdocs.yml` if there is one, else the environment's.

    Raises:
        ConfigurationError: The address is none, or the key would go there unencrypted.
    """
    chosen = base_url or user.base_url
    if not (kind.takes_base_url and chosen):
        return Endpoint(None)
    _, named, is_this_machine = checked_base_url(chosen, has_key=has_key)
    parts = urlsplit(chosen)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    if is_this_machine or user.allows(host, port):
        return Endpoint(chosen)
    is_own = kind.base_url is not None and host == urlsplit(kind.base_url).hostname
    # `!ENV` hands the user's own address on.
    is_users_word = chosen == user.base_url
    if parts.scheme == "https" and (is_own or is_users_word):
        return Endpoint(chosen)
    source = "The option base_url" if base_url else f"The environment variable {BASE_URL}"
    return Endpoint(
        None,
        named,
        f"{source} names {named}{' without encryption' * (parts.scheme == 'http')}, which nobody "
        "confirmed as a host that gets pictures and keys: nothing is sent there. If you trust it, "
        f"set the environment variable {ALLOWED_HOSTS} to {named}.",
    )
