"""The one place that builds objects from the options.

Owns which part gets which setting. It must not know hooks. Everything else takes its parts as
arguments, so that tests swap an argument and never patch a module.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pathspec.gitignore import GitIgnoreSpec

from mkdocs_alttext.captioning.breaker import Breaker
from mkdocs_alttext.captioning.budget import Budget
from mkdocs_alttext.captioning.engine import CaptionEngine
from mkdocs_alttext.captioning.purchase import Halt, Purchaser
from mkdocs_alttext.captioning.retry import RetryPolicy
from mkdocs_alttext.captioning.single_flight import Lease
from mkdocs_alttext.captioning.throttle import Throttle
from mkdocs_alttext.captions import Failure
from mkdocs_alttext.catalog.reading import read_catalog
from mkdocs_alttext.images.collection import ImageCollection
from mkdocs_alttext.images.resolver import Resolver
from mkdocs_alttext.markup.marks import Mark
from mkdocs_alttext.markup.verdicts import EmptyAlt, Policy
from mkdocs_alttext.reasons import Reason
from mkdocs_alttext.report import BuildReport, Credits
from mkdocs_alttext.services.base import ServiceSettings
from mkdocs_alttext.services.credentials import read_key
from mkdocs_alttext.services.registry import service_kind
from mkdocs_alttext.site import Site
from mkdocs_alttext.site_files import SiteFiles
from mkdocs_alttext.stores.absent import AbsentStore
from mkdocs_alttext.stores.digest_file import DigestFile
from mkdocs_alttext.stores.disk import DiskStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mkdocs_alttext.config import AltTextConfig
    from mkdocs_alttext.services.base import CaptionService
    from mkdocs_alttext.stores.base import CaptionStore

_LEASE_MARGIN = 30.0
"""Seconds that a lease outlives the longest request."""


@dataclass(frozen=True, slots=True)
class Build:
    """The objects of one build."""

    site: Site
    files: SiteFiles
    engine: CaptionEngine
    store: CaptionStore
    digests: DigestFile | None
    report: BuildReport
    budget: Budget
    key_variable: str | None
    language: str
    """The option: a code, or `auto`."""
    complaint: str | None
    """What the user should put right in the options, though the build goes on."""

    @property
    def credits(self) -> Credits:
        """What the build cost so far."""
        return Credits(self.budget.spent, self.budget.balance, self.budget.uncertain)

    def close(self) -> None:
        """Close what is open, and write what is remembered."""
        self.engine.close()
        if self.digests:
            self.digests.close()


def assemble(
    config: AltTextConfig,
    *,
    site_url: str,
    docs_dir: str,
    environment: Mapping[str, str],
    is_serving: bool,
    is_replaced: Callable[[str], bool],
    is_quick: bool = False,
) -> Build:
    """Build the objects of one build; nothing is opened, started or asked yet.

    Args:
        config: The options, validated.
        site_url: MkDocs' `site_url`, or empty.
        docs_dir: MkDocs' `docs_dir`.
        environment: Where the key is looked for.
        is_serving: Whether this is `mkdocs serve`.
        is_replaced: Tells from an image's address whether another plugin replaces it.
        is_quick: Whether the pages are thrown away, and pictures only inspected where `generate` is
            `never`.

    Returns:
        The objects.

    Raises:
        ConfigurationError: The options cannot work.
    """
    kind = service_kind(config.service)
    variable = config.api_key_env or kind.key_variable
    key = read_key(variable, environment) if variable else None
    service = kind.build(
        ServiceSettings(key, config.base_url, float(config.timeout), config.max_length)
    )
    fault = _fault_of_cache_dir(config.cache_dir, docs_dir)
    store = AbsentStore() if fault else DiskStore(Path(config.cache_dir))
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
        refusal=_refusal(config, lacks_key=variable is not None and key is None, serves=is_serving),
        is_dry_run=config.generate == "never",
        is_quick=is_quick,
    )
    files = SiteFiles()
    digests = None if fault else DigestFile(Path(config.cache_dir))
    images = ImageCollection(files.read, files.stamp, digests)
    return Build(
        site=_site(
            config,
            files,
            service,
            engine,
            site_url,
            images=images,
            is_replaced=is_replaced,
            is_quick=is_quick,
        ),
        files=files,
        engine=engine,
        store=store,
        digests=digests,
        report=BuildReport(config.service),
        budget=budget,
        language=config.language,
        key_variable=variable,
        complaint=fault,
    )


def _site(
    config: AltTextConfig,
    files: SiteFiles,
    service: CaptionService,
    engine: CaptionEngine,
    site_url: str,
    *,
    images: ImageCollection,
    is_replaced: Callable[[str], bool],
    is_quick: bool,
) -> Site:
    return Site(
        policy=Policy(
            EmptyAlt(config.empty_alt),
            replace_filenames=config.replace_filenames,
            skip_classes=frozenset(config.skip_classes),
        ),
        mark=Mark.new(),
        resolver=Resolver(site_url, files.exists),
        images=images,
        includes=_includes(config.include, config.exclude),
        language_code=service.language_code,
        service=service.identity,
        ask=engine.ask,
        pages=files,
        max_length=config.max_length,
        catalog=read_catalog(Path(config.catalog)),
        publishes_generated=config.publish == "all",
        shows_provenance=config.provenance,
        is_replaced=is_replaced,
        is_quick=is_quick,
    )


def _includes(include: list[str], exclude: list[str]) -> Callable[[str], bool]:
    wanted = GitIgnoreSpec.from_lines(include) if include else None
    unwanted = GitIgnoreSpec.from_lines(exclude)
    if not include and not exclude:
        return lambda _: True

    def includes(path: str) -> bool:
        if wanted is not None and not wanted.match_file(path):
            return False
        return not unwanted.match_file(path)

    return includes


def _refusal(config: AltTextConfig, *, lacks_key: bool, serves: bool) -> Failure | None:
    """Say why the service may not be asked in this build, when it may not."""
    if config.generate == "never" or (config.generate == "build" and serves):
        return Failure(Reason.NOT_ASKED, f"generate: {config.generate}")
    return Failure(Reason.NO_KEY) if lacks_key else None


def _fault_of_cache_dir(cache_dir: str, docs_dir: str) -> str | None:
    """Say why a cache folder must not be used, when that is so."""
    cache, docs = Path(cache_dir).resolve(), Path(docs_dir).resolve()
    if not cache.is_relative_to(docs):
        return None
    # It would also be a change that makes `mkdocs serve` build again, for ever.
    return (
        f"The option cache_dir ({cache_dir}) lies inside docs_dir ({docs_dir}), so the cache would "
        "be published with the site. It is not used, and nothing is paid for. Choose a folder "
        "outside, such as the default .cache/plugin/alttext."
    )
