"""Which address may be asked.

Owns the rules for `base_url`: https, or plain http on this machine or without a key. It must not
connect anywhere.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from mkdocs_alttext.exceptions import (
    ConfigurationError,
)

_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
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
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in _LOOPBACK)
