"""The text of one picture of the site, at one place.

Owns the order in which a text is looked for: the catalog, an SVG's own name, the store and the
service. It must not know markup: that this image lacks text and is to be described is decided.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple, Unpack

from mkdocs_alttext.captioning.cleaning import clean, judge, plain
from mkdocs_alttext.captioning.judging import published
from mkdocs_alttext.captioning.question import Answered, Obtained, Question
from mkdocs_alttext.catalog.entries import Status
from mkdocs_alttext.exceptions import AnswerError, ImageError
from mkdocs_alttext.models import (
    PICTURE_FAULTS,
    Caption,
    CaptionKey,
    Decision,
    Failure,
    Origin,
    Outcome,
    OutcomeFacts,
    Reason,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.images.collection import ImageFacts
    from mkdocs_alttext.pages.occurrence import Occurrence, Site


_NOT_UNDERSTOOD = Failure(Reason.NOT_ASKED, "the page's front matter")


class Picture(NamedTuple):
    """A file of the site that an image without text shows."""

    path: str
    """Inside the built site."""
    place: Occurrence
    site: Site
    page_text: Callable[[], str]
    """Returns the source of its page, without escapes."""
    doubt: str = ""
    """What its author says of it and is not understood; it is not sent then."""

    def outcome(self, *, wait: bool) -> Outcome | None:
        """Return what becomes of the image, or `None` while the answer is under way."""
        known: OutcomeFacts = {"file": self.path}
        try:
            facts = self.site.images.facts(self.path)
        except ImageError as error:
            return self.place.missing(Decision.UNAVAILABLE, error, **known)
        known["sha256"] = facts.sha256
        language = self.site.language_code(self.place.page.language)
        entry = self.site.catalog.get(self.path)
        refusal = None if self.place.page.may_be_sent else _NOT_UNDERSTOOD
        if self.doubt:
            refusal = Failure(Reason.NOT_ASKED, self.doubt)
        if entry:
            try:
                if outcome := self._by_catalog(entry, facts, language, **known):
                    return outcome
            except AnswerError as error:
                refusal = Failure(error.reason, error.detail)
        if facts.is_svg and (outcome := self._by_svg(facts.svg_name or "", facts.needs, **known)):
            return outcome
        if not self.site.publishes_generated:
            return self.place.missing(Decision.ASK_SERVICE, Failure(Reason.NOT_REVIEWED), **known)
        if language is None:
            return self.place.missing(
                Decision.ASK_SERVICE, Failure(Reason.UNSUPPORTED_LANGUAGE), **known
            )
        return self._by_question(facts, language, refusal, wait=wait, **known)

    def _by_catalog(
        self, entry: Entry, facts: ImageFacts, code: str | None, **known: Unpack[OutcomeFacts]
    ) -> Outcome | None:
        """Take what the catalog says for this place; `None` where it says nothing to be used.

        Raises:
            AnswerError: A draft must not be published.
        """
        page = self.place.page
        is_draft = entry.status is Status.DRAFT
        if is_draft and not self.site.publishes_generated:
            return None
        is_stale = entry.is_stale(facts.sha256)
        own = entry.pages.get(page.source or "")
        if is_draft and is_stale and own is None:
            return None
        is_decoration = entry.status is Status.DECORATIVE
        text = own if own is not None else "" if is_decoration else entry.text(page.language, code)
        if text is None:
            return None
        reason = Reason.STALE_CAPTION if is_stale else None
        is_generated = is_draft and own is None
        text = self._judged_draft(entry, text, code) if is_generated else plain(text)
        if not text:
            return self.place.emptied(Decision.USE_STORED, reason, **known)
        known["language"] = code or page.language
        known["is_generated"] = is_generated
        return self.place.filled(
            Decision.USE_STORED, Caption(text, Origin.CATALOG), reason, **known
        )

    def _judged_draft(self, entry: Entry, text: str, code: str | None) -> str:
        """Return a draft's text as it is published.

        Raises:
            AnswerError: It must not be published.
        """
        if reason := entry.refusal(self.place.page.language, code):
            raise AnswerError(reason)
        # What a person wrote is not rewritten, though nobody has approved it yet.
        text = clean(text) if entry.is_untouched else plain(text)
        judge(text, file_name=posixpath.basename(self.path), max_length=self.site.max_length)
        return text

    def _by_svg(self, name: str, needs: str, **known: Unpack[OutcomeFacts]) -> Outcome | None:
        """Take an SVG's own name, unless a drawing program wrote it; `None` has it drawn."""
        text = plain(name)
        try:
            file_name = posixpath.basename(self.path)
            judge(text, file_name=file_name, max_length=self.site.max_length)
        except AnswerError:
            why = Failure(Reason.SVG_WITHOUT_TITLE, needs)
            return self.place.missing(Decision.UNAVAILABLE, why, **known) if needs else None
        return self.place.filled(Decision.SVG_TITLE, Caption(text, Origin.SVG_TITLE), **known)

    def _by_question(
        self,
        facts: ImageFacts,
        code: str,
        refusal: Failure | None,
        *,
        wait: bool,
        **known: Unpack[OutcomeFacts],
    ) -> Outcome | None:
        known["language"] = code
        asked = self.site.ask(
            Question(
                CaptionKey(facts.sha256, code, self.site.service),
                lambda: self.site.images.prepare(self.path, facts.sha256),
                lambda: self.site.images.inspect(self.path, facts.sha256),
                refusal,
            )
        )
        if not isinstance(asked, Obtained | Failure):
            if not (wait or asked.done()):
                return None
            asked = self.site.answer(asked)
        return self._answered(asked, **known)

    def _answered(self, result: Answered, **known: Unpack[OutcomeFacts]) -> Outcome:
        if isinstance(result, Failure):
            return self._failed(result, **known)
        answer, origin = result
        try:
            text = published(
                answer,
                file_name=posixpath.basename(self.path),
                max_length=self.site.max_length,
                page_text=self.page_text,
            )
        except AnswerError as error:
            if answer.text and error.reason is not Reason.ANSWER_SENSITIVE:
                known["refused"] = answer.text  # for the catalog, which is committed
            return self._failed(Failure(error.reason, error.detail), **known)
        decision = Decision.USE_STORED if origin is Origin.STORE else Decision.ASK_SERVICE
        return self.place.filled(decision, Caption(text, origin), **known)

    def _failed(self, why: Failure, **known: Unpack[OutcomeFacts]) -> Outcome:
        if why.reason is Reason.ZERO_SIZE:
            return self.place.emptied(Decision.SPACER, why.reason, **known)
        is_picture = why.reason in PICTURE_FAULTS
        decision = Decision.UNAVAILABLE if is_picture else Decision.ASK_SERVICE
        return self.place.missing(decision, why, **known)
