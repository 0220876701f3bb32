"""`mkdocs-alttext catalog`: drafts of what the cache knows, for people to correct and approve.

Owns the command and its words. It must not know how a site is built or how the file is written.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.catalog.drafting import Seen, write_drafts
from mkdocs_alttext.catalog.editing import write_catalog
from mkdocs_alttext.catalog.entries import Status
from mkdocs_alttext.catalog.reading import decode, parse_catalog, read_bytes
from mkdocs_alttext.cli.building import CommandError, build_for_report
from mkdocs_alttext.cli.output import config_file_option, say, verbose_option
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.models import Origin, Result
from mkdocs_alttext.site.messages import listed
from mkdocs_alttext.system.printable import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mkdocs_alttext.catalog.drafting import Changes
    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.models import Outcome, Reason

_GENERATED = frozenset({Origin.STORE, Origin.SERVICE})


@click.command("catalog")
@config_file_option
@verbose_option
def command(config_file: str | None) -> None:
    """Write drafts of generated texts into the catalog (alttext.yml), to be reviewed.

    Nothing is asked of the service and nothing is paid for. Your words and comments stay as they
    are, and nothing is marked as reviewed.
    """
    built = build_for_report(config_file, generate="never", publish="all")
    path = Path(built.config.catalog)
    try:
        before = read_bytes(path)
        text = decode(before or b"", str(path))
        changes = write_drafts(
            text, seen_in(built.outcomes), service=built.config.service, name=str(path)
        )
        if changes.text != text:
            write_catalog(path, changes.text, before=before, root=built.root)
        entries = parse_catalog(changes.text, str(path))
    except CatalogError as error:
        raise CommandError(str(error)) from None
    for line in report_lines(path.name, entries, changes):
        say(line)
    advice = advice_lines(
        path.name, entries, built.outcomes, built.unknown, is_done=not changes.stale
    )
    for line in advice:
        say(line)


def seen_in(outcomes: Iterable[Outcome]) -> dict[str, Seen]:
    """Return what a build says of the site's images.

    Args:
        outcomes: Of all pages.

    Returns:
        By path, the digest of each picture that was looked up, its texts from the cache, and why
        some of them are not published.
    """
    digests: dict[str, str] = {}
    texts: dict[str, dict[str, str]] = {}
    refused: dict[str, dict[str, Reason]] = {}
    for outcome in outcomes:
        if outcome.file is None or outcome.sha256 is None:
            continue
        digests[outcome.file] = outcome.sha256
        known = texts.setdefault(outcome.file, {})
        if outcome.origin in _GENERATED and outcome.alt and outcome.language:
            known[outcome.language] = outcome.alt
        elif outcome.refused and outcome.reason and outcome.language:
            known[outcome.language] = outcome.refused
            refused.setdefault(outcome.file, {})[outcome.language] = outcome.reason
    return {
        path: Seen(digest, texts[path], refused.get(path, {})) for path, digest in digests.items()
    }


def report_lines(name: str, entries: Mapping[str, Entry], changes: Changes) -> list[str]:
    """Say what was done to the catalog, and what only a person can do."""
    done = [
        f"{len(changes.added)} added",
        f"{len(changes.refreshed)} refreshed",
        f"{len(changes.stale) + len(changes.outdated) + len(changes.stuck)} stale",
    ]
    lines = [f"{name}: {counted(len(entries), 'entry', 'entries')}: {', '.join(done)}."]
    if changes.completed:
        lines.append(f"The digest of the picture was added to: {listed(changes.completed)}.")
    if changes.stale:
        lines.append(
            f"Stale, as the picture is another now: {listed(changes.stale)}. Check each text, and "
            "correct it. Then remove its sha256 and run this command again."
        )
    if changes.outdated:
        lines.append(
            f"Stale drafts without a new text yet: {listed(changes.outdated)}. `mkdocs build` asks "
            "for one; then run this command again."
        )
    if changes.stuck:
        lines.append(
            "Stale drafts that are left, as a comment or braces are in the way of new texts: "
            f"{listed(changes.stuck)}. Write each text on a line of its own, without a comment, or "
            "remove the entry; then run this command again."
        )
    return lines


def advice_lines(
    name: str,
    entries: Mapping[str, Entry],
    outcomes: Iterable[Outcome],
    unknown: list[str],
    *,
    is_done: bool,
) -> list[str]:
    """Say what to do next; `is_done` when no approved text has to be checked again."""
    lines = []
    if unknown:
        lines.append(
            f"No image of this site: {listed(unknown)}. Correct the path in {name}, or remove the "
            "entry."
        )
    missing = [each for each in outcomes if each.result is Result.MISSING and each.sha256]
    files = sorted({each.file for each in missing if each.file})
    if files:
        lines.append(
            f"{counted(len(files), 'image has', 'images have')} no text yet. `mkdocs build` with a "
            "key fills them; the option `report` lists them."
        )
    drafts = [path for path, entry in entries.items() if entry.status is Status.DRAFT]
    if drafts:
        lines.append(
            f"Next: review {counted(len(drafts), 'draft')} in {name}. Correct each text, set "
            "`status: reviewed` or `status: decorative`, and commit the file."
        )
    elif entries and is_done:
        lines.append(
            f"Everything in {name} is reviewed. Builds use it without a key, and `mkdocs-alttext "
            "apply` writes it into the Markdown."
        )
    return lines
