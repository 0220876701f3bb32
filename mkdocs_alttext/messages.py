"""What a build says in words.

Owns the sentences: each names the page, the image, the cause and the next step. It must not log
them, and decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.reasons import Reason

if TYPE_CHECKING:
    from mkdocs_alttext.captions import Failure, Outcome
    from mkdocs_alttext.report import BuildReport

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


def closing_lines(
    report: BuildReport, stopped: Failure | None, key_variable: str | None
) -> list[str]:
    """Say what the user can do something about.

    Args:
        report: What happened.
        stopped: Why the service was not asked, or not any more.
        key_variable: Name of the environment variable for the key, when the service takes one.

    Returns:
        One line for each image whose file is missing, and one for what stopped the service.
    """
    missing = report.missing()
    lost = [outcome for outcome in missing if outcome.reason is Reason.MISSING_FILE]
    lines = [describe(outcome) for outcome in lost[:MOST_LINES]]
    if len(lost) > MOST_LINES:
        lines.append(
            f"{len(lost) - MOST_LINES} more images point to missing files: set the option report."
        )
    left = sum(stopped is not None and outcome.reason is stopped.reason for outcome in missing)
    if stopped and left:
        lines.append(_stopped_line(stopped, left, key_variable))
    return lines


def _stopped_line(stopped: Failure, left: int, key_variable: str | None) -> str:
    images = f"{left} image{'' if left == 1 else 's'} left as written"
    line = {
        Reason.NO_KEY: f"No key: set the environment variable {key_variable} to have alt text "
        f"written; {images}.",
        Reason.KEY_REJECTED: f"The service rejected the key in {key_variable}: check that it is "
        f"active and belongs to this service; {images}.",
        Reason.OUT_OF_CREDITS: f"No credits remain: {images}. The next build fills them once there "
        "are credits again.",
        Reason.NOT_ASKED: f"The service is not asked here ({stopped.detail}): {images}.",
    }.get(stopped.reason)
    detail = f" ({stopped.detail})" if stopped.detail else ""
    return line or (
        f"The service was left alone for this build after several failures in a row: "
        f"{stopped.reason.value}{detail}; {images}. The next build tries again."
    )
