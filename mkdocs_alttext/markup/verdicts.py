"""The nouns of the decision table.

Owns the enum of its rows, the user's policy, and what a decision is made of. It must not know how a
decision is reached.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mkdocs_alttext.reasons import Reason


class Decision(Enum):
    """The rows of the decision table; the report shows the values."""

    NOT_AN_IMAGE = "not-an-image"
    SKIP = "skip"
    KEEP_TEXT = "keep-text"
    KEEP_HIDDEN = "keep-hidden"
    KEEP_NAMED = "keep-named"
    KEEP_EMPTY = "keep-empty"
    SPACER = "spacer"
    IMAGE_MAP = "image-map"
    REDUNDANT_IN_LINK = "redundant-in-link"
    LINK_TITLE = "link-title"
    LIGHTBOX = "lightbox"
    LINK_ELSEWHERE = "link-elsewhere"
    CONTROL = "control"
    UNAVAILABLE = "unavailable"
    SVG_TITLE = "svg-title"
    USE_STORED = "use-stored"
    ASK_SERVICE = "ask-service"

    @property
    def row(self) -> int:
        """The row's number in the table."""
        return list(Decision).index(self)


class LinkKind(Enum):
    """Where a link leads, as far as it matters for the image in it."""

    PAGE = "page"
    """To a page of this site."""
    PICTURE = "picture"
    """To an image: a lightbox."""
    ELSEWHERE = "elsewhere"


class LinkTarget(NamedTuple):
    """A link's target."""

    kind: LinkKind
    title: str | None = None
    """A page's title; `None` while it is not rendered."""


class EmptyAlt(StrEnum):
    """Which empty `alt` counts as missing."""

    MARKDOWN = "markdown"
    FILL = "fill"
    KEEP = "keep"


class Policy(NamedTuple):
    """What the user decided for all images."""

    empty_alt: EmptyAlt = EmptyAlt.MARKDOWN
    replace_filenames: bool = False
    skip_classes: frozenset[str] = frozenset()


class Verdict(NamedTuple):
    """A decision, and what the page itself calls for."""

    decision: Decision
    reason: Reason | None = None
    empties: bool = False
    """Whether `alt=""` is to be written."""
    text: str | None = None
    """Text that costs nothing: the title of the page that a link leads to."""
    needs_titles: bool = False
    """Whether it takes the titles of pages that are not rendered yet."""
    needs_whole_page: bool = False
    """Whether an article alone cannot tell: nothing is done until the whole page is there."""
