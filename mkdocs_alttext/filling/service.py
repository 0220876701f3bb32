"""The service that the options choose, and whether it may be asked."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.cache.base import LONGEST_NAME
from mkdocs_alttext.exceptions import ConfigurationError, UnusableKeyError
from mkdocs_alttext.models import Failure, Reason
from mkdocs_alttext.services.base import Pace, ServiceSettings
from mkdocs_alttext.services.credentials import endpoint, extra_headers, read_key
from mkdocs_alttext.services.registry import key_variable_of, service_kind
from mkdocs_alttext.system.environment import UserSettings

if TYPE_CHECKING:
    from mkdocs_alttext.options import Options
    from mkdocs_alttext.services.base import CaptionService, ServiceKind


_LACKS_ADDRESS = "set base_url, or the environment variable ALTTEXT_BASE_URL, to its address"
"""What is said of a service that has no address of its own."""


class ChosenService(NamedTuple):
    """The service that the options name."""

    service: CaptionService
    kind: ServiceKind
    key_variable: str | None
    """Name of the environment variable for its key, when it takes one."""
    refusal: Failure | None
    """Why it may not be asked in this build, when it may not."""
    complaint: str | None
    """What the user should put right in the options, though the build goes on."""
    max_credits: int | None
    """Most credits that one build may spend, as `mkdocs.yml` and the environment say."""
    pace: Pace
    """How it is asked."""
    has_key: bool = False
    """Whether a key goes with each request."""
    takes_context: bool = False
    """Whether what surrounds a picture is sent with it."""


def choose_service(options: Options, *, is_serving: bool) -> ChosenService:
    """Make the service, without connecting anywhere.

    Args:
        options: The plugin's options, validated.
        is_serving: Whether this is `mkdocs serve`.

    Raises:
        ConfigurationError: The options cannot work.
    """
    user = UserSettings.of(os.environ)
    kind = service_kind(options.service)
    key_variable = key_variable_of(options.service, kind, options.api_key_env)
    settings = ServiceSettings(
        None, None, _pace(options, kind, is_local=False).timeout, options.max_length
    )
    if kind.takes_model:
        settings = settings._replace(model=options.model or None, instructions=options.instructions)
    refusal, complaint = None, None
    try:
        key = None
        if options.generate == "never" or (options.generate == "build" and is_serving):
            refusal = Failure(Reason.NOT_ASKED, f"generate: {options.generate}")
            settings = settings._replace(is_local=_is_local(kind, options.base_url, user))
        elif key_variable and not (key := read_key(key_variable, os.environ)) and kind.needs_key:
            refusal = Failure(Reason.NO_KEY)
        else:
            has_key = key is not None
            found = endpoint(kind, options.base_url, user, has_key=has_key, environment=os.environ)
            complaint = found.refusal
            if complaint:
                refusal = Failure(Reason.HOST_NOT_ALLOWED, found.host)
            elif found.base_url is None and kind.needs_base_url:
                refusal = Failure(Reason.NO_SERVICE, _LACKS_ADDRESS)
            else:
                settings = settings._replace(
                    api_key=key if found.sends_key else None,
                    base_url=found.base_url,
                    timeout=_pace(options, kind, is_local=found.is_local).timeout,
                    headers=extra_headers(kind, os.environ),
                    is_local=found.is_local,
                )
        service = kind.build(settings)
    except UnusableKeyError as error:
        refusal = Failure(Reason.NO_KEY, str(error))
        service = kind.build(settings._replace(api_key=None))
    if len(service.identity) > LONGEST_NAME:
        raise ConfigurationError(
            f"The identity of the service {options.service} has more than {LONGEST_NAME} "
            "characters, so that the cache cannot keep its texts. Choose a shorter model name."
        )
    return ChosenService(
        service,
        kind,
        key_variable,
        refusal,
        complaint,
        user.ceiling(options.max_credits),
        _pace(options, kind, is_local=settings.is_local),
        has_key=settings.api_key is not None,
        takes_context=kind.takes_context and options.context,
    )


def _is_local(kind: ServiceKind, base_url: str | None, user: UserSettings) -> bool:
    """Tell whether a service that is not asked is on this machine, where its texts are free."""
    with suppress(ConfigurationError):  # a build that asks says what is wrong with the address
        return endpoint(kind, base_url, user, has_key=False, environment=os.environ).is_local
    return False


def _pace(options: Options, kind: ServiceKind, *, is_local: bool) -> Pace:
    """Return how a service is asked: as the user says, else as suits it."""
    usual = kind.pace_at(is_local=is_local)
    return Pace(
        usual.concurrency if options.concurrency is None else options.concurrency,
        usual.timeout if options.timeout is None else float(options.timeout),
    )
