"""What a page offers to choose: values of each part of a filter, and ways through the queue."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mkdocs_alttext.review.items import (
    MOST_CHOICES,
    OPEN,
    ROWS,
    STATE_LABELS,
    Choice,
    Filter,
    Queue,
    State,
    with_more,
)
from mkdocs_alttext.review.queue import ORDERS

if TYPE_CHECKING:
    from mkdocs_alttext.review.collection import Collection, Unit
    from mkdocs_alttext.review.presenting import Presenter
    from mkdocs_alttext.review.queue import View, Views

_MOST_OWN_PAGES = 10
"""That show an item, first among those that can be chosen."""
_ORDER_LABELS = {"path": "By path", "state": "By state", "page": "By page"}


class Choices:
    """Makes queues of views. For one thread at a time."""

    def __init__(self, collection: Collection, views: Views, presenter: Presenter) -> None:
        """Count what can be chosen."""
        self._collection = collection
        self._views = views
        self._presenter = presenter
        self._choices: dict[str, list[tuple[str, str, int]]] = {}
        self.recount()

    def queue(self, view: View, wanted: Filter, unit: Unit | None) -> Queue:
        """Return the queue as a filter shows it.

        Args:
            view: What the filter shows.
            wanted: The filter.
            unit: The item that is looked at; `None` for a list.
        """
        following = view.next(unit) if unit else None
        previous = view.previous(unit) if unit else None
        first = view.first()
        position = view.position(unit) if unit else 0
        page = (position - 1) // ROWS * ROWS if position else 0
        chosen = wanted.show or "open"
        numbers: list[tuple[str, str, int]] = [
            ("open", "To review", sum(view.counts[each] for each in OPEN)),
            *((each.value, STATE_LABELS[each], view.counts[each]) for each in State),
            ("all", "All", len(view.units)),
            ("skipped", "Skipped", view.skipped),
        ]
        shows = tuple(
            Choice(value, label, number, value == chosen, f"/{wanted._replace(show=value).query}")
            for value, label, number in numbers
        )
        orders = tuple(
            Choice(each, _ORDER_LABELS[each], len(view), each == (wanted.order or "path"))
            for each in ORDERS
        )
        return Queue(
            wanted,
            shows,
            self._chosen("folder", wanted),
            self._pages(unit, wanted),
            self._chosen("language", wanted),
            self._chosen("service", wanted),
            orders,
            len(view),
            position,
            f"/item/{previous.id}{wanted.query}" if previous else None,
            f"/item/{following.id}{wanted.query}" if following else None,
            f"/picture/{self._collection.picture(following).sha256}" if following else None,
            f"/list{with_more(wanted.query, f'from={page}' if page else '')}",
            f"/item/{first.id}{wanted.query}" if first else None,
        )

    def recount(self) -> None:
        """Count what can be chosen anew, which takes as long as there are items."""
        units = self._collection.units.values()
        by = {
            "folder": Counter(unit.folder for unit in units),
            "language": Counter(unit.tag for unit in units),
            "service": Counter(unit.service for unit in units),
        }
        for name, counts in by.items():
            counts.pop("", None)
            most = sorted(value for value, _ in counts.most_common(MOST_CHOICES - 1))
            values = [(value, value, counts[value]) for value in most]
            self._choices[name] = [("", "All", len(self._collection.units)), *values]

    def _chosen(self, name: str, wanted: Filter) -> tuple[Choice, ...]:
        own = getattr(wanted, name)
        values = self._choices[name]
        if own not in {value for value, _, _ in values}:
            values = [*values, (own, own, 0)]
        return tuple(Choice(*each, each[0] == own) for each in values)

    def _pages(self, unit: Unit | None, wanted: Filter) -> tuple[Choice, ...]:
        """Return the pages that show an item, the chosen one, and those with the most items."""
        values = [("", "All", len(self._collection.units))]
        own = self._presenter.pages(unit)[:_MOST_OWN_PAGES] if unit else []
        names = [*own, *self._views.largest_pages][: MOST_CHOICES - 2]
        chosen = [wanted.page] if wanted.page else []
        values += (
            (name, name, self._views.on_page(name)) for name in dict.fromkeys([*names, *chosen])
        )
        return tuple(Choice(*each, each[0] == wanted.page) for each in values)
