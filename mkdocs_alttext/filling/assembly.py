"""Putting together what fills the pages of one site, as its options say."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mkdocs_alttext.captioning.engine import CaptionEngine
from mkdocs_alttext.captioning.lease import Lease
from mkdocs_alttext.captioning.limits import Budget, Throttle
from mkdocs_alttext.captioning.request import Halt, Purchaser
from mkdocs_alttext.captioning.retry import Breaker, Retry
from mkdocs_alttext.catalog.entries import Catalog
from mkdocs_alttext.catalog.reading import read_catalog
from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.filling.report import Credits
from mkdocs_alttext.html.decisions import EmptyAlt, Policy
from mkdocs_alttext.html.marks import Mark
from mkdocs_alttext.images.collection import ImageCollection, PictureSource
from mkdocs_alttext.images.resolver import FileIndex, Resolver
from mkdocs_alttext.pages.records import PublishRules, Site, SitePages
from mkdocs_alttext.system.printable import spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mkdocs_alttext.cache.base import AnswerCache
    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.filling.service import ChosenService
    from mkdocs_alttext.options import Options
    from mkdocs_alttext.pages.records import ImageFilter

_LEASE_MARGIN = 30.0
"""Seconds that a lease outlives the longest request."""


class BuiltFiles(FileIndex, PictureSource, SitePages, Protocol):
    """The files of a built site."""

    def has_form(self, path: str) -> bool:
        """Tell whether either spelling of a path is a file of the built site."""


class Parts(NamedTuple):
    """What fills the pages of one site."""

    site: Site
    engine: CaptionEngine

    @property
    def credits(self) -> Credits:
        """What was spent so far."""
        budget = self.engine.budget
        return Credits(
            budget.spent, budget.balance, budget.uncertain, budget.requests, budget.usage
        )

    def close(self) -> None:
        """Close what is open."""
        self.engine.close()
        self.site.images.close()


def put_together(
    options: Options,
    chosen: ChosenService,
    cache: AnswerCache,
    *,
    files: BuiltFiles,
    filter_: ImageFilter,
    entries: Mapping[str, Entry],
    site_url: str,
    on_progress: Callable[[int, int], None],
    charged: int = 0,
    is_quick: bool = False,
) -> Parts:
    """Put the parts together; nothing is opened, started or asked yet.

    Args:
        options: The user's.
        chosen: The service that they name.
        cache: Where answers are kept.
        files: The built site's.
        filter_: Which images are ours to fill.
        entries: What people may correct and approve, by the path of an image.
        site_url: Where the site is published, or nothing.
        on_progress: As for `CaptionEngine`.
        charged: Credits that were taken of the limit before.
        is_quick: Whether pictures are only inspected in a dry run.
    """
    engine = CaptionEngine(
        purchaser(options, chosen, cache, charged),
        concurrency=chosen.pace.concurrency,
        refusal=chosen.refusal,
        is_dry_run=options.generate == "never",
        is_quick=is_quick,
        on_progress=on_progress,
    )
    images = ImageCollection(files, takes_strips=chosen.kind.takes_strips)
    site = Site(
        policy=Policy(
            EmptyAlt(options.empty_alt),
            replace_filenames=options.replace_filenames,
            skip_classes=frozenset(options.skip_classes),
        ),
        rules=PublishRules(
            options.max_length,
            publishes_generated=options.publishing == "all",
            generates=options.publishing != "reviewed",
            shows_provenance=options.provenance,
        ),
        mark=Mark.new(),
        pages=files,
        filter=filter_,
        resolver=Resolver(site_url, files),
        images=images,
        catalog=Catalog(entries, partial(_shows, files, images)),
        service=chosen.service,
        captions=engine,
        sends_context=chosen.takes_context,
        # A model that is told of a button can say what it does.
        names_functions=chosen.takes_context and chosen.kind.takes_model,
    )
    return Parts(site, engine)


def _shows(files: BuiltFiles, images: ImageCollection, path: str, sha256: str) -> bool:
    """Tell whether a path, in either spelling, has a picture of a digest."""
    for form in spellings(path) if files.has_form(path) else ():
        if files.exists(form):
            with suppress(ImageError):
                return images.facts(form).sha256 == sha256
    return False


def purchaser(
    options: Options, chosen: ChosenService, cache: AnswerCache, charged: int
) -> Purchaser:
    """Put together what buys a text: once across processes, and within the limits.

    Args:
        options: The user's.
        chosen: The service that they name.
        cache: Where answers are kept.
        charged: Credits that were taken of the limit before.
    """
    limit = chosen.max_credits
    seconds = chosen.pace.timeout + _LEASE_MARGIN
    is_free = not chosen.service.credits_per_image
    return Purchaser(
        service=chosen.service,
        cache=cache,
        lease=Lease(cache, seconds=seconds, is_free=is_free),
        budget=Budget(None if limit is None else max(0, limit - charged)),
        retry=Retry(options.max_retries),
        throttle=Throttle(chosen.pace.concurrency, begins_alone=chosen.kind.begins_alone),
        breaker=Breaker(),
        halt=Halt(),
    )


def catalog_entries(path: Path) -> Mapping[str, Entry]:
    """Read what people may correct and approve, by the path of an image.

    Args:
        path: The catalog; there need not be one.

    Raises:
        CatalogError: It cannot be read.
    """
    try:
        path.stat()
    except FileNotFoundError:
        return {}
    except OSError:
        pass  # reading says what is wrong
    return read_catalog(path)
