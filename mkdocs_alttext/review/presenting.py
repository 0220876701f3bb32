"""Items as a page shows them: in words, with where their texts come from and what is to be seen."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mkdocs_alttext.catalog.entries import (
    AUTHOR,
    Entry,
    check_of,
    is_own_origin,
    language_tag,
)
from mkdocs_alttext.filling.reasons import explanations
from mkdocs_alttext.models import SUGGESTIONS, Context, Reason
from mkdocs_alttext.review.asking import Question
from mkdocs_alttext.review.editing import is_approvable, text_digest
from mkdocs_alttext.review.items import (
    STATE_LABELS,
    Another,
    Item,
    Note,
    OtherText,
    PictureView,
    Row,
    State,
)
from mkdocs_alttext.review.notes import note_of, remarks
from mkdocs_alttext.review.places import Places, context_of, is_looked_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_alttext.review.asking import Asking
    from mkdocs_alttext.review.collection import Collection, Unit
    from mkdocs_alttext.review.history import History
    from mkdocs_alttext.review.items import Filter
    from mkdocs_alttext.review.pictures import Pictures, Shown
    from mkdocs_alttext.review.site import SeenPicture, SeenSite


class Presenter:
    """Says in words what is known of items. For one thread at a time, but for pictures."""

    def __init__(
        self,
        site: SeenSite,
        collection: Collection,
        pictures: Pictures,
        asking: Asking | None,
        history: History | None = None,
    ) -> None:
        """Take where things are known from."""
        self._site = site
        self._collection = collection
        self._pictures = pictures
        self._asking = asking
        self._history = history
        self._places = Places(site, collection)

    def pages(self, unit: Unit) -> list[str]:
        """Return the names of pages that show an item's picture."""
        numbers = sorted(self._collection.picture(unit).pages)
        return list(dict.fromkeys(self._site.pages[number].name for number in numbers))

    def item(self, unit: Unit, query: str) -> Item:
        """Return an item, without what only its picture's file says.

        Args:
            unit: The item.
            query: The filter's, for addresses.
        """
        picture, entry = self._collection.picture(unit), self._collection.entry(unit.path)
        places = self._places.of_item(unit)
        own = entry.texts.get(unit.tag) if entry else None
        is_draft = own is not None and unit.state not in {State.REVIEWED, State.DECORATIVE}
        return Item(
            id=unit.id,
            url=f"/item/{unit.id}{query}",
            revision=self._collection.revision(unit),
            path=unit.path,
            folder=unit.folder,
            name=posixpath.basename(unit.path),
            language=unit.tag,
            text=unit.text,
            state=unit.state,
            label=STATE_LABELS[unit.state],
            notes=tuple(map(self._worded, self._notes(unit, picture, entry))),
            origin=self._origin(unit, entry),
            service=unit.service,
            model=self._model(unit, picture) if is_draft else "",
            context_page=(entry.note("context", unit.tag) or "") if entry and is_draft else "",
            long=(entry.note("long", unit.tag) or "") if entry else "",
            sha256=picture.sha256,
            picture=_view("picture", picture.sha256, None),
            old_picture=None,
            old_note="",
            places=places,
            more_places=picture.count - len(places),
            texts=tuple(
                OtherText(
                    each.tag,
                    each.text,
                    each.state,
                    STATE_LABELS[each.state],
                    f"/item/{each.id}{query}",
                )
                for each in self._collection.of_path(unit.path)
                if each.id != unit.id
            ),
            page_texts=tuple(entry.pages.items()) if entry else (),
            max_length=self._site.max_length,
            if_decorative=self.if_decorative(unit),
            another=self._another(unit, picture, entry),
        )

    def row(self, unit: Unit, wanted: Filter, typed: str | None = None, fault: str = "") -> Row:
        """Return an item of a list.

        Args:
            unit: The item.
            wanted: The filter.
            typed: What the person typed and is not saved.
            fault: Why it could not be saved, in a sentence.
        """
        picture, entry = self._collection.picture(unit), self._collection.entry(unit.path)
        notes = [self._worded(each).meaning for each in self._notes(unit, picture, entry)]
        unseen = self._pictures.known_fault(picture.sha256)
        notes = [each for each in (fault or unseen, *notes) if each]
        return Row(
            id=unit.id,
            url=f"/item/{unit.id}{wanted.query}",
            revision=self._collection.revision(unit),
            path=unit.path,
            language=unit.tag,
            text=unit.text,
            state=unit.state,
            label=STATE_LABELS[unit.state],
            picture_url=f"/picture/{picture.sha256}",
            place=self._places.of_row(unit),
            is_skipped=unit.is_skipped,
            notes=tuple(notes),
            shown=text_digest(unit.text),
            typed=typed,
            fault=fault,
            is_among=is_approvable(unit, wanted.show) and not (fault or unseen),
        )

    def if_decorative(self, unit: Unit) -> Note | None:
        """Return what is wrong where an item has no text: a link or button without a name."""
        entry = self._collection.entry(unit.path)
        for each in self._places.serving(unit):
            fault = each.fault_if_empty
            if fault is not None and self._places.has_own_text(each, entry):
                return self._worded(note_of("remark", Reason.EMPTY_LINK, fault))
        return None

    def _worded(self, note: Note) -> Note:
        """Say a note in the words of this kind of site."""
        said = explanations(self._site.words)[Reason(note.reason)]
        return note._replace(meaning=said.meaning, action=said.action)

    def _another(self, unit: Unit, picture: SeenPicture, entry: Entry | None) -> Another | None:
        """Return what is shown of asking; nothing where the same text would come again, or none."""
        reasons = (reason for reason, _ in picture.reasons.values())
        if self._asking is None or self._asking.is_vain(picture.sha256, reasons):
            return None
        has_answer = entry is not None and unit.tag in entry.texts
        is_known = has_answer and entry is not None and entry.writer == self._site.service
        return None if is_known and self._asking.is_repeated else self._asking.another(unit.id)

    def with_picture(self, item: Item) -> Item:
        """Add what the files of an item's picture say; they are read for that."""
        picture = _view("picture", item.sha256, self._pictures.shown(item.sha256))
        if item.state is not State.STALE or self._history is None:
            return item._replace(picture=picture)
        entry = self._collection.entry(item.path)
        old = self._history.picture(item.path, (entry and entry.sha256) or "")
        if isinstance(old, str):
            return item._replace(picture=picture, old_note=old)
        return item._replace(picture=picture, old_picture=_view("old", item.id, old))

    def old(self, unit: Unit) -> Shown | None:
        """Return the picture that an item's stale text is about, where that can be had."""
        entry = self._collection.entry(unit.path)
        if self._history is None or entry is None or entry.sha256 is None:
            return None
        found = self._history.picture(unit.path, entry.sha256)
        return None if isinstance(found, str) else found

    def question(self, unit: Unit) -> Question:
        """Return what another text of an item is asked for: of the first place that it serves."""
        picture = self._collection.picture(unit)
        language = next(iter(picture.languages), unit.tag or "en")
        name, context, article = "", Context(), ""
        lacking = (each for each in self._places.serving(unit) if is_looked_up(each))
        sent = next((each for each in lacking if each.may_be_sent), None)
        if sent:
            page = self._site.pages[sent.page]
            language, name, article = page.language, page.name, page.article
            context = context_of(sent, page, reaches_on=False)
        return Question(
            picture.sha256, unit.path, language, name, context, article, may_be_sent=bool(sent)
        )

    def _notes(self, unit: Unit, picture: SeenPicture, entry: Entry | None) -> Iterator[Note]:
        """Say what is to be looked at."""
        if unit.state is State.STALE:
            yield note_of("stale", Reason.STALE_CAPTION)
        if entry and unit.text and unit.state not in {State.REVIEWED, State.DECORATIVE}:
            if refused := entry.note("refused", unit.tag):
                yield note_of("refused", Reason(refused))
            if suggested := SUGGESTIONS.get(entry.note("suggestion", unit.tag) or ""):
                yield note_of("suggested", suggested)
        if unit.state is State.MISSING:
            for language, code in picture.languages.items():
                if language_tag(code or language) == unit.tag and language in picture.reasons:
                    yield note_of("missing", *picture.reasons[language])
                    break
        if unit.state is State.DECORATIVE and (nameless := self.if_decorative(unit)):
            yield nameless
        yield from remarks(unit.text, unit.path, is_approved=unit.state is State.REVIEWED)

    def _origin(self, unit: Unit, entry: Entry | None) -> str:
        if unit.state is State.GIVEN:
            return "the picture's own name, which its SVG has as a title"
        if entry is None or not unit.text:
            return ""
        who = entry.writer
        if not is_own_origin(entry.origin):
            return f"origin: {entry.origin}"
        if who == AUTHOR:
            where = "by the site's author, for the same picture elsewhere"
        else:
            where = f"{_how_written(entry, unit.tag)} {who}" if who else ""
        if self._collection.is_only_cached(unit.path) and where:
            where += f", not in {self._site.catalog.name} yet"
        return where

    def _model(self, unit: Unit, picture: SeenPicture) -> str:
        names = {language_tag(code): model for code, model in picture.models.items()}
        return names.get(unit.tag, "")


def _how_written(entry: Entry, tag: str) -> str:
    """Return the words before the name of who wrote the drafts of an entry.

    The check in its origin is of the texts that were written together, so that one of several that
    changed may leave the others untold.
    """
    check = (entry.origin or "").rpartition(" ")[2]
    texts = entry.texts
    for written in (texts, entry.drafts, *({each: text} for each, text in texts.items())):
        if written and check_of(written) == check:
            return "by" if tag in written else "changed since, first by"
    return "changed since, first by" if len(texts) == 1 else "first by"


def _view(kind: str, identifier: str, shown: Shown | None) -> PictureView:
    url = f"/{kind}/{identifier}"
    if shown is None:
        return PictureView(url, 0, 0, "", 0, None, "")
    return PictureView(
        url,
        shown.width,
        shown.height,
        shown.format,
        shown.size,
        shown.original,
        shown.part,
        shown.fault,
    )
