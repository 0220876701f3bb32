"""What a build said of the pictures of a site, kept small: thousands of pictures stay in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mkdocs_alttext.catalog.drafting import PictureTexts
    from mkdocs_alttext.filling.words import Words
    from mkdocs_alttext.models import Decision, Reason

_MOST_PLACES = 20
"""Of one picture, that are kept; the pages that show it are all known."""


class SeenPage(NamedTuple):
    """A page that shows pictures."""

    name: str
    """Its source inside `docs_dir`, else its path inside the site."""
    title: str
    language: str
    """BCP 47 tag."""
    code: str | None
    """What the service calls that language, when it speaks it."""
    article: str = ""
    """Its HTML, as the build filled it; empty where the page shows none of the pictures."""


class Occurrence(NamedTuple):
    """One place where a page shows a picture."""

    page: int
    """Number of the page."""
    decision: Decision
    alt: str | None
    """The text that the image has on the page, if any."""
    start: int = -1
    """Where its tag begins in the article; -1 where it is not there."""
    line: int | None = None
    """Of the page's source, from 1."""
    is_in_link: bool = False
    is_in_button: bool = False
    fault_if_empty: str | None = None
    """`None` unless its link or button would have no name if it had no text (`empty-link`); else
    more on that for a person, or nothing."""
    may_be_sent: bool = True
    """Whether the page's author cannot have meant to keep the picture back."""


@dataclass(slots=True)
class SeenPicture:
    """A picture that some image without a text of its own shows."""

    path: str
    """Inside the built site."""
    sha256: str
    file: Path
    """Where its bytes are on the disk."""
    occurrences: list[Occurrence] = field(default_factory=list)
    """At most `_MOST_PLACES`."""
    count: int = 0
    """How many occurrences there are."""
    pages: set[int] = field(default_factory=set)
    """Numbers of the pages that show it."""
    languages: dict[str, str | None] = field(default_factory=dict)
    """Those of the pages that need a text of it, with the service's codes."""
    own_name: str = ""
    """What an SVG calls itself, where that is published."""
    models: dict[str, str] = field(default_factory=dict)
    """Which model wrote the texts, by the service's code."""
    reasons: dict[str, tuple[Reason, str]] = field(default_factory=dict)
    """Why pages of a language have no text of it, with more for a person."""

    def add(self, occurrence: Occurrence) -> None:
        """Take in a place that shows it."""
        self.count += 1
        self.pages.add(occurrence.page)
        if len(self.occurrences) < _MOST_PLACES:
            self.occurrences.append(occurrence)


class SeenSite(NamedTuple):
    """What the review is given."""

    name: str
    """The site's."""
    pages: list[SeenPage]
    pictures: Mapping[str, SeenPicture]
    """By path."""
    texts: Mapping[str, PictureTexts]
    """What may become drafts, as `mkdocs-alttext catalog` takes it, by path."""
    gone: list[str]
    """Paths of entries of the catalog that are no file of the site."""
    excluded: list[str]
    """Paths of pictures that `include` and `exclude` leave out: none of them is shown."""
    service: str
    """The option."""
    max_length: int
    """The option."""
    catalog: Path
    root: Path
    """The project's folder."""
    words: Words
    """What messages call its things."""
