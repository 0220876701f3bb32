"""Where a service is asked.

Owns the rule which addresses get pictures and keys: the service's own, this machine's, and those
that the user confirmed. It must not connect anywhere. Whoever can change `mkdocs.yml` can write any
`base_url` into it, and would be sent the key and the site's pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from mkdocs_alttext.environment import ALLOWED_HOSTS, BASE_URL
from mkdocs_alttext.services.address import checked_base_url

if TYPE_CHECKING:
    from mkdocs_alttext.environment import UserSettings
    from mkdocs_alttext.services.base import ServiceKind

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
