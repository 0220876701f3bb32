"""`mkdocs-alttext scan`: which images lack text, without a key and without spending anything."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mkdocs_alttext.cli.building import build_for_report
from mkdocs_alttext.cli.findings import Scanned, debt_of, findings_of, read_baseline, write_baseline
from mkdocs_alttext.cli.formats import (
    as_annotations,
    as_sarif,
    as_text,
    is_annotations,
    is_sarif,
    is_text,
    summary_lines,
)
from mkdocs_alttext.cli.output import (
    config_file_option,
    is_utf_8,
    put,
    say,
    verbose_option,
    write_file,
)
from mkdocs_alttext.site.report import as_json, is_report, json_text
from mkdocs_alttext.system.printable import ascii_json, counted

if TYPE_CHECKING:
    from collections.abc import Callable


def _as_report(scanned: Scanned) -> str:
    return json_text(as_json([(each.report, each.credits) for each in scanned.site.builds]))


_FORMATS: dict[str, Callable[[Scanned], str]] = {
    "text": as_text,
    "json": _as_report,
    "github": as_annotations,
    "sarif": as_sarif,
}
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("scan")
@config_file_option
@verbose_option
@click.option(
    "--format",
    "form",
    type=click.Choice([*_FORMATS]),
    default="text",
    show_default=True,
    help="text for people, json for programs, github for annotations, sarif for code scanning.",
)
@click.option("--baseline", type=_FILE, help="Accept the images that this file lists.")
@click.option(
    "--write-baseline",
    "new_baseline",
    type=_FILE,
    help="Write all images that lack text into this file: accept.",
)
@click.option("--output", type=_FILE, help="Write to this file instead of standard output.")
@click.pass_context
def command(
    context: click.Context,
    *,
    config_file: str | None,
    form: str,
    baseline: Path | None,
    new_baseline: Path | None,
    output: Path | None,
) -> None:
    """List the images that lack alt text, with their Markdown files and lines.

    The site is built into a temporary folder. Nothing is sent or paid for, no key is needed, and
    mkdocs.yml need not list the plugin. What the catalog or the cache holds is not missing.

    Exit status: 0 when no image lacks text, 1 when some do, 2 when the site cannot be built.
    """
    # Without a report, only what needs work is listed.
    options: dict[str, Any] = {"report": os.devnull} if form == "json" else {}
    accepted = read_baseline(baseline) if baseline else frozenset()
    site = build_for_report(
        config_file, adds_plugin=True, is_quick=True, generate="never", **options
    )
    debt = debt_of(site.outcomes)
    if new_baseline:
        count = write_baseline(new_baseline, debt, root=site.root)
        say(f"{new_baseline} accepts {counted(count, 'image')}.", err=True)
        baseline, accepted = new_baseline, debt
    name = baseline.name if baseline else None
    scanned = Scanned(site, findings_of(site, accepted), name, gone=len(accepted - debt))
    text = _FORMATS[form](scanned)
    if output:
        write_file(output, f"{click.unstyle(text)}\n", is_own=is_output, root=site.root)
    elif text:
        _print(text, form)
    if output or form == "github":
        put("\n".join(summary_lines(scanned)))
    context.exit(1 if scanned.new else 0)


def is_output(head: bytes) -> bool:
    """Tell what an earlier scan wrote, in whichever form, by its first bytes."""
    return any(tells(head) for tells in (is_text, is_report, is_annotations, is_sarif))


def _print(text: str, form: str) -> None:
    if form == "github":
        click.echo(text.encode())  # its reader takes UTF-8, whatever the console has
    elif form == "text" or is_utf_8():
        put(text)
    else:
        click.echo(ascii_json(text))
