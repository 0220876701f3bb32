"""What a scan found, for people: a table for each file, what to do, and totals."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.cli.output import relative, shortened
from mkdocs_alttext.models import Reason
from mkdocs_alttext.site.reasons import EXPLANATIONS
from mkdocs_alttext.system.printable import counted, visible

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
            EXPLANATIONS[reason].text,
            width=_COLUMNS,
            initial_indent=f"  {reason.value:{width}}  ",
            subsequent_indent=" " * (width + 4),
        )
    return "\n".join(["What to do", "", *lines])
