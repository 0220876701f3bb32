"""Which services there are, by name.

Owns the built-in names and the entry point group for third parties. It must not know options or the
environment. A service's module is imported only when its name is chosen.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.services.base import ServiceKind

if TYPE_CHECKING:
    from mkdocs_alttext.services.base import CaptionService, ServiceSettings

ALTTEXTAI_URL = "https://autoalt.app/api/v1"
ENTRY_POINT_GROUP = "mkdocs_alttext.services"


def service_kind(name: str) -> ServiceKind:
    """Find a service by the name a user wrote.

    Args:
        name: A built-in name or one that a third party registered.

    Returns:
        How to make it.

    Raises:
        ConfigurationError: There is no such service, or it cannot be imported.
    """
    built_in = _BUILT_IN.get(name)
    if built_in:
        return built_in
    registered = {entry.name: entry for entry in entry_points(group=ENTRY_POINT_GROUP)}
    if name not in registered:
        known = ", ".join(sorted({*_BUILT_IN, *registered}))
        raise ConfigurationError(f"There is no service {name!r}. Known services: {known}.")
    try:
        kind = registered[name].load()
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
    return kind


def _alttextai(settings: ServiceSettings) -> CaptionService:
    from mkdocs_alttext.services.alttextai import AltTextAI  # noqa: PLC0415
    from mkdocs_alttext.services.transport import Transport  # noqa: PLC0415

    if settings.api_key is None:
        return AltTextAI(None)
    return AltTextAI(
        Transport(
            settings.base_url or ALTTEXTAI_URL,
            api_key=settings.api_key,
            timeout=settings.timeout,
        )
    )


def _ocr(settings: ServiceSettings) -> CaptionService:
    from mkdocs_alttext.services.ocr import Ocr  # noqa: PLC0415

    return Ocr(max_length=settings.max_length)


_BUILT_IN = {
    "alttextai": ServiceKind(
        _alttextai,
        key_variable="ALTTEXTAI_API_KEY",
        # The last is what a socket takes a host's name with.
        modules=(
            "mkdocs_alttext.services.connections",
            "mkdocs_alttext.services.exchange",
            "mkdocs_alttext.services.line",
            "encodings.idna",
        ),
        base_url=ALTTEXTAI_URL,
    ),
    "ocr": ServiceKind(_ocr, takes_base_url=False),
}
