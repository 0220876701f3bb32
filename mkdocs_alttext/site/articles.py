"""When the articles of a build are filled.

An article is looked at as soon as it is rendered: known texts are filled in, and the service is
asked for the others while further pages are rendered. Their answers are waited for as late as
possible: when the page is written, or earlier where something reads the article before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.html.prefilter import count_texts
from mkdocs_alttext.models import Decision
from mkdocs_alttext.site.plugin_compat import may_read_articles, reads_alt_text

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

    from mkdocs_alttext.site.build import Build


class Articles:
    """Fills each article at its time."""

    def __init__(
        self, build: Build, config: MkDocsConfig, plugin: object, *, lists_texts: bool
    ) -> None:
        """Begin with none.

        Args:
            build: Fills pages.
            config: The site's configuration.
            plugin: The plugin that fills, whose own hooks are no other's.
            lists_texts: Whether images that have text are listed one by one, and not only counted.
        """
        self._build = build
        self._config = config
        self._plugin = plugin
        self._lists_texts = lists_texts
        self._all_are_rendered = False
        self._waiting: dict[str, Page] = {}
        self._decided: dict[str, str] = {}

    def rendered(self, html: str, page: Page) -> str:
        """Take an article that was just rendered.

        Args:
            html: The article.
            page: Its page.

        Returns:
            The article as other plugins may see it.
        """
        if self._is_complete(html):
            return html
        is_read = reads_alt_text(self._config, page, html)
        filled = self._build.fill_page(html, page, wait=is_read or self._all_are_rendered)
        html = filled.html
        if not filled.is_settled:
            self._waiting[page.file.src_uri] = page
        # An author's word holds until the page is whole, and is taken out then.
        elif not any(outcome.decision is Decision.SKIP for outcome in filled.outcomes):
            self._decided[page.file.src_uri] = html
        # What still waits keeps its mark for a later pass; a copy that others take must have none.
        html = self._build.mark.remove(html) if is_read else html
        # MkDocs sets this when all plugins are done, and some of them (rss) read it before.
        page.content = html
        return html

    def all_rendered(self) -> None:
        """Wait for all answers if others may read articles before their pages are written."""
        self._all_are_rendered = True
        if self._waiting and may_read_articles(self._config, self._plugin):
            for page in list(self._waiting.values()):
                self.finish(page)

    def finish(self, page: Page) -> None:
        """Wait for the answers that an article needs, before its page is written."""
        if self._waiting.pop(page.file.src_uri, None) and page.content is not None:
            page.content = self._build.fill_page(page.content, page, wait=True).html

    def decided(self, page: Page) -> str | None:
        """Return an article with nothing left to do, unless another plugin changed it since."""
        decided = self._decided.pop(page.file.src_uri, None)
        return decided if decided == page.content else None

    def _is_complete(self, html: str) -> bool:
        """Tell whether no image of an article needs anything, and count them then."""
        texts = count_texts(html)
        if texts is None or (texts and (self._lists_texts or self._build.mark.is_in(html))):
            return False
        self._build.report.count_texts(texts)
        return True
