"""What calls and their futures end with, as the engine's answers.

Owns turning errors into failures. It must not know what was called, nor in which order.
"""

from __future__ import annotations

from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, TypeVar

from mkdocs_alttext.captions import Failure
from mkdocs_alttext.exceptions import ReasonedError
from mkdocs_alttext.reasons import Reason
from mkdocs_alttext.shortage import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from mkdocs_alttext.captioning.questions import Result

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


def pass_on(task: Future[None], flight: Future[Result]) -> None:
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
