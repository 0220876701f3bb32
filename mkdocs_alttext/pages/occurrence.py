"""What a page pass is given.

Owns the facts of a page and the parts of a build, as values and callables. It must not know MkDocs,
nor what is done with them.

One image at one place of a page, and the records of what becomes of it.

Owns making outcomes. It must not know why an image comes out as it does.
"""

from __future__ import annotations

from bisect import bisect_left
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol, Unpack

from mkdocs_alttext.captioning.cleaning import LONG_TEXT
from mkdocs_alttext.models import Caption, Failure, Origin, Outcome, OutcomeFacts, Reason, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from mkdocs_alttext.captioning.question import Answered, Asked, Question
    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.exceptions import ImageError
    from mkdocs_alttext.html.decisions import Policy
    from mkdocs_alttext.html.marks import Mark
    from mkdocs_alttext.images.collection import ImageCollection
    from mkdocs_alttext.images.resolver import Resolver
    from mkdocs_alttext.models import Decision, Failure


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
    may_be_sent: bool = True
    """Whether its pictures may be sent: not where its front matter is not understood."""


class Titles(Protocol):
    """What is known of the site's pages."""

    def is_page(self, path: str) -> bool:
        """Tell whether a path of the built site is one of its pages."""

    def title(self, path: str, *, now: bool) -> str | None:
        """Return a page's title; `None` while it is not rendered, unless it is needed now."""


class Site(NamedTuple):
    """The parts that fill the pages of one build."""

    policy: Policy
    mark: Mark
    resolver: Resolver
    images: ImageCollection
    includes: Callable[[str], bool]
    """Tells whether an image's path passes `include` and `exclude`."""
    language_code: Callable[[str], str | None]
    """Maps a BCP 47 tag to the service's code."""
    service: str
    """The service's identity."""
    ask: Callable[[Question], Asked]
    pages: Titles
    max_length: int
    """Longest acceptable text in characters."""
    catalog: Mapping[str, Entry] = MappingProxyType({})
    """What people may correct and approve, by the path of an image."""
    publishes_generated: bool = True
    """Whether text that nobody approved may be published."""
    shows_provenance: bool = False
    answer: Callable[[Future[Answered]], Answered] = lambda asked: asked.result()
    """Waits for what was asked."""
    is_replaced: Callable[[str], bool] = lambda _: False
    """Tells from an image's address whether another plugin replaces it before its page is whole."""


class Terms(NamedTuple):
    """Whether and how the service is asked in one build."""

    refusal: Failure | None
    """Why it may not be, when it may not."""
    is_quick: bool
    """Whether pictures are only inspected where `generate` is `never`."""
    on_progress: Callable[[int, int], None]
    """Called while an answer is waited for, with how many there are, and of how many."""
    max_credits: int | None
    """Most credits to spend; `None` for no limit."""
    get_ready: Callable[[], None]
    """Called before the service is asked for the first time, by who asks."""


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


_GENERATED = frozenset({Origin.SERVICE, Origin.STORE})


class Occurrence(NamedTuple):
    """An image where it stands."""

    page: Page
    src: str
    """Its address as the page writes it."""

    def filled(
        self,
        decision: Decision,
        caption: Caption,
        reason: Reason | None = None,
        **known: Unpack[OutcomeFacts],
    ) -> Outcome:
        """Return that it got a text; one that is long is reported unless there is worse to say."""
        if reason is None and len(caption.text) > LONG_TEXT:
            reason = Reason.LONG_TEXT
        known |= {"alt": caption.text, "origin": caption.origin}
        if caption.origin in _GENERATED:
            known["is_generated"] = True
        return self.outcome(decision, Result.FILLED, reason, **known)

    def emptied(
        self, decision: Decision, reason: Reason | None, **known: Unpack[OutcomeFacts]
    ) -> Outcome:
        """Return that it is marked as decoration."""
        known |= {"alt": "", "origin": Origin.DECORATIVE}
        return self.outcome(decision, Result.FILLED, reason, **known)

    def missing(
        self, decision: Decision, why: Failure | ImageError, **known: Unpack[OutcomeFacts]
    ) -> Outcome:
        """Return that it stays without text, and why."""
        known |= {"detail": why.detail}
        return self.outcome(decision, Result.MISSING, why.reason, **known)

    def outcome(
        self,
        decision: Decision,
        result: Result,
        reason: Reason | None = None,
        **known: Unpack[OutcomeFacts],
    ) -> Outcome:
        """Return what became of it."""
        return Outcome(
            page=self.page.path,
            source=self.page.source,
            src=self.src,
            decision=decision,
            result=result,
            reason=reason,
            **known,
        )
