"""Workflow commands that GitHub Actions turns into annotations on the Markdown.

Owns their grammar and escaping (GitHub's "Workflow commands for GitHub Actions"). It must not
decide what is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.cli.formats.scanned import image_name, relative, root_here, shown
from mkdocs_alttext.site.reasons import EXPLANATIONS
from mkdocs_alttext.system.printable import visible

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_alttext.cli.findings import Finding
    from mkdocs_alttext.cli.formats.scanned import Scanned


def as_annotations(scanned: Scanned) -> str:
    """Return one line for each image: a warning where text is missing, else a notice.

    Args:
        scanned: What was found; files are written relative to the repository.
    """
    root = root_here()
    return "\n".join(_annotation(each, root) for each in [*scanned.new, *scanned.notes])


def is_annotations(head: bytes) -> bool:
    """Tell a file of such lines by its first bytes."""
    return head.startswith((b"::warning ", b"::notice "))


def _annotation(finding: Finding, root: Path) -> str:
    outcome = finding.outcome
    fields = {}
    if finding.place is not None:
        fields["file"] = relative(finding.place.file, root)
        if finding.place.line is not None:
            fields |= {"line": str(finding.place.line), "col": "1"}
    kind = "warning" if finding.is_missing else "notice"
    fields["title"] = (
        "Image without alt text" if finding.is_missing else "Alt text that is worth a look"
    )
    properties = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
    where = "" if finding.place else f" on {shown(outcome.page)}"
    message = f"{image_name(finding)}{where}"
    if outcome.reason is not None:
        message += f" ({outcome.reason.value}): {EXPLANATIONS[outcome.reason].text}"
    return f"::{kind} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
