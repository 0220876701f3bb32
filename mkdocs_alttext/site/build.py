"""One build of a site, from its first hook to its last."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.cache.base import NoCache
from mkdocs_alttext.catalog.entries import language_tag
from mkdocs_alttext.exceptions import OutputError
from mkdocs_alttext.filling import messages
from mkdocs_alttext.filling.assembly import catalog_entries, put_together
from mkdocs_alttext.filling.cache import open_cache
from mkdocs_alttext.filling.catalog_paths import find_unknown
from mkdocs_alttext.filling.progress import Progress
from mkdocs_alttext.filling.report import BuildReport, Credits, as_json, write_json
from mkdocs_alttext.filling.service import choose_service
from mkdocs_alttext.html.prefilter import count_texts, needs_work
from mkdocs_alttext.models import Decision
from mkdocs_alttext.pages.fill import fill_page
from mkdocs_alttext.pages.include_exclude import Selection, docs_dir_names
from mkdocs_alttext.pages.overlay import with_overlay
from mkdocs_alttext.site.author_texts import AuthorTexts
from mkdocs_alttext.site.cache_in_docs_dir import fault_of_cache_dir
from mkdocs_alttext.site.files import SiteFiles, SiteFilter
from mkdocs_alttext.site.log import log
from mkdocs_alttext.site.pages import page_facts, template_facts, wish_of
from mkdocs_alttext.site.plugin_compat import builds_translations, reads_alt_text
from mkdocs_alttext.site.running_review import address_in_review
from mkdocs_alttext.system.files import project_root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page as MkDocsPage

    from mkdocs_alttext.filling.catalog_paths import UnknownPath
    from mkdocs_alttext.options import Options
    from mkdocs_alttext.pages.records import FilledPage, Page


class SiteBuilds:
    """What all builds of one site share: static-i18n runs one for each translation."""

    def __init__(
        self, options: Options, config: MkDocsConfig, *, is_serving: bool, is_quick: bool
    ) -> None:
        """Read the patterns.

        Args:
            options: The plugin's.
            config: The site's configuration.
            is_serving: Whether this is `mkdocs serve`.
            is_quick: Whether the pages are thrown away, and pictures only inspected in a dry run.
        """
        self.options = options
        self.config = config
        self.is_serving = is_serving
        self.is_quick = is_quick
        self.shows_overlay = is_serving and options.review_overlay
        """Whether pages show what waits for a person."""
        folders = docs_dir_names(config.docs_dir, config.config_file_path)
        self.selection = Selection(options.include, options.exclude, folders=folders)
        self._said: set[str] = set()
        self.progress = Progress(log.info)
        """Shows how many answers are there, while one is waited for."""
        self._ended: list[tuple[BuildReport, Credits]] = []
        """The report and the cost of each build that is over."""
        self.charged = 0
        """Credits that the builds that are over took of the limit."""

    def log_once(self, line: str, *, level: int = logging.WARNING) -> None:
        """Log a line that is as true in each translation, unless it was logged before."""
        if line not in self._said:
            self._said.add(line)
            log.log(level, line)

    def end(self, build: Build) -> None:
        """Take in a build that is over, and say what happened and what the user can do about it."""
        self.progress.close()
        self._ended.append((build.report, build.credits))
        self.charged += build.engine.budget.charged
        self._write_report()
        lines = messages.closing_lines(
            build.report,
            build.engine,
            key_variable=build.key_variable,
            names_images=self.options.on_missing != "ignore",
        )
        # What one translation does not show, another may; the commands see all of them.
        is_part = builds_translations(self.config.plugins)
        lines += messages.catalog_lines(
            build.report,
            [] if is_part else unknown_paths([build]),
            Path(self.options.catalog).name,
            build.site.catalog,
            publish=self.options.publishing,
        )
        for line in lines:
            log.info(line)
        # Patterns are judged by the pictures of all translations that were built so far.
        self.selection.note(build.files.names())
        for complaint in self.selection.complaints():
            level = logging.WARNING if complaint.is_warning else logging.INFO
            self.log_once(complaint.text, level=level)
        for problem in build.cache.problems():
            log.info(problem)
        log.info(build.report.summary(build.credits))
        build.engine.note_told()

    def _write_report(self) -> None:
        """Write one report for all translations that are built so far."""
        path, root = self.options.report, project_root(self.config.config_file_path)
        try:
            if path:
                write_json(Path(path), as_json(self._ended), root=root)
        except OutputError as error:
            log.warning("The report is not written: %s", error)
        except OSError as error:
            log.warning("The report cannot be written to %s (%s).", path, error.strerror)


class Build:
    """Fills the pages of one build, and knows what became of their images.

    An article is looked at as soon as it is rendered: known texts are filled in, and the service is
    asked for the others while further pages are rendered. Their answers are waited for as late as
    possible: when the page is written, or earlier where something reads the article before.
    """

    def __init__(self, builds: SiteBuilds) -> None:
        """Check the options and put the parts together; nothing is opened, started or asked yet.

        Args:
            builds: What this build shares with the site's others.

        Raises:
            ConfigurationError: The options cannot work.
            CatalogError: The catalog cannot be read.
        """
        options, config = builds.options, builds.config
        chosen = choose_service(options, is_serving=builds.is_serving)
        fault = fault_of_cache_dir(options.cache_dir, config)
        self._builds = builds
        self.language = options.language
        """The option: a code, or `auto`."""
        self.key_variable = chosen.key_variable
        """Name of the environment variable for the key, when the service takes one."""
        self.catalog = catalog_entries(Path(options.catalog))
        """What people may correct and approve, by the path of an image."""
        self.folders = docs_dir_names(config.docs_dir, config.config_file_path)
        """By what people call it."""
        self.files = SiteFiles(config.docs_dir, project_root(config.config_file_path))
        self.cache = NoCache() if fault else open_cache(options)
        self.report = BuildReport(options.service)
        self.fills_whole_pages = False
        """Whether articles stay as they are until their pages are whole."""
        self._all_are_rendered = False
        self._waiting: dict[str, MkDocsPage] = {}
        """Pages whose articles wait for answers, by their source."""
        self._decided: dict[str, str] = {}
        """Articles with nothing left to do, by their source."""
        self._parts = put_together(
            options,
            chosen,
            self.cache,
            files=self.files,
            filter_=SiteFilter(config.plugins, self.files, builds.selection),
            entries=self.catalog,
            site_url=config.site_url or "",
            on_progress=builds.progress.show,
            charged=builds.charged,
            is_quick=builds.is_quick,
        )
        self.engine, site = self._parts.engine, self._parts.site
        self.site = site._replace(
            rules=site.rules._replace(marks_review=builds.shows_overlay),
            author_texts=AuthorTexts(
                self.files,
                site.resolver,
                site.images,
                config=config,
                language=options.language,
                code_of=lambda tag: site.service.language_code(tag) or language_tag(tag),
            ),
        )
        for complaint in filter(None, (fault, chosen.complaint)):
            builds.log_once(complaint)

    def follow(self, files: Files) -> None:
        """Look pictures up in MkDocs' collection of files from now on."""
        if files is not self.files.collection:
            self.files.follow(files)
            self._builds.selection.note(self.files.names())

    def fill_article(self, html: str, page: MkDocsPage) -> str:
        """Fill what is known of an article that was just rendered, and ask for the rest.

        Args:
            html: The article.
            page: Its page.

        Returns:
            The article as other plugins may see it.
        """
        if doubt := wish_of(page.meta, page.markdown).doubt:
            self._builds.log_once(messages.front_matter_line(page.file.src_uri, doubt))
        if self._is_complete(html):
            return html
        if self.fills_whole_pages:
            self._filled_page(html, page, wait=False)  # which asks for what is not known
            return html
        is_read = reads_alt_text(self._builds.config, page, html)
        filled = self._filled_page(html, page, wait=is_read or self._all_are_rendered)
        html = filled.html
        if not filled.is_settled:
            self._waiting[page.file.src_uri] = page
        # An author's word holds until the page is whole, and is taken out then.
        elif not any(outcome.decision is Decision.SKIP for outcome in filled.outcomes):
            self._decided[page.file.src_uri] = html
        # What still waits keeps its mark for a later pass; a copy that others take must have none.
        html = self.site.mark.remove(html) if is_read else html
        # MkDocs sets this when all plugins are done, and some of them (rss) read it before.
        page.content = html
        return html

    def all_rendered(self, *, are_read: bool) -> None:
        """Note that the last article is rendered.

        Args:
            are_read: Whether something may read articles before their pages are written, so that
                all answers are waited for now.
        """
        self._all_are_rendered = self._builds.progress.knows_all = True
        for page in list(self._waiting.values()) if are_read else ():
            self.finish_article(page)

    def finish_article(self, page: MkDocsPage) -> None:
        """Wait for the answers that an article needs, before its page is written."""
        if self._waiting.pop(page.file.src_uri, None) and page.content is not None:
            page.content = self._filled_page(page.content, page, wait=True).html

    def fill_page(self, html: str, page: MkDocsPage) -> str:
        """Fill what was not in the article of a page: what a theme and other plugins added.

        Args:
            html: The whole page.
            page: The page.
        """
        decided = self._decided.pop(page.file.src_uri, None)
        is_same = decided == page.content  # else another plugin changed it since
        if self._needs_work(html, decided=decided if is_same else None):
            html = self._filled_page(html, page, is_whole=True, wait=True).html
        if not self._builds.shows_overlay:
            return html
        outcomes = self.report.pages.get(page.file.dest_uri, ())
        return with_overlay(html, outcomes, address_in_review(self._builds.options.cache_dir))

    def fill_template(self, html: str, name: str) -> str:
        """Fill a page that a template makes without Markdown, such as `404.html`.

        Args:
            html: The source.
            name: The template's name, which is the page's path.
        """
        if not self._needs_work(html):
            return html
        facts = template_facts(name, self._builds.config, self.language)
        return self._filled(html, facts, "", wait=True).html

    def _is_complete(self, article: str) -> bool:
        """Tell whether no image of an article needs anything, and count them then."""
        names_may_lack = self.site.policy.replace_filenames
        texts = count_texts(article, names_may_lack=names_may_lack)
        # With a report, images that have text are listed one by one, and not only counted.
        if texts is None or (
            texts and (self._builds.options.report or self.site.mark.is_in(article))
        ):
            return False
        self.report.count_texts(texts)
        return True

    def _needs_work(self, html: str, *, decided: str | None = None) -> bool:
        names_may_lack = self.site.policy.replace_filenames
        return needs_work(html, self.site.mark, decided=decided, names_may_lack=names_may_lack)

    def _filled_page(
        self, html: str, page: MkDocsPage, *, is_whole: bool = False, wait: bool
    ) -> FilledPage:
        facts = page_facts(page, self._builds.config, self.language, is_whole=is_whole)
        return self._filled(html, facts, page.content or "", wait=wait)

    def _filled(self, html: str, facts: Page, article: str, *, wait: bool) -> FilledPage:
        """Fill an article or a page, and note what became of its images."""
        filled = fill_page(html, facts, self.site, wait=wait)
        inside = filled.outcomes_in(article, html) if facts.is_whole else None
        # A template without a source is the theme's.
        parts = range(0) if facts.source is None else inside
        outcomes = [
            outcome._replace(is_around=parts is not None and at not in parts)
            for at, outcome in enumerate(filled.outcomes)
        ]
        new = self.report.add(facts.path, outcomes, is_whole=facts.is_whole, article=inside)
        for outcome in new:
            if outcome.doubt:
                self._builds.log_once(messages.doubt_line(outcome))
            if log.isEnabledFor(logging.DEBUG):
                log.debug(messages.describe(outcome))
        return filled

    @property
    def credits(self) -> Credits:
        """What the build cost so far."""
        return self._parts.credits

    def close(self) -> None:
        """Close what is open."""
        self._builds.progress.close()
        self._parts.close()


def unknown_paths(builds: Sequence[Build]) -> list[UnknownPath]:
    """Return the entries of the catalog that name no file of a site.

    Args:
        builds: The site's: a translation may have files that the others do not have.
    """
    catalog = builds[-1].catalog if builds else {}
    files = {path for each in builds if catalog for path in each.files.forms()}
    outcomes = (outcome for each in builds for outcome in each.report.outcomes)
    return find_unknown(catalog, files, outcomes, docs_dir=builds[-1].folders if builds else ())
