"""One build of a site, from its first hook to its last."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.cache.base import NoCache
from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.captioning.engine import CaptionEngine
from mkdocs_alttext.captioning.limits import Budget, Throttle
from mkdocs_alttext.captioning.request import Halt, Lease, Purchaser
from mkdocs_alttext.captioning.retry import Breaker, Retry
from mkdocs_alttext.catalog.reading import read_catalog
from mkdocs_alttext.html.decisions import EmptyAlt, Policy
from mkdocs_alttext.html.marks import Mark
from mkdocs_alttext.images.collection import DigestFile, ImageCollection
from mkdocs_alttext.images.resolver import Resolver
from mkdocs_alttext.pages.fill import fill_page
from mkdocs_alttext.pages.records import PublishRules, Site
from mkdocs_alttext.pages.selection import Selection, docs_dir_names
from mkdocs_alttext.site.cache_place import fault_of_cache_dir
from mkdocs_alttext.site.files import SiteFiles
from mkdocs_alttext.site.messages import SiteLog, catalog_lines, closing_lines, log
from mkdocs_alttext.site.pages import page_facts, template_facts
from mkdocs_alttext.site.plugin_compat import is_replaced
from mkdocs_alttext.site.report import BuildReport, Credits
from mkdocs_alttext.site.service import choose_service
from mkdocs_alttext.system.environment import UserSettings
from mkdocs_alttext.system.files import project_root

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page as MkDocsPage

    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.config import AltTextConfig
    from mkdocs_alttext.pages.records import FilledPage, Page

_LEASE_MARGIN = 30.0
"""Seconds that a lease outlives the longest request."""


@dataclass
class SiteBuilds:
    """What all builds of one site share: static-i18n runs one for each translation."""

    options: AltTextConfig
    config: MkDocsConfig
    is_serving: bool
    """Whether this is `mkdocs serve`."""
    is_quick: bool
    """Whether the pages are thrown away, and pictures only inspected in a dry run."""
    on_progress: Callable[[int, int], None]
    """Called while an answer is waited for, with how many there are, and of how many."""
    selection: Selection = field(init=False)
    log: SiteLog = field(default_factory=SiteLog)
    ended: list[tuple[BuildReport, Credits]] = field(default_factory=list)
    """The report and the cost of each build that is over."""
    charged: int = 0
    """Credits that the builds that are over took of the limit."""

    def __post_init__(self) -> None:
        """Read the patterns."""
        folders = docs_dir_names(self.config.docs_dir, self.config.config_file_path)
        self.selection = Selection(self.options.include, self.options.exclude, folders=folders)

    def add(self, build: Build) -> None:
        """Take in a build that is over."""
        self.ended.append((build.report, build.credits))
        self.charged += build.engine.budget.charged

    def say_result(self, build: Build) -> None:
        """Log what happened in a build, and what the user can do about it."""
        for line in build.closing_lines():
            log.info(line)
        # Patterns are judged by the pictures of all translations that were built so far.
        self.selection.note(build.files.names())
        for complaint in self.selection.complaints():
            level = logging.WARNING if complaint.is_warning else logging.INFO
            self.log.once(level, complaint.text)
        for problem in build.problems():
            log.info(problem)
        log.info(build.report.summary(build.credits))
        build.engine.note_told()


class SiteFilter:
    """Which images are ours to fill, as options and other plugins have it."""

    def __init__(self, config: MkDocsConfig, files: SiteFiles, selection: Selection) -> None:
        """Take who knows.

        Args:
            config: The site's configuration.
            files: The site's files.
            selection: What `include` and `exclude` say.
        """
        self._config = config
        self._files = files
        self._selection = selection

    def includes(self, path: str) -> bool:
        """Tell whether an image's path passes `include`, `exclude` and MkDocs' `exclude_docs`."""
        # Plugins add files at any time, and what a pattern may mean depends on their names.
        self._selection.note(self._files.names_of(path))
        return not self._files.is_left_out(path) and all(
            self._selection.allows(*each) for each in self._files.called(path)
        )

    def is_replaced(self, address: str) -> bool:
        """Tell whether another plugin replaces an image before its page is whole."""
        return is_replaced(address, self._config.plugins)


class Build:
    """Fills the pages of one build, and knows what became of their images."""

    def __init__(self, builds: SiteBuilds) -> None:
        """Check the options and put the parts together; nothing is opened, started or asked yet.

        Args:
            builds: What this build shares with the site's others.

        Raises:
            ConfigurationError: The options cannot work.
            CatalogError: The catalog cannot be read.
        """
        options, config = builds.options, builds.config
        self._builds = builds
        user = UserSettings.of(os.environ)
        chosen = choose_service(options, user, os.environ, is_serving=builds.is_serving)
        limit = user.ceiling(options.max_credits)
        self.key_variable = chosen.key_variable
        fault = fault_of_cache_dir(options.cache_dir, config)
        self.complaints = [each for each in (fault, chosen.complaint) if each]
        """What the user should put right in the options, though the build goes on."""
        self.language = options.language
        """The option: a code, or `auto`."""
        self.mark = Mark.new()
        self.report = BuildReport(options.service)
        self.files = SiteFiles(config.docs_dir, project_root(config.config_file_path))
        self._cache = NoCache() if fault else DiskCache(Path(options.cache_dir))
        self._digests = None if fault else DigestFile(Path(options.cache_dir))
        self.engine = CaptionEngine(
            Purchaser(
                service=chosen.service,
                cache=self._cache,
                lease=Lease(
                    self._cache,
                    seconds=options.timeout + _LEASE_MARGIN,
                    is_free=not chosen.service.credits_per_image,
                ),
                budget=Budget(None if limit is None else max(0, limit - builds.charged)),
                retry=Retry(options.max_retries),
                throttle=Throttle(options.concurrency),
                breaker=Breaker(),
                halt=Halt(),
            ),
            concurrency=options.concurrency,
            refusal=chosen.refusal,
            is_dry_run=options.generate == "never",
            is_quick=builds.is_quick,
            on_progress=builds.on_progress,
        )
        self.site = Site(
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
            mark=self.mark,
            pages=self.files,
            filter=SiteFilter(config, self.files, builds.selection),
            resolver=Resolver(config.site_url or "", self.files),
            images=ImageCollection(self.files, self._digests),
            catalog=_catalog(Path(options.catalog)),
            service=chosen.service,
            captions=self.engine,
        )

    @property
    def catalog(self) -> Mapping[str, Entry]:
        """What people may correct and approve, by the path of an image."""
        return self.site.catalog

    def follow(self, files: Files) -> None:
        """Look pictures up in MkDocs' collection of files from now on."""
        if files is not self.files.collection:
            self.files.follow(files)
            self._builds.selection.note(self.files.names())

    def fill_page(
        self, html: str, page: MkDocsPage, *, is_whole: bool = False, wait: bool
    ) -> FilledPage:
        """Fill an article or a page that MkDocs renders, and note what became of its images.

        Args:
            html: The source.
            page: The page.
            is_whole: Whether this is the whole page, and not only its article.
            wait: Whether to wait for answers that are under way.
        """
        facts = page_facts(page, self._builds.config, self.language, is_whole=is_whole)
        return self._filled(html, facts, page.content or "", wait=wait)

    def fill_template(self, html: str, name: str) -> FilledPage:
        """Fill a page that a template makes without Markdown, such as `404.html`.

        Args:
            html: The source.
            name: The template's name, which is the page's path.
        """
        facts = template_facts(name, self._builds.config, self.language)
        return self._filled(html, facts, "", wait=True)

    def _filled(self, html: str, facts: Page, article: str, *, wait: bool) -> FilledPage:
        filled = fill_page(html, facts, self.site, wait=wait)
        new = self.report.add(
            facts.path,
            filled.outcomes,
            is_whole=facts.is_whole,
            article=filled.outcomes_in(article, html) if facts.is_whole else None,
        )
        self._builds.log.outcomes(new)
        return filled

    @property
    def credits(self) -> Credits:
        """What the build cost so far."""
        budget = self.engine.budget
        return Credits(budget.spent, budget.balance, budget.uncertain)

    @property
    def would_spend(self) -> int:
        """Credits that filling what is missing would cost, when this is a dry run."""
        return self.engine.would_spend

    def closing_lines(self) -> list[str]:
        """Say what the user can do something about."""
        options = self._builds.options
        known = self.files.forms() if self.catalog else set()
        unknown = [path for path in self.catalog if path not in known]
        return [
            *closing_lines(
                self.report,
                stopped=self.engine.stopped,
                key_variable=self.key_variable,
                would_spend=self.would_spend,
                names_images=options.on_missing != "ignore",
            ),
            *catalog_lines(
                self.report, unknown, Path(options.catalog).name, publish=options.publishing
            ),
        ]

    def problems(self) -> tuple[str, ...]:
        """Say what was wrong with the cache, in sentences for a person."""
        return self._cache.problems()

    def close(self) -> None:
        """Close what is open, and write what is remembered."""
        self.engine.close()
        self.site.images.close()
        if self._digests:
            self._digests.close()


def _catalog(path: Path) -> Mapping[str, Entry]:
    """Read what people may correct and approve, by the path of an image."""
    try:
        path.stat()
    except FileNotFoundError:
        return {}
    except OSError:
        pass  # reading says what is wrong
    return read_catalog(path)
