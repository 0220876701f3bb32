"""`mkdocs-alttext scan`: which images lack text or are worth a look, without key or cost."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.cli import findings
from mkdocs_alttext.cli.building import build_for_report
from mkdocs_alttext.cli.folder_site import look_at_folder, site_option
from mkdocs_alttext.cli.formats import FORMATS, free_line, is_output, summary_lines
from mkdocs_alttext.cli.output import config_file_option, is_utf_8, put, say, write_file
from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.system.printable import ascii_json, counted

if TYPE_CHECKING:
    from mkdocs_alttext.cli.sites import Site
    from mkdocs_alttext.folder.run import FolderRun
    from mkdocs_alttext.models import CaptionKey
    from mkdocs_alttext.site.build import Build


def _writers(build: Build | FolderRun) -> dict[CaptionKey, str]:
    """Return the model of each text of the cache that is for a picture of a build."""
    models: dict[CaptionKey, str] = {}
    digests = {outcome.sha256 for outcome in build.report.outcomes} - {None}
    if digests and isinstance(build.cache, DiskCache):
        with suppress(StoreError):  # the scan says what is wrong with the cache anyway
            for key, answer in build.cache.entries():
                if answer.model and key.sha256 in digests:
                    prompt = f" (prompt {answer.prompt})" if answer.prompt else ""
                    models[key] = answer.model + prompt
    return models


_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("scan")
@config_file_option
@site_option
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS]),
    default="text",
    show_default=True,
    help="text for people, markdown for a comment, json for programs, github for annotations, "
    "sarif for code scanning.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["missing", "remarks"]),
    default="missing",
    show_default=True,
    help="What ends with status 1: images that lack text, or remarks on texts, too.",
)
@click.option("--baseline", type=_FILE, help="Accept the images that this file lists.")
@click.option(
    "--write-baseline",
    "new_baseline",
    type=_FILE,
    help="Accept all images that lack text, and with --fail-on remarks all remarks: write them "
    "into this file.",
)
@click.option("--output", type=_FILE, help="Write to this file instead of standard output.")
@click.option(
    "--write",
    "also",
    type=(click.Choice([*FORMATS]), _FILE),
    multiple=True,
    metavar="FORMAT FILE",
    help="Write another format to a file, too; may be given several times.",
)
def command(
    *,
    config_file: str | None,
    folder: Path | None,
    form: str,
    fail_on: str,
    baseline: Path | None,
    new_baseline: Path | None,
    output: Path | None,
    also: tuple[tuple[str, Path], ...],
) -> int:
    """List the images that lack alt text, with their Markdown files and lines.

    The site is built into a temporary folder. Nothing is sent or paid for, no key is needed, and
    mkdocs.yml need not list the plugin. What the catalog or the cache holds is not missing, where
    the plugin is listed. Remarks are on texts that people wrote: none counts as missing.

    Exit status: 0 when no image lacks text, 1 when some do, 2 when the site cannot be built.
    """
    accepted = findings.read_baseline(baseline) if baseline else frozenset()
    models: dict[CaptionKey, str] = {}
    site: Site
    if folder:
        site = look_at_folder(folder, config_file, is_quick=True)
        models |= _writers(site.builds[0])
    else:
        site = build_for_report(
            config_file,
            adds_plugin=True,
            is_quick=True,
            visit=lambda build, *_: models.update(_writers(build)),
            report=os.devnull,  # without a report, images that have text are only counted
        )
    free = {} if site.lists_plugin else findings.take_back(site)
    debt, remarks = findings.debt_of(site.outcomes), findings.remarks_of(site.outcomes)
    if new_baseline:
        accepted = debt | remarks if fail_on == "remarks" else debt
        findings.write_baseline(new_baseline, accepted, root=site.root)
        and_remarks = f" and {counted(len(remarks), 'remark')}" if fail_on == "remarks" else ""
        say(
            f"{new_baseline} accepts {findings.images_and_pictures(debt)}{and_remarks}. Commit it, "
            f"and name it in later scans: --baseline {new_baseline}.",
            err=True,
        )
        baseline = new_baseline
    name = baseline.name if baseline else None
    scanned = findings.Scanned(
        site,
        findings.findings_of(site, accepted),
        name,
        gone=len(accepted - debt - remarks),
        free=free,
        written=Counter(models.values()),
    )
    for kind, file in ((form, output), *also) if output else also:
        content = click.unstyle(FORMATS[kind](scanned))
        write_file(file, f"{content}\n", is_own=is_output, root=site.root)
    text = "" if output else FORMATS[form](scanned)
    if form == "github" and text:
        click.echo(text.encode())  # its reader takes UTF-8, whatever the console has
    elif text:
        if scanned.free and form in {"json", "sarif"}:
            say(free_line(scanned), err=True)  # beside what a program reads
        put(ascii_json(text) if form in {"json", "sarif"} and not is_utf_8() else text)
    if output or form == "github":
        put("\n".join(summary_lines(scanned)))
    fails = scanned.new or (fail_on == "remarks" and scanned.remarks)
    return 1 if fails else 0
