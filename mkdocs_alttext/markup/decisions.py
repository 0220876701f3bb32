"""What happens to an image, as far as its page can tell.

Owns the decision table: one enum with a member for each row, and the rows that HTML alone
decides, evaluated top-down. It must not know about files, stores or services: it hands over to
them with `Decision.ASK_SERVICE`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from mkdocs_alttext.markup.texts import is_blank, is_file_name, is_placeholder
from mkdocs_alttext.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.markup.attributes import Attributes
    from mkdocs_alttext.markup.page_text import PageText
    from mkdocs_alttext.markup.scanner import ImageTag

OPT_OUT_ATTRIBUTE = "data-alttext"
"""What an author writes to opt one image out: `skip` or `decorative`."""


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


class EmptyAlt(StrEnum):
    """Which empty `alt` counts as missing."""

    MARKDOWN = "markdown"
    FILL = "fill"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the user decided for all images."""

    empty_alt: EmptyAlt = EmptyAlt.MARKDOWN
    replace_filenames: bool = False
    skip_classes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, and what the page itself calls for."""

    decision: Decision
    reason: Reason | None = None
    empties: bool = False
    """Whether `alt=""` is to be written."""
    needs_whole_page: bool = False
    """Whether an article alone cannot tell: nothing is done until the whole page is there."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One image before the table."""

    tag: ImageTag
    page: PageText
    policy: Policy
    from_markdown: bool

    @property
    def alt(self) -> str:
        return self.tag.attributes.get("alt")


def decide(tag: ImageTag, page: PageText, policy: Policy, *, from_markdown: bool) -> Verdict:
    """Decide over one image by its page.

    Args:
        tag: The image.
        page: The page it stands in.
        policy: What the user decided.
        from_markdown: Whether the image carries the mark of Markdown's `![]()`.

    Returns:
        The first row that matches. `Decision.ASK_SERVICE` means that the image lacks text and the
        remaining rows, which need the file, decide.
    """
    case = _Case(tag, page, policy, from_markdown)
    for row in _ROWS:
        if verdict := row(case):
            return verdict
    return Verdict(Decision.ASK_SERVICE)


def _opted_out(case: _Case) -> Verdict | None:
    attributes = case.tag.attributes
    opt_out = attributes.get(OPT_OUT_ATTRIBUTE).strip().lower()
    classes = attributes.get("class").split()
    if opt_out in {"skip", "decorative"} or not case.policy.skip_classes.isdisjoint(classes):
        return Verdict(Decision.SKIP, _link_reason(case), empties=opt_out == "decorative")
    return None


def _has_text(case: _Case) -> Verdict | None:
    if is_blank(case.alt) or is_placeholder(case.alt):
        return None
    if not is_file_name(case.alt):
        return Verdict(Decision.KEEP_TEXT)
    if case.policy.replace_filenames:
        return None
    return Verdict(Decision.KEEP_TEXT, Reason.FILENAME_ALT)


def _is_hidden(case: _Case) -> Verdict | None:
    """Keep what assistive technology never meets."""
    attributes = case.tag.attributes
    hidden = _hides(attributes) or any(_hides(outer.attributes) for outer in case.tag.ancestors)
    if hidden or _is_presentational(attributes):
        return Verdict(Decision.KEEP_HIDDEN, _link_reason(case))
    return None


def _is_named(case: _Case) -> Verdict | None:
    if not is_blank(case.tag.attributes.get("aria-label")):
        return Verdict(Decision.KEEP_NAMED)
    references = case.tag.attributes.get("aria-labelledby").split()
    if not references:
        return None
    if case.page.names(references):
        return Verdict(Decision.KEEP_NAMED)
    if case.page.is_whole:
        return None
    return Verdict(Decision.KEEP_NAMED, needs_whole_page=True)


def _is_emptied_by_author(case: _Case) -> Verdict | None:
    if "alt" not in case.tag.attributes or case.alt:
        return None
    missing = {
        EmptyAlt.MARKDOWN: case.from_markdown,
        EmptyAlt.FILL: True,
        EmptyAlt.KEEP: False,
    }[case.policy.empty_alt]
    return None if missing else Verdict(Decision.KEEP_EMPTY, _link_reason(case))


def _is_declared_tiny(case: _Case) -> Verdict | None:
    lengths = (case.tag.attributes.get(name) for name in ("width", "height"))
    if any(_TINY_LENGTH.fullmatch(length) for length in lengths):
        return Verdict(Decision.SPACER, empties=True)
    return None


def _is_image_map(case: _Case) -> Verdict | None:
    if "usemap" in case.tag.attributes or "ismap" in case.tag.attributes:
        return Verdict(Decision.IMAGE_MAP, Reason.IMAGE_MAP)
    return None


_ROWS: tuple[Callable[[_Case], Verdict | None], ...] = (
    _opted_out,
    _has_text,
    _is_hidden,
    _is_named,
    _is_emptied_by_author,
    _is_declared_tiny,
    _is_image_map,
)

_TINY_LENGTH = re.compile(r"\s*0*[01](?:\.\d*)?\s*(?:px)?\s*", re.IGNORECASE)

_HIDING_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\s*(?:!\s*important\s*)?(?:;|$)",
    re.IGNORECASE,
)

_GLOBAL_ARIA = frozenset(
    "aria-atomic aria-braillelabel aria-brailleroledescription aria-busy aria-controls "
    "aria-current aria-describedby aria-description aria-details aria-disabled aria-dropeffect "
    "aria-errormessage aria-flowto aria-grabbed aria-haspopup aria-hidden aria-invalid "
    "aria-keyshortcuts aria-label aria-labelledby aria-live aria-owns aria-relevant "
    "aria-roledescription".split()
)
"""WAI-ARIA 1.2, 6.4 Global States and Properties, and the `aria-braille…` ones of 1.3: any of them
makes browsers ignore `role=presentation` (7.1 Presentational Roles Conflict Resolution)."""


def _is_presentational(attributes: Attributes) -> bool:
    return (
        attributes.get("role").lower().split()[:1] in (["none"], ["presentation"])
        and "tabindex" not in attributes
        and not any(attribute.name in _GLOBAL_ARIA for attribute in attributes)
    )


def _hides(attributes: Attributes) -> bool:
    return (
        attributes.get("aria-hidden").strip().lower() == "true"
        or "hidden" in attributes
        or _HIDING_STYLE.search(attributes.get("style")) is not None
    )


def _link_reason(case: _Case) -> Reason | None:
    """Report a link or button that an image without text leaves without a name."""
    for element in reversed(case.tag.ancestors):
        if element.name == "button" or (element.name == "a" and "href" in element.attributes):
            return None if case.page.has_name(element) else Reason.EMPTY_LINK
    return None
