"""The text of source that is nothing but whole tags and words.

Owns recognising such source, as nearly all links and captions are, so that no parser has to be
imported for them. For any other it says so.
"""

from __future__ import annotations

import re

from mkdocs_alttext.html import tokens
from mkdocs_alttext.html.attributes import lower_name

_SPECIAL = re.compile(
    rf"</?(?:{'|'.join(sorted(tokens.RAW_TEXT))}|math|noscript|svg|template)(?![^\s/>])",
    re.IGNORECASE | re.ASCII,
)
"""Elements whose content is not what it looks like."""


def plain_text(html: str) -> str | None:
    """Return the text of a source.

    Args:
        html: The content of an element.

    Returns:
        What is not in tags; `None` when it takes a parser to tell, as with comments, scripts,
        drawings or character references.
    """
    if _SPECIAL.search(html):
        return None
    text = tokens.TAG.sub("", html)
    return None if "<" in text or "&" in text or "\x00" in text else text


def element_content(html: str, name: str) -> str | None:
    """Return the content of the one element of a name in such a source.

    Args:
        html: A source that has a plain text.
        name: The element's name in lower case.

    Returns:
        `None` unless it is there once, with both its tags.
    """
    tags = [tag for tag in tokens.TAG.finditer(html) if lower_name(tag[2]) == name]
    if [tag[1] for tag in tags] != ["", "/"]:
        return None
    return html[tags[0].end() : tags[1].start()]
