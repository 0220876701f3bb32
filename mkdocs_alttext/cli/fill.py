"""`mkdocs-alttext fill`: the pages of a folder, whichever generator made them.

This is the command and what it says; `folder.run` goes through the pages.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.cli.findings import read_baseline, unaccepted
from mkdocs_alttext.cli.folder_site import folder_run, site_options
from mkdocs_alttext.cli.output import CommandError, say
from mkdocs_alttext.exceptions import OutputError
from mkdocs_alttext.filling import messages
from mkdocs_alttext.filling.option_files import EXPECTED_URL, is_site_url
from mkdocs_alttext.filling.report import as_json, write_json
from mkdocs_alttext.filling.words import words_for
from mkdocs_alttext.system.files import absolute
from mkdocs_alttext.system.printable import counted
from mkdocs_alttext.system.processes import Termination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_alttext.filling.option_files import SiteOptions
    from mkdocs_alttext.filling.words import Words
    from mkdocs_alttext.folder.run import FolderRun

_FILE = click.Path(dir_okay=False, path_type=Path)
_REMOVED_BY_ZENSICAL = ".cache"
"""The folder of a project that `zensical build --clean` removes."""

options_file_option = click.option(
    "-f",
    "--config-file",
    type=click.Path(exists=True, dir_okay=False),
    help="A mkdocs.yml or a TOML file with the options; by default alttext.toml, else "
    "[tool.mkdocs-alttext] of pyproject.toml.",
)
"""The file with the options of a site that MkDocs does not build."""


@click.command("fill")
@click.argument("folder", metavar="SITE_DIR", type=click.Path(path_type=Path))
@options_file_option
@click.option("--site-url", help="Where the site is published: addresses with it are its own.")
@click.option("--service", help="Who describes pictures, in place of the option.")
@click.option(
    "--empty-alt",
    type=click.Choice(["keep", "fill"]),
    help="What an empty alt means: decoration (keep, unless an option says otherwise), or a "
    "missing text (fill).",
)
@click.option("--report", type=_FILE, help="Write a report in JSON to this file.")
@click.option("--baseline", type=_FILE, help="Accept the images that this file lists.")
@click.option("--strict", is_flag=True, help="End with status 1 when images still lack text.")
@click.option("--dry-run", is_flag=True, help="Ask nobody and write no page; say what would be.")
def command(
    *,
    folder: Path,
    config_file: str | None,
    site_url: str | None,
    service: str | None,
    empty_alt: str | None,
    report: Path | None,
    baseline: Path | None,
    strict: bool,
    dry_run: bool,
) -> int:
    """Fill the missing alt text of the HTML pages in SITE_DIR, in place.

    Any generator may have made them. Only alt text changes, page by page; a second run changes
    nothing and costs nothing. A page that cannot be read or written safely is left as it is.

    Exit status: 0 when it is done, 1 when images still lack text, with --strict, 2 when it could
    not be done.
    """
    if not (folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)):
        raise CommandError(
            f"{folder} is no folder that can be read. Name the one that your site was built into."
        )
    if site_url and not is_site_url(site_url):
        raise click.BadParameter(EXPECTED_URL, param_hint="--site-url")
    accepted = read_baseline(baseline) if baseline else frozenset()
    flags = {
        "service": service,
        "empty_alt": empty_alt,
        "report": report and str(report),
        "generate": "never" if dry_run else None,
    }
    said = site_options(config_file, flags, folder)
    said = said._replace(site_url=site_url or said.site_url)
    options = said.options
    words = words_for(folder, config_file, site_url=site_url, service=service, empty_alt=empty_alt)
    termination = Termination()
    termination.begin()
    try:
        lists_all = options.report is not None
        with folder_run(said, folder, words, is_dry_run=dry_run, lists_all=lists_all) as run:
            if run.complaint:
                say(run.complaint, err=True)
            run.fill()
        missing = unaccepted(run.report.outcomes, accepted)
        if options.report:
            _write_report(run, Path(options.report), root=said.root)
        for line in _lines(run, said, words, is_dry_run=dry_run):
            say(line)
        if service:
            file = said.file.name if said.file else "alttext.toml"
            say(
                f"Other commands do not know of `--service {service}`: put "
                f"{words.option(f'service: {service}')} into {file}."
            )
        run.engine.note_told()
    finally:
        termination.end()
    if accepted:
        left = len(run.report.missing())
        say(f"{counted(left - len(missing), 'image')} of {left} without text accepted.")
    return 1 if missing and (strict or options.on_missing == "error") else 0


def _lines(run: FolderRun, said: SiteOptions, words: Words, *, is_dry_run: bool) -> Iterator[str]:
    """Yield what happened, and what the user can do about it."""
    options, report = said.options, run.report
    yield from run.doubts
    yield from messages.closing_lines(
        report,
        run.engine,
        key_variable=run.key_variable,
        names_images=options.on_missing != "ignore",
        words=words,
    )
    if is_dry_run and run.engine.would_ask and options.publishing == "drafts":
        yield (
            f"The texts of {options.service} would wait for approval as drafts. "
            f"`{words.option('publish: all')}` publishes them as they come."
        )
    yield from messages.catalog_lines(
        report,
        run.unknown_paths(),
        Path(options.catalog).name,
        run.site.catalog,
        publish=options.publishing,
        words=words,
    )
    yield from (complaint.text for complaint in run.selection.complaints())
    yield from run.cache.problems()
    if Path("zensical.toml").exists() and absolute(options.cache_dir).is_relative_to(
        absolute(_REMOVED_BY_ZENSICAL)
    ):
        yield (
            f"`zensical build --clean` removes {_REMOVED_BY_ZENSICAL}, and with it the texts that "
            "were paid for. Set cache_dir to another folder, such as .alttext."
        )
    if run.without_language:
        pages = counted(run.without_language, "page does", "pages do")
        yield (
            f"{pages} not say in which language the words are: English is taken. Set `lang` on "
            "<html>, or the option language."
        )
    if run.compressed:
        pages = counted(run.compressed, "changed page has", "changed pages have")
        yield (
            f"{pages} a compressed copy (.gz, .br, .zst), which is as it was: fill before you "
            "compress."
        )
    if base := run.likely_base():
        yield (
            f"Addresses begin with {base}, and the folder has their files without it: where the "
            f"site is published there, add `--site-url https://example.org{base}` with its host."
        )
    if report.fillable_empty:
        images = counted(report.fillable_empty, "image has", "images have")
        them = "it" if report.fillable_empty == 1 else "them"
        yield f"{images} an empty alt, which is kept: `--empty-alt fill` would fill {them}."
    yield report.summary(run.credits)
    if not run.pages:
        yield "There is no HTML page in this folder."
        return
    pages = f"{run.changed} of {counted(run.pages, 'page')}"
    yield f"{pages} would be changed by what is known." if is_dry_run else f"{pages} changed."


def _write_report(run: FolderRun, path: Path, *, root: Path) -> None:
    try:
        write_json(path, as_json([(run.report, run.credits)]), root=root)
    except OutputError as error:
        raise CommandError(f"The report is not written: {error}") from None
    except OSError as error:
        raise CommandError(f"The report cannot be written to {path} ({error.strerror}).") from None
