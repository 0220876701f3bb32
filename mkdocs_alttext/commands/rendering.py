"""Rendering one page with the site's own Markdown settings.

Owns how MkDocs renders an article once more, with another source and without its plugins. It must
not know why.
"""

from __future__ import annotations

import copy
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import mkdocs
from mkdocs.utils.meta import get_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

_BYTE_ORDER_MARK = "\ufeff"


def renderer(page: Page, config: MkDocsConfig, files: Files) -> Callable[[str], str]:
    """Return a function that renders an article.

    Args:
        page: The page, as a build made it; it stays as it is.
        config: The site's configuration.
        files: The site's files, which links are looked up in.

    Returns:
        Takes the whole text of a file with its line ends, and returns HTML.
    """

    def render(source: str) -> str:
        lines = source.removeprefix(_BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")
        scratch = copy.copy(page)
        scratch.markdown, _ = get_data(lines)
        with _silence():
            scratch.render(config, files)
        return scratch.content or ""

    return render


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
