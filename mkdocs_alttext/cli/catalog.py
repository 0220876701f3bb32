"""`mkdocs-alttext catalog`: drafts of what the cache knows, for people to correct and approve."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.catalog.drafting import Seen, write_drafts
from mkdocs_alttext.catalog.editing import write_catalog
from mkdocs_alttext.catalog.entries import Status
from mkdocs_alttext.catalog.reading import decode, parse_catalog, read_bytes
from mkdocs_alttext.cli.building import build_for_report
from mkdocs_alttext.cli.output import config_file_option, say
from mkdocs_alttext.models import GENERATED, Outcome, Reason, Result
from mkdocs_alttext.site.messages import filling_hint, listed
from mkdocs_alttext.system.printable import counted

if TYPE_CHECKING:
    from collections.abc import Iterable


@click.command("catalog")
@config_file_option
def command(config_file: str | None) -> None:
    """Write drafts of generated texts into the catalog (alttext.yml), to be reviewed.

    Nothing is asked of the service and nothing is paid for. Your words and comments stay as they
    are, and nothing is marked as reviewed.
    """
    built = build_for_report(config_file, publish="all")
    outcomes, service = built.outcomes, built.options.service
    path = Path(built.options.catalog)
    before = read_bytes(path)
    text = decode(before or b"", str(path))
    changes = write_drafts(text, _seen_in(outcomes), service=service, name=str(path))
    if changes.text != text:
        write_catalog(path, changes.text, before=before, root=built.root)
    entries = parse_catalog(changes.text, str(path))
    stale = len(changes.stale) + len(changes.outdated) + len(changes.stuck)
    say(
        f"{path.name}: {counted(len(entries), 'entry', 'entries')}: {len(changes.added)} added, "
        f"{len(changes.refreshed)} refreshed, {stale} stale."
    )
    if changes.completed:
        say(f"The digest of the picture was added to: {listed(changes.completed)}.")
    if changes.stale:
        say(
            f"Stale, as the picture is another now: {listed(changes.stale)}. Check each text, and "
            "correct it. Then remove its sha256 and run this command again."
        )
    if changes.outdated:
        say(
            f"Stale drafts without a new text yet: {listed(changes.outdated)}. `mkdocs build` asks "
            "for one; then run this command again."
        )
    if changes.stuck:
        say(
            "Stale drafts that are left, as a comment or braces are in the way of new texts: "
            f"{listed(changes.stuck)}. Write each text on a line of its own, without a comment, or "
            "remove the entry; then run this command again."
        )
    if unknown := built.unknown:
        say(
            f"No image of this site: {listed(unknown)}. Correct the path in {path.name}, or remove "
            "the entry."
        )
    missing = {each.file for each in outcomes if each.result is Result.MISSING and each.sha256}
    if files := missing - {None}:
        say(
            f"{counted(len(files), 'image has', 'images have')} no text yet. "
            f"{filling_hint(outcomes, built.builds[-1].key_variable)}"
        )
    drafts = sum(entry.status is Status.DRAFT for entry in entries.values())
    if drafts:
        say(
            f"Next: review {counted(drafts, 'draft')} in {path.name}. Correct each text, set "
            "`status: reviewed` or `status: decorative`, and commit the file."
        )
    elif entries and not changes.stale:
        say(
            f"Everything in {path.name} is reviewed. Builds use it without a key, and "
            "`mkdocs-alttext apply` writes it into the Markdown."
        )


def _seen_in(outcomes: Iterable[Outcome]) -> dict[str, Seen]:
    """Return what a build says of the site's images, by path."""
    digests: dict[str, str] = {}
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    refused: dict[str, dict[str, Reason]] = defaultdict(dict)
    for outcome in outcomes:
        if outcome.file is None or outcome.sha256 is None:
            continue
        digests[outcome.file] = outcome.sha256
        if outcome.origin in GENERATED and outcome.alt and outcome.language:
            texts[outcome.file][outcome.language] = outcome.alt
        elif outcome.refused and outcome.reason and outcome.language:
            texts[outcome.file][outcome.language] = outcome.refused
            refused[outcome.file][outcome.language] = outcome.reason
    return {path: Seen(digests[path], texts[path], refused[path]) for path in digests}
