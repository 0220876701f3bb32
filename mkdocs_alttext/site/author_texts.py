"""Texts that the site's author wrote: for a picture that lacks one where it is shown again.

They are looked for in the sources, as most pages are not rendered yet when a picture is asked for,
and when the first picture needs one: many builds never do.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mkdocs.utils import is_markdown_file
from mkdocs.utils.meta import get_data

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.site.pages import page_language, wish_of
from mkdocs_alttext.sources.images import find_images
from mkdocs_alttext.system.printable import is_blank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File

    from mkdocs_alttext.images.collection import ImageCollection
    from mkdocs_alttext.images.resolver import Resolver
    from mkdocs_alttext.site.files import SiteFiles
    from mkdocs_alttext.sources.images import SourceImage

_SIGN = re.compile(r"!\[|<img(?=[\s/>])", re.IGNORECASE)
_BLOCK_END = re.compile(r"\n[ \t>]*\r?\n")
_MOST_WORK = 5_000_000
"""Images of a source times the characters of its longest block, which each of them may read."""
_LINK = re.compile(r"(?:\[|<(?:a|button|summary)(?:\s[^<>]*)?>)\s*\Z", re.IGNORECASE)
_LONGEST_LINK = 500


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

    def texts(self, path: str, sha256: str, language: str) -> list[str]:
        """Return what the author wrote for a picture somewhere on the site.

        Args:
            path: Its path inside the built site.
            sha256: Its digest.
            language: The language of the text, as a BCP 47 tag.

        Returns:
            The texts, what is there most often and first before the others.
        """
        texts = Counter[str]()
        for each in (path, *self._copies(path, sha256)):
            texts += self._texts.get((each, self._code_of(language)), Counter())
        return [text for text, _ in texts.most_common()]

    def _copies(self, path: str, sha256: str) -> Iterator[str]:
        """Yield other paths of the same picture. Only pictures of its size are read for that."""
        for other in self._by_size.get(self._size(path), ()):
            with suppress(ImageError):
                if other != path and self._images.facts(other).sha256 == sha256:
                    yield other

    @cached_property
    def _by_size(self) -> Mapping[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for path in dict.fromkeys(path for path, _ in self._texts):
            found[self._size(path)].append(path)
        return found

    def _size(self, path: str) -> int:
        with suppress(ImageError, OSError):
            return self._files.size(path)
        return -1

    @cached_property
    def _texts(self) -> Mapping[tuple[str, str], Counter[str]]:
        """How often each text is there, by the picture's path and the language."""
        found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for file in self._files.sources():
            source = self._source(file)
            images = [each for each in find_images(source) if _describes(each, source)]
            if not images:
                continue
            markdown, meta = get_data(source)
            own = wish_of(meta, markdown).language or page_language(
                self._config, self._language, getattr(file, "locale", None)
            )
            for image in images:
                with suppress(ImageError):
                    path = self._path(image, file)
                    found[path, self._code_of(own)][image.alt or ""] += 1
        return found

    def _source(self, file: File) -> str:
        """Return the Markdown of a page; nothing where it has none, or would take too long."""
        if not is_markdown_file(file.src_uri):
            return ""
        try:
            text = self._files.read(file.dest_uri).decode("utf-8-sig")
        except (ImageError, OSError, UnicodeDecodeError):
            return ""
        signs = sum(1 for _ in _SIGN.finditer(text))
        work = signs and signs * max(map(len, _BLOCK_END.split(text)))
        return text if 0 < work <= _MOST_WORK else ""

    def _path(self, image: SourceImage, file: File) -> str:
        """Return the file that an image shows. MkDocs moves the addresses of Markdown's only."""
        if image.tag is None and self._files.collection:
            address = posixpath.join(posixpath.dirname(file.src_uri), unquote(image.src))
            named = self._files.collection.get_file_from_path(posixpath.normpath(address))
            if named:
                return named.dest_uri
        return self._resolver.resolve(image.src, file.dest_uri)


def _describes(image: SourceImage, source: str) -> bool:
    """Tell whether an image has a text that says what it shows, and not where a link leads."""
    if is_blank(image.alt or ""):
        return False
    start = image.start if image.tag else source.rfind("![", 0, image.start)
    return not _LINK.search(source, max(0, start - _LONGEST_LINK), start)
