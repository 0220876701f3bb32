"""The sentences of a build: each names the page, the image, the cause and the next step.

They are returned, and logged elsewhere.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mkdocs_alttext.models import Origin, Reason
from mkdocs_alttext.site.reasons import EXPLANATIONS
from mkdocs_alttext.system.printable import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.models import Failure, Outcome
    from mkdocs_alttext.site.report import BuildReport

_SAID_ALWAYS = {
    Reason.CACHE_UNUSABLE,
    Reason.OUT_OF_CREDITS,
    Reason.OUT_OF_RESOURCES,
    Reason.OVER_BUDGET,
}
"""Said of the images that they stopped, also where the service was asked for others."""
_PASSING = sorted(
    [Reason.BAD_ANSWER, Reason.RATE_LIMITED, Reason.SERVICE_UNAVAILABLE, Reason.TIMED_OUT]
)

MOST_LINES = 10
"""Images that are named one by one; the report has all."""


def describe(outcome: Outcome) -> str:
    """Say what became of one image.

    Args:
        outcome: The image.

    Returns:
        One sentence.
    """
    place = f"{outcome.source or outcome.page}: image {outcome.src!r}"
    what = f"{outcome.result.value} ({outcome.decision})"
    cause = f": {outcome.reason.value}" if outcome.reason else ""
    detail = f", {outcome.detail}" if outcome.detail else ""
    return f"{place} {what}{cause}{detail}"


def doubt_line(outcome: Outcome) -> str:
    """Say that an author's word on an image is not understood.

    Args:
        outcome: The image, with its `doubt`.

    Returns:
        What is done about it, and what to write.
    """
    return (
        f"{outcome.source or outcome.page}: image {outcome.src!r}: `{outcome.doubt}` is not "
        "understood, so that this picture is not sent. Write `data-alttext=skip` to leave the "
        "image alone, or `data-alttext=decorative` to mark it as decoration."
    )


def closing_lines(
    report: BuildReport,
    *,
    stopped: Failure | None,
    key_variable: str | None,
    would_spend: int,
    names_images: bool,
) -> list[str]:
    """Say what the user can do something about.

    Args:
        report: What happened.
        stopped: Why the service was not asked, or not any more.
        key_variable: Name of the environment variable for the key, when the service takes one.
        would_spend: Credits that filling the rest would cost, when this was a dry run.
        names_images: Whether images are named that stay without text.

    Returns:
        One line for each image whose file is missing, if they are named, and one for what stopped
        the service or, where nothing did, how it failed.
    """
    missing = report.missing()
    lost = [each for each in missing if names_images and each.reason is Reason.MISSING_FILE]
    lines = [describe(outcome) for outcome in lost[:MOST_LINES]]
    if len(lost) > MOST_LINES:
        more = counted(len(lost) - MOST_LINES, "more image points", "more images point")
        lines.append(f"{more} to missing files: set the option report.")
    counts = Counter(outcome.reason for outcome in missing)
    reasons = {stopped.reason} if stopped else set()
    lines += (
        _stopped_line(reason, stopped, _left(counts[reason]), key_variable)
        for reason in sorted(reasons | _SAID_ALWAYS)
        if counts[reason]
    )
    failed = [reason for reason in _PASSING if counts[reason]]
    if failed and not stopped:
        images = counted(sum(counts[reason] for reason in failed), "image")
        causes = ", ".join(f"{counts[reason]} {reason.value}" for reason in failed)
        lines.append(
            f"The service failed for {images}, left without text: {causes}. The next build tries "
            "again."
        )
    if would_spend:
        lines.append(f"A build that may ask would spend {counted(would_spend, 'credit')} on them.")
    return lines


def catalog_lines(report: BuildReport, unknown: Sequence[str], name: str) -> list[str]:
    """Say what the catalog needs from a person.

    Args:
        report: What happened.
        unknown: Paths of entries that are no file of this site.
        name: The catalog's file name.

    Returns:
        One line for each kind of work that there is.
    """
    outcomes = report.outcomes
    stale = sorted(
        {each.file for each in outcomes if each.reason is Reason.STALE_CAPTION and each.file}
    )
    waiting = sum(each.reason is Reason.NOT_REVIEWED for each in outcomes)
    lines = []
    if stale:
        entries = counted(len(stale), "entry", "entries")
        lines.append(
            f"catalog: the pictures of {entries} changed after their texts were written: "
            f"{listed(stale)}. Check the texts in {name}, remove the sha256 of each that is "
            "right, and run `mkdocs-alttext catalog`."
        )
    if unknown:
        name_no = counted(len(unknown), "entry names", "entries name")
        lines.append(
            f"catalog: {name_no} no image of this site: "
            f"{listed(unknown)}. Correct the path in {name}, or remove the entry."
        )
    if waiting:
        lines.append(
            f"catalog: {_left(waiting)}, without reviewed text (publish: reviewed). Run "
            f"`mkdocs-alttext catalog`, and approve in {name}."
        )
    if any(each.origin is Origin.SERVICE for each in outcomes):
        lines.append(
            "catalog: the new texts are drafts that nobody has read. `mkdocs-alttext catalog` "
            f"writes them into {name}, to be corrected and approved."
        )
    return lines


def listed(paths: Sequence[str]) -> str:
    """Return the first of some paths, and how many more there are."""
    more = len(paths) - MOST_LINES
    return ", ".join(paths[:MOST_LINES]) + (f" and {more} more" if more > 0 else "")


def _left(count: int) -> str:
    return f"{counted(count, 'image')} left as written"


def _stopped_line(
    reason: Reason, stopped: Failure | None, images: str, key_variable: str | None
) -> str:
    detail = f" ({stopped.detail})" if stopped and stopped.detail else ""
    if reason is Reason.NO_KEY and stopped and stopped.detail:
        return f"No key that can be used in {key_variable}: {stopped.detail} {images}."
    return EXPLANATIONS[reason].log.format(
        reason=reason.value, images=images, variable=key_variable, detail=detail
    )
