"""What is kept of an answer, and whether its text may be published.

An answer was paid for, so it is kept as it came, and judged at each use: by the rules of today, and
by the options of the site that uses it.
"""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING
from unicodedata import normalize

from mkdocs_alttext.cache.base import MOST_CHARACTERS, bounded
from mkdocs_alttext.captioning.cleaning import clean, judge, plain
from mkdocs_alttext.exceptions import AnswerError
from mkdocs_alttext.models import Reason, StoredAnswer
from mkdocs_alttext.services.sensitive import find_sensitive, missing_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.exceptions import ReasonedError
    from mkdocs_alttext.models import Answer


def kept(answer: Answer) -> StoredAnswer:
    """Return what is stored of a service's answer.

    Args:
        answer: As it came.
    """
    text = plain(answer.text)[:MOST_CHARACTERS]
    return StoredAnswer(text, model=bounded(answer.model) if answer.model else None)


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
        page_text: Returns the source of the page that uses it, without escapes: what may be secret
            is published only where the page shows it anyway. No verdict is stored, as whoever can
            write the cache could store another.

    Raises:
        AnswerError: None may be published; the reason says why.
    """
    if answer.failed is not None:
        raise AnswerError(answer.failed, answer.detail)
    if len(answer.text) >= MOST_CHARACTERS:  # the rest of it was not kept
        raise AnswerError(Reason.ANSWER_TOO_LONG, f"{MOST_CHARACTERS} characters or more")
    text = clean(answer.text)
    judge(text, file_name=file_name, max_length=max_length)
    # As people may read it: letters in full width, and what an editor makes of `&#64;`.
    found = find_sensitive(normalize("NFKC", unescape(text)))
    if found and missing_from(found, page_text()):
        raise AnswerError(Reason.ANSWER_SENSITIVE)
    return text
