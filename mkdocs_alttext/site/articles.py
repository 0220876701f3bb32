"""The articles of one build, from when each is rendered to when its page is written.

Owns when an article is filled: as soon as it is rendered, together with all others, or just before
it is written. It must not know how, nor hooks.

What the cache knows is filled for all pages in one go, where nobody can tell: scattered between the
rendering of pages, the same work takes twice the time, as each page finds the processor's caches
full of other things. A page with a picture that is not known yet is looked at at once, so that the
service works while others are rendered; and its answer is waited for when the page is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mkdocs_alttext.html.prefilter import count_texts
from mkdocs_alttext.models import Decision
from mkdocs_alttext.site.plugin_compat import capture_articles, is_between_hooks, may_read_articles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from mkdocs_alttext.pages.occurrence import FilledPage
    from mkdocs_alttext.site.build import Build

_AT_ONCE = 8
"""Articles that are filled together: as many as the processor's caches hold."""


class Fill(Protocol):
    """Fills articles."""

    def __call__(
        self, articles: Sequence[tuple[str, Page]], config: MkDocsConfig, *, wait: bool
    ) -> list[FilledPage]:
        """Return articles with what is known, or after a wait with all there is."""


class Articles:
    """Fills each article at its time."""

    def __init__(
        self,
        build: Build,
        config: MkDocsConfig,
        plugin: object,
        fill: Fill,
        *,
        lists_texts: bool,
    ) -> None:
        """Begin with none.

        Args:
            build: The build.
            config: The site's configuration.
            plugin: The plugin that fills, whose own hooks are no other's.
            fill: Fills some.
            lists_texts: Whether images that have text are listed one by one, and not only counted.
        """
        self._build = build
        self._plugin = plugin
        self._fill = fill
        self._is_eager = capture_articles(config.plugins)
        self._lists_texts = lists_texts
        self._puts_off = self._is_rendered = False
        self._put_off: list[Page] = []
        self._waiting: dict[str, Page] = {}
        self._decided: dict[str, str] = {}

    def rendered(self, html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Take an article that was just rendered.

        Args:
            html: The article.
            page: Its page.
            config: The site's configuration.
            files: The site's files.

        Returns:
            The article as other plugins may see it.
        """
        if self._puts_off:
            self._put_off.append(page)
            return html
        if self._is_complete(html):
            return html
        self._build.files.follow(files)
        html = self._filled([(html, page)], config)[0]
        self._puts_off = self._build.is_warm and not (
            self._is_rendered or is_between_hooks(config, self._plugin)
        )
        # What still waits keeps its mark for a later pass; a copy that others take must have none.
        html = self._build.mark.remove(html) if self._is_eager else html
        # MkDocs sets this when all plugins are done, and some of them (rss) read it before.
        page.content = html
        return html

    def all_rendered(self, config: MkDocsConfig, files: Files) -> None:
        """Fill what was put off, and all that is waited for if others may read it from now on."""
        self._build.files.follow(files)
        for first in range(0, len(self._put_off), _AT_ONCE):
            articles = [
                (page.content, page)
                for page in self._put_off[first : first + _AT_ONCE]
                if page.content and not self._is_complete(page.content)
            ]
            for (_, page), html in zip(articles, self._filled(articles, config), strict=True):
                page.content = html
        self._put_off = []
        self._puts_off, self._is_rendered = False, True
        if self._waiting and may_read_articles(config, self._plugin):
            for page in list(self._waiting.values()):
                self.finish(page, config)

    def finish(self, page: Page, config: MkDocsConfig) -> None:
        """Wait for the answers that an article needs, before its page is written."""
        if self._waiting.pop(page.file.src_uri, None) and page.content is not None:
            page.content = self._fill([(page.content, page)], config, wait=True)[0].html

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

    def _filled(self, articles: Sequence[tuple[str, Page]], config: MkDocsConfig) -> list[str]:
        """Fill what is known."""
        filled = self._fill(articles, config, wait=self._is_eager or self._is_rendered)
        for (_, page), each in zip(articles, filled, strict=True):
            if not each.is_settled:
                self._waiting[page.file.src_uri] = page
            # An author's word holds until the page is whole, and is taken out then.
            elif not any(outcome.decision is Decision.SKIP for outcome in each.outcomes):
                self._decided[page.file.src_uri] = each.html
        return [each.html for each in filled]
