"""docs/reasons.md, made from the sentences that the log and `scan` use.

Each reason has a heading of its own, so that messages and other pages can lead to it.
"""

from __future__ import annotations

import re
import sys

from mkdocs_alttext.filling.reasons import explanations
from mkdocs_alttext.models import Reason
from tools.options_table import ROOT, between_marks

PAGE = ROOT / "docs" / "reasons.md"
_PARTS = {
    Reason.PAGE_TOO_COMPLEX: "The page",
    Reason.NO_SOURCE: "Where the picture is",
    Reason.UNREADABLE: "The picture",
    Reason.OUT_OF_RESOURCES: "This machine",
    Reason.NOT_ASKED: "The service",
    Reason.NOT_REVIEWED: "The catalog",
    Reason.NO_TEXT_FOUND: "The text",
}
"""What follows is about, from a reason on."""
_CODE = re.compile(
    r"""
    `[^`]*`                    # is written as code already
    | <\w+> | [\w-]+\[\w+\]    # an element, a package with an extra
    | \b(?:\w+_\w+ | concurrency | exclude | include | publish:[ ]reviewed | sha256 | src)\b
    """,
    re.VERBOSE,
)


def sections() -> str:
    """Return a section in Markdown for each reason."""
    parts = []
    for reason in Reason:
        if reason in _PARTS:
            parts.append(f"## {_PARTS[reason]}")
        each = explanations()[reason]
        action = _marked(f"{each.action or 'Nothing.'} {each.more}".rstrip())
        parts.append(f"### `{reason.value}`\n\n{_marked(each.meaning)}\n\n*What to do:* {action}")
    return "\n" + "\n\n".join(parts) + "\n"


def _marked(text: str) -> str:
    """Return a sentence for Markdown, in which options and HTML are code."""
    return _CODE.sub(lambda match: f"`{match[0].strip('`')}`", text)


def filled(page: str) -> str:
    """Return the page with the sections in their place."""
    return between_marks(page, "reasons", sections())


def main() -> int:
    """Write the sections into their page."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
