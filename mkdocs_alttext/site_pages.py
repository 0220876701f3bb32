"""MkDocs' pages, seen as a page pass sees them.

Owns the facts of a page that come from its front matter, its options and its theme. It must not
know what is done with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs.structure.pages import Page as MkDocsPage

from mkdocs_alttext.front_matter import PageWish, wish_of
from mkdocs_alttext.site import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig


def page_facts(page: MkDocsPage, config: MkDocsConfig, language: str, *, is_whole: bool) -> Page:
    """Return what is to be known of a page.

    Args:
        page: The page.
        config: The site's configuration.
        language: The plugin's option.
        is_whole: Whether the HTML is the whole page, and not only its article.
    """
    wish = wish_of(page.meta, page.markdown)
    locale = getattr(page.file, "locale", None)
    return Page(
        page.file.dest_uri,
        page.file.src_uri,
        str(wish.language or page_language(config, language, locale)),
        is_whole=is_whole,
        opted_out=wish.opts_out,
        may_be_sent=not wish.doubt and all(each == PageWish() for each in _quoted(page)),
    )


def _quoted(page: MkDocsPage) -> Iterator[PageWish]:
    """Return what the authors of posts say that a page shows the beginnings of.

    Material's blog lists them so. Which picture is whose is not to be told there; those of the
    other posts are asked for by their own pages.
    """
    posts = getattr(page, "posts", None)
    for post in posts if isinstance(posts, list) else ():
        if isinstance(post, MkDocsPage):
            wish = wish_of(post.meta, post.markdown)
            yield wish._replace(language=None)


def template_facts(name: str, config: MkDocsConfig, language: str) -> Page:
    """Return what is to be known of a page that a template makes without Markdown.

    Args:
        name: The template's, which is its path inside the built site.
        config: The site's configuration.
        language: The plugin's option.
    """
    return Page(name, None, page_language(config, language), is_whole=True)


def page_language(config: MkDocsConfig, language: str, locale: str | None = None) -> str:
    """Return the language of a page: the option's, its translation's, or the theme's."""
    if language != "auto":
        return language
    return str(locale or config.theme.get("language") or config.theme.get("locale") or "en")
