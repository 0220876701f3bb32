"""What is asked of the cache and the service, and what comes back.

What calls and their futures end with, as the engine's answers.

Owns turning errors into failures. It must not know what was called, nor in which order.
"""

from __future__ import annotations

from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mkdocs_alttext.exceptions import ReasonedError
from mkdocs_alttext.models import Failure, Origin, Reason, StoredAnswer
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.models import CaptionKey, PreparedImage


class Obtained(NamedTuple):
    """An answer that was got, from the cache or from the service; nobody has judged it yet."""

    answer: StoredAnswer
    origin: Origin


Answered = Obtained | Failure
Asked = Answered | Future[Answered]
"""What there is of an answer: all of it, or a future. Nearly all are known at once in a warm build,
and a future takes as long to make as the rest of the look-up."""


class Question(NamedTuple):
    """One picture that needs a text."""

    key: CaptionKey
    load: Callable[[], PreparedImage]
    """Reads and prepares the picture, in a worker; raises `ImageError`."""
    inspect: Callable[[], object] | None = None
    """Raises `ImageError` where `load` surely would, in a fraction of its time."""
    refusal: Failure | None = None
    """Why the service must not be asked for this place, when that is so: the page's author does not
    want it, or an answer that was paid for, as the catalog tells, is not published."""

    def with_picture(self, picture: PreparedImage) -> Question:
        """Return the same question with its picture prepared."""
        return self._replace(load=lambda: picture)


Value = TypeVar("Value")


def outcome_of(load: Callable[[], Value]) -> Value | Failure:
    """Return what a call returns, or why the picture cannot be sent."""
    try:
        return load()
    except ReasonedError as error:
        return Failure(error.reason, error.detail)
    except CancelledError:
        return Failure(Reason.CANCELLED)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the worker
        if short := shortage_in(error):
            return Failure(Reason.OUT_OF_RESOURCES, short)
        return Failure(Reason.INTERNAL_ERROR, type(error).__name__)


def has_failed(task: Future[None]) -> bool:
    """Tell whether a call never ran, or did not come to its end."""
    return task.cancelled() or task.exception() is not None


def pass_on(task: Future[None], flight: Future[Answered]) -> None:
    """Answer a flight with what kept its call from doing so.

    Args:
        task: The call's own future, for which `has_failed` holds.
        flight: Has no answer yet.
    """
    error = CancelledError() if task.cancelled() else task.exception()
    if isinstance(error, ReasonedError):
        flight.set_result(Failure(error.reason, error.detail))
    elif isinstance(error, CancelledError):
        flight.set_result(Failure(Reason.CANCELLED))
    else:
        flight.set_exception(error)
