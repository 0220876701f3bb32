"""The services whose models see pictures: where each is, and in what it differs from the others.

Sources: the API references of the vendors, and the issue trackers and sources of the servers, as
of November 2026. One row is one value of the option `service`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from mkdocs_alttext.services.base import Pace

if TYPE_CHECKING:
    from collections.abc import Callable

_HOSTED = Pace()
_LOCAL = Pace(concurrency=2, timeout=300.0)
"""One graphics card answers one or two at a time, and loads the model for the first."""

PNG_AND_JPEG = frozenset({"image/png", "image/jpeg"})
"""What every server takes; LM Studio refuses WebP, Ollama all but these and WebP."""


class TokenField(Enum):
    """The field of a request that bounds an answer's tokens."""

    COMPLETION = "max_completion_tokens"
    """OpenAI's own: its reasoning models refuse the other."""
    PLAIN = "max_tokens"
    """Everybody else's; Ollama ignores the other without a word."""

    @property
    def other(self) -> TokenField:
        """The one to try where this one is refused."""
        return TokenField.PLAIN if self is TokenField.COMPLETION else TokenField.COMPLETION


class Provider(NamedTuple):
    """One service."""

    name: str
    """The value of the option `service`, and the service's name in the cache."""
    base_url: str | None
    """`None` where only the user can say it."""
    key_variable: str | None = None
    needs_key: bool = True
    """Whether it is asked only with a key."""
    key_host: str | None = None
    """The only host that gets the key, where that is not wherever the service is."""
    base_url_variable: str | None = None
    """The service's own environment variable for its address."""
    base_url_from: Callable[[str], str] | None = None
    """Makes an address of that variable's value."""
    header_variables: tuple[tuple[str, str], ...] = ()
    """Headers of each request, and the variables that hold them."""
    prefix: str = ""
    """What stands between the address and the paths below, and may stand in the address, too."""
    token_field: TokenField = TokenField.PLAIN
    is_native: bool = False
    """Whether it speaks Anthropic's Messages API, and not OpenAI's Chat Completions."""
    media_types: frozenset[str] = PNG_AND_JPEG
    """Of the pictures that it takes."""
    longest_side: int | None = None
    """Pixels of a picture's longer side at most; `None` where nothing is documented that a
    reduced picture could pass."""
    most_encoded_bytes: int | None = None
    """Of a picture in base64 at most; `None` as for `longest_side`."""
    key_path: str = "/models"
    """What is asked to find out whether a key is good."""
    show_path: str | None = None
    """Where one model is asked for what it can do, from the address without the prefix."""
    is_free_here: bool = False
    """Whether a picture costs nothing on this machine: what answers there may pass it on to a
    vendor, where the name is a vendor's."""
    pace: Pace = _HOSTED
    """How it is asked, where it is not on this machine."""
    local_pace: Pace = _LOCAL
    """How it is asked on this machine."""


_OLLAMA_PORT = 11434
_HTTP_PORTS = {"http": 80, "https": 443}
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - nothing is bound
"""What a server listens on to be reached by every address of its machine."""


def ollama_address(value: str) -> str:
    """Make an address of `OLLAMA_HOST`, as Ollama's own client does (`envconfig.Host`).

    Args:
        value: A host, with or without scheme, port and path.

    Returns:
        The address. Where there is a scheme, its own port is the default, else 11434; what stands
        for every address of this machine becomes this machine. What cannot be read comes back as
        it is, for the check of addresses to refuse.
    """
    bare = value.strip().strip("\"'").strip()
    scheme, found, rest = bare.partition("://")
    if not found:
        scheme, rest = "http", bare
    default = _HTTP_PORTS.get(scheme, _OLLAMA_PORT) if found else _OLLAMA_PORT
    place, slash, path = rest.partition("/")
    if place.count(":") > 1 and not place.startswith("["):
        place = f"[{place}]"  # an IPv6 address without a port
    try:
        parts = urlsplit(f"//{place}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return bare
    if "@" in place:
        return bare
    host = _ANY_ADDRESS.get(host, host)
    if host == "ollama.com" and not found:
        scheme, default = "https", 443
    named = f"[{host}]" if ":" in host else host
    return f"{scheme}://{named}:{port or default}{slash}{path}".rstrip("/")


PROVIDERS = {
    provider.name: provider
    for provider in (
        Provider(
            "openai",
            "https://api.openai.com/v1",
            "OPENAI_API_KEY",
            base_url_variable="OPENAI_BASE_URL",
            header_variables=(
                ("OpenAI-Organization", "OPENAI_ORG_ID"),
                ("OpenAI-Project", "OPENAI_PROJECT_ID"),
            ),
            token_field=TokenField.COMPLETION,
        ),
        Provider(
            "anthropic",
            "https://api.anthropic.com/v1",
            "ANTHROPIC_API_KEY",
            is_native=True,
            longest_side=8000,
            most_encoded_bytes=5 * 1024 * 1024,
            key_path="/models?limit=1000",
        ),
        Provider(
            "gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY"
        ),
        Provider(
            "openrouter",
            "https://openrouter.ai/api/v1",
            "OPENROUTER_API_KEY",
            key_path="/key",  # its list of models is open to everybody
        ),
        Provider(
            "ollama",
            "http://127.0.0.1:11434",
            "OLLAMA_API_KEY",
            needs_key=False,
            key_host="ollama.com",
            base_url_variable="OLLAMA_HOST",
            base_url_from=ollama_address,
            prefix="/v1",
            show_path="/api/show",
            is_free_here=True,
        ),
        Provider(
            "lmstudio",
            "http://127.0.0.1:1234",
            needs_key=False,
            prefix="/v1",
            is_free_here=True,
        ),
        Provider("vision", None, "ALTTEXT_API_KEY", needs_key=False, is_free_here=True),
    )
}
"""All of them by name."""
