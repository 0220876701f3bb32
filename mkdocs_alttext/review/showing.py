"""What one review shows while it is open: its items, lists and messages, as the catalog is now.

It knows no HTTP. Requests come from several threads, and one at a time is worked on here, but for
pictures.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from threading import RLock
from typing import TYPE_CHECKING

from mkdocs_alttext.catalog.live import LiveCatalog
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.review.choices import Choices
from mkdocs_alttext.review.collection import Collection, Unit
from mkdocs_alttext.review.editing import Editor
from mkdocs_alttext.review.items import (
    ROWS,
    Chrome,
    Filter,
    Item,
    ItemPage,
    ListPage,
    Message,
    with_more,
)
from mkdocs_alttext.review.presenting import Presenter
from mkdocs_alttext.review.queue import Views
from mkdocs_alttext.review.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mkdocs_alttext.review.asking import Asking
    from mkdocs_alttext.review.editing import Wanted
    from mkdocs_alttext.review.history import History
    from mkdocs_alttext.review.pictures import Pictures, Shown
    from mkdocs_alttext.review.site import SeenSite

_MOST_MESSAGES = 50
_GONE = (
    "{name} is gone, or empty. Put it back; or go on: what you save next writes it again, with all "
    "that was in it."
)


class Showing:
    """The state of one review, and what is shown of it."""

    def __init__(
        self,
        site: SeenSite,
        pictures: Pictures,
        *,
        asking: Asking | None = None,
        history: History | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Read the catalog and put the items in order.

        Args:
            site: What a build said.
            pictures: Its pictures.
            asking: What asks for other texts, where a service is configured.
            history: What finds earlier versions of pictures.
            today: Tells the day.

        Raises:
            CatalogError: The catalog cannot be read, or drafts cannot be added to it.
        """
        self.site = site
        self.pictures = pictures
        self._asking = asking
        self._lock = RLock()
        self._catalog = LiveCatalog(site.catalog, root=site.root)
        self._reads = self._catalog.reads
        self._collection = Collection(site, self._catalog)
        self._views = Views(self._collection)
        self._editor = Editor(self._collection, self._catalog)
        self._presenter = Presenter(site, self._collection, pictures, asking, history)
        self.unsaved: set[str] = set()
        """Paths of pictures about which a person decided what could not be written."""
        self._messages: OrderedDict[str, Message] = OrderedDict()
        self._number = 0
        self._tally = Tally(self._collection, today)
        self._choices = Choices(self._collection, self._views, self._presenter)

    @property
    def catalog_name(self) -> str:
        """The catalog's file name."""
        return self.site.catalog.name

    @property
    def reviewed(self) -> int:
        """How many texts a person decided about in this review."""
        with self._lock:
            return self._tally.reviewed

    def unit(self, identifier: str) -> Unit | None:
        """Return an item by its id."""
        return self._collection.units.get(identifier)

    def item_page(
        self, unit: Unit, wanted: Filter, said: str = "", typed: str | None = None
    ) -> ItemPage:
        """Return what the page of an item shows.

        Args:
            unit: The item.
            wanted: The filter.
            said: The number of a message.
            typed: What the person typed and is not saved.
        """
        with self._lock:
            problem = self._refresh()
            unit = self._collection.units.get(unit.id, unit)
            view = self._views.view(wanted)
            queue = self._choices.queue(view, wanted, unit)
            chrome = self._chrome(said, problem)
            item = self._presenter.item(unit, wanted.query)
        return ItemPage(chrome, queue, self._presenter.with_picture(item), typed)

    def list_page(
        self,
        wanted: Filter,
        start: int,
        said: str = "",
        unsaved: Sequence[tuple[Wanted, str]] = (),
    ) -> ListPage:
        """Return what a list shows.

        Args:
            wanted: The filter.
            start: Number of the first row, from 0.
            said: The number of a message.
            unsaved: What could not be saved, and why, in a sentence: it is shown, and nothing else.
        """
        with self._lock:
            problem = self._refresh()
            view = self._views.view(wanted)
            start = start if start < len(view) else max(0, len(view) - 1) // ROWS * ROWS
            rows = [
                self._presenter.row(each.unit, wanted, each.text if each.is_typed else None, fault)
                for each, fault in map(self._as_now, unsaved)
            ]
            if not unsaved:
                shown = view.shown(start, start + ROWS)
                rows = [self._presenter.row(unit, wanted) for unit in shown]
            at = [
                max(0, start - ROWS) if start else None,
                start + ROWS if start + ROWS < len(view) else None,
            ]
            if unsaved:
                at = [None, start]
            previous, following = (
                None if each is None else f"/list{with_more(wanted.query, f'from={each}')}"
                for each in at
            )
            queue = self._choices.queue(view, wanted, None)
            return ListPage(
                chrome=self._chrome(said, problem),
                queue=queue._replace(first_url=rows[0].url if rows else None),
                rows=tuple(rows),
                are_unsaved=bool(unsaved),
                start=start,
                previous_url=previous,
                next_url=following,
                approvable=view.approvable,
                mark=str(self._views.version),
            )

    def _as_now(self, unsaved: tuple[Wanted, str]) -> tuple[Wanted, str]:
        """Return what could not be saved with the item as it is now."""
        wanted, fault = unsaved
        unit = self._collection.units.get(wanted.unit.id, wanted.unit)
        return wanted._replace(unit=unit), fault

    def picture_fault(self, unit: Unit) -> str:
        """Return why an item's picture could not be shown; empty where nothing is known of that."""
        return self.pictures.known_fault(self._collection.picture(unit).sha256)

    def old_picture(self, unit: Unit) -> Shown | None:
        """Return the picture that an item's stale text is about, where that can be had."""
        with self._lock:
            return self._presenter.old(unit)

    def start(self, wanted: Filter, said: str = "") -> str:
        """Return the address of the first item that a filter shows, else of the list."""
        with self._lock:
            self._refresh()
            return self._address(self._views.view(wanted).first(), wanted, said)

    def find(self, path: str, language: str) -> str | None:
        """Return the address of a picture's item; `None` where it is none of the review.

        Args:
            path: The picture's, inside the built site.
            language: A tag; empty for the first that is there.
        """
        with self._lock:
            units = self._collection.of_path(path)
            chosen = [unit for unit in units if unit.tag == language] or units
            return f"/item/{chosen[0].id}?show=all" if chosen else None

    def items(self) -> Iterator[Item]:
        """Yield all items, for an export: without what only the files of their pictures say."""
        with self._lock:
            units = [*self._views.view(Filter(show="all", order="state")).shown()]
        for unit in units:
            yield self._presenter.item(unit, "")

    def chrome(self, *messages: Message) -> Chrome:
        """Return what a page without an item has around its content."""
        with self._lock:
            return self._chrome("")._replace(messages=messages)

    def close(self) -> None:
        """Close what is open."""
        self.pictures.close()

    def _refresh(self) -> Message | None:
        """Take in what others wrote; return what is wrong with the file now, if anything is."""
        try:
            self._catalog.refresh()
        except CatalogError as error:
            return Message("error", f"{error} Nothing can be saved until then.")
        self._take_in(())
        if self._catalog.is_gone:
            self._catalog.may_restore = True
            return Message("error", _GONE.format(name=self.catalog_name))
        return None

    def _take_in(self, paths: Iterable[str]) -> None:
        """Look at items anew: those of some pictures, or all where others wrote the file."""
        changed: list[Unit] = []
        paths = [*paths]
        is_other = self._catalog.reads != self._reads
        for path in () if is_other else paths:
            units = self._collection.update(path)
            if units is None:
                is_other = True
                break
            changed += units
        if is_other:
            self._reads = self._catalog.reads
            self._collection.rebuild()
            self._views.reset()
            self._choices.recount()
            self._tally.count(unit for path in paths for unit in self._collection.of_path(path))
        elif changed:
            self._views.update(changed)
            self._tally.count(changed)

    def _say(self, message: Message) -> str:
        """Keep a message for the next page; return its number."""
        self._number += 1
        self._messages[str(self._number)] = message
        while len(self._messages) > _MOST_MESSAGES:
            self._messages.popitem(last=False)
        return str(self._number)

    def _address(self, unit: Unit | None, wanted: Filter, said: str) -> str:
        query = with_more(wanted.query, f"said={said}" if said else "")
        return f"/item/{unit.id}{query}" if unit else f"/list{query}"

    def _chrome(self, said: str, problem: Message | None = None) -> Chrome:
        messages = [each for each in (problem, self._messages.get(said)) if each]
        last = self._editor.last
        return Chrome(
            self.site.name,
            self.catalog_name,
            self._tally.progress(self._views.total.counts),
            tuple(messages),
            last.words if last else "",
            last.number if last else 0,
            len(self.site.excluded),
        )
