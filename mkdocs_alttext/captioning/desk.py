"""The first look for an answer, in the cache.

Owns the questions until the first that has no answer there. For that one, what asks the service is
made, and imported: a build that finds all its texts does without. It must not know how a text is
bought.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.captioning.questions import Obtained
from mkdocs_alttext.captions import Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from mkdocs_alttext.cache.base import AnswerCache
    from mkdocs_alttext.captioning.budget import Budget
    from mkdocs_alttext.captioning.engine import CaptionEngine
    from mkdocs_alttext.captioning.questions import Asked, Question, Result
    from mkdocs_alttext.captioning.workers import Workers
    from mkdocs_alttext.captions import CaptionKey, Failure, PreparedImage
    from mkdocs_alttext.services.base import CaptionService

_PATIENCE = 0.1
"""Seconds; a picture that is still being decoded when a build is over is not waited for."""


class Asking(NamedTuple):
    """What asks the service."""

    engine: CaptionEngine
    budget: Budget
    decoding: Workers[PreparedImage]
    """One thread, whoever asks: memory that a thread has decoded a picture in stays with it."""


class Desk:
    """Answers questions from the cache; others, and all that follow, go on to the engine."""

    def __init__(
        self,
        cache: AnswerCache,
        service: CaptionService,
        *,
        refusal: Failure | None,
        is_dry_run: bool,
        open_asking: Callable[[], Asking],
    ) -> None:
        """Take the parts; nothing is opened.

        Args:
            cache: Where answers are looked for.
            service: Closed with the rest; the engine asks it.
            refusal: Why the service may not be asked in this build, when it may not.
            is_dry_run: Whether to find out what asking would cost, where it is refused.
            open_asking: Makes what asks the service.
        """
        self._cache = cache
        self._service = service
        self._refusal = refusal
        self._is_dry_run = is_dry_run
        self._open_asking = open_asking
        self._asking: Asking | None = None
        self._found: dict[CaptionKey, Obtained] = {}

    def ask(self, question: Question) -> Asked:
        """Ask for one picture's text.

        Args:
            question: The picture; equal keys share one answer.

        Returns:
            The answer where it is known or nobody can be asked, else its future.
        """
        if self._asking is None:
            key = question.key
            if key in self._found:
                return self._found[key]
            if answer := self._cache.get(key):
                found = self._found[key] = Obtained(answer, Origin.STORE)
                return found
            if question.refusal:
                return question.refusal
            if self._refusal and not self._is_dry_run:
                return self._refusal
        return self._opened.engine.ask(question)

    def answer(self, flight: Future[Result]) -> Result:
        """Wait for the answer to a question, and show meanwhile how many are there.

        Args:
            flight: What `ask` returned.
        """
        return self._opened.engine.answer(flight)

    def decode(self, call: Callable[[], PreparedImage]) -> PreparedImage:
        """Call what decodes a picture, in the thread that does so.

        Args:
            call: Returns the picture.
        """
        return self._opened.decoding.call(call)

    @property
    def stopped(self) -> Failure | None:
        """Why the service is not asked, or not any more, when that is so."""
        return self._refusal if self._asking is None else self._asking.engine.stopped

    @property
    def has_asked(self) -> bool:
        """Whether there was a question that had no answer at once."""
        return self._asking is not None and self._asking.engine.has_asked

    @property
    def would_spend(self) -> int:
        """Credits that a build would spend on what this dry run could not fill."""
        return 0 if self._asking is None else self._asking.engine.would_spend

    @property
    def budget(self) -> Budget | None:
        """What was spent, when anybody was asked."""
        return None if self._asking is None else self._asking.budget

    def tell(self) -> None:
        """Note that the user was told of the credits that may have been charged."""
        if self._asking is not None:
            self._asking.engine.tell()

    def close(self) -> None:
        """Cancel what has not begun, let what is answered be stored, and close what is open."""
        if self._asking is not None:
            self._asking.engine.close()
            self._asking.decoding.close(patience=_PATIENCE)
            return
        with suppress(Exception):  # a third party's service can raise anything
            self._service.close()
        self._cache.close()

    @property
    def _opened(self) -> Asking:
        if self._asking is None:
            self._asking = self._open_asking()
        return self._asking
