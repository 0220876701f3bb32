"""How options become the service of a build, and what asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.cache.entries import LONGEST_NAME
from mkdocs_alttext.captioning.engine import CaptionEngine
from mkdocs_alttext.captioning.limits import Breaker, Budget, RetryPolicy, Throttle
from mkdocs_alttext.captioning.request import Halt, Lease, Purchaser
from mkdocs_alttext.exceptions import ConfigurationError, UnusableKeyError
from mkdocs_alttext.models import Failure, Reason
from mkdocs_alttext.services.address import endpoint
from mkdocs_alttext.services.base import ServiceSettings
from mkdocs_alttext.services.credentials import read_key
from mkdocs_alttext.services.registry import service_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mkdocs_alttext.cache.base import AnswerCache
    from mkdocs_alttext.config import AltTextConfig
    from mkdocs_alttext.services.base import CaptionService
    from mkdocs_alttext.system.environment import UserSettings

_LEASE_MARGIN = 30.0
"""Seconds that a lease outlives the longest request."""


class ChosenService(NamedTuple):
    """The service that the options name."""

    service: CaptionService
    key_variable: str | None
    """Name of the environment variable for its key, when it takes one."""
    refusal: Failure | None
    """Why it may not be asked in this build, when it may not."""
    complaint: str | None
    """What the user should put right in the options, though the build goes on."""


def choose_service(
    options: AltTextConfig, user: UserSettings, environment: Mapping[str, str], *, is_serving: bool
) -> ChosenService:
    """Make the service, without connecting anywhere.

    Args:
        options: The plugin's options, validated.
        user: What the user says in environment variables.
        environment: Where the key is looked for.
        is_serving: Whether this is `mkdocs serve`.

    Raises:
        ConfigurationError: The options cannot work.
    """
    kind = service_kind(options.service)
    key_variable = options.api_key_env or kind.key_variable
    settings = ServiceSettings(None, None, float(options.timeout), options.max_length)
    refusal, complaint = None, None
    if options.generate == "never" or (options.generate == "build" and is_serving):
        refusal = Failure(Reason.NOT_ASKED, f"generate: {options.generate}")
    else:
        try:
            key = read_key(key_variable, environment) if key_variable else None
            if key_variable and key is None:
                refusal = Failure(Reason.NO_KEY)
        except UnusableKeyError as error:
            refusal = Failure(Reason.NO_KEY, str(error))
    if refusal is None:
        found = endpoint(kind, options.base_url, user, has_key=key is not None)
        if found.refusal:
            refusal, complaint = Failure(Reason.HOST_NOT_ALLOWED, found.host), found.refusal
        else:
            settings = settings._replace(api_key=key, base_url=found.base_url)
    try:
        service = kind.build(settings)
    except UnusableKeyError as error:
        refusal = Failure(Reason.NO_KEY, str(error))
        service = kind.build(settings._replace(api_key=None))
    if len(service.identity) > LONGEST_NAME:
        raise ConfigurationError(
            f"The identity of the service {options.service} has more than {LONGEST_NAME} "
            "characters, so that the cache cannot keep its texts. Choose a shorter model name."
        )
    return ChosenService(service, key_variable, refusal, complaint)


def make_engine(
    options: AltTextConfig,
    chosen: ChosenService,
    cache: AnswerCache,
    *,
    max_credits: int | None,
    is_quick: bool,
    on_progress: Callable[[int, int], None],
) -> CaptionEngine:
    """Make what looks texts up and asks the service; nothing is opened, started or asked yet.

    Args:
        options: The plugin's options, validated.
        chosen: The service.
        cache: Where answers are kept.
        max_credits: Most credits to spend; `None` for no limit.
        is_quick: Whether pictures are only inspected where `generate` is `never`.
        on_progress: Called while an answer is waited for, with how many there are, and of how many.
    """
    purchaser = Purchaser(
        service=chosen.service,
        cache=cache,
        lease=Lease(
            cache,
            seconds=options.timeout + _LEASE_MARGIN,
            is_free=not chosen.service.credits_per_image,
        ),
        budget=Budget(max_credits),
        retry=RetryPolicy(options.max_retries),
        throttle=Throttle(options.concurrency),
        breaker=Breaker(),
        halt=Halt(),
    )
    return CaptionEngine(
        purchaser,
        concurrency=options.concurrency,
        refusal=chosen.refusal,
        is_dry_run=options.generate == "never",
        is_quick=is_quick,
        on_progress=on_progress,
    )
