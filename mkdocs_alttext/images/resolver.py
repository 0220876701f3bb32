"""From an address on a page to a file of the built site, by the rules of URLs.

Nothing is read here, and no path of the machine is known: a file is a path of the built site.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.models import Reason
from mkdocs_alttext.system.printable import same_form, spellings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NOT_IMAGES = frozenset(
    ".css .dio .drawio .flac .htm .html .js .json .m4a .m4v .md .mov .mp3 .mp4 .ogg .ogv .pdf "
    ".plantuml .puml .txt .wav .webm .xml".split()
)
"""What other plugins and browsers put where an image stands; never touched."""

_DROPPED = re.compile(r"[\t\n\r]")
"""What browsers drop from an address (URL standard, 4.4), beside the space around it."""
_WHOLE = re.compile(r"(?:https?:)?[/\\]{2}", re.IGNORECASE)
"""How an address begins that names its host."""
_SCHEME = re.compile(r"//|[A-Za-z][A-Za-z0-9+.-]*:")
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")


class FileIndex(Protocol):
    """Knows which files a built site has."""

    def exists(self, path: str) -> bool:
        """Tell whether a path of the built site, relative and with `/`, is a file of it."""

    def similar(self, guesses: Sequence[str], *, in_docs: bool) -> str | None:
        """Return the first guess that is a file's path but for case, else the only file so named.

        Args:
            guesses: Paths of one file name.
            in_docs: Whether paths are those from `docs_dir`, and not those of the built site.
        """


def similar_path(guesses: Sequence[str], paths: Mapping[str, str]) -> str | None:
    """Return the first guess that is a file's path but for case, else the only file so named.

    Args:
        guesses: Paths of one file name.
        paths: Those of all files, by their form without case.
    """
    for guess in guesses:
        if found := paths.get(same_form(guess).casefold()):
            return found
    name = posixpath.basename(same_form(guesses[0]).casefold())
    named = [path for form, path in paths.items() if posixpath.basename(form) == name]
    return named[0] if len(named) == 1 else None


class Resolver(NamedTuple):
    """Finds which file of the site an address means."""

    site_url: str
    """The site's `site_url`, or empty."""
    files: FileIndex
    """The built site's files."""

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
        path = self._on_site(address, page)
        if not path or path.endswith("/"):
            raise ImageError(Reason.MISSING_FILE if path else Reason.NO_SOURCE)
        if posixpath.splitext(path)[1].lower() in _NOT_IMAGES:
            raise ImageError(Reason.NOT_AN_IMAGE, "not an image's file name")
        for form in spellings(path):
            if self.files.exists(form):
                return form
        if self._may_be_elsewhere(address):
            raise ImageError(Reason.REMOTE)
        raise ImageError(Reason.MISSING_FILE)

    def follow(self, address: str, page: str) -> str | None:
        """Find which file of the site a link means.

        Args:
            address: The address as a browser reads it from the tag.
            page: The page's path inside the built site.

        Returns:
            The file's path inside the built site; `None` when it leads elsewhere or nowhere.
        """
        try:
            path = self._on_site(address, page, is_link=True)
        except ImageError:
            return None
        # Servers of static sites find `guide.html` for `guide`, too.
        for form in (path, posixpath.join(path, "index.html"), f"{path.rstrip('/')}.html"):
            if self.files.exists(form):
                return form
        return None

    def _on_site(self, address: str, page: str, *, is_link: bool = False) -> str:
        """Return the path inside the built site that an address means, a last slash kept."""
        address = _DROPPED.sub("", address).strip()
        if _DRIVE.match(address):
            raise ImageError(Reason.OUTSIDE_SITE, "a path of a machine")
        if address[:5].lower() == "data:":
            raise ImageError(Reason.DATA_URI, "as pymdownx.b64 and notebooks embed them")
        address = address.replace("\\", "/")
        try:
            url = urlsplit(address)
            path = self._below_site(url)
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

    def _below_site(self, url: SplitResult) -> str | None:
        """Return the path below the site's root, or `None` for one that is relative to the page."""
        site = urlsplit(self.site_url)
        if url.scheme or url.netloc:
            if url.scheme.lower() == "attachment":
                raise ImageError(Reason.DATA_URI, "an attachment of a notebook")
            if url.scheme.lower() not in {"", "http", "https"}:
                raise ImageError(Reason.OUTSIDE_SITE, "not a web address")
            if not url.hostname or (url.hostname, url.port) != (site.hostname, site.port):
                raise ImageError(Reason.REMOTE)
        elif not url.path.startswith("/"):
            return None
        root = site.path.rstrip("/") + "/"
        if not url.path.startswith(root):
            raise ImageError(Reason.OUTSIDE_SITE, f"not below {root}")
        return unquote(url.path[len(root) :]).lstrip("/")

    def _may_be_elsewhere(self, address: str) -> bool:
        """Tell whether a whole address on the site's host may be that of something else there.

        Where the site has all of the host by its `site_url`, nothing else tells the two apart.
        """
        is_whole = _WHOLE.match(address.strip()) is not None
        return is_whole and not urlsplit(self.site_url).path.strip("/")

    def hint(self, address: str, page: str, source: str | None) -> str:
        """Guess which file an author meant whose address leads to none.

        Args:
            address: The address as the page has it.
            page: The page's path inside the built site.
            source: The page's Markdown file, from `docs_dir`, where the image is written in
                Markdown: MkDocs leaves an address that leads nowhere as it is there. `None` for raw
                HTML, whose addresses are relative to the built page.

        Returns:
            The address to be written instead, in a question; nothing where none is likely.
        """
        in_docs = source is not None
        folder = posixpath.dirname(page if source is None else source)
        path = unquote(_DROPPED.sub("", address).partition("?")[0].partition("#")[0]).strip()
        path = path.replace("\\", "/")
        bare = path.lstrip("/")
        if not bare or _SCHEME.match(path):
            return ""
        # With one folder more or less than the page has when it is built, and from the root.
        places = [(folder, bare), (folder, f"../{bare}"), (folder, bare.removeprefix("../"))]
        places.append(("", bare))
        guesses = [posixpath.normpath(posixpath.join(*each)) for each in places]
        found = self.files.similar(guesses, in_docs=in_docs)
        meant = found and posixpath.relpath(found, folder or ".")
        return f"did you mean {meant!r}?" if meant and meant != posixpath.normpath(path) else ""
