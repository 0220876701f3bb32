"""What a build says in words: one thing is not said as several."""

from __future__ import annotations

import re
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest

from mkdocs_alttext.models import Decision, Failure, Origin, Outcome, Reason, Result
from mkdocs_alttext.site.catalog_paths import UnknownPath
from mkdocs_alttext.site.messages import MOST_LINES, Progress, catalog_lines, closing_lines
from mkdocs_alttext.site.report import BuildReport, Credits

MISSING = Outcome("index.html", "index.md", "x.png", Decision.UNAVAILABLE, Result.MISSING)
NOUNS = "answers credits drafts entries images pictures texts times".split()
WRONG = re.compile(rf"\b1 (?:more )?(?:{'|'.join(NOUNS)})\b")


def report_of(*outcomes: Outcome) -> BuildReport:
    """Return a build's report of one page."""
    report = BuildReport("scripted")
    report.add("index.html", outcomes, is_whole=False)
    return report


def closing(report: BuildReport, stopped: Failure | None = None, would_spend: int = 0) -> list[str]:
    """Return what a build says at its end."""
    engine: Any = SimpleNamespace(stopped=stopped, would_spend=would_spend)
    return closing_lines(report, engine, key_variable="ALTTEXT_API_KEY", names_images=True)


def test_a_credit_is_not_credits() -> None:
    """One is what most dry runs of a new picture would spend."""
    report = report_of(MISSING._replace(reason=Reason.NOT_ASKED))
    lines = closing(report, would_spend=1)
    assert lines == ["A build that may ask would spend 1 credit on them."]
    assert "would spend 2 credits" in closing(report, would_spend=2)[0]


@pytest.mark.parametrize(
    ("more", "words"), [(1, "1 more image points"), (2, "2 more images point")]
)
def test_images_beyond_those_that_are_named(more: int, words: str) -> None:
    """Their files are missing, too."""
    lost = [
        MISSING._replace(src=f"{number}.png", reason=Reason.MISSING_FILE)
        for number in range(MOST_LINES + more)
    ]
    assert closing(report_of(*lost))[-1] == (f"{words} to missing files: set the option report.")


@pytest.mark.parametrize("reason", list(Reason), ids=str)
def test_one_image_is_one_for_every_reason(reason: Reason) -> None:
    """Whether it stopped the service or not."""
    report = report_of(MISSING._replace(reason=reason, file="x.png"))
    lines = [*closing(report), *closing(report, Failure(reason), would_spend=1)]
    lines += catalog_lines(report, [UnknownPath("gone.png")], "alttext.yml")
    assert not [line for line in lines if WRONG.search(line)]


def test_one_image_is_one_in_the_summary_and_in_the_catalog() -> None:
    """Both are made of counts."""
    filled = MISSING._replace(result=Result.FILLED, origin=Origin.SERVICE)
    line = report_of(filled).summary(Credits(1, 1, 1))
    assert line.startswith("Alt text: 1 image found: 1 filled")
    assert catalog_lines(report_of(), [UnknownPath("a.png")], "alttext.yml")[0].startswith(
        "catalog: 1 entry names no image of this site"
    )


def test_one_image_is_waited_for() -> None:
    """Where there is no terminal."""
    said: list[str] = []
    times = iter([0.0, 1000.0])
    progress = Progress(said.append, stream=StringIO(), clock=times.__next__)
    progress.knows_all = True
    progress.show(0, 1)
    progress.show(0, 1)
    assert said == ["Waiting for alt text: 0 of 1 image."]
