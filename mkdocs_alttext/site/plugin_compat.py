"""What other plugins and templates do with articles, as far as it decides when they are filled.

Owns the names of the plugins that matter and the question who may read articles before their pages
are written. It must not know how pages are filled.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from mkdocs.config.defaults import MkDocsConfig

_CAPTURING_PLUGINS = frozenset(
    "exporter glightbox llmstxt llmstxt-md page-to-pdf pdf-export print-site rss to-pdf "
    "with-pdf".split()
)
_REPLACING_PLUGINS = {
    "drawio": re.compile(r".+\.drawio(?:\.svg|\.png)?", re.IGNORECASE),  # its `alt` names a page
    "privacy": re.compile(r"(?:https?:)?//.+", re.IGNORECASE),  # it downloads what is remote
}
_EVENTS_BETWEEN = ("env", "pre_template", "template_context")
_PLAIN_TEMPLATES = frozenset({"404.html", "sitemap.xml"})


def capture_articles(plugins: Collection[str]) -> bool:
    """Tell whether a plugin copies articles as soon as they are rendered.

    Its copy should have the text.

    Args:
        plugins: Names as in `mkdocs.yml`.
    """
    return not _CAPTURING_PLUGINS.isdisjoint(map(_short, plugins))


def replaced_addresses(plugins: Collection[str]) -> tuple[re.Pattern[str], ...]:
    """Return which images other plugins replace before their page is written.

    Args:
        plugins: Names as in `mkdocs.yml`.

    Returns:
        Expressions for the whole of an image's address.
    """
    names = set(map(_short, plugins))
    return tuple(pattern for name, pattern in _REPLACING_PLUGINS.items() if name in names)


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


def is_between_hooks(config: MkDocsConfig, own: object) -> bool:
    """Tell whether articles may be seen after a plugin got each and before it gets them all.

    Plugins and hooks are handed them in `on_page_content`, and may read them in `on_env`.

    Args:
        config: The site's configuration.
        own: The plugin that asks, which has both hooks.
    """
    handed, reading = config.plugins.events["page_content"], config.plugins.events["env"]
    return any(getattr(each, "__self__", None) is not own for each in (handed[-1], reading[0]))


def _short(name: str) -> str:
    """Return a plugin's name without the namespace of its theme."""
    return name.rpartition("/")[2]
