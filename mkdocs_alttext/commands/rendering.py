"""Rendering one page once more, as the site's build does.

Owns how MkDocs makes an article of another source, with the site's Markdown settings and with what
plugins and hooks do to its Markdown. It must not know why.
"""

from __future__ import annotations

import copy
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import mkdocs
from mkdocs.utils.meta import get_data

from mkdocs_alttext.exceptions import RenderingError
from mkdocs_alttext.sources.proof import Rendering
from mkdocs_alttext.termination import TerminatedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

_BYTE_ORDER_MARK = "\ufeff"


class Renderer:
    """Renders one page of a build that is over, again and again; the page stays as it is."""

    def __init__(self, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Take the page.

        Args:
            page: As the build made it.
            config: The site's configuration.
            files: The site's files, which links are looked up in.
        """
        self._page = page
        self._config = config
        self._files = files

    def again(self, source: str) -> Rendering:
        """Render the source that the build rendered.

        Args:
            source: The whole text of the page's file with its line ends.

        Raises:
            RenderingError: It cannot be rendered, or plugins make something else of it than they
                did before: what another text would change cannot be told then.
        """
        scratch = self._rendered(source)
        if scratch.markdown != self._page.markdown:
            raise RenderingError(
                "the page cannot be compared: plugins make other Markdown of its file each time"
            )
        return _rendering(scratch)

    def render(self, source: str) -> Rendering:
        """Render another source.

        Args:
            source: The whole text of a file with its line ends.

        Raises:
            RenderingError: It cannot be rendered.
        """
        return _rendering(self._rendered(source))

    def _rendered(self, source: str) -> Page:
        lines = source.removeprefix(_BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")
        config, files = self._config, self._files
        scratch = copy.copy(self._page)
        scratch.content = None  # as it is before a page is rendered
        markdown, scratch.meta = get_data(lines)
        scratch.markdown = markdown
        with _silence(), _current(scratch, config):
            try:
                scratch.markdown = config.plugins.on_page_markdown(
                    markdown, page=scratch, config=config, files=files
                )
                scratch.render(config, files)
            except TerminatedError:
                raise
            except (Exception, SystemExit) as error:  # macros ends the process where one fails
                cause = " ".join(f"{type(error).__name__}: {error}".split())
                raise RenderingError(f"the page cannot be rendered once more ({cause})") from error
        return scratch


def _rendering(page: Page) -> Rendering:
    return Rendering(page.content or "", str(page.title or ""))


@contextmanager
def _current(page: Page, config: MkDocsConfig) -> Iterator[None]:
    """Have paths of the configuration that are relative to a page be relative to this one."""
    before = config._current_page  # noqa: SLF001 - as MkDocs' own build does
    config._current_page = page  # noqa: SLF001
    try:
        yield
    finally:
        config._current_page = before  # noqa: SLF001


@contextmanager
def _silence() -> Iterator[None]:
    """Keep the log from saying again what the build said of the page's links."""
    logger = logging.getLogger(mkdocs.__name__)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
