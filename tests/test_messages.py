"""What a build says in words: one thing is not said as several."""

from __future__ import annotations

import re
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest

from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Catalog, Entry, Status
from mkdocs_alttext.filling.catalog_paths import UnknownPath
from mkdocs_alttext.filling.messages import (
    MOST_LINES,
    catalog_lines,
    closing_lines,
    describe,
    filling_hint,
)
from mkdocs_alttext.filling.progress import Progress
from mkdocs_alttext.filling.report import BuildReport, Credits
from mkdocs_alttext.models import Decision, Failure, Origin, Outcome, Reason, Result

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
    lines += catalog_lines(report, [UnknownPath("gone.png")], "alttext.yml", Catalog({}))
    assert not [line for line in lines if WRONG.search(line)]


def test_one_image_is_one_in_the_summary_and_in_the_catalog() -> None:
    """Both are made of counts."""
    filled = MISSING._replace(result=Result.FILLED, origin=Origin.SERVICE)
    line = report_of(filled).summary(Credits(1, 1, 1))
    assert line.startswith("Alt text: 1 image found: 1 filled")
    assert catalog_lines(report_of(), [UnknownPath("a.png")], "alttext.yml", Catalog({}))[
        0
    ].startswith("catalog: 1 entry names no image of this site")


def test_what_waits_for_a_review_is_told_from_what_has_no_draft() -> None:
    """By pictures; each line says only what there is."""

    def said(*names: str) -> str:
        lacking = MISSING._replace(reason=Reason.NOT_REVIEWED, sha256="0" * 64)
        report = report_of(*(lacking._replace(src=name, file=name) for name in names))
        (line,) = catalog_lines(report, [], "alttext.yml", catalog)
        return line

    status = {ANY_LANGUAGE: Status.DRAFT}
    catalog = Catalog(
        {
            "draft.png": Entry("draft.png", status, {ANY_LANGUAGE: "A tree"}),
            "blank.png": Entry("blank.png", status),
        }
    )
    waits = "1 draft waits in alttext.yml: approve it there or in `mkdocs-alttext review`."
    none = "2 pictures have no draft: write each `alt` in alttext.yml"
    both = said("draft.png", "draft.png", "blank.png", "new.png")
    assert both.startswith("catalog: 4 images left as written, without reviewed text")
    assert waits in both
    assert none in both
    assert "no draft" not in said("draft.png")
    assert "wait" not in said("blank.png", "new.png")


def test_one_image_is_waited_for() -> None:
    """Where there is no terminal."""
    said: list[str] = []
    times = iter([0.0, 1000.0])
    progress = Progress(said.append, stream=StringIO(), clock=times.__next__)
    progress.knows_all = True
    progress.show(0, 1)
    progress.show(0, 1)
    assert said == ["Waiting for alt text: 0 of 1 image."]


# One image


GONE = MISSING._replace(
    page="sub/page/index.html", source="sub/page.md", src="no.png", reason=Reason.MISSING_FILE
)
FILLED = Outcome(
    "sub/page/index.html",
    "sub/page.md",
    "../../img/a.png",
    Decision.ASK_SERVICE,
    Result.FILLED,
    file="img/a.png",
    alt="A tree",
    origin=Origin.SERVICE,
)


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (
            GONE,
            (
                "sub/page.md: image 'no.png' has no alt text (missing-file). There is no such file"
                " in the site. Correct the path; in raw HTML it is relative to the built page."
            ),
        ),
        (
            GONE._replace(detail="did you mean '../img/no.png'?"),
            (
                "sub/page.md: image 'no.png' has no alt text (missing-file). There is no such file"
                " in the site: did you mean '../img/no.png'?"
            ),
        ),
        (
            GONE._replace(src="", reason=Reason.NO_SOURCE),
            (
                "sub/page.md: an image without an address has no alt text (no-source). The image"
                " has no address. Write its src, or remove it."
            ),
        ),
        (
            GONE._replace(source=None, page="404.html", is_around=True, reason=Reason.REMOTE),
            (
                "404.html: image 'no.png', which the theme or a plugin shows, has no alt text"
                " (remote). The picture lies on another host, and only files of the site are"
                " described. Write the text in the Markdown, or bring the picture into docs_dir."
            ),
        ),
        (
            GONE._replace(src=f"data:image/png;base64,{'A' * 500}", reason=Reason.DATA_URI),
            (
                "sub/page.md: image 'data:image/png;base64,AAAAAAAA…' has no alt text (data-uri)."
                " The picture is embedded in its page or notebook, and only files of the site are"
                " described. Write the text in the Markdown or the notebook."
            ),
        ),
        (
            GONE._replace(reason=Reason.NOT_ASKED, detail="generate: never"),
            (
                "sub/page.md: image 'no.png' has no alt text. There is no text yet (generate:"
                " never). Write it in the Markdown or in the catalog, or let a build write"
                " it."
            ),
        ),
        (FILLED, "sub/page.md: image '../../img/a.png' has its alt text by the service."),
        (
            FILLED._replace(is_markdown=True),
            "sub/page.md: image '../img/a.png' has its alt text by the service.",
        ),
        (
            FILLED._replace(is_markdown=True, page="fr/page/index.html"),
            "sub/page.md: image '../../img/a.png' has its alt text by the service.",
        ),
        (
            FILLED._replace(alt="", origin=Origin.DECORATIVE),
            "sub/page.md: image '../../img/a.png' is marked as decoration.",
        ),
        (
            FILLED._replace(alt="", origin=Origin.DECORATIVE, reason=Reason.ZERO_SIZE),
            (
                "sub/page.md: image '../../img/a.png' is marked as decoration (zero-size). The"
                " picture is one pixel wide or high, and is marked as decoration."
            ),
        ),
        (
            FILLED._replace(alt=None, origin=None, result=Result.KEPT, reason=Reason.OPENING_ALT),
            (
                "sub/page.md: image '../../img/a.png' stays as it is written (opening-alt). The"
                ' alt text begins with words such as "Image of", which a screen reader says'
                ' itself. Begin with what the image shows; "Screenshot of" or "Diagram of" may'
                " stay."
            ),
        ),
    ],
)
def test_one_image_is_told_with_its_cause_and_the_next_step(outcome: Outcome, line: str) -> None:
    """The page's source, the image as its author wrote it, the cause once, what to do."""
    assert describe(outcome) == line


@pytest.mark.parametrize(
    ("reasons", "variable", "hint"),
    [
        (
            [Reason.NOT_ASKED, Reason.UNDECODABLE],
            "ALTTEXTAI_API_KEY",
            (
                "`mkdocs build` with a key in ALTTEXTAI_API_KEY asks for 1 picture;"
                " `mkdocs-alttext scan` lists all images."
            ),
        ),
        (
            [Reason.NOT_ASKED],
            None,
            "`mkdocs build` asks for 1 picture; `mkdocs-alttext scan` lists all images.",
        ),
        (
            [Reason.UNDECODABLE],
            "ALTTEXTAI_API_KEY",
            "A build does not change that: `mkdocs-alttext scan` says why.",
        ),
    ],
)
def test_a_key_is_spoken_of_where_one_helps(
    reasons: list[Reason], variable: str | None, hint: str
) -> None:
    """A damaged file needs none, and neither does text recognition."""
    outcomes = [MISSING._replace(reason=reason, file=f"{reason}.png") for reason in reasons]
    assert filling_hint(outcomes, variable) == hint
    if "asks for" in hint:
        assert "Nobody is asked for them (`publish: reviewed`)" in filling_hint(
            outcomes, variable, asks_nothing="publish: reviewed"
        )
