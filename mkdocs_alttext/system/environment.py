"""The environment variables by which the user limits a build.

They count more than `mkdocs.yml`, which others may have written: they are set by whoever builds the
site.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from mkdocs_alttext.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

BASE_URL = "ALTTEXT_BASE_URL"
ALLOWED_HOSTS = "ALTTEXT_ALLOWED_HOSTS"
MAX_CREDITS = "ALTTEXT_MAX_CREDITS"
CACHE_URL = "ALTTEXT_CACHE_URL"
CACHE_SECRET = "ALTTEXT_CACHE_SECRET"  # noqa: S105 - a name
NO_KEYS = (BASE_URL, ALLOWED_HOSTS, MAX_CREDITS, "ALTTEXT_CACHE")
"""How the names of variables begin that hold no service's key."""


class UserSettings(NamedTuple):
    """What the user says."""

    base_url: str | None = None
    """Address of the service's API."""
    allowed_hosts: frozenset[tuple[str, int | None]] = frozenset()
    """Hosts that a `base_url` of `mkdocs.yml` may name, each with its port where only that one is
    meant."""
    max_credits: int | None = None
    """Most credits that one build may spend, whatever `mkdocs.yml` says."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> UserSettings:
        """Read them.

        Args:
            environment: The environment; a variable that is empty counts as none.

        Raises:
            ConfigurationError: One of them cannot be understood.
        """
        hosts = environment.get(ALLOWED_HOSTS, "").split(",")
        return cls(
            environment.get(BASE_URL, "").strip() or None,
            frozenset(_host(entry) for each in hosts if (entry := each.strip())),
            _credits(environment.get(MAX_CREDITS, "").strip()),
        )

    def allows(self, host: str, port: int | None) -> bool:
        """Tell whether a host may be asked.

        Args:
            host: In small letters, an IPv6 address without brackets.
            port: The one that is connected to.
        """
        return not self.allowed_hosts.isdisjoint({(host, None), (host, port)})

    def ceiling(self, max_credits: int | None) -> int | None:
        """Return the most that may be spent, beside what `mkdocs.yml` allows."""
        limits = [each for each in (max_credits, self.max_credits) if each is not None]
        return min(limits, default=None)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its address or the name `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _host(entry: str) -> tuple[str, int | None]:
    """Return a host and its port."""
    is_bare_ipv6 = entry.count(":") > 1 and not entry.startswith("[")
    try:
        parts = urlsplit(f"//[{entry}]" if is_bare_ipv6 else f"//{entry}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or "*" in host or parts.netloc != parts.geturl()[2:] or "@" in parts.netloc:
        raise ConfigurationError(
            f"The environment variable {ALLOWED_HOSTS} lists hosts by their exact names, with "
            "commas between them, such as captions.example or captions.example:8443; patterns and "
            "addresses with https:// are none."
        )
    return host, port


def _credits(value: str) -> int | None:
    if not value:
        return None
    if not re.fullmatch("[0-9]{1,12}", value):
        raise ConfigurationError(
            f"The environment variable {MAX_CREDITS} must be a whole number, such as 200."
        )
    return int(value)
