"""The mark that tells Markdown's `![]()` from an author's `alt=""`, and what authors write.

The Markdown extension sets the mark on elements of its tree, where raw HTML never appears.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from mkdocs_alttext.models import NO, YES
from mkdocs_alttext.system.printable import shortened

if TYPE_CHECKING:
    from mkdocs_alttext.html.attributes import Attributes

MARK_ATTRIBUTE = "data-alttext-origin"
OPT_OUT_ATTRIBUTE = "data-alttext"
"""What an author writes to opt one image out, or those in an element: `skip` or `decorative`."""
_OPT_OUT_WORDS = ("alttext", "alt-text", "alt_text", "alt:text")
"""The name of an attribute that may be meant to opt out has one of them."""
_SKIPS = NO | {"ignore", "skip"}
_DECORATIVE = "decorative"
_SWITCHES = _SKIPS | YES | {_DECORATIVE, ""}
_MOST_SHOWN = 60

_EQUALS = r"\s*(?:=|%3D)\s*"
_QUOTE = (
    r"(\\*[\"']|&(?:amp;)?(?:quot|apos|#34|#39|#x22|#x27);|%22|%27"
    r"|\\+u00(?:22|27|26(?:quot|#34|#39);))?"
)


def is_skipped(attributes: Attributes) -> bool:
    """Tell whether a tag's author opts out what it is or holds, be it as decoration."""
    value = _opt_out(attributes)
    return value in _SKIPS or value == _DECORATIVE


def is_decorative(attributes: Attributes) -> bool:
    """Tell whether a tag's author says that what it is or holds is decoration."""
    return _opt_out(attributes) == _DECORATIVE


def doubt_about(attributes: Attributes) -> str:
    """Return what an image's author wrote to opt it out, where that is not understood."""
    meant = _meant(attributes)
    return "" if is_skipped(attributes) or not meant else _written(meant[0], attributes)


def doubt_around(attributes: Attributes) -> str:
    """Return what is written on an element to opt out what it holds, where that is not understood.

    Other programs have attributes for a text there, so that another name than ours counts only with
    a value that is no text.
    """
    for name in _meant(attributes):
        if name == OPT_OUT_ATTRIBUTE or attributes.get(name).strip().lower() in _SWITCHES:
            return _written(name, attributes)
    return ""


def _meant(attributes: Attributes) -> list[str]:
    return sorted(
        name
        for name in attributes.values
        if name != MARK_ATTRIBUTE and any(word in name for word in _OPT_OUT_WORDS)
    )


def _written(name: str, attributes: Attributes) -> str:
    value = shortened(attributes.get(name), _MOST_SHOWN)
    return f'{name}="{value}"' if value else name


def _opt_out(attributes: Attributes) -> str:
    return attributes.get(OPT_OUT_ATTRIBUTE).strip().lower()


class Mark:
    """One build's mark: an attribute whose value no source can hold by chance."""

    def __init__(self, value: str) -> None:
        """Take the value."""
        self.value = value

    @classmethod
    def new(cls) -> Mark:
        """Make a mark for one build.

        Each page is searched for it, and that is fastest for a long text of rare letters.
        """
        return cls("".join(secrets.choice("jkqvwxyz") for _ in range(128)))

    def is_on(self, attributes: Attributes) -> bool:
        """Tell whether a tag carries this mark."""
        return attributes.get(MARK_ATTRIBUTE) == self.value

    def is_in(self, text: str) -> bool:
        """Tell whether a text holds this mark, however it is written."""
        return self.value in text

    def remove(self, html: str) -> str:
        """Take every mark out of a text, wherever it got to.

        Other plugins copy tags into attributes, scripts and feeds and quote them anew, so this
        works on text and not on tags.

        Args:
            html: Any text.

        Returns:
            The text without marks and the white space before each; the same object when it has
            none.
        """
        if not self.is_in(html):
            return html
        written = rf"{MARK_ATTRIBUTE}{_EQUALS}{_QUOTE}{re.escape(self.value)}(?(1)\1|)"
        # White space is looked at backwards from each mark: a page may have long runs of it.
        parts, end = [], 0
        for found in re.finditer(written, html, flags=re.IGNORECASE):
            parts.append(_without_space_behind(html[end : found.start()]))
            end = found.end()
        return "".join([*parts, html[end:]]).replace(self.value, "")


def _without_space_behind(text: str) -> str:
    """Return a text without white space at its end, as it is or as in an address."""
    while (shorter := text.rstrip().removesuffix("%20")) != text:
        text = shorter
    return text
