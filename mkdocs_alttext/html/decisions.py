"""What happens to an image, as far as its page can tell: the rows of the decision table.

The first row that holds decides. `Decision.ASK_SERVICE` means here that the image lacks a text, and
that its file decides: `pages/image.py` finds the file, or reports why there is none (`UNAVAILABLE`,
or `SKIP` for one that is excluded), and `pages/lookup.py` chooses among `SVG_TITLE`, `USE_STORED`,
`ASK_SERVICE`, `SPACER` and `UNAVAILABLE`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.html.attributes import (
    Attributes,
    colour_scheme,
    fault_of_text,
    hides,
    hides_content,
    is_description,
    is_presentational,
    leads_to_picture,
)
from mkdocs_alttext.html.marks import (
    OPT_OUT_ATTRIBUTE,
    doubt_about,
    doubt_around,
    is_decorative,
    is_skipped,
)
from mkdocs_alttext.models import Decision, Reason
from mkdocs_alttext.system.printable import is_blank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mkdocs_alttext.html.page_text import PageText
    from mkdocs_alttext.html.scanner import Element, ImageTag


class LinkTarget(NamedTuple):
    """Where a link leads, as far as it matters for the image in it."""

    is_page: bool = False
    """Whether to a page of this site."""
    is_picture: bool = False
    """Whether to an image: a lightbox."""
    title: str | None = None
    """The title of a page, or the heading of a part of it; `None` while it is not rendered."""
    is_part: bool = False
    """Whether to a part of a page."""


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

    def leaves_alone(self, attributes: Attributes) -> bool:
        """Tell whether a tag opts out what it is or holds."""
        classes = attributes.get("class").split()
        return is_skipped(attributes) or not self.skip_classes.isdisjoint(classes)


class Verdict(NamedTuple):
    """A decision, and what the page itself calls for."""

    decision: Decision
    reason: Reason | None = None
    empties: bool = False
    """Whether `alt=""` is to be written."""
    text: str | None = None
    """Text that costs nothing: the title of the page that a link leads to."""
    detail: str = ""
    """More on the reason, for a person."""
    needs_titles: bool = False
    """Whether it takes the titles of pages that are not rendered yet."""
    needs_whole_page: bool = False
    """Whether an article alone cannot tell: nothing is done until the whole page is there."""


class Case(NamedTuple):
    """One image before the table."""

    tag: ImageTag
    page: PageText
    policy: Policy
    from_markdown: bool
    """Whether the image carries the mark of Markdown's `![]()`."""
    target_of: Callable[[str], LinkTarget]
    """Tells where an address in a link leads."""

    @property
    def colours(self) -> str:
        """The only colours in which the image is shown, or nothing."""
        return colour_scheme(self.tag.attributes)


def decide(case: Case) -> Verdict:
    """Decide what happens to one image, by its page.

    Args:
        case: The image, its page, and what the user decided.

    Returns:
        The first row that matches. `Decision.ASK_SERVICE` means that the image lacks text and the
        remaining rows, which need the file, decide.
    """
    verdicts = (row(case) for row in _ROWS)
    return next(filter(None, verdicts), Verdict(Decision.ASK_SERVICE))


def link_around(tag: ImageTag, page: PageText) -> Element | None:
    """Return the link that an image stands in, if it does."""
    return page.nearest(tag, _is_link)


def leading_link(tag: ImageTag, page: PageText) -> Element | None:
    """Return the link around an image, but none that shows a picture larger, as plugins add."""
    link = link_around(tag, page)
    return link if link and not leads_to_picture(link.attributes.get("href").strip()) else None


def against_lightbox(*, from_markdown: bool) -> str:
    """Say what keeps glightbox from making a link of a decoration.

    Args:
        from_markdown: Whether the image is known to be written as Markdown's `![]()`.
    """
    if from_markdown:
        return (
            "`.off-glb` in its braces keeps glightbox from making a link of it: "
            "`{ .decorative .off-glb }`"
        )
    return (
        "the class `off-glb` keeps glightbox from making a link of it: in HTML "
        '`class="decorative off-glb"`, in Markdown `{ .decorative .off-glb }`'
    )


def doubt_of(tag: ImageTag, page: PageText, skip_classes: Iterable[str] = ()) -> str:
    """Return what is written to opt an image out, at it or around it, and is not understood.

    Args:
        tag: The image.
        page: Where it stands.
        skip_classes: Classes that opt out. Where the Markdown extension `attr_list` is off, a list
            of attributes is shown as text behind the image.
    """
    if is_skipped(tag.attributes):
        return ""
    if own := doubt_about(tag.attributes):
        return own
    if shown := _SHOWN_LIST.match(page.html, tag.end):
        words = {"aria-hidden", OPT_OUT_ATTRIBUTE, "role", *(f".{each}" for each in skip_classes)}
        if not words.isdisjoint(re.split(r"[\s=:]", shown[1])):
            return f"{{{shown[1]}}}"
    outer = page.nearest_with(tag, doubt_around)
    return doubt_around(outer.attributes) if outer else ""


_SHOWN_LIST = re.compile(r"[ \t]?\{([^{}<>\n]{1,200})\}")


def _is_link(element: Element) -> bool:
    return element.name == "a" and "href" in element.attributes


def _is_link_or_button(element: Element) -> bool:
    return element.name == "button" or _is_link(element)


def is_control(element: Element) -> bool:
    """Tell whether an element is a button of some kind."""
    is_button = element.attributes.get("role").strip().lower() == "button"
    return is_button or element.name in {"button", "summary"}


def _opted_out(case: Case) -> Verdict | None:
    attributes = case.tag.attributes
    return _left_alone(case, attributes) if case.policy.leaves_alone(attributes) else None


def _is_in_opted_out(case: Case) -> Verdict | None:
    """Keep what stands in an element that is opted out: `attr_list` often means that one.

    What has a text keeps it, also in what is said to be decoration: no author means all of a part.
    """
    outer = case.page.nearest_with(case.tag, case.policy.leaves_alone)
    return _left_alone(case, outer.attributes) if outer else None


def _left_alone(case: Case, attributes: Attributes) -> Verdict:
    return _without_text(case, Decision.SKIP, empties=is_decorative(attributes))


def _has_text(case: Case) -> Verdict | None:
    attributes = case.tag.attributes
    alt = attributes.get("alt")
    if not is_description(alt, attributes, replaces_file_names=case.policy.replace_filenames):
        return None
    return Verdict(Decision.KEEP_TEXT, fault_of_text(alt, attributes))


def _is_hidden(case: Case) -> Verdict | None:
    """Keep what assistive technology never meets."""
    attributes = case.tag.attributes
    is_hidden = hides(attributes) or case.page.nearest_with(case.tag, hides) is not None
    if is_hidden or is_presentational(attributes):
        return _without_text(case, Decision.KEEP_HIDDEN)
    outer = case.page.nearest_with(case.tag, hides_content)
    if outer and case.page.is_named(outer.attributes):
        return Verdict(Decision.KEEP_HIDDEN)
    if outer and case.page.may_be_named_outside(outer.attributes):
        return Verdict(Decision.KEEP_HIDDEN, needs_whole_page=True)
    return None


def _is_named(case: Case) -> Verdict | None:
    attributes = case.tag.attributes
    if case.page.is_named(attributes):
        return Verdict(Decision.KEEP_NAMED)
    if case.page.may_be_named_outside(attributes):
        return Verdict(Decision.KEEP_NAMED, needs_whole_page=True)
    return None


def _is_emptied_by_author(case: Case) -> Verdict | None:
    if case.tag.attributes.get("alt", "none") != "":
        return None
    counts = case.policy.empty_alt
    if counts is EmptyAlt.FILL or (counts is EmptyAlt.MARKDOWN and case.from_markdown):
        return None
    return _without_text(case, Decision.KEEP_EMPTY)


def _is_declared_tiny(case: Case) -> Verdict | None:
    lengths = (case.tag.attributes.get(name) for name in ("width", "height"))
    is_tiny = any(re.fullmatch(_TINY_LENGTH, length) for length in lengths)
    return Verdict(Decision.SPACER, empties=True) if is_tiny else None


def _is_image_map(case: Case) -> Verdict | None:
    if "usemap" in case.tag.attributes or "ismap" in case.tag.attributes:
        return Verdict(Decision.IMAGE_MAP, Reason.IMAGE_MAP)
    return None


def _is_in_link(case: Case) -> Verdict | None:
    """Say what an image in a link says: nothing more than its text, or where it leads."""
    link = link_around(case.tag, case.page)
    if link is None:
        return None
    if case.page.has_name(link, colours=case.colours):
        return Verdict(Decision.REDUNDANT_IN_LINK, empties=True)
    if case.page.may_be_named_outside(link.attributes):
        return Verdict(Decision.REDUNDANT_IN_LINK, needs_whole_page=True)
    target = case.target_of(link.attributes.get("href").strip())
    if target.is_picture:
        return None
    if not target.is_page:
        return Verdict(Decision.ASK_SERVICE, Reason.LINK_PURPOSE)
    return Verdict(
        Decision.LINK_TITLE,
        Reason.LINK_PURPOSE if target.is_part and not target.title else None,
        text=target.title or "",
        needs_titles=target.title is None,
    )


def _is_alone_in_control(case: Case) -> Verdict | None:
    control = case.page.nearest(case.tag, is_control)
    if control is None or case.page.has_name(control, colours=case.colours):
        return None
    may_be_named = case.page.may_be_named_outside(control.attributes)
    # A description would take the place of the name that a `title` is to it.
    reason = Reason.CONTROL if is_blank(control.attributes.get("title")) else None
    return Verdict(Decision.CONTROL, reason, needs_whole_page=may_be_named)


_ROWS: tuple[Callable[[Case], Verdict | None], ...] = (
    _opted_out,
    _has_text,
    _is_in_opted_out,
    _is_hidden,
    _is_named,
    _is_emptied_by_author,
    _is_declared_tiny,
    _is_image_map,
    _is_in_link,
    _is_alone_in_control,
)

_TINY_LENGTH = r"(?i)\s*0*[01](?:\.0*)?\s*(?:px)?\s*"


def _without_text(case: Case, decision: Decision, *, empties: bool = False) -> Verdict:
    """Report the link or button that an image without text leaves without a name, if it does."""
    element = case.page.nearest(case.tag, _is_link_or_button)
    if element is None or case.page.has_name(element, colours=case.colours):
        return Verdict(decision, empties=empties)
    if not is_blank(element.attributes.get("title")):  # which is its name then
        return Verdict(decision, empties=empties)
    return Verdict(
        decision,
        Reason.EMPTY_LINK,
        empties=empties,
        detail=against_lightbox(from_markdown=case.from_markdown)
        if "glightbox" in element.attributes.get("class").split()
        else "",
        needs_whole_page=case.page.may_be_named_outside(element.attributes),
    )
