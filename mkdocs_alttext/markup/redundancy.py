"""Text that a page says twice.

Owns the comparison of an image's text with what stands around it. It must not know how the image
got its text, nor what is done about it. A text that repeats the caption below it, or the image
beside it, is heard twice (axe-core's `image-redundant-alt`, WCAG technique H2).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs_alttext.markup.page_text import PageText
    from mkdocs_alttext.markup.scanner import ImageTag

_NO_WORDS = re.compile(r"(?:\s|<[^<>]*+>)*+")
_EDGES = " .:;!?\"'"


def repeats_caption(text: str, tag: ImageTag, page: PageText) -> bool:
    """Tell whether a text is that of the `figcaption` of the figure around its image.

    Args:
        text: The image's text.
        tag: The image.
        page: Where it stands.
    """
    caption = page.caption_around(tag.start)
    return bool(caption) and _key(caption) == _key(text)


def repeats_neighbour(text: str, tag: ImageTag, before: ImageTag, its_text: str, html: str) -> bool:
    """Tell whether a text is that of the image before it, with no words between the two.

    Args:
        text: The image's text.
        tag: The image.
        before: The image before it.
        its_text: That image's text.
        html: The source of both.
    """
    # Where words stand between, the first of them tells.
    is_next = _NO_WORDS.fullmatch(html, before.end, tag.start) is not None
    return is_next and bool(its_text) and _key(text) == _key(its_text)


def _key(text: str) -> str:
    return " ".join(text.split()).strip(_EDGES).casefold()
