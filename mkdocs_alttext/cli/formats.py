"""The forms in which commands print: text, workflow commands, SARIF and unified diffs.

A form decides nothing: what was found comes from `cli.findings`, and what changes from `cli.apply`.

Sources: GitHub, "Workflow commands for GitHub Actions"; OASIS, "Static Analysis Results Interchange
Format Version 2.1.0".
"""

from __future__ import annotations

import json
import os
import re
from difflib import unified_diff
from hashlib import sha256
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from mkdocs_alttext.cli.output import relative, repository_here, shortened
from mkdocs_alttext.models import Reason
from mkdocs_alttext.site.reasons import explanations
from mkdocs_alttext.system.printable import counted, visible, visible_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.cli.findings import Finding, Scanned

_COLUMNS = 100
_MOST_DETAIL = 200
_REASON = "|".join(re.escape(reason.value) for reason in Reason)
_BEGINNING = re.compile(
    rf"""
    Alt\ text:\ (?:\d+\ images?\ found:\ |nothing\ was\ built\.)
    | (?:Worth\ a\ look\r?\n\r?\n)?
      \S[^\n]*\n                                  # a file
      [ ]{{2}}[ ]*(?:\d+|-)[ ]{{2}}[^\n]*[ ]{{2}}(?:{_REASON})\b  # an image in it
    """.encode(),
    re.VERBOSE,
)


def as_text(scanned: Scanned) -> str:
    """Return what was found, for people.

    Args:
        scanned: What was found; files are written relative to the current folder.
    """
    sections = []
    if scanned.new:
        sections.append(_table(scanned.new))
    if scanned.notes:
        sections.append(f"Worth a look\n\n{_table(scanned.notes)}")
    told = [*scanned.new, *scanned.notes]
    if told:
        sections.append(_advice(told))
    sections.append("\n".join(summary_lines(scanned)))
    return "\n\n".join(sections)


def is_text(head: bytes) -> bool:
    """Tell this form by its first bytes: the totals, or a file's name and an image of it."""
    return _BEGINNING.match(head) is not None


def summary_lines(scanned: Scanned) -> list[str]:
    """Return the totals, what filling would cost, and what to do next."""
    site = scanned.site
    lines = [each.report.summary(each.credits) for each in site.builds]
    lines = lines or ["Alt text: nothing was built."]
    if scanned.baseline and (scanned.missing or scanned.gone):
        accepted = len(scanned.missing) - len(scanned.new)
        are_new = counted(len(scanned.new), "is new", "are new")
        line = f"{scanned.baseline} accepts {accepted} of them; {are_new}."
        if scanned.gone:
            line += f" Of its images, {counted(scanned.gone, 'is', 'are')} done: write it anew."
        lines.append(line)
    asked = [each for each in scanned.missing if each.outcome.reason is Reason.NOT_ASKED]
    if site.would_spend:
        credits_ = counted(site.would_spend, "credit")
        lines.append(
            f"Filling them would cost at most {credits_}: one for each picture and language."
        )
    elif asked:
        lines.append(f"Filling them costs nothing (service: {site.options.service}).")
    if scanned.new:
        what = "new image" if scanned.baseline else "image"
        lack = counted(len(scanned.new), f"{what} lacks", f"{what}s lack")
        lines.append(f"{lack} alt text.")
    return [visible(line) for line in lines]


def _table(findings: Sequence[Finding]) -> str:
    width = max(len(finding.name) for finding in findings)
    blocks = []
    for file, group in groupby(sorted(findings, key=_file), key=_file):
        rows = sorted(group, key=lambda each: (_line(each) or 0, each.identity.occurrence))
        lines = [f"  {_line(row) or '-':>5}  {row.name:{width}}  {_why(row)}" for row in rows]
        blocks.append("\n".join([click.style(file, bold=True), *lines]))
    return "\n\n".join(blocks)


def _file(finding: Finding) -> str:
    if finding.place is None:
        return visible(f"{finding.outcome.page} (no Markdown)")
    return visible(relative(finding.place.file, Path.cwd()))


def _line(finding: Finding) -> int | None:
    return finding.place.line if finding.place else None


def _why(finding: Finding) -> str:
    outcome = finding.outcome
    reason = str(outcome.reason or "")
    # A scan never asks.
    is_told = outcome.detail and outcome.reason is not Reason.NOT_ASKED
    return f"{reason} ({shortened(outcome.detail, _MOST_DETAIL)})" if is_told else reason


def _advice(findings: Sequence[Finding]) -> str:
    reasons = sorted({each.outcome.reason for each in findings if each.outcome.reason})
    width = max(len(reason) for reason in reasons)
    lines = []
    for reason in reasons:
        lines += wrap(
            explanations()[reason].text,
            width=_COLUMNS,
            initial_indent=f"  {reason.value:{width}}  ",
            subsequent_indent=" " * (width + 4),
        )
    return "\n".join(["What to do", "", *lines])


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
        message += f" ({reason.value}): {explanations()[reason].text}"
    return f"::{kind} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_REASONS = list(Reason)
_SARIF_BEGINNING = re.compile(
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
    return _SARIF_BEGINNING.match(head) is not None


def _rule(reason: Reason) -> dict[str, Any]:
    explanation = explanations()[reason]
    return {
        "id": reason.value,
        "name": reason.value.title().replace("-", ""),
        "shortDescription": {"text": explanation.meaning},
        "fullDescription": {"text": explanation.text},
        "help": {"text": explanation.text},
        "defaultConfiguration": {"level": "note" if explanation.worth_a_look else "warning"},
        "properties": {"tags": ["accessibility", "documentation"]},
    }


def _result(finding: Finding, root: Path, config: Path, *, has_baseline: bool) -> dict[str, Any]:
    reason = finding.outcome.reason
    assert reason is not None  # noqa: S101 - every finding has one
    what = "has no alt text" if finding.is_missing else "is worth a look"
    message = f"The image {finding.name_and_page} {what}: {explanations()[reason].text}"
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


_ODD = re.compile(r'["\\]|[^ -~]')
"""What a name in a header has only as a number, in quotes."""
_NO_NEWLINE = "\n\\ No newline at end of file\n"


def as_diff(name: str, before: str, after: str) -> str:
    """Return the diff of one file.

    Args:
        name: The file's path as both sides show it, from the root of its repository.
        before: Its text with its line ends.
        after: Its new text.
    """
    # Only a line feed ends a line to these programs, whatever `str.splitlines` thinks of others.
    old, new = (_lines(text) for text in (before, after))
    sides = [_quoted(f"{side}/{name}") for side in "ab"]
    # A name with spaces ends with a tab, as a date may follow it.
    before_name, after_name = (f"{side}\t" if " " in side else side for side in sides)
    lines = unified_diff(old, new, before_name, after_name)
    body = (line if line.endswith("\n") else line + _NO_NEWLINE for line in lines)
    # With this line, Git takes the names from the repository's root wherever it is called.
    return "".join([f"diff --git {' '.join(sides)}\n", *body])


def _quoted(name: str) -> str:
    numbered = _ODD.sub(lambda odd: _numbered(odd[0]), name)
    if visible(numbered) != numbered:  # a command of a CI system
        numbered = numbered.replace("##", r"\043\043")
    return name if numbered == name else f'"{numbered}"'


def _numbered(character: str) -> str:
    if character not in '"\\' and visible(character) == character:
        return character
    return "".join(f"\\{byte:03o}" for byte in os.fsencode(character))


def _lines(text: str) -> list[str]:
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines
