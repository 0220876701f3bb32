"""What asks the service, put together from the options.

Owns which part of it gets which setting. It must not know pages. It is imported for the first
question that the cache has no answer to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.captioning.breaker import Breaker
from mkdocs_alttext.captioning.budget import Budget
from mkdocs_alttext.captioning.desk import Asking
from mkdocs_alttext.captioning.engine import CaptionEngine
from mkdocs_alttext.captioning.purchase import Halt, Purchaser
from mkdocs_alttext.captioning.retry import RetryPolicy
from mkdocs_alttext.captioning.single_flight import Lease
from mkdocs_alttext.captioning.throttle import Throttle
from mkdocs_alttext.captioning.workers import Workers

if TYPE_CHECKING:
    from mkdocs_alttext.cache.base import AnswerCache
    from mkdocs_alttext.config import AltTextConfig
    from mkdocs_alttext.services.base import CaptionService
    from mkdocs_alttext.site import Terms

_LEASE_MARGIN = 30.0
"""Seconds that a lease outlives the longest request."""


def open_asking(
    config: AltTextConfig, service: CaptionService, cache: AnswerCache, terms: Terms
) -> Asking:
    """Make what asks the service; nothing is started or asked yet.

    Args:
        config: The options, validated.
        service: The service that is chosen there.
        cache: Where answers are kept.
        terms: Whether and how the service is asked.
    """
    budget = Budget(terms.max_credits)
    purchaser = Purchaser(
        service=service,
        cache=cache,
        lease=Lease(
            cache, seconds=config.timeout + _LEASE_MARGIN, is_free=not service.credits_per_image
        ),
        budget=budget,
        retry=RetryPolicy(config.max_retries),
        throttle=Throttle(config.concurrency),
        breaker=Breaker(),
        halt=Halt(),
    )
    engine = CaptionEngine(
        purchaser,
        concurrency=config.concurrency,
        refusal=terms.refusal,
        is_dry_run=config.generate == "never",
        is_quick=terms.is_quick,
        on_progress=terms.on_progress,
        get_ready=terms.get_ready,
    )
    return Asking(engine, budget, Workers(1, name="alttext decoding"))
