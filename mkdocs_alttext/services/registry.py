"""Which services there are, by name.

Built-in services are entry points like those of other packages, so that a service's module is
imported only when its name is chosen.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.services.base import ServiceKind

ENTRY_POINT_GROUP = "mkdocs_alttext.services"
_BUILT_IN = {
    name: EntryPoint(name, f"mkdocs_alttext.{place}:KIND", ENTRY_POINT_GROUP)
    for name, place in (("alttextai", "services.alttextai"), ("ocr", "ocr.service"))
}


def service_kind(name: str) -> ServiceKind:
    """Find a service by the name a user wrote.

    Args:
        name: A built-in name or one that a third party registered.

    Returns:
        How to make it.

    Raises:
        ConfigurationError: There is no such service, or it cannot be imported.
    """
    entry = _BUILT_IN.get(name)
    if not entry:
        registered = {entry.name: entry for entry in entry_points(group=ENTRY_POINT_GROUP)}
        entry = registered.get(name)
        if not entry:
            known = ", ".join(sorted({*_BUILT_IN, *registered}))
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
    return kind
