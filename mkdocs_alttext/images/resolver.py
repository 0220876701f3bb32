"""From an address on a page to a file of the site.

Owns URL rules: what belongs to this site, and which of its files an address means. It must not
read anything, and never sees a path of the machine: a file is known by its place in the built site.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

_NOT_IMAGES = frozenset(
    ".css .dio .drawio .flac .htm .html .js .json .m4a .m4v .md .mov .mp3 .mp4 .ogg .ogv .pdf "
    ".plantuml .puml .txt .wav .webm .xml".split()
)
"""What other plugins and browsers put where an image stands; never touched."""

_PLAIN = re.compile(r"(?:\.\./)*+[\w-][\w./-]*+(?<=[\w-])", re.ASCII)
"""Most addresses: relative, nothing encoded, no query, no slash at the end."""

_DRIVE = re.compile(r"[A-Za-z]:[/\\]")


class Resolver(NamedTuple):
    """Finds which file of the site an address means."""

    site_url: str
    """The site's `site_url`, or empty."""
    exists: Callable[[str], bool]
    """Tells whether a path of the built site, relative and with `/`, is a file of it."""

    def resolve(self, address: str, page: str) -> str:
        """Resolve an image's address.

        Args:
            address: The address as a browser reads it from the tag.
            page: The page's path inside the built site.

        Returns:
            The image's path inside the built site.

        Raises:
            ImageError: It is not a file of the site; the reason says why.
        """
        path = _plain_path(address, page) or self._on_site(_cleaned(address), page)
        if not path or path.endswith("/"):
            raise ImageError(Reason.MISSING_FILE if path else Reason.NO_SOURCE)
        if posixpath.splitext(path)[1].lower() in _NOT_IMAGES:
            raise ImageError(Reason.NOT_AN_IMAGE, "not an image's file name")
        if self.exists(path):
            return path
        for form in (unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path)):
            if self.exists(form):
                return form
        raise ImageError(Reason.MISSING_FILE, self._hint(path, page))

    def follow(self, address: str, page: str) -> str | None:
        """Find which file of the site a link means.

        Args:
            address: The address as a browser reads it from the tag.
            page: The page's path inside the built site.

        Returns:
            The file's path inside the built site; `None` when it leads elsewhere or nowhere.
        """
        try:
            path = self._on_site(_cleaned(address), page, is_link=True)
        except ImageError:
            return None
        for form in (path, posixpath.join(path, "index.html")):
            if self.exists(form):
                return form
        return None

    def _on_site(self, address: str, page: str, *, is_link: bool = False) -> str:
        """Return the path inside the built site that an address means, a last slash kept."""
        if _DRIVE.match(address):
            raise ImageError(Reason.OUTSIDE_SITE, "a path of a machine")
        if address[:5].lower() == "data:":
            raise ImageError(Reason.DATA_URI)
        address = address.replace("\\", "/")
        try:
            url = urlsplit(address)
            path = self._below_site(url, url.hostname)
        except ValueError:
            raise ImageError(Reason.BAD_URL, "not an address") from None
        if path is None:
            if not url.path:
                return page if is_link else ""
            path = posixpath.join(posixpath.dirname(page), unquote(url.path))
        if "\x00" in path:
            raise ImageError(Reason.MISSING_FILE)
        is_folder = path.endswith("/")
        path = posixpath.normpath(path)
        if path.startswith(("../", "/")) or path == "..":
            raise ImageError(Reason.OUTSIDE_SITE, "above the site's root")
        if path == ".":
            return ""
        return f"{path}/" if is_folder else path

    def _below_site(self, url: SplitResult, host: str | None) -> str | None:
        """Return the path below the site's root, or `None` for one that is relative to the page."""
        site = urlsplit(self.site_url)
        if url.scheme or url.netloc:
            if url.scheme.lower() not in {"", "http", "https"}:
                raise ImageError(Reason.OUTSIDE_SITE, "not a web address")
            if not host or host != site.hostname or url.port != site.port:
                raise ImageError(Reason.REMOTE)
        elif not url.path.startswith("/"):
            return None
        root = site.path.rstrip("/") + "/"
        if not url.path.startswith(root):
            raise ImageError(Reason.OUTSIDE_SITE, f"not below {root}")
        return unquote(url.path[len(root) :]).lstrip("/")

    def _hint(self, path: str, page: str) -> str:
        """Guess what an author meant who wrote raw HTML as if MkDocs moved its addresses."""
        if posixpath.basename(page) != "index.html":
            return ""
        meant = posixpath.join(
            posixpath.dirname(posixpath.dirname(page)),
            posixpath.relpath(path, posixpath.dirname(page) or "."),
        )
        meant = posixpath.normpath(meant)
        if meant.startswith("..") or not self.exists(meant):
            return ""
        return f"did you mean {posixpath.relpath(meant, posixpath.dirname(page) or '.')!r}?"


def _cleaned(address: str) -> str:
    """Drop what browsers drop (URL standard, 4.4)."""
    return re.sub(r"[\t\n\r]", "", address).strip()


def _plain_path(address: str, page: str) -> str | None:
    """Return what an address means that needs no rules, or `None`."""
    if not _PLAIN.fullmatch(address):
        return None
    folder = page.rpartition("/")[0]
    while folder and address.startswith("../"):
        folder, address = folder.rpartition("/")[0], address[len("../") :]
    path = f"{folder}/{address}" if folder else address
    if "/." in path or "//" in path:
        path = posixpath.normpath(path)
    return None if path.startswith("..") else path
