"""The mark that tells Markdown's `![]()` from an author's `alt=""`, and what authors write.

Owns how the mark is written, recognised and taken out again, and what the values of the author's
own attribute mean. It must not know who sets the mark: the Markdown extension does, on elements of
its tree, where raw HTML never appears.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs_alttext.markup.attributes import Attributes

MARK_ATTRIBUTE = "data-alttext-origin"
OPT_OUT_ATTRIBUTE = "data-alttext"
"""What an author writes to opt one image out: `skip` or `decorative`."""
_SKIPS = frozenset({"0", "false", "ignore", "no", "none", "off", "skip"})
_DECORATIVE = "decorative"
_MISSPELT = frozenset(
    {"alttext", "alt-text", "alt_text", "data-alt-text", "data-alt_text", "data_alttext"}
    | {"data_alt_text"}
)
_OPT_OUTS = _MISSPELT | {OPT_OUT_ATTRIBUTE}
_MOST_SHOWN = 60

_RARE_LETTERS = bytes.maketrans(bytes(range(256)), b"jkqvwxyz" * 32)
_LENGTH = 128

_QUOTE = (
    r"(\\*[\"']|&(?:amp;)?(?:quot|apos|#34|#39|#x22|#x27);|%22|%27"
    r"|\\+u00(?:22|27|26(?:quot|#34|#39);))?"
)


def is_skipped(attributes: Attributes) -> bool:
    """Tell whether an image's author opts it out, be it as decoration."""
    value = _opt_out(attributes)
    return value in _SKIPS or value == _DECORATIVE


def is_decorative(attributes: Attributes) -> bool:
    """Tell whether an image's author says that it is decoration."""
    return _opt_out(attributes) == _DECORATIVE


def doubt_about(attributes: Attributes) -> str:
    """Return what an image's author wrote to opt it out, where that is not understood."""
    if attributes.has_none_of(_OPT_OUTS) or is_skipped(attributes):
        return ""
    name = next(name for name in sorted(_OPT_OUTS) if name in attributes)
    value = attributes.get(name)
    value = value if len(value) <= _MOST_SHOWN else f"{value[: _MOST_SHOWN - 1]}…"
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
        # What `secrets` calls, too: importing that takes longer than all the rest.
        return cls(os.urandom(_LENGTH).translate(_RARE_LETTERS).decode())

    def is_on(self, attributes: Attributes) -> bool:
        """Tell whether a tag carries this mark."""
        return attributes.get(MARK_ATTRIBUTE) == self.value

    def is_in(self, text: str) -> bool:
        """Tell whether a text holds this mark, however it is written."""
        # In a third of the time that CPython's `in` takes.
        return text.rfind(self.value) >= 0

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
        return self._written.sub("", html).replace(self.value, "")

    @cached_property
    def _written(self) -> re.Pattern[str]:
        equals = r"\s*(?:=|%3D)\s*"
        return re.compile(
            rf"(?:%20|\s)*{MARK_ATTRIBUTE}{equals}{_QUOTE}{re.escape(self.value)}(?(1)\1|)",
            re.IGNORECASE,
        )
