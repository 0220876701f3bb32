"""What is kept of an answer, and whether its text may be published.

An answer was paid for, so it is kept as it came, and judged at each use: by the rules of today, and
by the options of the site that uses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.cache.entries import MOST_CHARACTERS, bounded
from mkdocs_alttext.captioning.cleaning import clean, judge, plain
from mkdocs_alttext.captions import StoredAnswer
from mkdocs_alttext.exceptions import AnswerError
from mkdocs_alttext.reasons import Reason
from mkdocs_alttext.services.sensitive import find_sensitive, missing_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.captions import Answer
    from mkdocs_alttext.exceptions import ReasonedError


def kept(answer: Answer, page_text: Callable[[], str]) -> StoredAnswer:
    """Return what is stored of a service's answer.

    Args:
        answer: As it came.
        page_text: Returns the source of the page that asked, without escapes.
    """
    text = plain(answer.text)[:MOST_CHARACTERS]
    model = bounded(answer.model) if answer.model else None
    return StoredAnswer(text, is_sensitive=_is_sensitive(text, page_text), model=model)


def kept_failure(error: ReasonedError) -> StoredAnswer:
    """Return what is stored where asking again could only end the same way."""
    return StoredAnswer(failed=error.reason, detail=bounded(plain(error.detail)))


def published(
    answer: StoredAnswer, *, file_name: str, max_length: int, page_text: Callable[[], str]
) -> str:
    """Return the text that an answer publishes.

    Args:
        answer: From the cache or from the service.
        file_name: The picture's, which is no description (WCAG failure F30).
        max_length: Longest acceptable text in characters; nothing is ever cut.
        page_text: Returns the source of the page that uses it, without escapes. It is asked where
            nobody looked at the answer when it came.

    Raises:
        AnswerError: None may be published; the reason says why.
    """
    if answer.failed is not None:
        raise AnswerError(answer.failed, answer.detail)
    if len(answer.text) >= MOST_CHARACTERS:  # the rest of it was not kept
        raise AnswerError(Reason.ANSWER_TOO_LONG, f"{MOST_CHARACTERS} characters or more")
    text = clean(answer.text)
    judge(text, file_name=file_name, max_length=max_length)
    is_sensitive = answer.is_sensitive
    if is_sensitive is None:
        is_sensitive = _is_sensitive(text, page_text)
    if is_sensitive:
        raise AnswerError(Reason.ANSWER_SENSITIVE)
    return text


def _is_sensitive(text: str, page_text: Callable[[], str]) -> bool:
    """Tell whether a text holds what may be secret, and its page does not show."""
    found = find_sensitive(text)
    return bool(found and missing_from(found, page_text()))
