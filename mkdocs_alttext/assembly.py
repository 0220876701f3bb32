"""The one place that builds objects from the options.

Owns which part gets which setting. It must not know hooks. Everything else takes its parts as
arguments, so that tests swap an argument and never patch a module.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pathspec.gitignore import GitIgnoreSpec

from mkdocs_alttext.captioning.breaker import Breaker
from mkdocs_alttext.captioning.budget import Budget
from mkdocs_alttext.captioning.engine import CaptionEngine
from mkdocs_alttext.captioning.purchase import Halt, Purchaser
from mkdocs_alttext.captioning.retry import RetryPolicy
from mkdocs_alttext.captioning.single_flight import Lease
from mkdocs_alttext.captioning.throttle import Throttle
from mkdocs_alttext.captioning.workers import Workers
from mkdocs_alttext.images.collection import ImageCollection
from mkdocs_alttext.images.resolver import Resolver
from mkdocs_alttext.markup.verdicts import EmptyAlt, Policy
from mkdocs_alttext.site import Site
from mkdocs_alttext.stores.absent import AbsentStore
from mkdocs_alttext.stores.digest_file import DigestFile
from mkdocs_alttext.stores.disk import DiskStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mkdocs_alttext.captions import Failure, PreparedImage
    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.config import AltTextConfig
    from mkdocs_alttext.markup.marks import Mark
    from mkdocs_alttext.services.base import CaptionService
    from mkdocs_alttext.site_files import SiteFiles
    from mkdocs_alttext.stores.base import CaptionStore

_LEASE_MARGIN = 30.0
"""Seconds that a lease outlives the longest request."""
_PATIENCE = 0.1
"""Seconds; a picture that is still being decoded when a build is over is not waited for."""


class Parts(NamedTuple):
    """What fills the pages of one build."""

    site: Site
    engine: CaptionEngine
    store: CaptionStore
    budget: Budget
    digests: DigestFile | None
    decoding: Workers[PreparedImage]

    def close(self) -> None:
        """Close what is open, and write what is remembered."""
        self.engine.close()
        self.decoding.close(patience=_PATIENCE)
        if self.digests:
            self.digests.close()


class Terms(NamedTuple):
    """Whether and how the service is asked in one build."""

    refusal: Failure | None
    """Why it may not be, when it may not."""
    is_quick: bool
    """Whether pictures are only inspected where `generate` is `never`."""
    on_progress: Callable[[int, int], None]
    """Called while an answer is waited for, with how many there are, and of how many."""
    get_ready: Callable[[], None]
    """Called before the service is asked for the first time, by who asks."""


def assemble(
    config: AltTextConfig,
    *,
    service: CaptionService,
    files: SiteFiles,
    mark: Mark,
    catalog: Mapping[str, Entry],
    site_url: str,
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
        is_replaced: Tells from an image's address whether another plugin replaces it.
        has_cache: Whether the cache folder may be used.
        terms: Whether and how the service is asked.
    """
    folder = Path(config.cache_dir)
    store = DiskStore(folder) if has_cache else AbsentStore()
    digests = DigestFile(folder) if has_cache else None
    budget = Budget(config.max_credits)
    purchaser = Purchaser(
        service=service,
        store=store,
        lease=Lease(
            store, seconds=config.timeout + _LEASE_MARGIN, is_free=not service.credits_per_image
        ),
        budget=budget,
        retry=RetryPolicy(config.max_retries),
        throttle=Throttle(config.concurrency),
        breaker=Breaker(),
        halt=Halt(),
        max_length=config.max_length,
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
    # In one thread, whoever asks: memory that a thread has decoded a picture in stays with it.
    decoding: Workers[PreparedImage] = Workers(1, name="alttext decoding")
    site = Site(
        policy=Policy(
            EmptyAlt(config.empty_alt),
            replace_filenames=config.replace_filenames,
            skip_classes=frozenset(config.skip_classes),
        ),
        mark=mark,
        resolver=Resolver(site_url, files.exists),
        images=ImageCollection(files.read, files.stamp, digests, run=decoding.call),
        includes=_includes(config.include, config.exclude),
        language_code=service.language_code,
        service=service.identity,
        ask=engine.ask,
        answer=engine.answer,
        pages=files,
        max_length=config.max_length,
        catalog=catalog,
        publishes_generated=config.publish == "all",
        shows_provenance=config.provenance,
        is_replaced=is_replaced,
    )
    return Parts(site, engine, store, budget, digests, decoding)


def _includes(include: list[str], exclude: list[str]) -> Callable[[str], bool]:
    wanted, unwanted = GitIgnoreSpec.from_lines(include), GitIgnoreSpec.from_lines(exclude)
    # Blank lines and comments are none.
    chooses = any(pattern.include is not None for pattern in wanted.patterns)
    if not chooses and not exclude:
        return lambda _: True

    def includes(path: str) -> bool:
        if chooses and not wanted.match_file(path):
            return False
        return not unwanted.match_file(path)

    return includes
