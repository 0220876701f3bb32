"""Remarks on texts that images have: each is worth a look, and none makes an image lack its text.

They are the checks of axe-core's `image-redundant-alt` and of the WAI's "Alt text tips and tricks".
What a person wrote stays as it is, whatever a remark says.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.captioning.judging import LONG_TEXT, has_redundant_opening
from mkdocs_alttext.html.attributes import colour_scheme, image_address
from mkdocs_alttext.html.decisions import leading_link, link_around
from mkdocs_alttext.html.page_text import is_next, is_same_text
from mkdocs_alttext.models import Decision, Origin, Outcome, Reason, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.html.page_text import PageText
    from mkdocs_alttext.html.scanner import ImageTag


class Shown(NamedTuple):
    """An image, and what became of it."""

    tag: ImageTag
    outcome: Outcome

    @property
    def text(self) -> str:
        """What a reader hears."""
        alt = self.outcome.alt
        return self.tag.attributes.get("alt") if alt is None else alt

    @property
    def picture(self) -> str:
        """The picture's address, without what tells a light picture from its dark one."""
        path = posixpath.splitext(re.split("[?#]", image_address(self.tag.attributes))[0])[0]
        return re.sub("(?i)(?<![a-z])(?:light|dark)(?![a-z])", "", path)

    def differs_from(self, other: Shown) -> bool:
        """Tell whether another image shows another picture, and a reader meets both."""
        if colour_scheme(self.tag.attributes) and colour_scheme(other.tag.attributes):
            return False
        files = {self.outcome.file, other.outcome.file}
        return self.picture != other.picture and (len(files) > 1 or None in files)


def remarks_on(images: Sequence[Shown], page: PageText) -> list[Reason | None]:
    """Return what is to be remarked on the images of one pass over a page.

    Args:
        images: In the order of the page.
        page: Where they stand. The texts of a theme are none of the page's author, so that what
            people wrote is looked at in articles only.

    Returns:
        One remark for each, or `None`; an image whose outcome has a reason gets no other.
    """
    first: dict[str, Shown] = {}
    remarks: list[Reason | None] = []
    for number, shown in enumerate(images):
        before = images[number - 1] if number else None
        is_own = shown.outcome.decision is Decision.KEEP_TEXT and not page.is_whole
        is_filled = shown.outcome.result is Result.FILLED and bool(shown.text)
        remark = None
        if shown.outcome.reason is None and (is_own or is_filled):
            if is_own and has_redundant_opening(shown.text):
                remark = Reason.OPENING_ALT
            elif _is_heard_twice(shown, before, page):
                remark = Reason.REDUNDANT_TEXT
            elif is_own and _is_of_another(shown, first, page):
                remark = Reason.SAME_ALT
            elif is_own and len(shown.text.strip()) > LONG_TEXT:
                remark = Reason.LONG_TEXT
        if (is_own or is_filled) and not _names_link(shown, page):
            first.setdefault(_key(shown.text), shown)
        remarks.append(remark)
    return remarks


def _is_heard_twice(shown: Shown, before: Shown | None, page: PageText) -> bool:
    """Tell whether the figure's caption, the link's text or the image before says the same.

    It is heard twice then (axe-core's `image-redundant-alt`, WCAG technique H2).
    """
    if is_same_text(shown.text, page.caption_around(shown.tag)):
        return True
    link = link_around(shown.tag, page)
    if link and is_same_text(shown.text, page.text_in(link)):
        return True
    # One picture twice is its author's repetition; of a light and a dark one, a reader meets one.
    return (
        before is not None
        and shown.differs_from(before)
        and is_same_text(shown.text, before.text)
        and is_next(before.tag, shown.tag, page.html)
    )


def _is_of_another(shown: Shown, first: dict[str, Shown], page: PageText) -> bool:
    """Tell whether a picture before has the same text."""
    other = first.get(_key(shown.text))
    return other is not None and shown.differs_from(other) and not _names_link(shown, page)


def _names_link(shown: Shown, page: PageText) -> bool:
    """Tell whether a text says where a link leads: then it is the target's, not the picture's."""
    leads_elsewhere = leading_link(shown.tag, page) is not None
    return shown.outcome.origin is Origin.LINK_TITLE or leads_elsewhere


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()
