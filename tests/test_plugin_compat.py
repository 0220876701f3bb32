"""Beside which plugins articles are filled at once, and where they are filled later."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from mkdocs.config.base import Config
from mkdocs.plugins import BasePlugin, PluginCollection

from mkdocs_alttext.site.plugin_compat import fill_after_captions, reads_alt_text


class Options(Config):
    """Which they are does not matter here."""


class Neighbour(BasePlugin[Options]):
    """A plugin with some options."""

    def __init__(self, options: dict[str, Any]) -> None:
        """Take the options as they are when `mkdocs.yml` is read."""
        config: Any = options
        self.config = config


@pytest.mark.parametrize(
    ("name", "options", "is_waited_for"),
    [
        ("glightbox", {"auto_caption": True}, True),
        ("glightbox", {"auto_caption": False}, False),
        ("print-site", {"enabled": True}, True),
        ("print-site", {"enabled": False}, False),
        ("llmstxt", {"autoclean": False}, True),
        ("llmstxt", {"autoclean": True}, False),
        ("rss", {"abstract_chars_count": -1}, True),
        ("rss", {"abstract_chars_count": 160}, False),
        ("material/rss", {"abstract_chars_count": -1}, True),
        # these read whole pages, which have their texts
        ("with-pdf", {}, False),
        ("exporter", {}, False),
        ("search", {}, False),
    ],
)
def test_answers_are_waited_for_where_a_plugin_reads_alt_text(
    name: str, options: dict[str, Any], *, is_waited_for: bool
) -> None:
    """Everywhere else, pages are rendered while the service works."""
    assert reads(name, options, {}) is is_waited_for


def test_a_page_can_have_captions_of_its_own() -> None:
    """As glightbox reads its front matter."""
    assert reads("glightbox", {"auto_caption": False}, {"glightbox.auto_caption": True})


@pytest.mark.parametrize(
    ("html", "is_waited_for"),
    [
        ('<h1 id="x">Top <img src="a.png"></h1>', True),
        ("<H2><IMG></H2>", False),  # Markdown writes small letters
        ('<h1>Top</h1><p><img src="a.png"></p><h2>More</h2>', False),
        ('<p><img src="a.png"></p>', False),
    ],
)
def test_headings_are_copied_into_the_navigation(html: str, *, is_waited_for: bool) -> None:
    """By Material's plugin, with the images in them."""
    assert reads("material/typeset", {"enabled": True}, {}, html) is is_waited_for
    assert not reads("material/typeset", {"enabled": False}, {}, html)


def test_a_hook_has_no_options() -> None:
    """It is a module."""
    config: Any = SimpleNamespace(plugins={"rss": SimpleNamespace()})
    page: Any = SimpleNamespace(meta={})
    assert not reads_alt_text(config, page, "")


def reads(name: str, options: dict[str, Any], meta: dict[str, Any], html: str = "") -> bool:
    """Tell whether a plugin reads an article."""
    config: Any = SimpleNamespace(plugins={name: Neighbour(options)})
    page: Any = SimpleNamespace(meta=meta)
    return reads_alt_text(config, page, html)


class Changing(Neighbour):
    """A plugin that changes articles."""

    def on_page_content(self, html: str, **_: object) -> str:
        """Change nothing here."""
        return html


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["own", "caption", "glightbox"], ["caption", "own", "glightbox"]),
        (["glightbox", "material/caption", "own"], ["glightbox", "material/caption", "own"]),
        (["own", "ximages", "caption", "rss"], ["ximages", "caption", "own", "rss"]),
        (["own", "glightbox"], ["own", "glightbox"]),
    ],
)
def test_images_are_filled_behind_what_makes_captions(names: list[str], order: list[str]) -> None:
    """And before what comes later; a second build of the same configuration changes nothing."""
    plugins = PluginCollection()
    for name in names:
        plugins[name] = Changing({})
    config: Any = SimpleNamespace(plugins=plugins)
    for _ in range(2):
        fill_after_captions(config, plugins["own"])
        methods: list[Any] = plugins.events["page_content"]
        assert [method.__self__ for method in methods] == [plugins[name] for name in order]
