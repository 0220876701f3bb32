"""The MkDocs plugin: its hooks. Each hands what MkDocs gives to the build, which does the work."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority

from mkdocs_alttext.config import AltTextConfig
from mkdocs_alttext.exceptions import AltTextError, OutputError
from mkdocs_alttext.html.prefilter import needs_work
from mkdocs_alttext.site.articles import Articles
from mkdocs_alttext.site.build import Build, SiteBuilds
from mkdocs_alttext.site.cache_place import unwatch_cache
from mkdocs_alttext.site.files import may_be_picture
from mkdocs_alttext.site.messages import Progress, log
from mkdocs_alttext.site.pages import wish_of
from mkdocs_alttext.site.report import as_json, write_json
from mkdocs_alttext.system.files import project_root
from mkdocs_alttext.system.printable import counted, visible
from mkdocs_alttext.system.processes import Termination

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page
    from mkdocs.utils.templates import TemplateContext

EXTENSION = "mkdocs_alttext.markdown_extension"


class AltTextPlugin(BasePlugin[AltTextConfig]):
    """Fills the missing alt text of a site while it is built."""

    def __init__(self) -> None:
        """Begin without a build."""
        super().__init__()
        self._is_serving = False
        self._builds: SiteBuilds | None = None
        self._build: Build | None = None
        self._articles: Articles | None = None
        self._progress = Progress(log.info)
        self._termination = Termination()
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
        if not self.config.enabled:
            return
        others = (each for each in config.plugins.values() if isinstance(each, AltTextPlugin))
        if sum(each.config.enabled for each in others) > 1:
            raise PluginError("alttext: mkdocs.yml lists the plugin twice. Remove one of them.")
        build = self._begin(config)
        if build.catalog:
            config.watch.append(self.config.catalog)
        if EXTENSION not in config.markdown_extensions:
            config.markdown_extensions.append(EXTENSION)
        config.mdx_configs[EXTENSION] = {"mark": build.mark.value}

    @event_priority(100)  # before a plugin takes the files of other languages out
    def on_files(self, files: Files, *, config: MkDocsConfig) -> None:
        """Note all pictures, for patterns that match none of them."""
        del config
        if self._builds and self._build:
            self._builds.selection.note(file.src_uri for file in files if may_be_picture(file))

    @event_priority(75)  # before plugins that copy the content (glightbox at 0, rss at -75)
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Fill what is known, and ask for the rest; wait where another plugin reads the texts."""
        del config
        if self._build is None or self._articles is None:
            return html
        self._judge_front_matter(page)
        self._build.follow(files)
        return self._articles.rendered(html, page)

    @event_priority(25)  # after privacy (50) adds files, before optimize (0) takes images away
    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> None:
        """Wait for all answers where articles may be read before they are written."""
        del env, config
        if self._build and self._articles:
            self._build.follow(files)
            self._build.files.index()
            self._articles.all_rendered()

    @event_priority(100)  # before others read the article
    def on_page_context(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> None:
        """Wait for the answers that this page needs; later ones come while it is written."""
        del context, config, nav
        if self._articles:
            self._articles.finish(page)

    @event_priority(-90)  # after everything that changes pages, before what ships them (-100)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Fill what was not in the article: blog excerpts, the theme's images, other plugins'."""
        del config
        build, articles = self._build, self._articles
        if build is None or articles is None:
            return output
        if not needs_work(output, build.mark, decided=articles.decided(page)):
            return output
        return build.fill_page(output, page, is_whole=True, wait=True).html

    @event_priority(-90)
    def on_post_template(
        self, output_content: str, *, template_name: str, config: MkDocsConfig
    ) -> str:
        """Fill pages that have no Markdown, such as `404.html`."""
        del config
        build = self._build
        is_html = template_name.endswith((".html", ".htm"))
        if build is None or not is_html or not needs_work(output_content, build.mark):
            return output_content
        return build.fill_template(output_content, template_name).html

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Say what happened. The parts stay open: translations build on inside this hook."""
        build, builds = self._build, self._builds
        if build is None or builds is None:
            return
        self._progress.close()
        builds.add(build)
        self._write_report(builds)
        builds.say_result(build)
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

    def _begin(self, config: MkDocsConfig) -> Build:
        """Make the parts of a build."""
        builds = self._builds
        if builds is None or builds.config is not config:  # which static-i18n takes for each
            builds = SiteBuilds(
                self.config, config, self._is_serving, self.is_quick, self._progress.show
            )
        try:
            build = Build(builds)
        except AltTextError as error:
            raise PluginError(visible(f"alttext: {error}")) from None
        self._termination.begin()
        for complaint in build.complaints:
            builds.log.once(logging.WARNING, complaint)
        self._builds, self._build = builds, build
        self._articles = Articles(build, config, self, lists_texts=bool(self.config.report))
        return build

    def _judge_front_matter(self, page: Page) -> None:
        """Name what an author says of a page and nobody understands."""
        if self._builds and (doubt := wish_of(page.meta, page.markdown).doubt):
            self._builds.log.once(
                logging.WARNING,
                f"{page.file.src_uri}: {doubt}, so that no picture of this page is "
                "sent. Write `alttext: false` to leave the page alone, or `alttext: { lang: fr }` "
                "to have its texts in French.",
            )

    def _write_report(self, builds: SiteBuilds) -> None:
        """Write one report for all translations that are built so far."""
        path, root = self.config.report, project_root(builds.config.config_file_path)
        try:
            if path:
                write_json(Path(path), as_json(builds.ended), root=root)
        except OutputError as error:
            log.warning("The report is not written: %s", error)
        except OSError as error:
            log.warning("The report cannot be written to %s (%s).", path, error.strerror)

    def _complain(self, missing: int) -> None:
        """Do what `on_missing` says."""
        if not missing or self.config.on_missing in {"ignore", "info"}:
            return
        complaint = f"{counted(missing, 'image')} without alt text (on_missing)."
        if self.config.on_missing == "error":
            raise PluginError(f"alttext: {complaint}")
        log.warning(complaint)

    def _close(self) -> None:
        """Close the build that is open, if one is."""
        build, self._build, self._articles = self._build, None, None
        self._progress.close()
        try:
            if build:
                build.close()
        finally:
            self._termination.end()
