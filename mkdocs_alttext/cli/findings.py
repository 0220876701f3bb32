"""What a scan found, images without text and remarks on others, and which of it is accepted.

A baseline is a file of images that may lack text, and of remarks, so that only new ones fail. It
knows an image by the page's source, its file or address, and which one of the page's equals it is:
no line, as lines move.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.cli.output import CommandError, shortened, write_file
from mkdocs_alttext.filling.reasons import is_worth_a_look
from mkdocs_alttext.models import GENERATED, Decision, Origin, Outcome, Reason, Result
from mkdocs_alttext.system.files import read_regular
from mkdocs_alttext.system.printable import counted, same_form, visible_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from mkdocs_alttext.cli.sites import Place, Site

VERSION = 1
MOST_BYTES = 4 * 1024 * 1024
"""Bytes, enough for 40,000 images. What others wrote may take twenty times as much memory."""
_BEGINNING = re.compile(
    rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"images"\s*:\s*\[\s*(?:\]\s*\}\s*\Z|\{\s*"source"\s*:)'
)
"""How a baseline begins, and no other file."""


class Identity(NamedTuple):
    """What a baseline knows an image by."""

    source: str
    """Of the page, else the page."""
    image: str
    """Its file, else its address."""
    occurrence: int
    """Which one it is of the page's images of this name that lack text, or have the remark, from
    1."""
    remark: str = ""
    """The reason of a remark; empty for an image that lacks text."""

    def written(self) -> dict[str, object]:
        """Return it as a baseline has it."""
        return {name: value for name, value in self._asdict().items() if value}


@dataclass(frozen=True, slots=True)
class Finding:
    """An image that a person should know about."""

    outcome: Outcome
    reason: Reason
    """Why it lacks text, or is worth a look."""
    identity: Identity
    """What a baseline knows it by."""
    place: Place | None
    """Where it is written; `None` where no file of the site's author says so, as in a theme."""
    is_accepted: bool = False
    """Whether the baseline has it."""
    pages: int = 1
    """On how many pages it is, where the theme or a plugin shows it around their articles."""

    @property
    def is_missing(self) -> bool:
        """Whether it stays without text; else it is only worth a look."""
        return self.outcome.result is Result.MISSING

    @property
    def line(self) -> int | None:
        """The line where it is written, where that is known."""
        return self.place.line if self.place else None

    @property
    def name(self) -> str:
        """The image's address as the Markdown has it, where that is known, else as its page."""
        written = self.place.src if self.place else None
        return shortened(written or self.outcome.src) or "(no address)"

    @property
    def name_and_page(self) -> str:
        """The address, with the page where no Markdown file holds the image."""
        by = " (by the theme or a plugin)" if self.outcome.is_around else ""
        return self.name if self.place else f"{self.name} on {shortened(self.outcome.page)}{by}"


@dataclass(frozen=True, slots=True)
class Scanned:
    """A site and what was found in it."""

    site: Site
    findings: list[Finding]
    baseline: str | None = None
    """Name of the file that says what is accepted."""
    gone: int = 0
    """How many entries of the baseline are put right by now."""
    free: Mapping[Origin, int] = field(default_factory=dict)
    """How many images the plugin would fill at no cost, in a site that does not list it."""
    written: Mapping[str, int] = field(default_factory=dict)
    """How many texts of the cache, for pictures of the site, are of each model and prompt."""

    @property
    def missing(self) -> list[Finding]:
        """Images without text."""
        return [finding for finding in self.findings if finding.is_missing]

    @property
    def new(self) -> list[Finding]:
        """Images without text that are not accepted."""
        return [finding for finding in self.missing if not finding.is_accepted]

    @property
    def notes(self) -> list[Finding]:
        """Images that are worth a look, and not accepted."""
        return [each for each in self.findings if not (each.is_missing or each.is_accepted)]

    @property
    def remarks(self) -> list[Finding]:
        """Those of the notes that are on what people wrote."""
        return [each for each in self.notes if each.outcome.is_remark]


def images_and_pictures(found: Collection[Identity], image: str = "image") -> str:
    """Say how many images there are, and how many pictures where one is shown several times.

    Args:
        found: The images.
        image: What one of them is called.
    """
    pictures = len({each.image for each in found})
    shown = f" ({counted(pictures, 'picture')})" if pictures < len(found) else ""
    return f"{counted(len(found), image)}{shown}"


def take_back(site: Site) -> Counter[Origin]:
    """Have the outcomes of a site say what it holds when it is built without the plugin.

    Args:
        site: What a build with the plugin said; its outcomes change.

    Returns:
        How many images the plugin would fill, by where their text comes from.
    """
    taken = Counter[Origin]()
    for build in site.builds:
        for outcomes in build.report.pages.values():
            for at, outcome in enumerate(outcomes):
                if outcome.origin is None:
                    continue
                as_written = outcome._replace(alt=None, origin=None, is_generated=False)
                # An empty `alt` is right where a link's text says it; the catalog is not the page.
                if outcome.written == outcome.alt and outcome.decision is not Decision.USE_STORED:
                    outcomes[at] = as_written._replace(result=Result.KEPT)
                    continue
                taken[outcome.origin] += 1
                outcomes[at] = as_written._replace(result=Result.MISSING, reason=Reason.NOT_ASKED)
    return taken


def debt_of(outcomes: Sequence[Outcome]) -> frozenset[Identity]:
    """Return the images that lack text, and those that have it from the cache only.

    A machine without the cache, such as a fork's, finds the latter missing.

    Args:
        outcomes: Of all pages.
    """
    return frozenset(known for each, known in _identified(outcomes) if _is_debt(each))


def remarks_of(outcomes: Sequence[Outcome]) -> frozenset[Identity]:
    """Return the images whose text, which a person wrote, is worth a look.

    Args:
        outcomes: Of all pages.
    """
    identified = _identified(outcomes, of_remarks=True)
    return frozenset(known for each, known in identified if each.is_remark)


def unaccepted(outcomes: Sequence[Outcome], accepted: Collection[Identity]) -> list[Outcome]:
    """Return the images that stay without text and are not accepted.

    Args:
        outcomes: Of all pages.
        accepted: Images that may lack text.
    """
    return [
        each
        for each, known in _identified(outcomes)
        if each.result is Result.MISSING and known not in accepted
    ]


def findings_of(site: Site, accepted: Collection[Identity]) -> list[Finding]:
    """Find the images that a person should know about, and note their lines in the site's reports.

    Args:
        site: What a build said; its outcomes get lines.
        accepted: Images that may lack text.

    Returns:
        Findings by page, one for each image of a source, as a page that is not translated is part
        of several builds, and one for each image of the theme.
    """
    found: list[Finding] = []

    def revised(outcomes: list[Outcome]) -> list[Outcome]:
        wanted = {
            at: outcome.reason
            for at, outcome in enumerate(outcomes)
            if outcome.reason
            and (outcome.result is Result.MISSING or is_worth_a_look(outcome.reason))
        }
        file, places = site.places(outcomes, wanted)
        lacking, remarked = _identified(outcomes), _identified(outcomes, of_remarks=True)
        for at, reason in wanted.items():
            is_missing = outcomes[at].result is Result.MISSING
            outcome, known = (lacking if is_missing else remarked)[at]
            found.append(Finding(outcome, reason, known, places.get(at), known in accepted))
        # Lines of files that the page includes are none of its source.
        own = {at: place.line for at, place in places.items() if place.file == file}
        return [outcome._replace(line=own.get(at)) for at, outcome in enumerate(outcomes)]

    for build in site.builds:
        for outcomes in build.report.pages.values():
            outcomes[:] = revised(outcomes)
    unique: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for each in sorted(found, key=lambda finding: finding.outcome.page):
        identity = each.identity._replace(source="") if each.outcome.is_around else each.identity
        unique[each.is_missing, each.is_accepted, identity, each.reason].append(each)
    return [
        replace(equal[0], pages=len({each.outcome.page for each in equal}))
        for equal in unique.values()
    ]


def _identified(
    outcomes: Iterable[Outcome], *, of_remarks: bool = False
) -> list[tuple[Outcome, Identity]]:
    """Return images with what a baseline knows them by, counting those of a page that are alike.

    Args:
        outcomes: Of whole pages.
        of_remarks: Whether as remarks, and not as what lacks text.
    """
    seen = Counter[tuple[str, str, str | bool]]()
    identified = []
    for outcome in outcomes:
        image = same_form(outcome.file or outcome.src)
        remark = outcome.reason.value if of_remarks and outcome.reason else ""
        alike = (outcome.page, image, remark if of_remarks else _is_debt(outcome))
        seen[alike] += 1
        source = same_form(outcome.source or outcome.page)
        identified.append((outcome, Identity(source, image, seen[alike], remark)))
    return identified


def _is_debt(outcome: Outcome) -> bool:
    return outcome.result is Result.MISSING or outcome.origin in GENERATED


def read_baseline(path: Path) -> frozenset[Identity]:
    """Read what is accepted.

    Args:
        path: The file.

    Raises:
        CommandError: It cannot be read, or is not what `write_baseline` writes.
    """
    try:
        content = json.loads(read_regular(path, MOST_BYTES).decode("utf-8"))
    except OSError as error:
        hint = f"Write it with --write-baseline {path}."
        raise CommandError(f"{path} cannot be read ({error.strerror}). {hint}") from None
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path} is not a baseline: it is not JSON ({error}).") from None
    entries = content.get("images") if isinstance(content, dict) else None
    if not isinstance(entries, list) or content.get("version") != VERSION:
        raise CommandError(
            f"{path} is not a baseline of version {VERSION}. Write it anew with --write-baseline."
        )
    return frozenset(_identity(entry, place, path) for place, entry in enumerate(entries, 1))


def _identity(entry: object, place: int, path: Path) -> Identity:
    *needed, optional = Identity._fields
    if isinstance(entry, dict) and {*entry, optional} == set(Identity._fields):
        source, image, number, remark = (entry.get(name, "") for name in Identity._fields)
        texts = (source, image, remark)
        if all(isinstance(each, str) for each in texts) and type(number) is int:
            return Identity(same_form(source), same_form(image), number, remark)
    raise CommandError(
        f"{path}: image {place} has not exactly the fields {', '.join(needed)}, and for a remark "
        f"{optional}."
    )


def write_baseline(path: Path, accepted: Collection[Identity], *, root: Path) -> None:
    """Write what is accepted: sorted, one image on a line, so that changes merge.

    Args:
        path: The file; an earlier baseline is replaced.
        accepted: The images, each once.
        root: The project's folder.

    Raises:
        OutputError: Something else is in its place, and stays.
        CommandError: It cannot be written.
    """
    lines = [f"    {json.dumps(each.written(), ensure_ascii=False)}" for each in sorted(accepted)]
    body = "[\n" + ",\n".join(lines) + "\n  ]" if lines else "[]"
    text = visible_json(f'{{\n  "version": {VERSION},\n  "images": {body}\n}}\n')
    if len(text.encode()) > MOST_BYTES:
        raise CommandError(
            f"{path} is not written: {len(lines)} images take more than {MOST_BYTES >> 20} MiB, "
            "which is not read again."
        )
    write_file(path, text, is_own=lambda head: _BEGINNING.match(head) is not None, root=root)
