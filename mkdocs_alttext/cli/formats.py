"""The forms in which a scan is printed: text, Markdown, JSON, workflow commands and SARIF.

A form decides nothing: what was found comes from `cli.findings`.

Sources: GitHub, "Workflow commands for GitHub Actions"; OASIS, "Static Analysis Results Interchange
Format Version 2.1.0".
"""

from __future__ import annotations

import json
import os
import re
from hashlib import sha256
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from mkdocs_alttext.cli.findings import images_and_pictures
from mkdocs_alttext.cli.output import relative, repository_here, shortened
from mkdocs_alttext.filling.reasons import explanations, label, page_of, project_url
from mkdocs_alttext.filling.report import as_json, in_parentheses, is_report, json_text
from mkdocs_alttext.models import Reason
from mkdocs_alttext.pages.records import NAMELESS_LINK, NOT_SENT
from mkdocs_alttext.services.registry import service_kind
from mkdocs_alttext.system.printable import counted, visible, visible_json

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from mkdocs_alttext.cli.findings import Finding, Scanned
    from mkdocs_alttext.filling.words import Words

_COLUMNS = 100
_MOST_DETAIL = 200
_MOST_IN_COMMENT = 50
"""Images of each kind: GitHub takes comments of 65,536 characters."""
_COMMENT_MARK = "<!-- mkdocs-alttext scan -->"
"""By which whoever posts a comment finds an earlier one."""
_REASONS = list(Reason)
_NAMES = [re.escape(label(reason)) for reason in _REASONS]
_BEGINNING = re.compile(
    rf"""
    # text: the totals, or a file's name and an image of it
    Alt\ text:\ (?:\d+\ images?\ found:\ |nothing\ was\ built\.)
    | (?:Worth\ a\ look\r?\n\r?\n)?
      \S[^\n]*\n
      [ ]{{2}}[ ]*(?:\d+|-)[ ]{{2}}[^\n]*[ ]{{2}}(?:{"|".join(_NAMES)}|not-asked)\b
    # Markdown
    | {re.escape(_COMMENT_MARK)}
    # workflow commands
    | ::(?:warning|notice)[ ]
    # SARIF of this tool
    | \s*\{{\s*"\$schema"\s*:\s*"[^"]*"\s*,\s*"version"\s*:\s*"[^"]*"\s*,\s*"runs"\s*:\s*\[\s*
      \{{\s*"tool"\s*:\s*\{{\s*"driver"\s*:\s*\{{\s*"name"\s*:\s*"mkdocs-alttext"
    """.encode(),
    re.VERBOSE,
)


def is_output(head: bytes) -> bool:
    """Tell what an earlier scan wrote, in whichever form, by its first bytes."""
    return is_report(head) or _BEGINNING.match(head) is not None


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
    if told := [*scanned.new, *scanned.notes]:
        sections.append(_advice({each.reason for each in told}, scanned.site.words))
    return "\n\n".join([*sections, "\n".join(summary_lines(scanned))])


def summary_lines(scanned: Scanned) -> list[str]:
    """Return the totals, what filling would cost, and what to do next."""
    site, words = scanned.site, scanned.site.words
    lines = [each.report.summary(each.credits) for each in site.builds]
    lines = lines or ["Alt text: nothing was built."]
    if scanned.baseline and (scanned.missing or scanned.gone):
        accepted = len(scanned.missing) - len(scanned.new)
        are_new = counted(len(scanned.new), "is new", "are new")
        line = f"{scanned.baseline} accepts {accepted} of them; {are_new}."
        if scanned.gone:
            done = counted(scanned.gone, "more that it accepts is", "more that it accepts are")
            line += f" {done} done: write it anew, with --write-baseline."
        lines.append(line)
    if scanned.remarks:
        remarks = counted(len(scanned.remarks), "remark")
        lines.append(f"{remarks} on texts that people wrote; remarks do not count as missing.")
    if scanned.free:
        lines.append(free_line(scanned))
    if scanned.written:
        written = [f"{count} by {model}" for model, count in sorted(scanned.written.items())]
        lines.append(f"Texts in the cache that models wrote: {', '.join(written)}.")
    service = site.options.service
    asked = sum(each.engine.would_ask for each in site.builds)
    texts = counted(asked, "text")
    if cost := sum(each.engine.would_spend for each in site.builds):
        credits_ = counted(cost, "credit")
        lines.append(
            f"Filling them would cost at most {credits_}: one for each picture and language."
        )
        if service_kind(service).takes_model:
            lines.append(f"A {words.build} would ask {service} for {texts}, whose tokens it bills.")
    elif asked:
        lines.append(
            f"Filling them costs nothing (service: {service}): a {words.build} would ask for "
            f"{texts}."
        )
    if scanned.new:
        lines.append(_lacking(scanned))
    return [visible(line) for line in lines]


def _lacking(scanned: Scanned) -> str:
    image = "new image" if scanned.baseline else "image"
    found = [each.identity for each in scanned.new]
    number = images_and_pictures(found, image) if found else f"No {image}"
    return f"{number} {'lack' if len(found) > 1 else 'lacks'} alt text."


def free_line(scanned: Scanned) -> str:
    """Say what the plugin would fill in a site that does not list it."""
    return (
        f"The plugin, which {scanned.site.config_file.name} does not list, would fill "
        f"{sum(scanned.free.values())} of them at no cost{in_parentheses(scanned.free)}."
    )


def _table(findings: Sequence[Finding]) -> str:
    width = max(len(finding.name) for finding in findings)
    blocks = []
    for file, group in groupby(sorted(findings, key=_file), key=_file):
        rows = sorted(group, key=lambda each: (each.line or 0, each.identity.occurrence))
        lines = [f"  {each.line or '-':>5}  {each.name:{width}}  {_why(each)}" for each in rows]
        blocks.append("\n".join([click.style(file, bold=True), *lines]))
    return "\n\n".join(blocks)


def _file(finding: Finding) -> str:
    if finding.outcome.is_around:
        pages = f", and {counted(finding.pages - 1, 'more page')}" if finding.pages > 1 else ""
        return visible(f"{finding.outcome.page}{pages} (the theme or a plugin shows it)")
    if finding.place is None:
        return visible(f"{finding.outcome.page} (no Markdown)")
    return visible(relative(finding.place.file, Path.cwd()))


def _why(finding: Finding) -> str:
    detail, reason = finding.outcome.detail, label(finding.reason)
    if finding.reason is Reason.NOT_ASKED and not detail.startswith(NOT_SENT):
        detail = NAMELESS_LINK if NAMELESS_LINK in detail else ""  # a scan never asks
    if not detail:
        return reason
    return f"{reason} ({shortened(detail, _MOST_DETAIL)})"


def _advice(reasons: Collection[Reason], words: Words) -> str:
    names = {label(reason): reason for reason in reasons}
    width = max(map(len, names))
    lines = ["What to do", ""]
    for name in sorted(names):
        lines += wrap(
            explanations(words)[names[name]].text,
            width=_COLUMNS,
            initial_indent=f"  {name:{width}}  ",
            subsequent_indent=" " * (width + 4),
        )
    return "\n".join(lines)


def as_markdown(scanned: Scanned) -> str:
    """Return what was found as a comment on a pull request; whatever a site chose is code in it.

    Args:
        scanned: What was found; files are written relative to the repository.
    """
    parts = [_COMMENT_MARK, f"**{_lacking(scanned)}**"]
    if scanned.new:
        parts.append(_list(scanned.new))
    if scanned.notes:
        parts += ["**Worth a look**", _list(scanned.notes)]
    if told := {each.reason for each in [*scanned.new, *scanned.notes]}:
        said = explanations(scanned.site.words)
        advice = [f"- {_linked(each)}: {said[each].text}" for each in sorted(told)]
        parts += ["**What to do**", "\n".join(advice)]
    summary = [f"- {_code(line)}" for line in summary_lines(scanned)]
    return "\n\n".join([*parts, "**Summary**", "\n".join(summary)])


def _list(findings: Sequence[Finding]) -> str:
    root = repository_here()
    lines = []
    for file, group in groupby(sorted(findings, key=_file)[:_MOST_IN_COMMENT], key=_file):
        rows = sorted(group, key=lambda each: each.line or 0)
        place = rows[0].place
        lines.append(
            f"- {_code(shortened(relative(place.file, root) if place else file, _MOST_DETAIL))}"
        )
        for each in rows:
            line = f"line {each.line}: " if each.line else ""
            lines.append(f"  - {line}{_code(each.name)}: {_linked(each.reason)}")
    if (more := len(findings) - _MOST_IN_COMMENT) > 0:
        lines.append(f"- and {counted(more, 'more image')}")
    return "\n".join(lines)


def _linked(reason: Reason) -> str:
    page = page_of(reason)
    return f"[{label(reason)}]({page})" if page else label(reason)


def _code(text: str) -> str:
    """Return a line as code in Markdown, in which nothing has another meaning."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"


def as_annotations(scanned: Scanned) -> str:
    """Return one line for each image: a warning where text is missing, else a notice.

    Args:
        scanned: What was found; files are written relative to the repository.
    """
    root = repository_here()
    found = [*scanned.new, *scanned.notes]
    return "\n".join(_annotation(each, root, scanned.site.words) for each in found)


def _annotation(finding: Finding, root: Path, words: Words) -> str:
    fields = {}
    if finding.place:
        fields["file"] = relative(finding.place.file, root)
    if finding.line:
        fields |= {"line": str(finding.line), "col": "1"}
    kind, fields["title"] = "notice", "Alt text that is worth a look"
    if finding.is_missing:
        kind, fields["title"] = "warning", "Image without alt text"
    properties = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
    advice = explanations(words)[finding.reason].text
    message = f"{finding.name_and_page} ({label(finding.reason)}): {advice}"
    return f"::{kind} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def as_sarif(scanned: Scanned) -> str:
    """Return a SARIF log with one run, a rule for each reason and a result for each image.

    Args:
        scanned: What was found; files are written relative to the repository. What no Markdown file
            holds is said of `mkdocs.yml`, as services drop results without a file.
    """
    root = repository_here()
    driver = {
        "name": "mkdocs-alttext",
        "semanticVersion": version("mkdocs-alttext"),
        "rules": [_rule(reason, scanned.site.words) for reason in _REASONS],
    }
    if homepage := project_url("Homepage"):
        driver["informationUri"] = homepage
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, scanned, root) for each in scanned.findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return visible_json(json.dumps(log, ensure_ascii=False, indent=2))


def _rule(reason: Reason, words: Words) -> dict[str, Any]:
    explanation, page = explanations(words)[reason], page_of(reason)
    text = explanation.text
    return {
        "id": reason.value,
        "name": reason.value.title().replace("-", ""),
        "shortDescription": {"text": explanation.meaning},
        "fullDescription": {"text": text},
        "help": {"text": text},
        **({"helpUri": page} if page else {}),
        "defaultConfiguration": {"level": "note" if explanation.worth_a_look else "warning"},
        "properties": {"tags": ["accessibility", "documentation"]},
    }


def _result(finding: Finding, scanned: Scanned, root: Path) -> dict[str, Any]:
    what = "has no alt text" if finding.is_missing else "is worth a look"
    advice = explanations(scanned.site.words)[finding.reason].text
    message = f"The image {finding.name_and_page} {what}: {advice}"
    fingerprint = "\0".join((*map(str, finding.identity), finding.reason.value))
    result: dict[str, Any] = {
        "ruleId": finding.reason.value,
        "ruleIndex": _REASONS.index(finding.reason),
        "level": "warning" if finding.is_missing else "note",
        "message": {"text": message},
        "locations": [{"physicalLocation": _location(finding, scanned, root)}],
        "partialFingerprints": {
            "imageOccurrence/v1": sha256(fingerprint.encode("utf-8", "surrogatepass")).hexdigest()
        },
    }
    if scanned.baseline is not None and (finding.is_missing or finding.is_accepted):
        result["baselineState"] = "unchanged" if finding.is_accepted else "new"
        if finding.is_accepted:
            result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return result


def _location(finding: Finding, scanned: Scanned, root: Path) -> dict[str, Any]:
    file = finding.place.file if finding.place else scanned.site.config_file
    path = relative(file, root)
    if path.startswith("../"):
        artifact = {"uri": file.resolve().as_uri()}
    else:
        artifact = {"uri": quote(os.fsencode(path)), "uriBaseId": "%SRCROOT%"}
    location: dict[str, Any] = {"artifactLocation": artifact}
    if finding.line:
        location["region"] = {"startLine": finding.line}
    return location


def _as_report(scanned: Scanned) -> str:
    return json_text(as_json([(each.report, each.credits) for each in scanned.site.builds]))


FORMATS: dict[str, Callable[[Scanned], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": _as_report,
    "github": as_annotations,
    "sarif": as_sarif,
}
"""By name, what writes a scan in each form."""
