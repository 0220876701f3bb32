"""The tree of errors: drawn, complete, and carrying facts."""

from __future__ import annotations

import inspect
import re

import pytest

from mkdocs_alttext import exceptions
from mkdocs_alttext.exceptions import (
    AltTextError,
    AnswerError,
    ImageError,
    RateLimitedError,
    ReasonedError,
    ServiceError,
)
from mkdocs_alttext.models import Reason


def classes() -> list[type[Exception]]:
    """Return every exception that the module defines."""
    return [
        each
        for _, each in inspect.getmembers(exceptions, inspect.isclass)
        if issubclass(each, Exception) and each.__module__ == exceptions.__name__
    ]


def drawn() -> dict[str, str | None]:
    """Read the tree of the module's docstring: each class and the one above it."""
    parents: dict[str, str | None] = {}
    above: list[str] = []
    for line in (exceptions.__doc__ or "").splitlines():
        found = re.match(r"((?:[│ ] {3})*(?:[├└]── )?)(\w+Error)\b", line)
        if found:
            depth = len(found[1]) // 4
            del above[depth:]
            parents[found[2]] = above[-1] if above else None
            above.append(found[2])
    return parents


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    """Every class stands in it, below the class it is made of."""
    made = {each.__name__: each.__base__ for each in classes()}
    assert drawn() == {
        name: None if base is Exception else base and base.__name__ for name, base in made.items()
    }


def test_every_error_is_an_alt_text_error() -> None:
    """One `except` catches what this package raises on purpose."""
    assert all(issubclass(each, AltTextError) for each in classes())


def test_every_service_error_has_a_reason_of_its_own() -> None:
    """So that the report tells them apart; a kind of one of them has that one's."""
    kinds = [
        each
        for each in classes()
        if issubclass(each, ServiceError) and each.__base__ is ServiceError
    ]
    assert len({kind().reason for kind in kinds}) == len(kinds)


@pytest.mark.parametrize("kind", [ImageError, AnswerError])
def test_an_error_tells_its_reason_and_what_happened(kind: type[ReasonedError]) -> None:
    """In its message, too."""
    assert str(kind(Reason.UNDECODABLE)) == "undecodable"
    error = kind(Reason.UNDECODABLE, "the file is damaged")
    assert str(error) == "undecodable: the file is damaged"
    assert (error.reason, error.detail) == (Reason.UNDECODABLE, "the file is damaged")


def test_a_service_error_carries_what_the_service_said() -> None:
    """Status, the wait it asked for, and a reason other than the class's own."""
    error = RateLimitedError("slow down", status=429, retry_after=2.5)
    assert (error.status, error.retry_after, error.reason) == (429, 2.5, Reason.RATE_LIMITED)
    assert RateLimitedError(reason=Reason.TIMED_OUT).reason is Reason.TIMED_OUT
