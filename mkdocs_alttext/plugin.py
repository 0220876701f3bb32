"""The MkDocs plugin: its hooks. Each hands what MkDocs gives to the build, which does the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority

from mkdocs_alttext.config import AltTextConfig
from mkdocs_alttext.exceptions import AltTextError
from mkdocs_alttext.markdown_mark import AltTextExtension
from mkdocs_alttext.site.build import Build, SiteBuilds
from mkdocs_alttext.site.cache_in_docs_dir import unwatch_cache
from mkdocs_alttext.site.files import may_be_picture
from mkdocs_alttext.site.log import log
from mkdocs_alttext.site.plugin_compat import (
    fill_after_captions,
    makes_captions_late,
    may_read_articles,
)
from mkdocs_alttext.site.running_review import watched_file
from mkdocs_alttext.system.printable import counted, visible
from mkdocs_alttext.system.processes import Termination

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page


class AltTextPlugin(BasePlugin[AltTextConfig]):
    """Fills the missing alt text of a site while it is built."""

    def __init__(self) -> None:
        """Begin without a build."""
        super().__init__()
        self._is_serving = False
        self._builds: SiteBuilds | None = None
        self._build: Build | None = None
        self._termination = Termination()
        self.take_build: Callable[[Build, MkDocsConfig], object] | None = None
        """Called with each build that is over: how commands get to its report."""
        self.is_quick = False
        """Whether the pages are thrown away, and pictures only inspected in a dry run."""

    def on_startup(self, *, command: str, **_: object) -> None:
        """Remember the command; having this hook keeps the object across rebuilds of `serve`."""
        self._is_serving = command == "serve"

    def on_config(self, config: MkDocsConfig) -> None:
        """Begin a build: `serve` and translations run several in one process."""
        self._close()
        if not self.config.enabled:
            return
        others = (each for each in config.plugins.values() if isinstance(each, AltTextPlugin))
        if sum(each.config.enabled for each in others) > 1:
            raise PluginError("alttext: mkdocs.yml lists the plugin twice. Remove one of them.")
        if self._builds is None or self._builds.config is not config:
            # Builds of translations, as static-i18n runs them, have one configuration.
            self._builds = SiteBuilds(
                self.config, config, is_serving=self._is_serving, is_quick=self.is_quick
            )
        try:
            build = self._build = Build(self._builds)
        except AltTextError as error:
            raise PluginError(visible(f"alttext: {error}")) from None
        self._termination.begin()
        if build.catalog:
            config.watch.append(self.config.catalog)
        # A translation's build has the configuration of the one before, with another mark.
        extensions = config["markdown_extensions"]  # takes objects, whatever its type says
        extensions[:] = [each for each in extensions if not isinstance(each, AltTextExtension)]
        extensions.append(AltTextExtension(build.site.mark.value))

    @event_priority(100)  # before a plugin takes the files of other languages out
    def on_files(self, files: Files, *, config: MkDocsConfig) -> None:
        """Note all pictures, for patterns that match none of them, and what makes captions."""
        if self._builds and self._build:
            fill_after_captions(config, self)  # plugins add others up to now
            self._build.fills_whole_pages = makes_captions_late(config)
            self._builds.selection.note(file.src_uri for file in files if may_be_picture(file))

    @event_priority(75)  # before plugins that copy the content (glightbox at 0, rss at -75)
    def on_page_content(self, html: str, *, page: Page, files: Files, **_: object) -> str:
        """Fill what is known, and ask for the rest; wait where another plugin reads the texts."""
        if self._build is None:
            return html
        self._build.follow(files)
        return self._build.fill_article(html, page)

    @event_priority(25)  # after privacy (50) adds files, before optimize (0) takes images away
    def on_env(self, *_: object, config: MkDocsConfig, files: Files) -> None:
        """Wait for all answers where articles may be read before they are written."""
        if self._build:
            self._build.follow(files)
            self._build.files.index()
            self._build.all_rendered(are_read=may_read_articles(config, self))

    @event_priority(100)  # before others read the article
    def on_page_context(self, *_: object, page: Page, **__: object) -> None:
        """Wait for the answers that this page needs; later ones come while it is written."""
        if self._build:
            self._build.finish_article(page)

    @event_priority(-90)  # after everything that changes pages, before what ships them (-100)
    def on_post_page(self, output: str, *, page: Page, **_: object) -> str:
        """Fill what was not in the article: blog excerpts, the theme's images, other plugins'."""
        return self._build.fill_page(output, page) if self._build else output

    @event_priority(-90)
    def on_post_template(self, output_content: str, *, template_name: str, **_: object) -> str:
        """Fill pages that have no Markdown, such as `404.html`."""
        if self._build is None or not template_name.endswith((".html", ".htm")):
            return output_content
        return self._build.fill_template(output_content, template_name)

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Say what happened. The parts stay open: translations build on inside this hook."""
        build, builds = self._build, self._builds
        if build is None or builds is None:
            return
        builds.end(build)
        if self.take_build:
            self.take_build(build, config)
        self._termination.end()
        self._complain(len(build.report.missing()))

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, **_: object) -> None:
        """Watch what the overlay's links depend on, and nothing else of a cache in `docs_dir`."""
        if self.config.enabled:
            unwatch_cache(server, self.config.cache_dir, config)
            shows = self.config.review_overlay
            if shows and (file := watched_file(self.config.cache_dir, config)):
                server.watch(file)  # its links come and go with a review

    def on_build_error(self, **_: object) -> None:
        """Cancel what is under way."""
        self._close()

    def on_shutdown(self) -> None:
        """Close what is open."""
        self._close()

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
        build, self._build = self._build, None
        try:
            if build:
                build.close()
        finally:
            self._termination.end()
