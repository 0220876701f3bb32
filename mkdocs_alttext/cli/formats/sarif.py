"""What a scan found in SARIF, which code scanning services read.

Source: OASIS, "Static Analysis Results Interchange Format Version 2.1.0".
"""

from __future__ import annotations

import json
import os
import re
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mkdocs_alttext.cli.output import relative, repository_here
from mkdocs_alttext.models import Reason
from mkdocs_alttext.site.reasons import EXPLANATIONS, WORTH_A_LOOK
from mkdocs_alttext.system.printable import visible_json

if TYPE_CHECKING:
    from mkdocs_alttext.cli.findings import Finding, Scanned

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_REASONS = list(Reason)
_BEGINNING = re.compile(
    rb'\s*\{\s*"\$schema"\s*:\s*"[^"]*"\s*,\s*"version"\s*:\s*"[^"]*"\s*,\s*"runs"\s*:\s*\[\s*'
    rb'\{\s*"tool"\s*:\s*\{\s*"driver"\s*:\s*\{\s*"name"\s*:\s*"mkdocs-alttext"'
)


def as_sarif(scanned: Scanned) -> str:
    """Return a SARIF log with one run, a rule for each reason and a result for each image.

    Args:
        scanned: What was found; files are written relative to the repository. What no Markdown file
            holds is said of `mkdocs.yml`, as services drop results without a file.
    """
    root = repository_here()
    config = Path(scanned.site.config.config_file_path)
    driver = {
        "name": "mkdocs-alttext",
        "semanticVersion": version("mkdocs-alttext"),
        "rules": [_rule(reason) for reason in _REASONS],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(each, root, config, has_baseline=scanned.baseline is not None)
            for each in scanned.findings
            if each.outcome.reason
        ],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return visible_json(json.dumps(log, ensure_ascii=False, indent=2))


def is_sarif(head: bytes) -> bool:
    """Tell by its first bytes whether a file is a log of this tool."""
    return _BEGINNING.match(head) is not None


def _rule(reason: Reason) -> dict[str, Any]:
    explanation = EXPLANATIONS[reason]
    return {
        "id": reason.value,
        "name": reason.value.title().replace("-", ""),
        "shortDescription": {"text": explanation.meaning},
        "fullDescription": {"text": explanation.text},
        "help": {"text": explanation.text},
        "defaultConfiguration": {"level": "note" if reason in WORTH_A_LOOK else "warning"},
        "properties": {"tags": ["accessibility", "documentation"]},
    }


def _result(finding: Finding, root: Path, config: Path, *, has_baseline: bool) -> dict[str, Any]:
    reason = finding.outcome.reason
    assert reason is not None  # noqa: S101 - every finding has one
    what = "has no alt text" if finding.is_missing else "is worth a look"
    message = f"The image {finding.name_and_page} {what}: {EXPLANATIONS[reason].text}"
    fingerprint = "\0".join((*map(str, finding.identity), reason.value))
    result: dict[str, Any] = {
        "ruleId": reason.value,
        "ruleIndex": _REASONS.index(reason),
        "level": "warning" if finding.is_missing else "note",
        "message": {"text": message},
        "locations": [{"physicalLocation": _location(finding, root, config)}],
        "partialFingerprints": {
            "imageOccurrence/v1": sha256(fingerprint.encode("utf-8", "surrogatepass")).hexdigest()
        },
    }
    if has_baseline and finding.is_missing:
        result["baselineState"] = "unchanged" if finding.is_accepted else "new"
        if finding.is_accepted:
            result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return result


def _location(finding: Finding, root: Path, config: Path) -> dict[str, Any]:
    file = finding.place.file if finding.place else config
    path = relative(file, root)
    if path.startswith("../"):
        artifact = {"uri": file.resolve().as_uri()}
    else:
        artifact = {"uri": quote(os.fsencode(path)), "uriBaseId": "%SRCROOT%"}
    location: dict[str, Any] = {"artifactLocation": artifact}
    if finding.place and finding.place.line:
        location["region"] = {"startLine": finding.place.line}
    return location
