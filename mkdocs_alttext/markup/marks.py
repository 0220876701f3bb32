"""The mark that tells Markdown's `![]()` from an author's `alt=""`.

Owns how the mark is written, recognised and taken out again. It must not know who sets it: the
Markdown extension does, on elements of its tree, where raw HTML never appears.
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

_RARE_LETTERS = bytes.maketrans(bytes(range(256)), b"jkqvwxyz" * 32)
_LENGTH = 128

_QUOTE = (
    r"(\\*[\"']|&(?:amp;)?(?:quot|apos|#34|#39|#x22|#x27);|%22|%27"
    r"|\\+u00(?:22|27|26(?:quot|#34|#39);))?"
)


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
