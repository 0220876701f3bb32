"""The names of all services; what one has to do stands in `services.base`, and is written first.

A model behind a known wire format is a row of `services.providers`. Built-in services are entry
points like those of other packages, so that a service's module is imported only when its name is
chosen. Those written for version 0.1 are made to fit the protocol here.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from typing import TYPE_CHECKING, Any, cast

from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.services.base import AccountStatus, ServiceKind

if TYPE_CHECKING:
    from mkdocs_alttext.models import Answer, Request

ENTRY_POINT_GROUP = "mkdocs_alttext.services"
MODEL_SERVICES = ("openai", "anthropic", "gemini", "openrouter", "ollama", "lmstudio", "vision")
"""Those whose models see pictures: the rows of `services.providers`."""
_PLACES = {
    "alttextai": "services.alttextai:KIND",
    "ocr": "ocr.service:KIND",
    **{name: f"services.providers:{name.upper()}" for name in MODEL_SERVICES},
}
BUILT_IN = {
    name: EntryPoint(name, f"mkdocs_alttext.{place}", ENTRY_POINT_GROUP)
    for name, place in _PLACES.items()
}


_OWNERS = {
    "ALTTEXTAI_API_KEY": "alttextai",
    "ALTTEXT_API_KEY": "vision",
    **{f"{name.upper()}_API_KEY": name for name in "openai anthropic gemini openrouter".split()},
    "OLLAMA_API_KEY": "ollama",
}
"""The built-in service whose key each variable holds."""


def key_variable_of(name: str, kind: ServiceKind, chosen: str | None) -> str | None:
    """Return the name of the environment variable that holds a service's key.

    Args:
        name: What the user wrote.
        kind: The service.
        chosen: What `mkdocs.yml` says.

    Returns:
        `None` when the service takes no key.

    Raises:
        ConfigurationError: The variable holds the key of another built-in service. Whoever can
            change `mkdocs.yml` could have it sent to this one.
    """
    owner = _OWNERS.get(chosen or "")
    if chosen and owner not in {None, name} and name in BUILT_IN:
        raise ConfigurationError(
            f"The option api_key_env names {chosen}, which holds the key of the service {owner}: "
            f"it is not sent to {name}. Set service: {owner}, or put the key of {name} into "
            f"{kind.key_variable or 'another variable'} and leave api_key_env out."
        )
    return chosen or kind.key_variable


def service_kind(name: str) -> ServiceKind:
    """Find a service by the name a user wrote.

    Args:
        name: A built-in name or one that a third party registered.

    Returns:
        How to make it. What it makes follows `CaptionService`, also where the package was written
        for version 0.1.

    Raises:
        ConfigurationError: There is no such service, or it cannot be imported.
    """
    entry = BUILT_IN.get(name)
    if not entry:
        registered = {entry.name: entry for entry in entry_points(group=ENTRY_POINT_GROUP)}
        entry = registered.get(name)
        if not entry:
            known = ", ".join(sorted({*BUILT_IN, *registered}))
            raise ConfigurationError(f"There is no service {name!r}. Known services: {known}.")
    try:
        kind = entry.load()
    except Exception as error:
        raise ConfigurationError(
            f"The service {name!r} cannot be imported ({type(error).__name__}). "
            "Reinstall or update the package that provides it."
        ) from error
    if not isinstance(kind, ServiceKind):
        raise ConfigurationError(
            f"The service {name!r} is registered as {type(kind).__name__}, not as a ServiceKind. "
            "Tell the authors of the package that provides it."
        )
    return kind._replace(build=lambda settings: _up_to_date(kind.build(settings)))


def _up_to_date(service: Any) -> Any:  # noqa: ANN401 - a service of any version
    """Return a service as the protocol describes it today.

    In version 0.1, `describe` took the picture and, as a keyword, `language`; and there was no
    `verify`. This is the only place that tells old services from new ones.
    """
    takes_language = "language" in signature(service.describe).parameters
    if takes_language or not hasattr(service, "verify"):
        return _EarlierService(service, takes_language=takes_language)
    return service


class _EarlierService:
    """A `CaptionService` around one that was written for version 0.1."""

    def __init__(self, service: Any, *, takes_language: bool) -> None:  # noqa: ANN401 - as above
        self._service = service
        self._takes_language = takes_language

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the service has
        return getattr(self._service, name)

    def describe(self, request: Request) -> Answer:
        if not self._takes_language:
            return cast("Answer", self._service.describe(request))
        return cast("Answer", self._service.describe(request.picture, language=request.language))

    def verify(self) -> AccountStatus:
        if hasattr(self._service, "verify"):
            return cast("AccountStatus", self._service.verify())
        # Only a key that the service takes has a balance.
        balance = self._service.credits_remaining()
        return AccountStatus(None if balance is None else True, balance)
