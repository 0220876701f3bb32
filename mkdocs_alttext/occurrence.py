"""One image at one place of a page, and the records of what becomes of it.

Owns making outcomes. It must not know why an image comes out as it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Unpack

from mkdocs_alttext.captioning.cleaning import LONG_TEXT
from mkdocs_alttext.captions import Caption, Failure, Origin, Outcome, OutcomeFacts, Result
from mkdocs_alttext.reasons import Reason

if TYPE_CHECKING:
    from mkdocs_alttext.exceptions import ImageError
    from mkdocs_alttext.markup.verdicts import Decision
    from mkdocs_alttext.site import Page

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
            decision=decision.value,
            result=result,
            reason=reason,
            **known,
        )
