"""The service that the options choose, and whether it may be asked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.cache.base import LONGEST_NAME
from mkdocs_alttext.exceptions import ConfigurationError, UnusableKeyError
from mkdocs_alttext.models import Failure, Reason
from mkdocs_alttext.services.base import ServiceSettings
from mkdocs_alttext.services.credentials import endpoint, read_key
from mkdocs_alttext.services.registry import service_kind
from mkdocs_alttext.system.environment import UserSettings

if TYPE_CHECKING:
    from mkdocs_alttext.config import AltTextConfig
    from mkdocs_alttext.services.base import CaptionService


class ChosenService(NamedTuple):
    """The service that the options name."""

    service: CaptionService
    key_variable: str | None
    """Name of the environment variable for its key, when it takes one."""
    refusal: Failure | None
    """Why it may not be asked in this build, when it may not."""
    complaint: str | None
    """What the user should put right in the options, though the build goes on."""
    max_credits: int | None
    """Most credits that one build may spend, as `mkdocs.yml` and the environment say."""


def choose_service(options: AltTextConfig, *, is_serving: bool) -> ChosenService:
    """Make the service, without connecting anywhere.

    Args:
        options: The plugin's options, validated.
        is_serving: Whether this is `mkdocs serve`.

    Raises:
        ConfigurationError: The options cannot work.
    """
    user = UserSettings.of(os.environ)
    kind = service_kind(options.service)
    key_variable = options.api_key_env or kind.key_variable
    settings = ServiceSettings(None, None, float(options.timeout), options.max_length)
    refusal, complaint = None, None
    try:
        key = None
        if options.generate == "never" or (options.generate == "build" and is_serving):
            refusal = Failure(Reason.NOT_ASKED, f"generate: {options.generate}")
        elif key_variable and (key := read_key(key_variable, os.environ)) is None:
            refusal = Failure(Reason.NO_KEY)
        else:
            found = endpoint(kind, options.base_url, user, has_key=key is not None)
            complaint = found.refusal
            if complaint:
                refusal = Failure(Reason.HOST_NOT_ALLOWED, found.host)
            else:
                settings = settings._replace(api_key=key, base_url=found.base_url)
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
        service, key_variable, refusal, complaint, user.ceiling(options.max_credits)
    )
