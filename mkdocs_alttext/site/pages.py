"""What is to be known of MkDocs' pages: place, language, and what their front matter says.

The key `alttext` of the front matter leaves a page alone or names its language. What is not
understood was meant to change something, most likely to keep the page's pictures back: they are not
sent then.
"""

from __future__ import annotations

import re
from functools import cache, partial
from reprlib import Repr
from typing import TYPE_CHECKING, NamedTuple

from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.utils import is_markdown_file

from mkdocs_alttext.models import LANGUAGE_CODE, NO, YES
from mkdocs_alttext.pages.records import NOT_SENT, Page
from mkdocs_alttext.sources.images import names_emptied
from mkdocs_alttext.system.printable import shortened, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File

KEY = "alttext"
_LANGUAGES = ("lang", "language")
_SWITCHES = ("enabled", "skip")
_OPPOSITE = {True: False, False: True, None: None}
_BLOCK = re.compile(
    r"(?:[ \t]*\r?\n)*+[ ]{0,3}(?:"
    r"<!--(.*?)(?:-->|\Z)"
    r"|(?:-{3,}|\+{3,})[ \t]*\r?\n(.*?)"
    r"(?:(^[ ]{0,3}(?:-{3,}|\+{3,}|\.{3})[ \t]*\r?(?:\n|\Z))|(?=^[ ]{0,3}(?:```|~~~))|\Z))",
    re.DOTALL | re.MULTILINE,
)
"""A comment, or what looks like front matter, up to its end or to code: pages about this program
show front matter there. Without an end it may be a line between parts of the text."""
_HEADING = r"^#+[ \t]*[^\s#]"
_TEXT = re.compile(rf"^[ \t]*\r?$|{_HEADING}", re.MULTILINE)
"""Where text begins behind a block without an end."""
_TEXT_BEHIND_YAML = re.compile(rf"^[ \t]*\r?\n{_HEADING}", re.MULTILINE)
"""Empty lines and comments alone are common in YAML."""
_LINE = re.compile(
    r"^[ ]{0,3}(?:-[ \t]{1,3})?[\"']?(\w[\w -]{0,60}?)[\"']?[ \t]{0,9}[:=]([^\r\n]*)", re.MULTILINE
)
"""A key and its value; what is indented further is code."""
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_MOST_SHOWN = 60
"""Characters of a value in a message."""
_SHORT = Repr()
"""YAML's aliases make a value of a few lines as large as anybody likes, written out in full."""
_SHORT.maxlevel = 2


class PageWish(NamedTuple):
    """What an author says of a page."""

    opts_out: bool = False
    """Whether the page is to be left alone."""
    language: str | None = None
    """The language of its texts, where that is not the site's."""
    doubt: str = ""
    """What is not understood, for a person; nothing of the page is sent then."""


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
    withheld = ""
    if not page.file.inclusion.is_included():  # `mkdocs serve` shows it
        withheld = "nothing of a draft is sent"
    elif wish.doubt or any(each != PageWish() for each in _quoted(page)):
        withheld = f"{NOT_SENT}the page's front matter is not understood"
    return Page(
        page.file.dest_uri,
        page.file.src_uri,
        str(wish.language or page_language(config, language, locale)),
        is_whole=is_whole,
        opted_out=wish.opts_out,
        withheld=withheld,
        emptied=None if is_whole else cache(partial(_emptied_in, page.file)),
    )


def _emptied_in(file: File) -> frozenset[str] | None:
    """Return the names of the files whose images have an empty text in a source."""
    try:
        source = file.content_string
    except (OSError, ValueError):
        return None
    # Notebooks are JSON.
    return names_emptied(source if is_markdown_file(file.src_uri) else source.replace('\\"', '"'))


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


def shows_other_language(file: File) -> bool:
    """Tell whether a translation shows a page of another language, as it has none of its own."""
    locale = getattr(file, "locale", None)  # static-i18n's
    return locale != getattr(file, "locale_alternate_of", locale)


def has_attribute_lists(config: MkDocsConfig) -> bool:
    """Tell whether the Markdown of a site has attribute lists: `{ .decorative }`."""
    names = {str(each).removeprefix("markdown.extensions.") for each in config.markdown_extensions}
    return not names.isdisjoint({"attr_list", "extra", "pymdownx.extra"})


def wish_of(meta: Mapping[str, object], markdown: str | None) -> PageWish:
    """Read what an author says of a page.

    Args:
        meta: The page's front matter.
        markdown: The page's source behind it. MkDocs leaves front matter there that it cannot read.
    """
    wish = _read(meta[KEY]) if KEY in meta else PageWish()
    if wish.opts_out or wish.doubt:
        return wish
    return wish._replace(doubt=_doubt_beside_key(meta, markdown or ""))


def _doubt_beside_key(meta: Mapping[str, object], markdown: str) -> str:
    """Return what else may be meant for this program, for a person."""
    for name, value in meta.items():
        if name != KEY and _is_meant(str(name), value):
            return f"`{_shown(name)}: {_shown(value)}` is not `{KEY}`"
    for line in _unread_lines(markdown, is_first=not meta):
        if _is_meant(line[1], _plain_value(line[2])):
            shown = _shown(line[0].strip())
            return f"it begins with front matter that is not read, and has {shown}"
    return ""


def _unread_lines(markdown: str, *, is_first: bool) -> Iterator[re.Match[str]]:
    """Return the lines of what MkDocs leaves at a page's beginning and looks like front matter."""
    at = 0
    while block := _BLOCK.match(markdown, at):
        comment, fields, end = block.groups()
        is_yaml = is_first and at == 0 and re.match(r"---[ \t]*\r?\n", markdown)
        at = block.end()
        if comment is None and end is None:
            text = (_TEXT_BEHIND_YAML if is_yaml else _TEXT).search(fields)
            fields = fields[: text.start()] if text else fields
            at = block.start(2) + len(fields)
        lines = fields if comment is None else comment
        # What is indented in a comment or in broken YAML is no code.
        is_indented = comment is not None or is_yaml
        yield from _LINE.finditer(_INDENT.sub("", lines) if is_indented else lines)


def _plain_value(text: str) -> object:
    """Return what YAML most likely makes of a value."""
    text = text.partition(" #")[0].strip(" \t,\"'")
    return dict.fromkeys(re.findall(r"\w+", text)) if text.startswith("{") else text


def _is_meant(name: str, value: object) -> bool:
    """Tell whether a key of another name can only be meant for this program.

    Other programs have keys of their own for the text of one picture.
    """
    bare = name.strip().lower()
    if bare == KEY:
        return True
    if KEY not in re.sub(r"[-_ ]", "", bare) or value is None or value == "":
        return False
    if isinstance(value, dict):
        return not value.keys().isdisjoint((*_SWITCHES, *_LANGUAGES))
    return _switch(value) is not None


def _read(value: object) -> PageWish:
    fields = value if isinstance(value, dict) else {"enabled": value}
    wants = {_switch(fields["enabled"])} if "enabled" in fields else set()
    if "skip" in fields:
        wants.add(_OPPOSITE[_switch(fields["skip"])])
    languages = {_language(fields[name]) for name in _LANGUAGES if name in fields}
    is_clear = fields.keys() <= {*_SWITCHES, *_LANGUAGES} and all(
        None not in said and len(said) <= 1 for said in (wants, languages)
    )
    return PageWish(
        opts_out=False in wants,
        language=languages.pop() if len(languages) == 1 else None,
        doubt="" if is_clear else f"`{KEY}: {_shown(value)}` is not understood",
    )


def _switch(value: object) -> bool | None:
    """Return what a value says; `None` where that is not to be told."""
    if isinstance(value, int):
        return {0: False, 1: True}.get(value)
    if not isinstance(value, str | None):
        return None
    text = (value or "").strip().lower()
    if text in NO or text == "skip":
        return False
    return True if text in YES or not text else None


def _language(value: object) -> str | None:
    # YAML takes `no`, which is Norwegian, for a boolean.
    is_one = isinstance(value, str) and re.fullmatch(LANGUAGE_CODE, value.strip())
    return str(value).strip() if is_one else None


def _shown(value: object) -> str:
    """Return a value for a message: on one line, and short."""
    try:
        text = value[: _MOST_SHOWN + 1] if isinstance(value, str) else _SHORT.repr(value)
    except ValueError:  # of a number too long for Python
        text = type(value).__name__
    return shortened(visible(text), _MOST_SHOWN)
