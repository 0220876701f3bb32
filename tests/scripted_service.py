"""A captioning service that follows a script and remembers what it was asked."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from mkdocs_alttext.models import Answer
from mkdocs_alttext.services import AccountStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.models import Picture, Request

DEFAULT = "A red bicycle"


class ScriptedService:
    """A `CaptionService` with a queue of answers and a history of requests.

    Each answer is a text, an `Answer`, an error to raise or a call that returns one of these; when
    the queue is empty, every picture is a red bicycle.
    """

    identity = "scripted/1"

    def __init__(
        self,
        *answers: str | Answer | Exception | Callable[[], str],
        balance: int | Exception | None = None,
        credits_per_image: int = 1,
    ) -> None:
        """Take the script.

        Args:
            answers: What to say, in this order.
            balance: What to say when asked for the balance.
            credits_per_image: The price.
        """
        self.requests: list[tuple[Picture, str]] = []
        """The picture and the language of each request."""
        self.balance_requests = 0
        self.closed = False
        self._answers = deque(answers)
        self._balance = balance
        self._price = credits_per_image
        self._lock = threading.Lock()

    @property
    def credits_per_image(self) -> int:
        """What one answer costs."""
        return self._price

    def language_code(self, tag: str) -> str | None:
        """Speak every language."""
        return tag

    def describe(self, request: Request) -> Answer:
        """Answer what the script says."""
        with self._lock:
            self.requests.append((request.picture, request.language))
            answer = self._answers.popleft() if self._answers else DEFAULT
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer) if isinstance(answer, str) else answer

    def credits_remaining(self) -> int | None:
        """Tell the balance."""
        self.balance_requests += 1
        if isinstance(self._balance, Exception):
            raise self._balance
        return self._balance

    def verify(self) -> AccountStatus:
        """Take every key."""
        return AccountStatus(valid=True, credits_remaining=self.credits_remaining())

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
