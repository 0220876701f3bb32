"""What a person does in a review, and where that leads: `Showing`, and the changes of it.

It knows no HTTP. Requests come from several threads, and one at a time is worked on here, but for
what a service is asked.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.catalog.entries import Status
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.filling import messages
from mkdocs_alttext.review.editing import (
    BulkResult,
    ConflictError,
    UnusableTextError,
    Wanted,
    is_approvable,
)
from mkdocs_alttext.review.items import ROWS, Filter, ItemPage, ListPage, Message, with_more
from mkdocs_alttext.review.showing import Showing
from mkdocs_alttext.system.printable import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.review.collection import Unit
    from mkdocs_alttext.review.queue import View


class Done(NamedTuple):
    """Where to go on after something was done."""

    location: str
    """An address of the server."""


class NotDone(NamedTuple):
    """Why something was not done."""

    page: ItemPage | ListPage | None
    """What is shown then; `None` for a message alone."""
    message: Message
    status: int
    """Of HTTP: 400 for what cannot be done, 409 for a conflict, 507 for what cannot be written."""


_UNDECIDED = "Somebody else changed it, and nothing is decided yet."


class Listed(NamedTuple):
    """What the form of a list says."""

    items: Sequence[Wanted]
    """Those of status `DRAFT` are kept where the text is another."""
    start: int
    """Number of the first row, from 0."""
    goes_on: bool = False
    """Whether all was decided that there is on the page, so that the next one comes."""
    one: str = ""
    """The id of the one that was decided."""
    later: str = ""
    """The id of one that is skipped."""
    lost: Sequence[str] = ()
    """Texts that were typed of items that are none any more."""
    waiting: Sequence[Wanted] = ()
    """What could not be saved before, and is not decided yet."""
    unseen: Sequence[str] = ()
    """Paths of pictures that cannot be shown, whose texts are not approved with others."""


class Session(Showing):
    """One review."""

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

    def save_listed(self, listed: Listed, wanted: Filter, said: str = "") -> Done | NotDone:
        """Do what a person decided about the items of a list, in one step.

        Args:
            listed: What the list's form says.
            wanted: The filter.
            said: What was said before, in a sentence.
        """
        with self._lock:
            items = self._as_they_are(listed)
            try:
                result = self._editor.save_many(items)
            except CatalogError as error:
                return self._unsaved(items, wanted, listed.start, error)
            message = self._saved(result, listed)
            is_whole = message.level != "error"
            if skipped := self._collection.units.get(listed.later):
                skipped.is_skipped = True
                self._views.update([skipped])
                done = f"{message.text}. " if result.saved or not is_whole else ""
                message = message._replace(text=f"{done}Left for later: {skipped.path}")
            if said:
                message = Message("conflict", f"{said} {message.text}" if items else said)
            if not is_whole or listed.waiting:
                left = [(e, result.left[e.unit.id]) for e in items if e.unit.id in result.left]
                left += [(each, _UNDECIDED) for each in listed.waiting]
                return NotDone(self.list_page(wanted, listed.start, unsaved=left), message, 409)
            return self._going_on_in_list(listed, wanted, message)

    def approve_all(self, wanted: Filter, mark: str, listed: Listed) -> Done | NotDone:
        """Approve what a filter shows, on all pages of its list.

        Args:
            wanted: The filter.
            mark: Of the list, as the person saw it.
            listed: What the form of the page says.
        """
        with self._lock:
            knows = self._catalog.may_restore
            problem = self._refresh()
            items = self._as_they_are(listed)
            if problem and not knows:
                shown = [(each, "") for each in items]
                return NotDone(self.list_page(wanted, listed.start, unsaved=shown), problem, 507)
            if mark != str(self._views.version):
                drafts = [each._replace(status=Status.DRAFT) for each in listed.items]
                why = "Nothing was approved, as the texts are others by now."
                return self.save_listed(listed._replace(items=drafts, goes_on=False), wanted, why)
            own = {each.unit.id for each in listed.items}
            others = [
                self._editor.as_it_is(unit)
                for unit in self._views.view(wanted).shown()
                if is_approvable(unit, wanted.show)
                and unit.id not in own
                and not self.picture_fault(unit)
            ]
            try:
                result = self._editor.save_many([*items, *others])
            except CatalogError as error:
                return self._unsaved(items, wanted, listed.start, error)
            message = self._saved(result, listed)
            left = [(e, result.left[e.unit.id]) for e in items if e.unit.id in result.left]
            if left:
                return NotDone(self.list_page(wanted, 0, unsaved=left), message, 409)
            return Done(f"/list{with_more(wanted.query, f'said={self._say(message)}')}")

    def _as_they_are(self, listed: Listed) -> list[Wanted]:
        """Return what is to be saved of a list, with the items as they are now."""
        units = self._collection.units  # which another look at the file may have made anew
        return [
            each._replace(unit=units.get(each.unit.id, each.unit))
            for each in listed.items
            if each.status is not Status.DRAFT or each.is_typed
        ]

    def _unsaved(
        self, items: Sequence[Wanted], wanted: Filter, start: int, error: CatalogError
    ) -> NotDone:
        self.unsaved.update(each.unit.path for each in items)
        message = Message("error", f"Nothing was saved. {error}")
        shown = [(each, "") for each in items]
        return NotDone(self.list_page(wanted, start, unsaved=shown), message, 507)

    def _going_on_in_list(self, listed: Listed, wanted: Filter, message: Message) -> Done:
        """Return where to go on from a list, of which all is saved."""
        view, start = self._views.view(wanted), listed.start
        places = [view.position(each.unit) for each in listed.items]
        if listed.goes_on:
            start += sum(start < each <= start + len(places) for each in places)
        if start >= len(view):
            start = 0
            if listed.start and len(view):
                end = f"{message.text}. That was the end of the list"
                message = message._replace(text=end)
        more = f"from={start}&said={self._say(message)}"
        ids = [each.unit.id for each in listed.items]
        at = ids.index(listed.one) + 1 if listed.one in ids else len(ids)
        behind = (name for name, place in zip(ids[at:], places[at:], strict=True) if place)
        place = "".join(f"#row-{name}" for name in islice(behind, 1))
        return Done(f"/list{with_more(wanted.query, more)}{place}")

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
                    f"Somebody else changed the entry since, and it stays: {messages.listed(left)}",
                )
            unit, said = self._collection.units.get(step.item), self._say(message)
            if unit and step.is_of_list:
                page = max(0, self._views.view(wanted).position(unit) - 1) // ROWS * ROWS
                more = f"from={page}&said={said}"
                return Done(f"/list{with_more(wanted.query, more)}")
            return Done(self._address(unit, wanted, said))

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

    def _saved(self, result: BulkResult, listed: Listed) -> Message:
        """Take in what saving many did, and say it."""
        units = self._collection.units
        for each in result.saved:
            self.unsaved.discard(each.unit.path)
            each.unit.is_skipped &= each.status is Status.DRAFT
            if self._asking:
                self._asking.forget(each.unit.id)
        left = [units[each].path for each in result.left if each in units]
        self._take_in({*(each.unit.path for each in result.saved), *left})
        number = Counter(each.status for each in result.saved)
        said = [
            f"{words} {counted(number[status], what)}"
            for status, words, what in (
                (Status.REVIEWED, "Approved", "text"),
                (Status.DECORATIVE, "Marked as decorative:", "picture"),
                (Status.DRAFT, "Saved, and not approved:", "text"),
            )
            if number[status]
        ]
        for each in result.saved:
            if each.status is Status.DECORATIVE:
                nameless = self._presenter.if_decorative(each.unit)
                said += [f"{each.unit.path}: {nameless.meaning.rstrip('.')}"] if nameless else []
        if left:
            said.append(f"Not saved: {messages.listed(left)}")
        said += [
            f"{self.catalog_name} has other languages for a picture by now, whose text was: {text}"
            for text in listed.lost
        ]
        if listed.unseen:
            paths = messages.listed(listed.unseen)
            said.append(f"Not approved, as they cannot be shown: {paths}")
        text = f"{'. '.join(said) or 'Nothing was changed'}{self._restored}"
        return Message("error" if left or listed.lost else "done", text)

    def _going_on(self, view: View, unit: Unit, wanted: Filter, said: str) -> Done:
        """Return where to go on from an item, whose place in the queue is known still."""
        current = self._views.view(wanted)
        # A search may not find it any more; its place among the others is known still.
        following = (current if current.has(unit) else view).next(unit) or current.first()
        if following is None or following.id == unit.id:
            return Done(f"/list{with_more(wanted.query, f'said={said}' if said else '')}")
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

    @property
    def _restored(self) -> str:
        """What is said after the last change wrote a file that was gone."""
        if not self._catalog.was_restored:
            return ""
        return f". {self.catalog_name} is written again, with all that was in it"
