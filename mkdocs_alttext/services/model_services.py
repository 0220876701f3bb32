"""The services of `providers`, made: what the registry finds under their names."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mkdocs_alttext.services import anthropic
from mkdocs_alttext.services.anthropic import Messages
from mkdocs_alttext.services.base import ServiceKind
from mkdocs_alttext.services.chat_completions import ChatCompletions
from mkdocs_alttext.services.http import HttpClient
from mkdocs_alttext.services.providers import PROVIDERS, TokenField
from mkdocs_alttext.services.vision import Clients, ModelSettings, VisionService

if TYPE_CHECKING:
    from mkdocs_alttext.services.base import ServiceSettings
    from mkdocs_alttext.services.providers import Provider
    from mkdocs_alttext.services.wire import Wire


def build(provider: Provider, settings: ServiceSettings) -> VisionService:
    """Make a service, without connecting anywhere.

    Args:
        provider: Which one.
        settings: What the user says about it.

    Returns:
        The service; without an address, or without a key that it needs, it knows itself and asks
        nobody.

    Raises:
        ConfigurationError: The address or the key cannot work.
    """
    address = settings.base_url or provider.base_url
    clients = None
    if address is not None and (settings.api_key is not None or not provider.needs_key):
        clients = _clients(provider, address, settings)
    wire: Wire = Messages() if provider.is_native else ChatCompletions()
    chosen = ModelSettings(
        settings.model,
        token_field_at(address),
        settings.timeout,
        settings.is_local,
        settings.instructions,
    )
    return VisionService(provider, wire, clients, settings=chosen)


def token_field_at(address: str | None) -> TokenField:
    """Return the field that bounds an answer's tokens, to begin with.

    Args:
        address: Of the server. What stands in front of a vendor's takes what most servers take.
    """
    host = urlsplit(address or "").hostname
    for provider in PROVIDERS.values():
        if provider.base_url and host == urlsplit(provider.base_url).hostname:
            return provider.token_field
    return TokenField.PLAIN


def _clients(provider: Provider, address: str, settings: ServiceSettings) -> Clients:
    root = address.rstrip("/").removesuffix(provider.prefix)
    is_native = provider.is_native

    def client(base_url: str) -> HttpClient:
        return HttpClient(
            base_url,
            api_key=settings.api_key,
            timeout=settings.timeout,
            key_header=anthropic.KEY_HEADER if is_native else None,
            headers={**(anthropic.HEADERS if is_native else {}), **dict(settings.headers)},
        )

    api = client(root + provider.prefix)
    return Clients(api, client(root) if provider.prefix else api)


def _kind(name: str) -> ServiceKind:
    provider = PROVIDERS[name]
    return ServiceKind(
        lambda settings: build(provider, settings),
        key_variable=provider.key_variable,
        base_url=provider.base_url,
        needs_key=provider.needs_key,
        needs_base_url=provider.base_url is None,
        key_host=provider.key_host,
        base_url_variable=provider.base_url_variable,
        base_url_from=provider.base_url_from,
        header_variables=provider.header_variables,
        takes_context=True,
        takes_model=True,
        begins_alone=True,
        pace=provider.pace,
        local_pace=provider.local_pace,
    )


OPENAI = _kind("openai")
ANTHROPIC = _kind("anthropic")
GEMINI = _kind("gemini")
OPENROUTER = _kind("openrouter")
OLLAMA = _kind("ollama")
LMSTUDIO = _kind("lmstudio")
VISION = _kind("vision")
