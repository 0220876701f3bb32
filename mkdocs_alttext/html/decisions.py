"""The nouns of the decision table.

Owns the enum of its rows, the user's policy, and what a decision is made of. It must not know how a
decision is reached.

What happens to an image, as far as its page can tell.

Owns the rows of the decision table that HTML alone decides, evaluated top-down. It must not know
about files, stores or services: it hands over to them with `Decision.ASK_SERVICE`.
"""

from __future__ import annotations

import re
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.html.alt_values import is_blank, is_description, is_file_name
from mkdocs_alttext.html.aria import hides, is_presentational
from mkdocs_alttext.html.marks import OPT_OUT_ATTRIBUTE, is_decorative, is_skipped
from mkdocs_alttext.models import Decision, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.html.attributes import Attributes
    from mkdocs_alttext.html.context import PageText
    from mkdocs_alttext.html.elements import Element
    from mkdocs_alttext.html.scanner import ImageTag


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


class _Case(NamedTuple):
    """One image before the table."""

    tag: ImageTag
    page: PageText
    policy: Policy
    from_markdown: bool
    target_of: Callable[[str], LinkTarget]

    @property
    def alt(self) -> str:
        return self.tag.attributes.get("alt")


def decide(
    tag: ImageTag,
    page: PageText,
    policy: Policy,
    *,
    from_markdown: bool,
    target_of: Callable[[str], LinkTarget],
) -> Verdict:
    """Decide over one image by its page.

    Args:
        tag: The image.
        page: The page it stands in.
        policy: What the user decided.
        from_markdown: Whether the image carries the mark of Markdown's `![]()`.
        target_of: Tells where an address in a link leads.

    Returns:
        The first row that matches. `Decision.ASK_SERVICE` means that the image lacks text and the
        remaining rows, which need the file, decide.
    """
    case = _Case(tag, page, policy, from_markdown, target_of)
    is_plain = not tag.ancestors and tag.attributes.has_none_of(_ASKED)
    for row in _ROWS_OF_PLAIN_TAGS if is_plain else _ROWS:
        if verdict := row(case):
            return verdict
    return Verdict(Decision.ASK_SERVICE)


def _opted_out(case: _Case) -> Verdict | None:
    return _left_alone(case, case.tag.attributes)


def _is_in_opted_out(case: _Case) -> Verdict | None:
    """Keep what stands in an element that is opted out: `attr_list` often means that one.

    What has a text keeps it, also in what is said to be decoration: no author means all of a part.
    """
    for outer in reversed(case.tag.ancestors):
        if verdict := _left_alone(case, outer.attributes):
            return verdict
    return None


def _left_alone(case: _Case, attributes: Attributes) -> Verdict | None:
    classes = attributes.get("class").split()
    if is_skipped(attributes) or not case.policy.skip_classes.isdisjoint(classes):
        return _without_text(case, Decision.SKIP, empties=is_decorative(attributes))
    return None


def _has_text(case: _Case) -> Verdict | None:
    alt, attributes = case.alt, case.tag.attributes
    if not is_description(alt, attributes, replaces_file_names=case.policy.replace_filenames):
        return None
    is_name = is_file_name(alt, attributes)
    return Verdict(Decision.KEEP_TEXT, Reason.FILENAME_ALT if is_name else None)


def _is_hidden(case: _Case) -> Verdict | None:
    """Keep what assistive technology never meets."""
    attributes = case.tag.attributes
    hidden = hides(attributes) or any(hides(outer.attributes) for outer in case.tag.ancestors)
    if hidden or is_presentational(attributes):
        return _without_text(case, Decision.KEEP_HIDDEN)
    return None


def _is_named(case: _Case) -> Verdict | None:
    if not is_blank(case.tag.attributes.get("aria-label")):
        return Verdict(Decision.KEEP_NAMED)
    references = case.tag.attributes.get("aria-labelledby").split()
    if references and case.page.names(references):
        return Verdict(Decision.KEEP_NAMED)
    if case.page.may_be_named_outside(case.tag.attributes):
        return Verdict(Decision.KEEP_NAMED, needs_whole_page=True)
    return None


def _is_emptied_by_author(case: _Case) -> Verdict | None:
    if "alt" not in case.tag.attributes or case.alt:
        return None
    counts = case.policy.empty_alt
    if counts is EmptyAlt.FILL or (counts is EmptyAlt.MARKDOWN and case.from_markdown):
        return None
    return _without_text(case, Decision.KEEP_EMPTY)


def _is_declared_tiny(case: _Case) -> Verdict | None:
    for name in ("width", "height"):
        if name in case.tag.attributes and re.fullmatch(
            _TINY_LENGTH, case.tag.attributes.get(name)
        ):
            return Verdict(Decision.SPACER, empties=True)
    return None


def _is_image_map(case: _Case) -> Verdict | None:
    if "usemap" in case.tag.attributes or "ismap" in case.tag.attributes:
        return Verdict(Decision.IMAGE_MAP, Reason.IMAGE_MAP)
    return None


def _is_in_link(case: _Case) -> Verdict | None:
    """Say what an image in a link says: nothing more than its text, or where it leads."""
    link = _nearest(case.tag, lambda element: element.name == "a" and "href" in element.attributes)
    if link is None:
        return None
    if case.page.has_name(link):
        return Verdict(Decision.REDUNDANT_IN_LINK, empties=True)
    if case.page.may_be_named_outside(link.attributes):
        return Verdict(Decision.REDUNDANT_IN_LINK, needs_whole_page=True)
    target = case.target_of(link.attributes.get("href").strip())
    if target.kind is LinkKind.PICTURE:
        return None
    if target.kind is LinkKind.ELSEWHERE:
        return Verdict(Decision.ASK_SERVICE, Reason.LINK_PURPOSE)
    return Verdict(Decision.LINK_TITLE, text=target.title or "", needs_titles=target.title is None)


def _is_alone_in_control(case: _Case) -> Verdict | None:
    control = _nearest(case.tag, _is_control)
    if control is None or case.page.has_name(control):
        return None
    may_be_named = case.page.may_be_named_outside(control.attributes)
    return Verdict(Decision.CONTROL, Reason.CONTROL, needs_whole_page=may_be_named)


def _is_control(element: Element) -> bool:
    return (
        element.name in {"button", "summary"}
        or element.attributes.get("role").strip().lower() == "button"
    )


def _nearest(tag: ImageTag, fits: Callable[[Element], bool]) -> Element | None:
    for element in reversed(tag.ancestors):
        if fits(element):
            return element
    return None


_ROWS: tuple[Callable[[_Case], Verdict | None], ...] = (
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

_ASKED = frozenset(
    {OPT_OUT_ATTRIBUTE, "class", "hidden", "aria-hidden", "style", "role", "aria-label"}
    | {"aria-labelledby", "width", "height", "usemap", "ismap"}
)
"""The attributes that all rows but these two ask for, where they do not ask for ancestors."""
_ROWS_OF_PLAIN_TAGS = (_has_text, _is_emptied_by_author)

_TINY_LENGTH = r"(?i)\s*0*[01](?:\.0*)?\s*(?:px)?\s*"


def _without_text(case: _Case, decision: Decision, *, empties: bool = False) -> Verdict:
    """Report the link or button that an image without text leaves without a name, if it does."""
    element = _nearest(
        case.tag,
        lambda element: (
            element.name == "button" or (element.name == "a" and "href" in element.attributes)
        ),
    )
    if element is None or case.page.has_name(element):
        return Verdict(decision, empties=empties)
    return Verdict(
        decision,
        Reason.EMPTY_LINK,
        empties=empties,
        needs_whole_page=case.page.may_be_named_outside(element.attributes),
    )
