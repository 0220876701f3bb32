"""What other plugins and templates do with articles, as far as it decides when they are filled."""

from __future__ import annotations

import inspect
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from mkdocs.plugins import BasePlugin

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

_REPLACING_PLUGINS = {
    "drawio": re.compile(r".+\.drawio(?:\.svg|\.png)?", re.IGNORECASE),  # its `alt` names a page
    "privacy": re.compile(r"(?:https?:)?//.+", re.IGNORECASE),  # it downloads what is remote
}
_CAPTION_PLUGINS = frozenset({"caption", "ximages"})
"""They show alt text below its picture, and do so in `on_page_content`. Others that do it change
the Markdown (img2fig, image-captions) or its reading (markdown-captions), before there is HTML."""
_EVENTS_OF_WHOLE_PAGES = ("env", "page_context", "post_page")
_EVENTS_BETWEEN = ("env", "pre_template", "template_context")
_PLAIN_TEMPLATES = frozenset({"404.html", "sitemap.xml"})


def reads_alt_text(config: MkDocsConfig, page: Page, html: str) -> bool:
    """Tell whether a plugin reads the alt text of an article as soon as it is rendered.

    Its copy should have the text, so that the answers are waited for. Plugins that read it later,
    in `on_post_page`, such as those that make PDFs, find it there.

    Args:
        config: The site's configuration.
        page: The article's page.
        html: The article.
    """
    return any(
        _reads_alt_text(_short(name), plugin.config, page, html)
        for name, plugin in config.plugins.items()
        if isinstance(plugin, BasePlugin)  # a hook is a module
    )


def _reads_alt_text(name: str, options: Mapping[str, object], page: Page, html: str) -> bool:
    match name:
        case "glightbox":  # makes a visible caption of it, where that is wanted
            return bool(options.get("auto_caption") or page.meta.get("glightbox.auto_caption"))
        case "print-site":  # puts all articles on one page
            return options.get("enabled") is not False
        case "llmstxt":  # leaves images out, unless it is told not to
            return options.get("autoclean") is False
        case "rss":  # has whole articles in the feed, if it is told to
            return options.get("abstract_chars_count") == -1
        case "typeset":  # copies headings into the navigation of every page
            return options.get("enabled") is not False and _has_image_in_heading(html)
    return False


def _has_image_in_heading(html: str) -> bool:
    before_ends = re.split(r"(?i)</h[1-6]\s*>", html)[:-1]
    return any("<img" in re.split(r"(?i)<h[1-6][\s>]", each)[-1] for each in before_ends)


def is_replaced(address: str, plugins: Collection[str]) -> bool:
    """Tell whether another plugin replaces an image before its page is written.

    Args:
        address: The image's, as the page writes it.
        plugins: Names as in `mkdocs.yml`.
    """
    patterns = (_REPLACING_PLUGINS.get(_short(name)) for name in plugins)
    return any(pattern and pattern.fullmatch(address) for pattern in patterns)


def fill_after_captions(config: MkDocsConfig, own: object) -> None:
    """Have articles given to a plugin when others have made captions of the alt text they had.

    Text that nobody wrote to be seen would be shown, and number the author's figures anew. What
    reads articles behind those plugins still finds them filled.

    Args:
        config: The site's configuration. The order of its plugins' methods is changed.
        own: The plugin.
    """
    methods = config.plugins.events["page_content"]
    makers = [each for name, each in config.plugins.items() if _makes_captions(name, each)]
    mine = [each for each in methods if _is_of(each, [own])]
    others = [each for each in methods if each not in mine]
    end = max((at for at, each in enumerate(others, 1) if _is_of(each, makers)), default=0)
    if end:
        methods[:] = [*others[:end], *mine, *others[end:]]


def makes_captions_late(config: MkDocsConfig) -> bool:
    """Tell whether a hook of the site may make captions of alt text after articles are rendered.

    Only whole pages may be filled then.

    Args:
        config: The site's configuration.
    """
    hooks = [
        each
        for name, each in config.plugins.items()
        if not isinstance(each, BasePlugin) and _makes_captions(name, each)
    ]
    methods = (each for event in _EVENTS_OF_WHOLE_PAGES for each in config.plugins.events[event])
    return any(_is_of(each, hooks) for each in methods)


def _makes_captions(name: str, plugin: object) -> bool:
    """Tell whether a plugin or hook shows alt text. Of a hook, its source tells."""
    if inspect.ismodule(plugin):
        with suppress(OSError, TypeError):
            return "figcaption" in inspect.getsource(plugin)
    return _short(name) in _CAPTION_PLUGINS


def _is_of(method: Callable[..., object], plugins: Iterable[object]) -> bool:
    """Tell whether a method for an event is one of some plugins or hooks."""
    owners = getattr(method, "__self__", None), getattr(method, "__globals__", None)
    return any(owners[0] is each or owners[1] is vars(each) for each in plugins)


def builds_translations(plugins: Iterable[str]) -> bool:
    """Tell whether one build of several is all that can be seen of a site, which has translations.

    Args:
        plugins: Names as in `mkdocs.yml`.
    """
    return any(_short(name) == "i18n" for name in plugins)


def may_read_articles(config: MkDocsConfig, own: object) -> bool:
    """Tell whether articles may be read after the last is rendered and before pages are written.

    Plugins and hooks can do so in the events between the two, and templates that make a file of
    their own, such as a feed.

    Args:
        config: The site's configuration.
        own: The plugin that asks, whose own methods do not count.
    """
    methods = (each for event in _EVENTS_BETWEEN for each in config.plugins.events[event])
    if any(getattr(method, "__self__", None) is not own for method in methods):
        return True
    return bool(config.extra_templates) or not config.theme.static_templates <= _PLAIN_TEMPLATES


def _short(name: str) -> str:
    """Return a plugin's name without the namespace of its theme."""
    return name.rpartition("/")[2]
