"""How many items a person decided about: of all, and today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.review.items import Progress, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from mkdocs_alttext.review.collection import Collection, Unit

_DONE = frozenset({State.REVIEWED, State.DECORATIVE})


class Tally:
    """Counts what was decided since the review began, or since midnight. For one thread at a time.

    What is decided and taken back again counts as nothing.
    """

    def __init__(self, collection: Collection, today: Callable[[], date]) -> None:
        """Begin with what is decided already.

        Args:
            collection: The items.
            today: Tells the day.
        """
        self._collection = collection
        self._today = today
        self._day, self._done_before = today(), self._done()
        self._done_today = set[str]()
        self._done_at_first = self._done_before

    def count(self, units: Iterable[Unit]) -> None:
        """Take in that items changed."""
        self._turn_of_the_day()
        for unit in units:
            if unit.state not in _DONE:
                self._done_today.discard(unit.id)
            elif unit.id not in self._done_before:
                self._done_today.add(unit.id)

    def progress(self, counts: Mapping[State, int]) -> Progress:
        """Return how far the review is.

        Args:
            counts: How many items are in each state.
        """
        self._turn_of_the_day()
        done = sum(counts.get(each, 0) for each in _DONE)
        total = sum(counts.values()) - counts.get(State.GIVEN, 0)
        return Progress(done, total, len(self._done_today))

    @property
    def reviewed(self) -> int:
        """How many items were decided since the review began."""
        return len(self._done() - self._done_at_first)

    def _turn_of_the_day(self) -> None:
        if self._today() != self._day:
            self._day, self._done_before = self._today(), self._done()
            self._done_today.clear()

    def _done(self) -> set[str]:
        return {unit.id for unit in self._collection.units.values() if unit.state in _DONE}
