"""What a scan found as workflow commands, which GitHub shows as annotations on the Markdown.

Source: GitHub, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.cli.output import relative, repository_here
from mkdocs_alttext.site.reasons import EXPLANATIONS
from mkdocs_alttext.system.printable import visible

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_alttext.cli.findings import Finding, Scanned


def as_annotations(scanned: Scanned) -> str:
    """Return one line for each image: a warning where text is missing, else a notice.

    Args:
        scanned: What was found; files are written relative to the repository.
    """
    root = repository_here()
    return "\n".join(_annotation(each, root) for each in [*scanned.new, *scanned.notes])


def is_annotations(head: bytes) -> bool:
    """Tell by its first bytes whether a file is a file of such lines."""
    return head.startswith((b"::warning ", b"::notice "))


def _annotation(finding: Finding, root: Path) -> str:
    fields = {}
    if finding.place is not None:
        fields["file"] = relative(finding.place.file, root)
        if finding.place.line is not None:
            fields |= {"line": str(finding.place.line), "col": "1"}
    kind, fields["title"] = (
        ("warning", "Image without alt text")
        if finding.is_missing
        else ("notice", "Alt text that is worth a look")
    )
    properties = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
    message = finding.name_and_page
    if finding.outcome.reason is not None:
        reason = finding.outcome.reason
        message += f" ({reason.value}): {EXPLANATIONS[reason].text}"
    return f"::{kind} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
