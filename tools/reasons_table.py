"""The README's table of reasons, made from the sentences that the log and `scan` use."""

from __future__ import annotations

import re
import sys

from mkdocs_alttext.filling.reasons import explanations
from mkdocs_alttext.models import Reason
from tools.options_table import README, between_marks

_CODE = re.compile(
    r"""
    `[^`]*`                    # is written as code already
    | <\w+> | [\w-]+\[\w+\]    # an element, a package with an extra
    | \b(?:\w+_\w+ | concurrency | exclude | include | publish:[ ]reviewed | sha256 | src)\b
    """,
    re.VERBOSE,
)


def table() -> str:
    """Return a Markdown table with one row for each reason."""
    rows = ["| reason | what it means | what to do |", "| --- | --- | --- |"]
    above = ""
    for reason in Reason:
        each = explanations()[reason]
        action = f"{each.action} {each.more}".rstrip()
        shown = "As above." if each.more and action == above else _marked(action)
        rows.append(f"| `{reason.value}` | {_marked(each.meaning)} | {shown} |")
        above = action
    return "\n".join(rows)


def _marked(text: str) -> str:
    """Return a sentence for Markdown, in which options and HTML are code."""
    return _CODE.sub(lambda match: f"`{match[0].strip('`')}`", text)


def filled(readme: str) -> str:
    """Return the README with the table in its place."""
    return between_marks(readme, "reasons", table())


def main() -> int:
    """Write the table into the README."""
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
