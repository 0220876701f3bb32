"""One review while it is open: what is shown, what a person does, and what that changes.

It knows no HTTP. Requests come from several threads, and one at a time is worked on here, but for
pictures and for what a service is asked.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.catalog.live import LiveCatalog
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.filling.messages import listed
from mkdocs_alttext.review.choices import Choices
from mkdocs_alttext.review.collection import Collection, Unit
from mkdocs_alttext.review.editing import (
    ConflictError,
    Editor,
    UnusableTextError,
)
from mkdocs_alttext.review.items import (
    STATE_LABELS,
    Chrome,
    Filter,
    Item,
    ItemPage,
    ListPage,
    Message,
    Row,
)
from mkdocs_alttext.review.presenting import Presenter
from mkdocs_alttext.review.queue import View, Views
from mkdocs_alttext.review.tally import Tally
from mkdocs_alttext.system.printable import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mkdocs_alttext.review.asking import Asking
    from mkdocs_alttext.review.history import History
    from mkdocs_alttext.review.pictures import Pictures, Shown
    from mkdocs_alttext.review.site import SeenSite

ROWS = 24
"""Of a list on one page."""
_MOST_MESSAGES = 50
_GONE = (
    "{name} is gone, or empty. Put it back; or go on: what you save next writes it again, with all "
    "that was in it."
)


class Done(NamedTuple):
    """Where to go on after something was done."""

    location: str
    """An address of the server."""


class NotDone(NamedTuple):
    """Why something was not done."""

    page: ItemPage | None
    """What is shown then; `None` for a message alone."""
    message: Message
    status: int
    """Of HTTP: 400 for what cannot be done, 409 for a conflict, 507 for what cannot be written."""


class Session:
    """The state of one review."""

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
            following = view.next(unit)
            queue = self._choices.queue(view, wanted, unit)
            chrome = self._chrome(said, problem)
            item = self._presenter.item(unit, wanted.query)
        if following:
            self.pictures.prepare_ahead(self._collection.picture(following).sha256)
        return ItemPage(chrome, queue, self._presenter.with_picture(item), typed)

    def list_page(self, wanted: Filter, start: int, said: str = "") -> ListPage:
        """Return what a list shows.

        Args:
            wanted: The filter.
            start: Number of the first row, from 0.
            said: The number of a message.
        """
        with self._lock:
            problem = self._refresh()
            view = self._views.view(wanted)
            start = max(0, min(start, len(view) - 1)) // ROWS * ROWS
            rows = tuple(self._row(unit, wanted.query) for unit in view.shown(start, start + ROWS))
            at = [
                start - ROWS if start else None,
                start + ROWS if start + ROWS < len(view) else None,
            ]
            previous, following = (
                None if each is None else f"/list{_and(wanted.query, f'from={each}')}"
                for each in at
            )
            chrome = self._chrome(said, problem)
            queue = self._choices.queue(view, wanted, None)
            mark = str(self._views.version)
        return ListPage(chrome, queue, rows, start, previous, following, view.approvable, mark)

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

    def save(
        self, unit: Unit, action: str, *, text: str, revision: str, wanted: Filter
    ) -> Done | NotDone:
        """Do what a person decided about an item.

        Args:
            unit: The item.
            action: `approve`, `decorative`, `draft` or `skip`.
            text: As the person left it.
            revision: Of the item, as the person saw it.
            wanted: The filter, which tells what comes next.
        """
        with self._lock:
            # Of another thread's look at the file, which may have made all items anew.
            unit = self._collection.units.get(unit.id, unit)
            view, nameless = self._views.view(wanted), None
            try:
                match action:
                    case "approve":
                        self._editor.approve(unit, text, revision)
                        what = "Approved"
                    case "decorative":
                        self._editor.empty(unit, revision)
                        what = "Marked as decorative"
                        nameless = self._presenter.if_decorative(unit)
                    case "draft":
                        self._editor.keep(unit, text, revision)
                        what = "Saved, and not approved"
                    case _:
                        unit.is_skipped = True
                        self._views.update([unit])
                        return self._going_on(view, unit, wanted, "")
            except UnusableTextError as error:
                return self._not_done(unit, wanted, Message("error", str(error)), text, 400)
            except ConflictError:
                return self._conflict(unit, wanted, text)
            except CatalogError as error:
                self.unsaved.add(unit.path)
                message = Message("error", f"Nothing was saved. {error}")
                return self._not_done(unit, wanted, message, text, 507)
            self.unsaved.discard(unit.path)
            unit.is_skipped = False
            if self._asking:
                self._asking.forget(unit.id)
            self._take_in([unit.path])
            words = f"{what}: {unit.path}{self._restored}"
            if nameless:
                words += f". {nameless.meaning}"
            said = self._say(Message("done", words))
            return self._going_on(view, unit, wanted, said)

    def approve_all(self, wanted: Filter, mark: str) -> Done | NotDone:
        """Approve what a filter shows.

        Args:
            wanted: The filter.
            mark: Of the list, as the person saw it.
        """
        with self._lock:
            knows = self._catalog.may_restore
            problem = self._refresh()
            view = self._views.view(wanted)
            if problem and not knows:
                return NotDone(None, problem, 507)
            if mark != str(self._views.version):
                said = self._say(
                    Message("conflict", "Nothing was approved, as the texts are others by now.")
                )
                return Done(f"/list{_and(wanted.query, f'said={said}')}")
            units = [*view.shown()]
            try:
                result = self._editor.approve_all(units)
            except CatalogError as error:
                return NotDone(None, Message("error", f"Nothing was saved. {error}"), 507)
            self._take_in({unit.path for unit in units})
            text = f"Approved {counted(result.approved, 'text')}{self._restored}"
            if result.left:
                text += (
                    f". Left, as they were changed just now, or cannot be: {listed(result.left)}"
                )
            level = "error" if result.left else "done"
            said = self._say(Message(level, text))
            return Done(f"/list{_and(wanted.query, f'said={said}')}")

    def undo(self, wanted: Filter, seen: int | None = None) -> Done | NotDone:
        """Take the last step back.

        Args:
            wanted: The filter.
            seen: The number of the step that the page named; no other is taken back.
        """
        with self._lock:
            last = self._editor.last
            why = "" if last else "There is nothing to undo."
            if last and seen not in {None, last.number}:
                why = "Nothing more was undone: what undo takes back is another step by now."
            if why:
                return Done(self.start(wanted, self._say(Message("info", why))))
            try:
                step, left = self._editor.undo()
            except CatalogError as error:
                return NotDone(None, Message("error", f"Nothing was undone. {error}"), 507)
            self._take_in({change.path for change in step.changes})
            message = Message("done", f"Undone: {step.words}{self._restored}")
            if left:
                message = Message(
                    "conflict",
                    f"Somebody else changed the entry since, and it stays: {listed(left)}",
                )
            unit = self._collection.units.get(step.item)
            return Done(self._address(unit, wanted, self._say(message)))

    def ask(self, unit: Unit, hint: str, price: int, asked: int, wanted: Filter) -> Done | NotDone:
        """Ask for another text of an item; it waits beside the old one until it is approved.

        Args:
            unit: The item.
            hint: What the person says of the picture, for this request.
            price: What the page said that it costs.
            asked: How often it had been asked for, as the page said.
            wanted: The filter.
        """
        if self._asking is None:
            return NotDone(None, Message("error", "There is no service that could be asked."), 400)
        with self._lock:
            question = self._presenter.question(unit)
        # Others go on reviewing while the service is at work.
        message = self._asking.ask(unit.id, question, hint=hint, price=price, asked=asked)
        with self._lock:
            return Done(self._address(unit, wanted, self._say(message)))

    def items(self) -> Iterator[Item]:
        """Yield all items, for an export: without what only the files of their pictures say."""
        with self._lock:
            units = [*self._views.view(Filter(show="all", order="state")).shown()]
        for unit in units:
            yield self._presenter.item(unit, "")

    def close(self) -> None:
        """Close what is open."""
        self.pictures.close()

    def _going_on(self, view: View, unit: Unit, wanted: Filter, said: str) -> Done:
        """Return where to go on from an item, whose place in the queue is known still."""
        current = self._views.view(wanted)
        # A search may not find it any more; its place among the others is known still.
        following = (current if current.has(unit) else view).next(unit) or current.first()
        if following is None or following.id == unit.id:
            return Done(f"/list{_and(wanted.query, f'said={said}' if said else '')}")
        return Done(self._address(following, wanted, said))

    def _not_done(
        self, unit: Unit, wanted: Filter, message: Message, text: str, status: int
    ) -> NotDone:
        self._take_in([unit.path])
        return NotDone(self.item_page(unit, wanted, typed=text), message, status)

    def _conflict(self, unit: Unit, wanted: Filter, text: str) -> NotDone:
        self._take_in([unit.path])
        now = self._collection.units.get(unit.id)
        why = f"Somebody else changed this entry of {self.catalog_name} since. Nothing was saved."
        message = Message("conflict", why, theirs=now.text if now else "")
        return NotDone(self.item_page(unit, wanted, typed=text), message, 409)

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

    @property
    def _restored(self) -> str:
        """What is said after the last change wrote a file that was gone."""
        if not self._catalog.was_restored:
            return ""
        return f". {self.catalog_name} is written again, with all that was in it"

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
        query = _and(wanted.query, f"said={said}" if said else "")
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

    def chrome(self, *messages: Message) -> Chrome:
        """Return what a page without an item has around its content."""
        with self._lock:
            return self._chrome("")._replace(messages=messages)

    def _row(self, unit: Unit, query: str) -> Row:
        pages = self._presenter.pages(unit)
        return Row(
            unit.id,
            f"/item/{unit.id}{query}",
            unit.path,
            unit.tag,
            unit.text,
            unit.state,
            STATE_LABELS[unit.state],
            f"/small/{self._collection.picture(unit).sha256}",
            pages[0] if pages else "",
        )


def _and(query: str, more: str) -> str:
    """Return the query of an address with more in it."""
    if not more:
        return query
    return f"{query}&{more}" if query else f"?{more}"
