"""The text of one picture: from the catalog, its own name, its author elsewhere, or a service."""

from __future__ import annotations

import posixpath
from contextlib import suppress
from functools import partial
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.captioning.judging import (
    LONG_TEXT,
    clean,
    judge,
    long_description,
    published,
)
from mkdocs_alttext.captioning.request import CaptionRequest, CaptionResult, ContextSource
from mkdocs_alttext.catalog.entries import Entry, Status
from mkdocs_alttext.exceptions import AnswerError, ReasonedError
from mkdocs_alttext.html.attributes import Attributes, has_text
from mkdocs_alttext.images.svg import LACKS_RENDERER, can_draw
from mkdocs_alttext.models import (
    FUNCTIONAL,
    GENERATED,
    PICTURE_FAULTS,
    CaptionKey,
    Decision,
    Failure,
    Origin,
    Outcome,
    Reason,
    Result,
)
from mkdocs_alttext.pages.records import NOT_SENT
from mkdocs_alttext.system.printable import plain

if TYPE_CHECKING:
    from mkdocs_alttext.html.scanner import ImageTag
    from mkdocs_alttext.images.collection import ImageFacts
    from mkdocs_alttext.pages.records import Page, Site


def emptied(known: Outcome, decision: Decision, reason: Reason | None = None) -> Outcome:
    """Return that an image is marked as decoration."""
    return known._replace(
        decision=decision, result=Result.FILLED, reason=reason, alt="", origin=Origin.DECORATIVE
    )


def missing(known: Outcome, decision: Decision, why: Failure | ReasonedError) -> Outcome:
    """Return that an image stays without text, and why."""
    return known._replace(
        decision=decision, result=Result.MISSING, reason=why.reason, detail=why.detail
    )


def taken_over(known: Outcome, other: Outcome) -> Outcome:
    """Return that an image gets the text of another, in which the same picture is shown."""
    return known._replace(
        decision=other.decision,
        result=other.result,
        origin=other.origin,
        reason=other.reason,
        alt=other.alt,
        language=other.language,
        detail="",
        is_generated=other.is_generated,
        is_draft=other.is_draft,
    )


def shared_text(outcome: Outcome, tag: ImageTag) -> Outcome | None:
    """Return what another image takes over of what became of one, if that has a text.

    Args:
        outcome: What became of it.
        tag: Its tag.
    """
    if outcome.result is Result.FILLED and outcome.alt:
        return outcome
    if outcome.decision is not Decision.KEEP_TEXT or outcome.reason:
        return None
    return outcome._replace(
        decision=Decision.USE_STORED,
        result=Result.FILLED,
        origin=Origin.AUTHOR,
        alt=tag.attributes.get("alt"),
    )


class PictureLookup(NamedTuple):
    """Looks for the text of a picture that an image without text shows."""

    path: str
    """The picture's path inside the built site."""
    facts: ImageFacts
    known: Outcome
    """What is known of the image so far."""
    page: Page
    html: str
    """The source of the page or article."""
    site: Site
    needs_function: bool = False
    """Whether the text is to say what a button does: then a description is none."""
    context: ContextSource | None = None
    """What surrounds the image, where that is sent."""
    shared: Outcome | None = None
    """What has the text of the same picture in other colours."""

    def outcome(self, *, wait: bool) -> Outcome | None:
        """Return what becomes of the image, by the first source that has a text.

        Args:
            wait: Whether to wait for an answer that is under way.

        Returns:
            `None` while the answer is under way.
        """
        language = self.site.service.language_code(self.page.language)
        entry = self._entry(language)
        why = self.page.withheld
        if doubt := self.known.doubt:
            is_shown = doubt.startswith("{")  # braces that no extension reads
            why = f"{NOT_SENT}{doubt} is {'shown as text' if is_shown else 'not understood'}"
        refusal = Failure(Reason.NOT_ASKED, why) if why else None
        if self.needs_function and not self.site.names_functions:
            refusal = Failure(Reason.CONTROL)  # who sees the picture only cannot know it
        outcome = None
        try:
            outcome = entry and self._by_catalog(entry, language)
        except AnswerError as error:
            refusal = Failure(error.reason, error.detail)
        if self.facts.is_pointer:
            refusal = Failure(Reason.GIT_LFS_POINTER)
        if outcome is None or (entry and self._is_mere_draft(entry, language)):
            # What a person wrote elsewhere comes before a draft that nobody has changed.
            free = self._without_asking(entry, language)
            has_text = free is not None and free.result is Result.FILLED
            outcome = free if outcome is None or has_text else outcome
        outcome = outcome or self._asked(language, refusal, wait=wait)
        if outcome and entry and entry.reviewed:
            tag = entry.tag(self.page.language, language)
            if tag not in entry.reviewed and entry.status(tag) is not Status.DECORATIVE:
                return outcome._replace(untranslated=language or self.page.language)
        return outcome

    def _entry(self, code: str | None) -> Entry | None:
        """Return what the catalog says of the picture, best in the page's language."""
        page = self.page.language
        return self.site.catalog.entry(self.path, self.facts.sha256, page, code)

    def is_described(self) -> bool:
        """Tell whether a person wrote a text of the picture, in the catalog or elsewhere."""
        language = self.site.service.language_code(self.page.language)
        entry = self._entry(language)
        with suppress(AnswerError):
            said = entry and self._by_catalog(entry, language)
            if entry and said and said.alt and not self._is_mere_draft(entry, language):
                return True
        return self._by_author(language) is not None

    def _asked(
        self, language: str | None, refusal: Failure | None, *, wait: bool
    ) -> Outcome | None:
        """Ask the captioning, which answers from the cache where it can.

        Args:
            language: What the captioning service calls the language, when it speaks it.
            refusal: Why the service may not be asked, when it may not.
            wait: Whether to wait for an answer that is under way.
        """
        if language is None:
            return missing(self.known, Decision.ASK_SERVICE, Failure(Reason.UNSUPPORTED_LANGUAGE))
        key = CaptionKey(self.facts.sha256, language, self.site.service.identity)
        request = CaptionRequest(key, self.path, self.site.images, refusal, context=self.context)
        future = self.site.captions.ask(request)
        if not (wait or future.done()):
            return None
        return self._by_result(self.site.captions.wait_for(future), language)

    def _by_catalog(self, entry: Entry, code: str | None) -> Outcome | None:
        """Take what the catalog says for this place; `None` where it says nothing to be used.

        Raises:
            AnswerError: A draft must not be published.
        """
        is_stale = entry.is_stale(self.facts.sha256)
        tag, own = entry.tag(self.page.language, code), entry.pages.get(self.page.source or "")
        status = entry.status(tag)
        is_draft = status is Status.DRAFT if own is None else entry.is_draft
        is_usable = self.site.rules.publishes_generated and not (is_stale and own is None)
        text = own
        if text is None:
            is_decoration = status is Status.DECORATIVE
            text = "" if is_decoration else entry.text(self.page.language, code)
        if text is None or (is_draft and not is_usable):
            return None
        is_judged = is_draft and own is None
        text = self._judged_draft(entry, text, code) if is_judged else plain(text)
        reason = Reason.STALE_CAPTION if is_stale else None
        if not text:
            return emptied(self.known, Decision.USE_STORED, reason)
        language = code or self.page.language
        known = self.known._replace(language=language, reason=reason)
        if is_judged:
            known = known._replace(
                is_draft=True,
                is_generated=entry.is_by_machine,
                context_page=entry.note("context", tag),
            )
        return _filled(known, Decision.USE_STORED, text, Origin.CATALOG)

    def _judged_draft(self, entry: Entry, text: str, code: str | None) -> str:
        """Return a draft's text as it is published.

        Raises:
            AnswerError: It must not be published.
        """
        if reason := entry.refusal(self.page.language, code):
            raise AnswerError(reason)
        if self.needs_function:  # which a draft does not tell, but the answer that it is from
            raise AnswerError(Reason.CONTROL)
        # What a person wrote is not rewritten, though nobody has approved it yet.
        text = clean(text) if entry.is_untouched else plain(text)
        self._judge(text)
        return text

    def _without_asking(self, entry: Entry | None, code: str | None) -> Outcome | None:
        """Take what is free: an SVG's own name, or what the author wrote for the picture.

        Returns:
            `None` where a text would have to be generated, and may be.
        """
        named = self._by_svg() if self.facts.is_svg and not self.needs_function else None
        if named and named.result is Result.FILLED:
            return named
        if self.shared:
            return taken_over(self.known, self.shared)
        rules = self.site.rules
        author = None if self.needs_function else self._by_author(code)
        if not rules.publishes_generated and (
            author or not rules.generates or (entry and self._is_offered(entry, code))
        ):
            why = Failure(Reason.NOT_REVIEWED)
            return named or missing(self.known, Decision.ASK_SERVICE, why)
        return author or named

    def _is_mere_draft(self, entry: Entry, code: str | None) -> bool:
        """Tell whether what an entry says for this place is a draft that nobody has changed."""
        is_draft = entry.status(entry.tag(self.page.language, code)) is Status.DRAFT
        return is_draft and entry.is_untouched and (self.page.source or "") not in entry.pages

    def _is_offered(self, entry: Entry, code: str | None) -> bool:
        """Tell whether the catalog holds a text of this picture that waits for approval."""
        return (
            entry.status(entry.tag(self.page.language, code)) is Status.DRAFT
            and not entry.is_stale(self.facts.sha256)
            and entry.text(self.page.language, code) is not None
        )

    def _by_author(self, code: str | None) -> Outcome | None:
        """Take what the author wrote for the picture elsewhere."""
        authors = self.site.author_texts
        language = self.page.language
        for written in authors.texts(self.path, self.facts.sha256, language) if authors else ():
            text = plain(written)
            if not has_text(Attributes({"alt": text, "src": self.path})):
                continue  # a file name, or another placeholder
            with suppress(AnswerError):
                self._judge(text)
                known = self.known._replace(language=code or language)
                return _filled(known, Decision.USE_STORED, text, Origin.AUTHOR)
        return None

    def _judge(self, text: str) -> None:
        """Raise an `AnswerError` when a text must not be published."""
        judge(text, file_name=posixpath.basename(self.path), max_length=self.site.rules.max_length)

    def _by_svg(self) -> Outcome | None:
        """Take an SVG's own name, unless a drawing program wrote it; `None` has it drawn."""
        text = plain(self.facts.svg_name or "")
        try:
            self._judge(text)
        except AnswerError:
            if can_draw():
                return None
            why = Failure(Reason.SVG_WITHOUT_TITLE, LACKS_RENDERER)
            return missing(self.known, Decision.UNAVAILABLE, why)
        return _filled(self.known, Decision.SVG_TITLE, text, Origin.SVG_TITLE)

    def _by_result(self, result: CaptionResult, language: str) -> Outcome:
        """Take the text of the cache or the service, if it is fit to be published."""
        known = self.known._replace(language=language)
        if isinstance(result, Failure):
            return _failed(known, result)
        answer, origin = result
        if self.needs_function and answer.role != FUNCTIONAL:
            return _failed(known, Failure(Reason.CONTROL))
        page_text = partial(unescape, self.html)
        known = known._replace(
            model=answer.model,
            context_page=answer.context_page or None,
            long_description=long_description(answer, page_text),
        )
        try:
            text = published(
                answer,
                language=language,
                file_name=posixpath.basename(self.path),
                max_length=self.site.rules.max_length,
                page_text=page_text,
            )
        except AnswerError as error:
            if answer.text and error.reason is not Reason.ANSWER_SENSITIVE:
                known = known._replace(refused=answer.text)  # for the catalog, which is committed
            return _failed(known, Failure(error.reason, error.detail))
        if not self.site.rules.publishes_generated:
            # It is in the cache, from where the catalog takes it.
            return missing(known, Decision.ASK_SERVICE, Failure(Reason.NOT_REVIEWED))
        decision = Decision.USE_STORED if origin is Origin.STORE else Decision.ASK_SERVICE
        return _filled(known, decision, text, origin)


def _filled(known: Outcome, decision: Decision, text: str, origin: Origin) -> Outcome:
    """Return that an image got a text; one that is long is reported unless there is worse."""
    return known._replace(
        decision=decision,
        result=Result.FILLED,
        alt=text,
        origin=origin,
        reason=known.reason or (Reason.LONG_TEXT if len(text) > LONG_TEXT else None),
        is_generated=known.is_generated or origin in GENERATED,
        is_draft=known.is_draft or origin in GENERATED,
    )


def _failed(known: Outcome, why: Failure) -> Outcome:
    """Return that an image got no text, which can lie in its file."""
    if why.reason is Reason.ZERO_SIZE:
        return emptied(known, Decision.SPACER, why.reason)
    is_picture = why.reason in PICTURE_FAULTS
    return missing(known, Decision.UNAVAILABLE if is_picture else Decision.ASK_SERVICE, why)
