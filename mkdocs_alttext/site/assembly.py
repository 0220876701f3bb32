"""What asks the service, put together from the options.

Owns which part of it gets which setting. It must not know pages. It is imported for the first
question that the cache has no answer to.

The one place that builds objects from the options.

Owns which part gets which setting, but for what asks the service (`asking`), which most builds do
without. It must not know hooks. Everything else takes its parts as arguments, so that tests swap an
argument and never patch a module.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.cache.base import NoCache
from mkdocs_alttext.cache.digests import DigestFile
from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.captioning.engine import Asking, CaptionEngine, Desk
from mkdocs_alttext.captioning.limits import Breaker, Budget, Retry, Throttle
from mkdocs_alttext.captioning.request import Halt, Lease, Purchaser
from mkdocs_alttext.html.decisions import EmptyAlt, Policy
from mkdocs_alttext.images.collection import ImageCollection
from mkdocs_alttext.images.resolver import Resolver
from mkdocs_alttext.pages.occurrence import Site, Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mkdocs_alttext.cache.base import AnswerCache
    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.config import AltTextConfig
    from mkdocs_alttext.html.marks import Mark
    from mkdocs_alttext.pages.occurrence import Terms
    from mkdocs_alttext.services.base import CaptionService
    from mkdocs_alttext.site.files import SiteFiles

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
        retry=Retry(config.max_retries),
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
    return Asking(engine, budget)


class Parts(NamedTuple):
    """What fills the pages of one build."""

    site: Site
    desk: Desk
    cache: AnswerCache
    digests: DigestFile | None

    def close(self) -> None:
        """Close what is open, and write what is remembered."""
        self.desk.close()
        self.site.images.close()
        if self.digests:
            self.digests.close()


def assemble(
    config: AltTextConfig,
    *,
    service: CaptionService,
    files: SiteFiles,
    mark: Mark,
    catalog: Mapping[str, Entry],
    site_url: str,
    includes: Callable[[str], bool],
    is_replaced: Callable[[str], bool],
    has_cache: bool,
    terms: Terms,
) -> Parts:
    """Build the parts of one build; nothing is opened, started or asked yet.

    Args:
        config: The options, validated.
        service: The service that is chosen there.
        files: The site's files.
        mark: What tells Markdown's images.
        catalog: What people may correct and approve, by the path of an image.
        site_url: MkDocs' `site_url`, or empty.
        includes: Tells whether an image's path passes `include` and `exclude`.
        is_replaced: Tells from an image's address whether another plugin replaces it.
        has_cache: Whether the cache folder may be used.
        terms: Whether and how the service is asked.
    """
    folder = Path(config.cache_dir)
    cache = DiskCache(folder) if has_cache else NoCache()
    digests = DigestFile(folder) if has_cache else None

    def open_service() -> Asking:

        return open_asking(config, service, cache, terms)

    desk = Desk(
        cache,
        service,
        refusal=terms.refusal,
        is_dry_run=config.generate == "never",
        open_asking=open_service,
    )
    site = Site(
        policy=Policy(
            EmptyAlt(config.empty_alt),
            replace_filenames=config.replace_filenames,
            skip_classes=frozenset(config.skip_classes),
        ),
        mark=mark,
        resolver=Resolver(site_url, files),
        images=ImageCollection(files, digests),
        includes=includes,
        language_code=service.language_code,
        service=service.identity,
        ask=desk.ask,
        answer=desk.answer,
        pages=files,
        max_length=config.max_length,
        catalog=catalog,
        publishes_generated=config.publish == "all",
        shows_provenance=config.provenance,
        is_replaced=is_replaced,
    )
    return Parts(site, desk, cache, digests)
