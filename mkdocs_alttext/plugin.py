"""The MkDocs plugin: hooks, and the words in which a build reports.

Owns when things happen and what is logged. It must not know how anything is done: each hook hands
values to `pages`, and the build has the parts.
"""

from __future__ import annotations

import logging
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger

from mkdocs_alttext.config import AltTextConfig
from mkdocs_alttext.exceptions import AltTextError, OutputError
from mkdocs_alttext.html.prefilter import needs_work
from mkdocs_alttext.pages.selection import Selection, docs_dir_names
from mkdocs_alttext.site.articles import Articles
from mkdocs_alttext.site.build import Build, Run
from mkdocs_alttext.site.cache_place import fault_of_cache_dir, unwatch_cache
from mkdocs_alttext.site.files import SiteFiles, may_be_picture
from mkdocs_alttext.site.messages import catalog_lines, closing_lines, describe, doubt_line
from mkdocs_alttext.site.pages import page_facts, template_facts, wish_of
from mkdocs_alttext.site.plugin_compat import replaced_addresses
from mkdocs_alttext.site.progress import Progress
from mkdocs_alttext.site.report import as_json, write_json
from mkdocs_alttext.system.printable import counted, visible
from mkdocs_alttext.system.processes import Termination
from mkdocs_alttext.system.project import project_root

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page as MkDocsPage
    from mkdocs.utils.templates import TemplateContext

    from mkdocs_alttext.pages.occurrence import FilledPage, Page
    from mkdocs_alttext.site.report import BuildReport, Credits

log = get_plugin_logger(__name__)


def _make_visible(record: logging.LogRecord) -> bool:
    """Have each message on one line, whatever is in the names that it holds."""
    record.msg, record.args = visible(record.getMessage()), None
    return True


log.logger.addFilter(_make_visible)

EXTENSION = "mkdocs_alttext.markdown_extension"


class AltTextPlugin(BasePlugin[AltTextConfig]):
    """Fills the missing alt text of a site while it is built."""

    def __init__(self) -> None:
        """Begin without a build."""
        super().__init__()
        self._is_serving = False
        self._build: Build | None = None
        self._articles: Articles | None = None
        self._progress = Progress(log.info)
        self._termination = Termination()
        self._site_config: MkDocsConfig | None = None
        self._selection: Selection | None = None
        self._said: set[str] = set()
        self._ended: list[tuple[BuildReport, Credits]] = []
        self._charged = 0
        self.take_build: Callable[[Build, MkDocsConfig], object] | None = None
        """Called with each build that is over: how commands get to its report."""
        self.is_quick = False
        """Whether the pages are thrown away, and pictures only inspected in a dry run."""

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Remember the command; having this hook keeps the object across rebuilds of `serve`."""
        del dirty
        self._is_serving = command == "serve"

    def on_config(self, config: MkDocsConfig) -> None:
        """Begin a build: `serve` and translations run several in one process."""
        self._close()
        if config is not self._site_config:  # which static-i18n takes for each translation
            self._site_config, self._ended, self._charged = config, [], 0
            self._selection, self._said = None, set()
        if not self.config.enabled:
            return
        others = (each for each in config.plugins.values() if isinstance(each, AltTextPlugin))
        if sum(each.config.enabled for each in others) > 1:
            raise PluginError("alttext: mkdocs.yml lists the plugin twice. Remove one of them.")
        replaced = replaced_addresses(config.plugins)
        self._selection = self._selection or Selection(
            self.config.include,
            self.config.exclude,
            folders=docs_dir_names(config.docs_dir, config.config_file_path),
        )
        fault = fault_of_cache_dir(self.config.cache_dir, config)
        try:
            self._build = Build(
                self.config,
                files=SiteFiles(config.docs_dir, project_root(config.config_file_path)),
                site_url=config.site_url or "",
                has_cache=fault is None,
                environment=os.environ,
                selection=self._selection,
                is_replaced=lambda address: any(each.fullmatch(address) for each in replaced),
                on_progress=self._progress.show,
                run=Run(self._is_serving, self.is_quick, self._charged),
            )
        except AltTextError as error:
            raise PluginError(visible(f"alttext: {error}")) from None
        self._termination.begin()
        for complaint in filter(None, (fault, self._build.complaint)):
            self._say_once(logging.WARNING, complaint)
        if self._build.catalog:
            config.watch.append(self.config.catalog)
        fill = partial(self._fill, self._build, is_whole=False)
        self._articles = Articles(
            self._build, config, self, fill, lists_texts=self.config.report is not None
        )
        if EXTENSION not in config.markdown_extensions:
            config.markdown_extensions.append(EXTENSION)
        config.mdx_configs[EXTENSION] = {"mark": self._build.mark.value}

    @event_priority(100)  # before a plugin takes the files of other languages out
    def on_files(self, files: Files, *, config: MkDocsConfig) -> None:
        """Note all pictures, for patterns that match none of them."""
        del config
        if self._build and self._selection:
            self._selection.note(file.src_uri for file in files if may_be_picture(file))

    @event_priority(75)  # before plugins that copy the content (glightbox at 0, rss at -75)
    def on_page_content(
        self, html: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files
    ) -> str:
        """Fill what is known, now or with all others, and send the rest on its way meanwhile."""
        if self._build:
            self._judge_front_matter(page)
        return self._articles.rendered(html, page, config, files) if self._articles else html

    @event_priority(25)  # after privacy (50) adds files, before optimize (0) takes images away
    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> None:
        """Fill what was put off, and wait where articles may be read before they are written."""
        del env
        if self._articles:
            self._articles.all_rendered(config, files)

    @event_priority(100)  # before others read the article
    def on_page_context(
        self, context: TemplateContext, *, page: MkDocsPage, config: MkDocsConfig, nav: Navigation
    ) -> None:
        """Wait for the answers that this page needs; later ones come while it is written."""
        del context, nav
        if self._articles:
            self._articles.finish(page, config)

    @event_priority(-90)  # after everything that changes pages, before what ships them (-100)
    def on_post_page(self, output: str, *, page: MkDocsPage, config: MkDocsConfig) -> str:
        """Fill what was not in the article: blog excerpts, the theme's images, other plugins'."""
        build, articles = self._build, self._articles
        if build is None or articles is None:
            return output
        if not needs_work(output, build.mark, decided=articles.decided(page)):
            return output
        return self._fill(build, [(output, page)], config, is_whole=True, wait=True)[0].html

    @event_priority(-90)
    def on_post_template(
        self, output_content: str, *, template_name: str, config: MkDocsConfig
    ) -> str:
        """Fill pages that have no Markdown, such as `404.html`."""
        build = self._build
        is_html = template_name.endswith((".html", ".htm"))
        if build is None or not is_html or not needs_work(output_content, build.mark):
            return output_content

        facts = template_facts(template_name, config, self.config.language)
        return self._filled(build, [(output_content, facts)], [""], wait=True)[0].html

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Say what happened. The parts stay open: translations build on inside this hook."""
        build = self._build
        if build is None:
            return
        self._progress.close()
        self._ended.append((build.report, build.credits))
        self._charged += build.charged
        if self.config.report:
            self._write_report(self.config.report, config)
        for line in closing_lines(
            build.report,
            stopped=build.stopped,
            key_variable=build.key_variable,
            would_spend=build.would_spend,
            names_images=self.config.on_missing != "ignore",
        ):
            log.info(line)
        known = build.files.forms() if build.catalog else set()
        unknown = [path for path in build.catalog if path not in known]
        for line in catalog_lines(build.report, unknown, Path(self.config.catalog).name):
            log.info(line)
        self._judge_patterns(build)
        for problem in build.problems():
            log.info(problem)
        log.info(build.report.summary(build.credits))
        build.remember()
        if self.take_build:
            self.take_build(build, config)
        self._termination.end()
        self._complain(len(build.report.missing()))

    def on_serve(
        self,
        server: LiveReloadServer,
        *,
        config: MkDocsConfig,
        builder: Callable[..., object],
    ) -> None:
        """Have a cache inside `docs_dir` not be taken for a change of the pages."""
        del builder
        if self.config.enabled:
            unwatch_cache(server, self.config.cache_dir, config)

    def on_build_error(self, *, error: Exception) -> None:
        """Cancel what is under way."""
        del error
        self._close()

    def on_shutdown(self) -> None:
        """Close what is open."""
        self._close()

    def _fill(
        self,
        build: Build,
        sources: Sequence[tuple[str, MkDocsPage]],
        config: MkDocsConfig,
        *,
        is_whole: bool,
        wait: bool,
    ) -> list[FilledPage]:

        language = self.config.language
        facts = [page_facts(page, config, language, is_whole=is_whole) for _, page in sources]
        htmls = [html for html, _ in sources]
        articles = [page.content or "" for _, page in sources]
        return self._filled(build, list(zip(htmls, facts, strict=True)), articles, wait=wait)

    def _filled(
        self,
        build: Build,
        sources: Sequence[tuple[str, Page]],
        articles: Sequence[str],
        *,
        wait: bool,
    ) -> list[FilledPage]:
        filled = build.fill(sources, wait=wait)
        for (html, page), each, article in zip(sources, filled, articles, strict=True):
            known = each.outcomes_in(article, html) if page.is_whole else None
            new = build.report.add(page.path, each.outcomes, is_whole=page.is_whole, article=known)
            for outcome in new:
                if outcome.doubt:
                    self._say_once(logging.WARNING, doubt_line(outcome))
            if log.isEnabledFor(logging.DEBUG):
                for outcome in new:
                    log.debug(describe(outcome))
        return filled

    def _judge_front_matter(self, page: MkDocsPage) -> None:
        """Name what an author says of a page and nobody understands."""
        if doubt := wish_of(page.meta, page.markdown).doubt:
            self._say_once(
                logging.WARNING,
                f"{page.file.src_uri}: {doubt}, so that no picture of this page is "
                "sent. Write `alttext: false` to leave the page alone, or `alttext: { lang: fr }` "
                "to have its texts in French.",
            )

    def _judge_patterns(self, build: Build) -> None:
        """Say which patterns match no picture of any translation that was built so far."""
        if self._selection is None:
            return
        self._selection.note(build.files.names())
        for complaint in self._selection.complaints():
            level = logging.WARNING if complaint.is_warning else logging.INFO
            self._say_once(level, complaint.text)

    def _say_once(self, level: int, line: str) -> None:
        """Log a line that is as true in each translation, for which builds of their own are run."""
        if line not in self._said:
            self._said.add(line)
            log.log(level, line)

    def _write_report(self, path: str, config: MkDocsConfig) -> None:
        root = project_root(config.config_file_path)
        try:
            write_json(Path(path), as_json(self._ended), root=root)
        except OutputError as error:
            log.warning("The report is not written: %s", error)
        except OSError as error:
            log.warning("The report cannot be written to %s (%s).", path, error.strerror)

    def _complain(self, missing: int) -> None:
        if not missing or self.config.on_missing in {"ignore", "info"}:
            return
        complaint = f"{counted(missing, 'image')} without alt text (on_missing)."
        if self.config.on_missing == "error":
            raise PluginError(f"alttext: {complaint}")
        log.warning(complaint)

    def _close(self) -> None:
        build, self._build = self._build, None
        self._articles = None
        self._progress.close()
        try:
            if build:
                build.close()
        finally:
            self._termination.end()
