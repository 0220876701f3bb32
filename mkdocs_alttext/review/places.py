"""Where pages show a picture: the words around it, and what a screen reader says there."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Entry, language_tag
from mkdocs_alttext.html.scanner import read_tag
from mkdocs_alttext.html.surroundings import surroundings
from mkdocs_alttext.models import Context, Decision
from mkdocs_alttext.review.items import Part, Place, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_alttext.review.collection import Collection, Unit
    from mkdocs_alttext.review.site import Occurrence, SeenPage, SeenSite

_MOST_PLACES = 3
"""With the words around the picture, on one page."""
_MOST_WORDS = 200
"""Characters before and behind the picture that are shown."""
_MOST_WORDS_LISTED = 90
"""The same, in a list."""
_MOST_CONTEXTS = 64
_LOOKED_UP = frozenset(
    {Decision.ASK_SERVICE, Decision.SVG_TITLE, Decision.UNAVAILABLE, Decision.USE_STORED}
)
"""Rows in which the picture's text decides."""


class Places:
    """Finds the places that an item is about. For one thread at a time."""

    def __init__(self, site: SeenSite, collection: Collection) -> None:
        """Take where things are known from."""
        self._site = site
        self._collection = collection
        self._contexts: OrderedDict[tuple[int, int], Context] = OrderedDict()

    def serving(self, unit: Unit) -> list[Occurrence]:
        """Return the places that an item's text serves, those with words around it first."""
        entry = self._collection.entry(unit.path)

        def serves(occurrence: Occurrence) -> bool:
            page = self._site.pages[occurrence.page]
            tag = entry.tag(page.language, page.code) if entry else None
            own = language_tag(page.code or page.language) if tag is None else tag
            return unit.tag in {own, ANY_LANGUAGE}

        found = [each for each in self._collection.picture(unit).occurrences if serves(each)]
        return sorted(found, key=lambda each: (not is_looked_up(each), each.start < 0))

    def of_item(self, unit: Unit) -> tuple[Place, ...]:
        """Return the first places that an item's text serves; any others where there are none."""
        found = self.serving(unit) or self._collection.picture(unit).occurrences
        return tuple(self._place(each, unit, _MOST_WORDS) for each in found[:_MOST_PLACES])

    def of_row(self, unit: Unit) -> Place | None:
        """Return the first place that an item's text serves, with fewer words."""
        first = next(iter(self.serving(unit)), None)
        return self._place(first, unit, _MOST_WORDS_LISTED) if first else None

    def has_own_text(self, occurrence: Occurrence, entry: Entry | None) -> bool:
        """Tell whether a place has the picture's text, and none for its page alone."""
        page = self._site.pages[occurrence.page]
        is_of_picture = is_looked_up(occurrence) or occurrence.decision is Decision.CONTROL
        return is_of_picture and not (entry and page.name in entry.pages)

    def _place(self, occurrence: Occurrence, unit: Unit, most: int) -> Place:
        entry = self._collection.entry(unit.path)
        page = self._site.pages[occurrence.page]
        context = self._shown_context(occurrence, page)
        of_page = entry.pages.get(page.name) if entry else None
        is_own = self.has_own_text(occurrence, entry)
        alt = of_page if of_page is not None else occurrence.alt
        if is_own:
            alt = "" if unit.state is State.DECORATIVE else unit.text or None
        before, after = _end_of(context.before, most), _beginning_of(context.after, most)
        return Place(
            page=page.name,
            title=page.title,
            line=occurrence.line,
            language=page.language,
            decision=occurrence.decision.value,
            alt=alt,
            is_own=is_own,
            heading=context.heading,
            before=before,
            after=after,
            caption=context.caption,
            link=context.link,
            is_in_link=occurrence.is_in_link,
            is_in_button=occurrence.is_in_button,
            heard=tuple(_heard(before, after, alt, occurrence)),
        )

    def _shown_context(self, occurrence: Occurrence, page: SeenPage) -> Context:
        """Return the words around a picture; parsing them takes a hundredth of a second."""
        key = occurrence.page, occurrence.start
        if known := self._contexts.get(key):
            return known
        context = self._contexts[key] = context_of(occurrence, page, reaches_on=True)
        while len(self._contexts) > _MOST_CONTEXTS:
            self._contexts.popitem(last=False)
        return context


def context_of(occurrence: Occurrence, page: SeenPage, *, reaches_on: bool) -> Context:
    """Return the words around a picture.

    Args:
        occurrence: The place.
        page: Its page.
        reaches_on: Whether those of the paragraphs beside it are meant where it stands alone.
    """
    tag = read_tag(page.article, occurrence.start) if occurrence.start >= 0 else None
    if tag is None:
        return Context(page.title)
    return surroundings(page.article, tag, title=page.title, target_of=str, reaches_on=reaches_on)


def is_looked_up(occurrence: Occurrence) -> bool:
    """Tell whether the picture's text decides what a place has."""
    return occurrence.decision in _LOOKED_UP


def _end_of(text: str, most: int) -> str:
    """Return the last whole words of a text, in some number of characters."""
    if len(text) <= most:
        return text
    end = text[-most:]
    return f"… {end.partition(' ')[2] or end}"


def _beginning_of(text: str, most: int) -> str:
    """Return the first whole words of a text, in some number of characters."""
    if len(text) <= most:
        return text
    beginning = text[:most]
    return f"{beginning.rpartition(' ')[0] or beginning} …"


def _heard(before: str, after: str, alt: str | None, occurrence: Occurrence) -> Iterator[Part]:
    """Yield what a screen reader says: roles come before names, as most readers have it."""
    if before:
        yield Part(before, "page")
    if occurrence.is_in_link:
        yield Part("link", "role")
    if occurrence.is_in_button:
        yield Part("button", "role")
    if alt is None:
        yield Part("image without a text", "role")
    else:
        yield from [Part("image", "role")] if alt else []
        yield Part(alt, "alt")
    if after:
        yield Part(after, "page")
