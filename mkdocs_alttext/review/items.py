"""What a page of the review shows: the records that templates, the script and the export are given.

The unit of review is an *item*: one picture in one language. The addresses, all below the server's
own, are these. `ID` is an item's, `DIGEST` a picture's; nothing else of a path is understood, and a
filter stands in the query (`Filter.query`).

| address | answers |
| --- | --- |
| GET `/?token=…` | sets the cookie, and leads to `/` |
| GET `/` | leads to the first item that the filter shows, else to `/list` |
| GET `/item/ID` | `item.html`: an `ItemPage` |
| GET `/list?from=12` | `list.html`: a `ListPage` |
| GET `/file?path=img/a.png` | leads to that picture's first item; `language` may name one |
| GET `/picture/DIGEST` | the picture, reduced; 404 for any other |
| GET `/old/ID` | the picture that a stale text is about |
| GET `/static/NAME?VERSION` | a file of `review/static` |
| POST `/save` | `id`, `revision`, `action`, `text`, and `query` (the filter) |
| POST `/undo` | `query`, `step` as it was shown; takes it back, and leads to its item |
| POST `/save-listed` | `query`, `from`, `action`, `among`, and `text-ID` and so on of each item |
| POST `/approve-all` | the same, and `mark` of the list; approves what the filter shows, too |
| POST `/ask` | `id`, `query`, `hint`, `price` and `asked` as they were shown |
| POST `/end` | ends the server: `ended.html` |

`action` is `approve` (with `text`), `decorative`, `draft` (keeps `text`, approves nothing) or
`skip`. Of a list it is `approve` (all whose ids are in `among`), `approve-ID`, `decorative-ID` or
`later-ID` (which skips it); or `draft`. In each case, texts that were changed are kept as drafts.

A POST that did its work leads with 303 to the page to go on with, whose `said` says what was done;
asked with `Accept: application/json`, it answers 200 with `{"location": …}` instead. One that did
not answers with the page itself (the same in JSON: `{"messages": […]}`) and the status 400 for what
cannot be done, 409 where somebody else changed the entry and 507 where it cannot be written;
`typed` has what was typed then.
`message.html` with `message` is shown for everything else that went wrong.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlencode


class State(StrEnum):
    """How far an item is, by the first that is so; the order of these is that of the queue."""

    STALE = "stale"
    """The picture is another than the one that the text is about."""
    REFUSED = "refused"
    """Its text was paid for and is not published."""
    SUGGESTED = "suggested"
    """The model takes it for decoration."""
    MISSING = "missing"
    """There is no text."""
    DRAFT = "draft"
    """Nobody has approved its text."""
    GIVEN = "given"
    """The picture's own name is published, as an SVG has one; nothing has to be done."""
    DECORATIVE = "decorative"
    """A person said so."""
    REVIEWED = "reviewed"
    """A person approved it."""


OPEN = frozenset({State.STALE, State.REFUSED, State.SUGGESTED, State.MISSING, State.DRAFT})
"""What a person is to look at."""

MOST_CHOICES = 40
ROWS = 12
"""Of a list on one page: as many as a person looks at before approving them together."""

STATE_LABELS = {
    State.STALE: "Picture changed",
    State.REFUSED: "Not published",
    State.SUGGESTED: "Perhaps decorative",
    State.MISSING: "No text",
    State.DRAFT: "Draft",
    State.GIVEN: "Named by itself",
    State.DECORATIVE: "Decorative",
    State.REVIEWED: "Reviewed",
}


class Part(NamedTuple):
    """A part of what a screen reader says."""

    text: str
    kind: str
    """`page` for words of the page, `role` for what the reader adds ("link", "image"), `alt` for
    the text, which is empty where nothing is said of a decoration."""


class Place(NamedTuple):
    """One place where a page shows the picture."""

    page: str
    """The page's source inside `docs_dir`, else its path inside the site."""
    title: str
    line: int | None
    """Of the source, from 1."""
    language: str
    """Of the page: a BCP 47 tag."""
    decision: str
    """The row of the decision table, such as `keep-text`."""
    alt: str | None
    """The text that the page has now; `None` for none."""
    is_own: bool
    """Whether it has the item's text: not where the author wrote another one there."""
    heading: str
    """The nearest one before the picture."""
    before: str
    """The words before it in its paragraph, item or cell; of the one before where it is alone."""
    after: str
    caption: str
    """Of the figure."""
    link: str
    """Where the link around it leads: a page's title or a host; empty where that is not known."""
    is_in_link: bool
    is_in_button: bool
    heard: tuple[Part, ...]
    """What a screen reader says of the picture and the words around it, in that order."""


class Note(NamedTuple):
    """Why a text is not published, or is worth a look."""

    kind: str
    """`stale`, `refused`, `suggested`, `missing` or `remark`."""
    reason: str
    """The report's word, such as `answer-too-long`."""
    meaning: str
    """One sentence: what is so."""
    action: str
    """One sentence: what a person can do about it."""
    detail: str = ""


class OtherText(NamedTuple):
    """The text of the same picture in another language."""

    language: str
    text: str
    state: State
    label: str
    url: str


class PictureView(NamedTuple):
    """A picture as the page shows it."""

    url: str
    width: int
    """Pixels of what is served; 0 where they are not known."""
    height: int
    format: str
    """Of the file, such as `PNG`; empty where it cannot be told."""
    size: int
    """Bytes of the file."""
    original: tuple[int, int] | None
    """Pixels of the file, where it says so without being decoded."""
    part: str
    """`upper`, `left` or `frame` where only that part of the file is shown; else empty."""
    fault: str = ""
    """Why it cannot be shown, in a sentence; else empty."""


class Another(NamedTuple):
    """Asking a service for another text of the item."""

    service: str
    price: int
    """Credits of one text; counted against `max_credits`."""
    price_words: str
    """A sentence: what it costs."""
    takes_hint: bool
    """Whether words of the person go with the request."""
    refusal: str = ""
    """Why nothing can be asked, in a sentence; empty where it can."""
    text: str = ""
    """What was answered, and waits to be taken; empty for nothing."""
    notes: tuple[Note, ...] = ()
    """What the rules say against that text."""
    asked: int = 0
    """How often the item was asked for in this review."""


class Item(NamedTuple):
    """One picture in one language."""

    id: str
    url: str
    revision: str
    """Of its entry in the catalog, as it is shown: sent back with each change."""
    path: str
    """Inside the built site."""
    folder: str
    name: str
    language: str
    """A tag such as `de`; empty where one text serves all."""
    text: str
    state: State
    label: str
    notes: tuple[Note, ...]
    origin: str
    """Where the text comes from, in words; empty where there is none."""
    service: str
    """Who wrote the draft, such as `alttextai`; empty where that is not known."""
    model: str
    """Where it is known."""
    context_page: str
    """The page whose words were sent with the picture."""
    long: str
    """A longer description that is kept and not published."""
    sha256: str
    picture: PictureView
    old_picture: PictureView | None
    """The one that a stale text is about, where the repository still has it."""
    old_note: str
    """Why there is none beside a stale text, in a sentence; else empty."""
    places: tuple[Place, ...]
    more_places: int
    """How many more there are."""
    texts: tuple[OtherText, ...]
    """In the other languages."""
    page_texts: tuple[tuple[str, str], ...]
    """Texts of the entry for single pages, by the page's source; they are changed in the file."""
    max_length: int
    """Characters: a generated text that is longer is not published."""
    if_decorative: Note | None
    """What would be wrong without a text, where that is known."""
    another: Another | None
    """`None` where no service is configured."""


class Filter(NamedTuple):
    """Which items the queue shows, as the query of an address says it."""

    show: str = ""
    """`open` (or empty), `all`, `skipped`, or a `State`."""
    folder: str = ""
    page: str = ""
    language: str = ""
    service: str = ""
    search: str = ""
    order: str = ""
    """`path` (or empty), `state` or `page`."""

    @property
    def query(self) -> str:
        """The query of an address, `?` included; empty where nothing is chosen."""
        from_fields = {name: value for name, value in self._asdict().items() if value}
        return f"?{urlencode(from_fields)}" if from_fields else ""


def with_more(query: str, more: str) -> str:
    """Return the query of an address with more in it."""
    if not more:
        return query
    return f"{query}&{more}" if query else f"?{more}"


class Choice(NamedTuple):
    """A value of a filter that can be chosen."""

    value: str
    label: str
    number: int
    """Items that have it."""
    is_chosen: bool
    url: str = ""
    """The queue with it, of what is a link."""


class Progress(NamedTuple):
    """How far the review is: "212 of 524, 38 today"."""

    done: int
    total: int
    today: int


class Message(NamedTuple):
    """What was done, or why not."""

    level: str
    """`done`, `info`, `error` or `conflict`."""
    text: str
    theirs: str = ""
    """Of a conflict, the text that is in the file now."""


class Queue(NamedTuple):
    """The queue as a filter shows it, around one item."""

    filter: Filter
    shows: tuple[Choice, ...]
    """Values of `show`, with how many items each has now."""
    folders: tuple[Choice, ...]
    """At most `MOST_CHOICES` of each of these; the first is for all."""
    pages: tuple[Choice, ...]
    """Those that show the item, and the chosen one: a site may have thousands."""
    languages: tuple[Choice, ...]
    services: tuple[Choice, ...]
    orders: tuple[Choice, ...]
    number: int
    """Items that the filter shows."""
    position: int
    """Of the item among them, from 1; 0 where it is not among them (any more)."""
    previous_url: str | None
    next_url: str | None
    next_picture_url: str | None
    """To be fetched ahead."""
    list_url: str
    first_url: str | None
    """The first item that the filter shows."""


class Chrome(NamedTuple):
    """What each page has around its content."""

    site_name: str
    catalog: str
    """The file's name, such as `alttext.yml`."""
    progress: Progress
    messages: tuple[Message, ...]
    undo: str
    """What the next undo takes back, in words; empty where there is nothing."""
    undo_step: int
    """The number of that step."""
    excluded: int
    """Pictures that `exclude` and `include` leave out."""


class ItemPage(NamedTuple):
    """The variables of `item.html`."""

    chrome: Chrome
    queue: Queue
    item: Item
    typed: str | None
    """What the person typed and is not saved; `None` for nothing."""


class Row(NamedTuple):
    """An item in a list."""

    id: str
    url: str
    revision: str
    path: str
    language: str
    text: str
    state: State
    label: str
    picture_url: str
    place: Place | None
    """One that shows it."""
    is_skipped: bool
    shown: str
    """What tells whether the text in the form is another one."""
    notes: tuple[str, ...]
    """Why it is to be looked at on its own, in sentences."""
    typed: str | None
    """What the person typed and is not saved; `None` for nothing."""
    fault: str
    """Why that could not be saved, in a sentence."""
    is_among: bool
    """Whether it is approved with the others of the list."""


class ListPage(NamedTuple):
    """The variables of `list.html`."""

    chrome: Chrome
    queue: Queue
    rows: tuple[Row, ...]
    are_unsaved: bool
    """Whether the rows are those that could not be saved, and no others."""
    start: int
    """Number of the first row among all, from 0."""
    previous_url: str | None
    next_url: str | None
    approvable: int
    """How many of what the filter shows have a text that is not approved."""
    mark: str
    """Sent back to approve just these."""
