"""What filling a page is given, and what it returns."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from mkdocs_alttext.captioning.request import CaptionRequest, CaptionResult
    from mkdocs_alttext.catalog.entries import Catalog
    from mkdocs_alttext.html.decisions import Policy
    from mkdocs_alttext.html.marks import Mark
    from mkdocs_alttext.images.collection import ImageCollection
    from mkdocs_alttext.images.resolver import Resolver
    from mkdocs_alttext.models import Outcome
    from mkdocs_alttext.services.base import CaptionService


NAMELESS_LINK = "its link has no name"
"""The detail of an image without text that is all there is in a link."""


class Page(NamedTuple):
    """What is to be known of a page beside its HTML."""

    path: str
    """Inside the built site."""
    source: str | None
    """Inside `docs_dir`, when it has one."""
    language: str
    """BCP 47 tag."""
    is_whole: bool
    """Whether the HTML is the whole page, and not only its article."""
    opted_out: bool = False
    """Whether its front matter says `alttext: false`."""
    withheld: str = ""
    """Why nothing of it is sent, when that is so."""
    emptied: Callable[[], frozenset[str] | None] | None = None
    """Returns the names of the files whose images have an empty text in the page's source; `None`
    where that cannot be read. There is none where the HTML has more than the source says."""


class SitePages(Protocol):
    """What is known of the site's pages."""

    def is_page(self, path: str) -> bool:
        """Tell whether a path of the built site is one of its pages."""

    def title(self, path: str, *, now: bool) -> str | None:
        """Return a page's title; `None` while it is not rendered, unless it is needed now."""

    def heading(self, path: str, part: str, *, now: bool) -> str | None:
        """Return the heading that has an id, or nothing; `None` as for a title."""


class ImageFilter(Protocol):
    """Which images are ours to fill."""

    def includes(self, path: str) -> bool:
        """Tell whether an image's path passes `include` and `exclude`."""

    def is_replaced(self, address: str) -> bool:
        """Tell whether another plugin replaces an image before its page is whole.

        Args:
            address: The image's address, as the page writes it.
        """


class Captions(Protocol):
    """Where texts are asked for."""

    def ask(self, request: CaptionRequest) -> Future[CaptionResult]:
        """Ask for one picture's text, without waiting."""

    def look_up(self) -> bool:
        """Look for all that was asked for in a cache of other machines, in one go.

        Returns:
            Whether some answers may be there now.
        """

    def wait_for(self, future: Future[CaptionResult]) -> CaptionResult:
        """Wait for an answer."""


class AuthorTexts(Protocol):
    """Texts that the site's author wrote for pictures."""

    def texts(self, path: str, sha256: str, language: str) -> Sequence[str]:
        """Return what the author wrote for a picture somewhere on the site, the best first.

        Args:
            path: Its path inside the built site.
            sha256: Its digest.
            language: The language of the text, as a BCP 47 tag.
        """


class PublishRules(NamedTuple):
    """Which texts are published, and how."""

    max_length: int
    """Longest acceptable text in characters."""
    publishes_generated: bool = True
    """Whether text that nobody approved may be published."""
    generates: bool = True
    """Whether text may be asked for, though it is only kept for the catalog."""
    shows_provenance: bool = False
    """Whether generated text is marked as such in the HTML."""


class Site(NamedTuple):
    """The parts that fill the pages of one build."""

    policy: Policy
    rules: PublishRules
    mark: Mark
    pages: SitePages
    filter: ImageFilter
    resolver: Resolver
    images: ImageCollection
    catalog: Catalog
    """What people may correct and approve."""
    service: CaptionService
    """Names the language and itself; it is asked through `captions`."""
    captions: Captions
    sends_context: bool = False
    """Whether the service is sent what surrounds a picture."""
    names_functions: bool = False
    """Whether it can say what a button does, as it is told of the button and says so."""
    author_texts: AuthorTexts | None = None
    """What the author wrote elsewhere, where that is looked for."""


class FilledPage(NamedTuple):
    """A page after one pass."""

    html: str
    outcomes: tuple[Outcome, ...]
    """One for each image that is decided."""
    is_settled: bool
    """Whether no image waits for an answer or for the whole page."""
    starts: tuple[int, ...] = ()
    """Where each of these images stood in the source."""

    def outcomes_in(self, part: str, source: str) -> range | None:
        """Return which of the outcomes are about images of a part of the source.

        Args:
            part: The part.
            source: The source.

        Returns:
            `None` when the source does not have the part as it is.
        """
        start = source.find(part) if part else -1
        if start < 0:
            return None
        end = bisect_left(self.starts, start + len(part))
        return range(bisect_left(self.starts, start), end)
