"""Which items a filter shows, in which order, and what comes next.

What a filter shows is worked out once, and brought up to date item by item: a step from one item to
the next takes as long among 5,000 items as among 50.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from mkdocs_alttext.review.editing import is_approvable
from mkdocs_alttext.review.items import MOST_CHOICES, OPEN, Filter, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mkdocs_alttext.review.collection import Collection, Unit

_MOST_VIEWS = 8
"""Filters that are kept worked out."""
ORDERS = ("path", "state", "page")
_PLACES = {state: place for place, state in enumerate(State)}


class View:
    """The items that a filter shows."""

    def __init__(self, units: list[Unit], show: str) -> None:
        """Take what all values of `show` have in common.

        Args:
            units: In their order.
            show: The filter's value.
        """
        self.units = units
        self.show = show
        self._fits = _fitting(show)
        self._index = {unit.id: at for at, unit in enumerate(units)}
        self._shown = [at for at, unit in enumerate(units) if self._fits(unit)]
        """Numbers of the units that are shown; they rise."""
        self._states = {unit.id: (unit.state, unit.is_skipped) for unit in units}
        self.counts = Counter[State](unit.state for unit in units)
        self.skipped = sum(unit.is_skipped for unit in units)
        self._approvable = {units[at].id for at in self._shown if is_approvable(units[at], show)}

    def __len__(self) -> int:
        """Return how many are shown."""
        return len(self._shown)

    @property
    def approvable(self) -> int:
        """How many of those that are shown can be approved together."""
        return len(self._approvable)

    def has(self, unit: Unit) -> bool:
        """Tell whether a unit has a place here, shown or not."""
        return unit.id in self._index

    def position(self, unit: Unit) -> int:
        """Return the number of a unit among those that are shown, from 1; 0 if it is not."""
        at = self._index.get(unit.id, -1)
        place = bisect_left(self._shown, at)
        is_shown = place < len(self._shown) and self._shown[place] == at
        return place + 1 if is_shown else 0

    def next(self, unit: Unit) -> Unit | None:
        """Return the first shown unit behind another one, which need not be shown."""
        return self._at(bisect_right(self._shown, self._index.get(unit.id, -1)))

    def previous(self, unit: Unit) -> Unit | None:
        """Return the last shown unit before another one, which need not be shown."""
        place = bisect_left(self._shown, self._index.get(unit.id, -1)) - 1
        return self._at(place) if place >= 0 else None

    def first(self) -> Unit | None:
        """Return the first unit that is shown."""
        return self._at(0)

    def shown(self, start: int = 0, end: int | None = None) -> Iterator[Unit]:
        """Yield the units that are shown, from a number and up to another."""
        for at in self._shown[start:end]:
            yield self.units[at]

    def update(self, unit: Unit) -> None:
        """Take in that a unit changed."""
        if unit.id not in self._index:
            return
        state, was_skipped = self._states[unit.id]
        self.counts[state] -= 1
        self.counts[unit.state] += 1
        self.skipped += unit.is_skipped - was_skipped
        self._states[unit.id] = unit.state, unit.is_skipped
        if self._fits(unit) and is_approvable(unit, self.show):
            self._approvable.add(unit.id)
        else:
            self._approvable.discard(unit.id)
        at = self._index[unit.id]
        place = bisect_left(self._shown, at)
        is_shown = place < len(self._shown) and self._shown[place] == at
        if is_shown and not self._fits(unit):
            del self._shown[place]
        elif not is_shown and self._fits(unit):
            insort(self._shown, at)

    def _at(self, place: int) -> Unit | None:
        return self.units[self._shown[place]] if place < len(self._shown) else None


class Views:
    """What filters show, of one collection."""

    def __init__(self, collection: Collection) -> None:
        """Begin with nothing worked out."""
        self._collection = collection
        self._views: dict[Filter, View] = {}
        self.version = 0
        """Another number after each change of an item."""
        self._pages: dict[str, set[int]] = {}
        self._on_page: Counter[str] = Counter()
        self.largest_pages: list[str] = []
        """Names of the pages with the most items, as many as can be chosen."""
        self.total = View([], "all")
        """All items."""
        self.reset()

    def reset(self) -> None:
        """Forget everything: the collection has other items."""
        self._views.clear()
        self.version += 1
        units = [*self._collection.units.values()]
        self.total = View(units, "all")
        self._pages = {}
        for at, page in enumerate(self._collection.site.pages):
            self._pages.setdefault(page.name, set()).add(at)
        pictures = self._collection.site.pictures
        names = [page.name for page in self._collection.site.pages]
        self._on_page = Counter(
            name for unit in units for name in {names[at] for at in pictures[unit.path].pages}
        )
        largest = self._on_page.most_common(MOST_CHOICES)
        self.largest_pages = sorted(name for name, _ in largest)

    def view(self, wanted: Filter) -> View:
        """Return what a filter shows."""
        if found := self._views.pop(wanted, None):
            self._views[wanted] = found  # the last one to be dropped
            return found
        view = View(self._sorted([*self._fitting(wanted)], wanted.order), wanted.show)
        self._views[wanted] = view
        while len(self._views) > _MOST_VIEWS:
            del self._views[next(iter(self._views))]
        return view

    def on_page(self, name: str) -> int:
        """Return how many items a page shows."""
        return self._on_page.get(name, 0)

    def update(self, units: Iterable[Unit]) -> None:
        """Take in that items changed."""
        self.version += 1
        # Which texts have the words that are looked for is worked out anew.
        self._views = {wanted: view for wanted, view in self._views.items() if not wanted.search}
        for unit in units:
            for view in (self.total, *self._views.values()):
                view.update(unit)

    def _fitting(self, wanted: Filter) -> Iterator[Unit]:
        pictures = self._collection.site.pictures
        folder, words = wanted.folder.strip("/"), wanted.search.casefold().split()
        pages = self._pages.get(wanted.page, set()) if wanted.page else None
        for unit in self._collection.units.values():
            if folder and not f"{unit.path}/".startswith(f"{folder}/"):
                continue
            if pages is not None and pages.isdisjoint(pictures[unit.path].pages):
                continue
            if wanted.language and unit.tag != wanted.language:
                continue
            if wanted.service and unit.service != wanted.service:
                continue
            if words:
                text = f"{unit.path} {unit.text}".casefold()
                if not all(word in text for word in words):
                    continue
            yield unit

    def _sorted(self, units: list[Unit], order: str) -> list[Unit]:
        if order == "state":
            return sorted(units, key=lambda unit: _PLACES[unit.state])
        if order == "page":
            pictures = self._collection.site.pictures
            return sorted(units, key=lambda unit: min(pictures[unit.path].pages, default=-1))
        return units


def _fitting(show: str) -> Callable[[Unit], bool]:
    """Return what tells whether a value of `show` shows an item; `open` for an unknown one."""
    if show == "all":
        return lambda _: True
    if show == "skipped":
        return lambda unit: unit.is_skipped and unit.is_open
    states = OPEN
    with suppress(ValueError):
        states = frozenset({State(show)})
    return lambda unit: unit.state in states
