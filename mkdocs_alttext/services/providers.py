"""The services whose models see pictures: where each is, and in what it differs from the others.

Sources: the API references of the vendors, and the issue trackers and sources of the servers, as
of November 2026. One `_kind` is one value of the option `service`, whose name `registry` has, too.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mkdocs_alttext.services.base import Pace, ServiceKind
from mkdocs_alttext.services.http import HttpClient
from mkdocs_alttext.services.vision import Provider, VisionService
from mkdocs_alttext.services.wire_formats import ChatCompletions, Messages, TokenField

if TYPE_CHECKING:
    from mkdocs_alttext.services.base import ServiceSettings
    from mkdocs_alttext.services.wire_formats import Wire

_LOCAL = Pace(concurrency=2, timeout=300.0)
"""One graphics card answers one or two at a time, and loads the model for the first."""
_OPENAI = "https://api.openai.com/v1"

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


def _build(provider: Provider, wire: Wire, settings: ServiceSettings) -> VisionService:
    """Make a service, without connecting anywhere.

    Without an address, or without a key that it needs, it knows itself and asks nobody.

    Raises:
        ConfigurationError: The address or the key cannot work.
    """
    address = settings.base_url or provider.base_url
    client = None
    if address is not None and (settings.api_key is not None or not provider.needs_key):
        client = HttpClient(
            address.rstrip("/").removesuffix(provider.prefix),
            api_key=settings.api_key,
            timeout=settings.timeout,
            key_header=wire.key_header,
            headers={**wire.headers, **dict(settings.headers)},
        )
    field = token_field_at(address)
    return VisionService(provider, wire, client, settings=settings, token_field=field)


def token_field_at(address: str | None) -> TokenField:
    """Return the field that bounds an answer's tokens, to begin with.

    Args:
        address: Of the server. What stands in front of OpenAI's takes what most servers take.
    """
    is_openai = urlsplit(address or "").hostname == urlsplit(_OPENAI).hostname
    return TokenField.COMPLETION if is_openai else TokenField.PLAIN


def _kind(provider: Provider, key_variable: str | None, wire: Wire | None = None) -> ServiceKind:
    return ServiceKind(
        partial(_build, provider, wire or ChatCompletions()),
        key_variable=key_variable,
        base_url=provider.base_url,
        needs_key=provider.needs_key,
        needs_base_url=provider.base_url is None,
        takes_context=True,
        takes_model=True,
        begins_alone=True,
        local_pace=_LOCAL,
    )


OPENAI = _kind(Provider("openai", _OPENAI), "OPENAI_API_KEY")._replace(
    base_url_variable="OPENAI_BASE_URL",
    header_variables=(
        ("OpenAI-Organization", "OPENAI_ORG_ID"),
        ("OpenAI-Project", "OPENAI_PROJECT_ID"),
    ),
)
ANTHROPIC = _kind(
    Provider(
        "anthropic",
        "https://api.anthropic.com/v1",
        longest_side=8000,
        most_encoded_bytes=5 * 1024 * 1024,
        key_path="/models?limit=1000",
    ),
    "ANTHROPIC_API_KEY",
    Messages(),
)
GEMINI = _kind(
    Provider("gemini", "https://generativelanguage.googleapis.com/v1beta/openai"), "GEMINI_API_KEY"
)
OPENROUTER = _kind(
    Provider(
        "openrouter",
        "https://openrouter.ai/api/v1",
        key_path="/key",  # its list of models is open to everybody
    ),
    "OPENROUTER_API_KEY",
)
OLLAMA = _kind(
    Provider(
        "ollama",
        "http://127.0.0.1:11434",
        needs_key=False,
        prefix="/v1",
        show_path="/api/show",
        is_free_here=True,
    ),
    "OLLAMA_API_KEY",
)._replace(key_host="ollama.com", base_url_variable="OLLAMA_HOST", base_url_from=ollama_address)
LMSTUDIO = _kind(
    Provider("lmstudio", "http://127.0.0.1:1234", needs_key=False, prefix="/v1", is_free_here=True),
    None,
)
VISION = _kind(Provider("vision", needs_key=False, is_free_here=True), "ALTTEXT_API_KEY")
