"""The protocol that every service follows, how a package registers one, and finding one by name.

Built-in services are entry points like those of other packages, so that a service's module is
imported only when its name is chosen. Services of version 0.1 are made to fit the protocol.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from mkdocs_alttext.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.models import Answer, Request


class AccountStatus(NamedTuple):
    """What a service says about the key it was given."""

    valid: bool | None
    """Whether the service takes the key; `None` when the service cannot tell."""
    credits_remaining: int | None = None
    """The account's balance; `None` when the service has none, or does not tell."""
    models: tuple[str, ...] = ()
    """Names of the models that can be chosen; empty when there is no choice."""


class CaptionService(Protocol):
    """One way to turn a picture into a text.

    `describe` is called from several threads at once.
    """

    @property
    def identity(self) -> str:
        """The service's name in the cache: stored texts are used as long as it stays the same.

        A service whose answers cost something keeps it when its model or prompt changes, so that
        nothing is paid for twice.
        """

    @property
    def credits_per_image(self) -> int:
        """What one answer costs; 0 for a service that is free."""

    def language_code(self, tag: str) -> str | None:
        """Map a BCP 47 tag to the code that the service takes.

        Args:
            tag: A language tag such as `en`, `pt-BR` or `zh_Hant`.

        Returns:
            The service's code, or `None` when it does not speak that language.
        """

    def describe(self, request: Request) -> Answer:
        """Describe one picture, in one attempt.

        Args:
            request: The picture as it may be sent, the language, and what surrounds the picture.

        Returns:
            The text as it came, with the balance when the service tells it.

        Raises:
            ServiceError: The service gave no text; the class says what may be done about it.
        """

    def credits_remaining(self) -> int | None:
        """Ask for the account's balance.

        Returns:
            Credits left, or `None` for a service that has none.

        Raises:
            ServiceError: The service did not say.
        """

    def verify(self) -> AccountStatus:
        """Ask whether the service takes the key. Costs nothing.

        Raises:
            KeyRejectedError: The service refused the key.
            ServiceError: The service did not say.
        """

    def close(self) -> None:
        """Close what is open; requests under way end with a `ServiceError` soon after."""


class ServiceSettings(NamedTuple):
    """What the user says about a service."""

    api_key: str | None
    """`None` when the service takes none, or the user has none."""
    base_url: str | None
    """`None` for the service's own."""
    timeout: float
    """Seconds for one request."""
    max_length: int
    """Longest acceptable text in characters."""

    def __repr__(self) -> str:
        """Show everything but the key."""
        return f"{type(self).__name__}(base_url={self.base_url!r}, timeout={self.timeout!r}, …)"


class ServiceKind(NamedTuple):
    """A service that users can name: what a third party registers.

    An object of this class under the entry point group `mkdocs_alttext.services` makes its entry
    point's name a value of the option `service`.
    """

    build: Callable[[ServiceSettings], CaptionService]
    """Makes the service, without connecting anywhere. Without a key it must still know its identity
    and languages, so that stored texts can be used. Raises `ConfigurationError`."""
    key_variable: str | None = None
    """The environment variable that holds the key by default; `None` when there is no key."""
    base_url: str | None = None
    """The address of the service's API, whose host may be asked without anybody's leave."""
    takes_base_url: bool = True
    """Whether it can be asked elsewhere; one that runs inside this process cannot."""


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
        How to make it. What it makes follows `CaptionService`, also where the package was written
        for version 0.1.

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
