"""Rendering one page of a build that is over once more, to see what another text would change."""

from __future__ import annotations

import copy
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import mkdocs
from mkdocs.utils.meta import get_data

from mkdocs_alttext.exceptions import RenderingError
from mkdocs_alttext.plugin import AltTextPlugin
from mkdocs_alttext.sources.writing import Rendering
from mkdocs_alttext.system.processes import TerminatedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page


def render_page(
    page: Page,
    config: MkDocsConfig,
    files: Files,
    fill: Callable[[str], str],
    source: str,
    *,
    is_original: bool = False,
) -> Rendering:
    """Render a page of a build that is over once more, with the site's Markdown, plugins and hooks.

    Args:
        page: As the build made it; it stays as it is.
        config: The site's configuration.
        files: The site's files, which links are looked up in.
        fill: Fills an article, as the build did where it called our plugin.
        source: The whole text of a file with its line ends.
        is_original: Whether the build rendered this very source.

    Raises:
        RenderingError: It cannot be rendered, or plugins make something else of the original than
            they did before: what another text would change cannot be told then.
    """
    again = copy.copy(page)
    again.content = None  # as it is before a page is rendered
    lines = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    markdown, again.meta = get_data(lines)
    again.markdown = markdown
    logger = logging.getLogger(mkdocs.__name__)
    current, level = config._current_page, logger.level  # noqa: SLF001 - as MkDocs' own build does
    config._current_page = again  # noqa: SLF001 - paths may be relative to it
    logger.setLevel(logging.CRITICAL)  # the build said already what is wrong with its links
    try:
        again.markdown = config.plugins.on_page_markdown(
            markdown, page=again, config=config, files=files
        )
        again.render(config, files)
        article, title = again.content or "", str(again.title or "")
        with _filled_by(fill, config):
            shown = config.plugins.on_page_content(article, page=again, config=config, files=files)
    except TerminatedError:
        raise
    except (Exception, SystemExit) as error:  # macros ends the process where one fails
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        raise RenderingError(f"the page cannot be rendered once more ({cause})") from error
    finally:
        config._current_page = current  # noqa: SLF001 - as it was
        logger.setLevel(level)
    if is_original and again.markdown != page.markdown:
        raise RenderingError(
            "the page cannot be compared: plugins make other Markdown of its file each time"
        )
    return Rendering(article, title, shown)


@contextmanager
def _filled_by(fill: Callable[[str], str], config: MkDocsConfig) -> Iterator[None]:
    """Have a function fill articles in our plugin's place, whose report would count them twice."""
    methods = config.plugins.events["page_content"]
    before = methods[:]
    methods[:] = [
        (lambda html, **_: fill(html))
        if isinstance(getattr(each, "__self__", None), AltTextPlugin)
        else each
        for each in before
    ]
    try:
        yield
    finally:
        methods[:] = before
