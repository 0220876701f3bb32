"""Texts that the site's author wrote: for a picture that lacks one where it is shown again.

They are looked for in the sources, as most pages are not rendered yet when a picture is asked for,
and only when the first picture needs one: many builds never do.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from contextlib import suppress
from functools import cache, cached_property
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mkdocs.utils import is_markdown_file
from mkdocs.utils.meta import get_data

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.html.attributes import leads_to_picture
from mkdocs_alttext.models import PICTURE_ENDINGS
from mkdocs_alttext.site.pages import page_language, wish_of
from mkdocs_alttext.sources.images import find_images
from mkdocs_alttext.system.printable import is_blank, same_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File

    from mkdocs_alttext.images.collection import ImageCollection
    from mkdocs_alttext.images.resolver import Resolver
    from mkdocs_alttext.site.files import SiteFiles
    from mkdocs_alttext.sources.images import SourceImage

_NAME = re.compile(rf"\.(?:{PICTURE_ENDINGS})(?![\w-])", re.IGNORECASE)
_AROUND_NAME = "/\\()\"'<>[]=\n"
_LONGEST_NAME = 300
_MOST_NAMES = 5_000
"""That are looked at in one source."""
_MOST_SOURCES = 20
"""Sources that are read closely for one picture: some show a logo on each page."""

_MOST_COPIES = 20
"""Of a picture, that are looked for."""
_Texts = dict[tuple[str, str], Counter[str]]
"""How often each text is in a source, by the picture's path and the language."""

_MOST_WORK = 5_000_000
"""Images of a source times the characters of its longest block, which each of them may read."""
_LINK = re.compile(
    r"(?:\[|<(?:a|button|summary)(?:\s[^<>]*)?>|<\w+\s[^<>]*\brole=[\"']?button\b[^<>]*>)"
    r"(?:\s|<(?!/(?:a|button|summary)\b)[^<>]*>|!\[[^][]*\][([][^][()]*[])](?:\{[^{}]*\})?)*\Z",
    re.IGNORECASE,
)
"""The beginning of a link or button, and what may be between it and an image of its name."""
_LONGEST_LINK = 500
_HREF = re.compile(r"<a\s[^<>]*?\bhref=[\"']?([^\"'\s<>]+)", re.IGNORECASE)
_TARGET = re.compile(r"\s*\}?\s*\]\(\s*<?([^\s()<>]+)")
"""What follows an image that is all there is in a link."""
_SHOWN = re.compile(r"\S")
_READ_OTHERWISE = re.compile(r"\][([]|\[\^|\{(?:\+\+|--|~~|==|>>)")
"""Signs of a link, a footnote or an edit in Markdown: the page does not show such a text so."""
_BRACKET = re.compile(
    r"\{%[-+]?\s*(?!set\b[^%]*=)(?P<end>end)?(?P<word>\w+)"
    r"|<(?P<close>/)?(?P<tag>pre|xmp|iframe|noembed|noframes)(?=[\s/>])"
    r"|\{#(?=[-+\s])|\#\}",
    re.IGNORECASE,
)
"""What begins or ends a part of which only a rendered page would tell whether it is shown, and how:
that which a template has on a condition, its comments, and elements that show text as it is."""


class AuthorTexts:
    """What the author wrote for the pictures of one build."""

    def __init__(
        self,
        files: SiteFiles,
        resolver: Resolver,
        images: ImageCollection,
        *,
        config: MkDocsConfig,
        language: str,
        code_of: Callable[[str], str],
    ) -> None:
        """Take where to look; nothing is read yet.

        Args:
            files: The site's files.
            resolver: Finds the files that addresses mean.
            images: Tells which pictures are the same.
            config: The site's configuration.
            language: The plugin's option.
            code_of: Returns what is the same for tags that mean the same language.
        """
        self._files = files
        self._resolver = resolver
        self._images = images
        self._config = config
        self._language = language
        self._code_of = code_of
        self._texts_in = cache(self._read)
        self._by_digest = cache(self._pictures_of_size)

    def texts(self, path: str, sha256: str, language: str) -> list[str]:
        """Return what the author wrote for a picture somewhere on the site.

        Args:
            path: Its path inside the built site.
            sha256: Its digest.
            language: The language of the text, as a BCP 47 tag.

        Returns:
            The texts, what is there most often and first before the others.
        """
        paths = sorted({path, *self._copies(path, sha256)})
        names = dict.fromkeys(map(_name_of, paths))
        sources = dict.fromkeys(each for name in names for each in self._sources.get(name, ()))
        texts = Counter[str]()
        for source in list(sources)[:_MOST_SOURCES]:
            found = self._texts_in(source)
            for each in paths:
                texts.update(found.get((each, self._code_of(language)), {}))
        return [text for text, _ in texts.most_common()]

    def _copies(self, path: str, sha256: str) -> list[str]:
        """Return the paths of the same picture. Only pictures of its size are read for that."""
        return self._by_digest(self._size(path)).get(sha256, [])[:_MOST_COPIES]

    def _pictures_of_size(self, size: int) -> Mapping[str, list[str]]:
        """Return the pictures of a number of bytes by their digest."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in self._by_size.get(size, ()):
            with suppress(ImageError):
                found[self._images.facts(path).sha256].append(path)
        return found

    @cached_property
    def _by_size(self) -> Mapping[int, list[str]]:
        """The pictures that a source may have a text for, by their number of bytes."""
        found: dict[int, list[str]] = defaultdict(list)
        for path in self._files.media():
            if _name_of(path) in self._sources:
                found[self._size(path)].append(path)
        return found

    def _size(self, path: str) -> int:
        with suppress(ImageError, OSError):
            return self._files.size(path)
        return -1

    @cached_property
    def _sources(self) -> Mapping[str, list[str]]:
        """The pages whose sources may have a text for a picture, by its file's name.

        A close look at each would take a tenth of a build.
        """
        found: dict[str, list[str]] = defaultdict(list)
        for file in self._files.sources():
            for name in dict.fromkeys(_names_with_text(self._source(file.dest_uri))):
                found[name].append(file.dest_uri)
        return found

    def _source(self, page: str) -> str:
        """Return the Markdown of a page; nothing where it has none."""
        with suppress(ImageError, OSError, UnicodeDecodeError):
            if is_markdown_file(self._files.file(page).src_uri):
                return self._files.read(page).decode("utf-8-sig")
        return ""

    def _read(self, page: str) -> _Texts:
        """Return the texts in the source of a page."""
        file, source = self._files.file(page), self._source(page)
        found: _Texts = defaultdict(Counter)
        signs = sum(1 for _ in re.finditer(r"!\[|<img(?=[\s/>])", source, re.IGNORECASE))
        work = signs * max(map(len, re.split(r"\n[ \t>]*\r?\n", source)))
        if signs > _MOST_NAMES or work > _MOST_WORK:
            return found
        markdown, meta = get_data(source)
        source = _certain(source)
        own = wish_of(meta, markdown).language or page_language(
            self._config, self._language, getattr(file, "locale", None)
        )
        for image in find_images(source):
            if text := _description(image, source):
                with suppress(ImageError):
                    found[self._path(image, file), self._code_of(own)][text] += 1
        return found

    def _path(self, image: SourceImage, file: File) -> str:
        """Return the file that an image shows. MkDocs moves the addresses of Markdown's only."""
        if image.tag is None and self._files.collection:
            address = posixpath.join(posixpath.dirname(file.src_uri), unquote(image.src))
            named = self._files.collection.get_file_from_path(posixpath.normpath(address))
            if named:
                return named.dest_uri
        return self._resolver.resolve(image.src, file.dest_uri)


def _certain(source: str) -> str:
    """Blank out the parts of a source that `_BRACKET` is about; the others keep their places."""
    brackets = [*_BRACKET.finditer(source)]
    closed = {_name_in(each) for each in brackets if _is_end(each)} - {"raw"}
    parts: list[str] = []
    depth = done = 0
    for bracket in brackets:
        is_end = _is_end(bracket)
        if _name_in(bracket) not in closed or (is_end and not depth):
            continue
        if not depth:
            parts.append(source[done : bracket.start()])
            done = bracket.start()
        depth += -1 if is_end else 1
        if not depth:
            parts.append(_SHOWN.sub("\0", source[done : bracket.end()]))
            done = bracket.end()
    rest = source[done:]
    return "".join((*parts, _SHOWN.sub("\0", rest) if depth else rest))


def _name_in(bracket: re.Match[str]) -> str:
    return (bracket["word"] or bracket["tag"] or "#").lower()


def _is_end(bracket: re.Match[str]) -> bool:
    return bool(bracket["end"] or bracket["close"] or bracket[0] == "#}")


def _leads_to_picture(link: re.Match[str], image: SourceImage, source: str) -> bool:
    """Tell whether a link that begins before an image shows a picture: then the text is of that."""
    href = _HREF.match(link[0]) or (None if image.tag else _TARGET.match(source, image.mark_at[0]))
    return href is not None and leads_to_picture(href[1])


def _name_of(path: str) -> str:
    return same_form(posixpath.basename(path))


def _names_with_text(source: str) -> Iterator[str]:
    """Yield names of pictures in a source, but for those that evidently have no text there."""
    for ending in islice(_NAME.finditer(source), _MOST_NAMES):
        before = source[max(0, ending.start() - _LONGEST_NAME) : ending.start()]
        line_end = source.find("\n", ending.end())
        has_no_text = re.search(r"!\[[ \t]*\]\([^()\s]*\Z", before)
        if not has_no_text or "alt=" in source[ending.end() : line_end]:
            start = max(before.rfind(sign) for sign in _AROUND_NAME) + 1
            yield same_form(unquote(before[start:].strip(" :\t") + ending[0]))


def _description(image: SourceImage, source: str) -> str:
    """Return what an image's text says that it shows; nothing of one that says where a link leads.

    Nothing, too, where only a rendered page would tell how the text reads there.
    """
    text = image.alt or ""
    if is_blank(text) or re.search(r"\{[{%#]", text):
        return ""
    start = image.start if image.tag else source.rfind("![", 0, image.start)
    link = _LINK.search(source, max(0, start - _LONGEST_LINK), start)
    if link and not _leads_to_picture(link, image, source):
        return ""
    if image.tag or image.is_quoted:
        return text
    if _READ_OTHERWISE.search(source, image.start, image.end - len(image.ending)):
        return ""
    return re.sub(r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)", r"\2", text, flags=re.DOTALL)
