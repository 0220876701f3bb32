"""What a build says about itself: each image once, whatever the number of passes."""

from __future__ import annotations

import json

import pytest

from mkdocs_alttext.filling.report import BuildReport, Credits, as_json
from mkdocs_alttext.html.decisions import against_lightbox
from mkdocs_alttext.models import Decision, Origin, Outcome, Reason, Result, Usage

MISSING = Outcome(
    page="index.html",
    source="index.md",
    src="x.png",
    decision=Decision.ASK_SERVICE,
    result=Result.MISSING,
    file="x.png",
    reason=Reason.NO_KEY,
    language="en",
    sha256="0" * 64,
    detail="not for the report",
)
FILLED = MISSING._replace(result=Result.FILLED, reason=None, origin=Origin.SERVICE, alt="A bicycle")
HAS_TEXT = Outcome("index.html", "index.md", "x.png", Decision.KEEP_TEXT, Result.KEPT)
EMPTY = HAS_TEXT._replace(decision=Decision.KEEP_EMPTY)
HIDDEN = HAS_TEXT._replace(decision=Decision.KEEP_HIDDEN)
NOTHING_SPENT = Credits(0, None)

NONE = dict.fromkeys("images filled kept missing remarks empty_alt".split(), 0)


def counts(report: BuildReport) -> dict[str, int]:
    """Return the report's counts of images, filled, kept and missing."""
    found = as_json([(report, NOTHING_SPENT)])["counts"]
    assert isinstance(found, dict)
    return found


def reported(*passes: tuple[bool, list[Outcome]]) -> BuildReport:
    """Return the report after passes over one page; each tells whether the page was whole."""
    report = BuildReport("scripted")
    for is_whole, outcomes in passes:
        report.add("index.html", outcomes, is_whole=is_whole)
    return report


def test_a_filled_image_is_met_again_with_its_text() -> None:
    """And counts once, as filled."""
    report = reported((False, [FILLED]), (True, [HAS_TEXT]))
    assert report.outcomes == [FILLED]
    assert counts(report) == {
        "images": 1,
        "filled": 1,
        "kept": 0,
        "missing": 0,
        "remarks": 0,
        "empty_alt": 0,
    }


def test_an_image_that_stays_missing_is_met_again_without_its_mark() -> None:
    """It has become an empty alt by then, or is missing again; it counts once, as missing."""
    for again in (EMPTY, MISSING):
        report = reported((False, [MISSING]), (True, [again]))
        assert report.missing() == [MISSING]
        assert counts(report) == {
            "images": 1,
            "filled": 0,
            "kept": 0,
            "missing": 1,
            "remarks": 0,
            "empty_alt": 0,
        }


def test_an_image_that_waited_counts_when_it_is_decided() -> None:
    """The pass that left it out says nothing about it."""
    report = reported((False, [HIDDEN]), (False, [HIDDEN, FILLED]), (True, [HIDDEN, HAS_TEXT]))
    assert report.outcomes == [HIDDEN, FILLED]


def test_one_address_may_stand_on_a_page_more_than_once() -> None:
    """Each time counts, and each of the later passes meets it as often."""
    first = [FILLED, FILLED, EMPTY, HIDDEN]
    report = reported((False, first), (True, [HAS_TEXT, HAS_TEXT, EMPTY, HIDDEN]))
    assert report.outcomes == first


@pytest.mark.parametrize(
    ("written", "again"),
    [
        ("kvm window.jpg", "kvm%20window.jpg"),
        ("img/caf\u00e9.png", "img/cafe\u0301.png"),
        ("./a.png", "a.png"),
    ],
)
def test_an_address_that_another_plugin_wrote_anew_counts_once(written: str, again: str) -> None:
    """It is the same image."""
    article, page = FILLED._replace(src=written), HAS_TEXT._replace(src=again)
    assert reported((False, [article]), (True, [page])).outcomes == [article]
    lacking = MISSING._replace(src=written)
    assert reported((False, [lacking]), (True, [EMPTY._replace(src=again)])).missing() == [lacking]


def test_what_a_later_pass_finds_out_is_added() -> None:
    """A lightbox puts a link around a decoration when its article is decided already."""
    in_a_link = EMPTY._replace(reason=Reason.EMPTY_LINK)
    assert reported((False, [EMPTY]), (True, [in_a_link])).outcomes == [in_a_link]
    assert reported((False, [EMPTY, EMPTY]), (True, [EMPTY, in_a_link])).outcomes == [
        EMPTY,
        in_a_link,
    ]


@pytest.mark.parametrize(
    ("is_markdown", "braces"), [(True, True), (False, False)], ids=["Markdown", "not known"]
)
def test_what_keeps_a_lightbox_away_is_said_as_the_image_is_written(
    *, is_markdown: bool, braces: bool
) -> None:
    """The mark of Markdown's images is gone by the later pass."""
    in_a_link = EMPTY._replace(
        reason=Reason.EMPTY_LINK, detail=against_lightbox(from_markdown=False)
    )
    (said,) = reported(
        (False, [EMPTY._replace(is_markdown=is_markdown)]), (True, [in_a_link])
    ).outcomes
    assert "`{ .decorative .off-glb }`" in said.detail
    assert ("HTML" not in said.detail) is braces


def test_a_lightbox_around_what_lacks_text_is_added() -> None:
    """Its link has no name, whatever the later pass takes the image for."""
    nameless = MISSING._replace(detail=f"{MISSING.detail}, its link has no name")
    as_decoration = EMPTY._replace(reason=Reason.EMPTY_LINK)
    for again in (as_decoration, nameless):
        assert reported((False, [MISSING]), (True, [again])).outcomes == [nameless]
    assert reported((False, [MISSING]), (True, [EMPTY])).outcomes == [MISSING]


def test_a_text_of_the_author_s_counts_once() -> None:
    """The article tells it, and the whole page tells it again."""
    report = reported((False, [HAS_TEXT]), (True, [HAS_TEXT]))
    assert report.outcomes == [HAS_TEXT]


def test_a_theme_s_image_counts_only_where_it_lacked_text() -> None:
    """Its logo is on every page, and no finding."""
    logo = HAS_TEXT._replace(src="logo.svg")
    banner = FILLED._replace(src="banner.png")
    suspect = HAS_TEXT._replace(src="theme.png", reason=Reason.FILENAME_ALT)
    report = reported((False, [FILLED]), (True, [logo, HAS_TEXT, banner, suspect]))
    assert report.outcomes == [FILLED, banner]


def test_remarks_are_counted_apart() -> None:
    """They are about what people wrote, and no image lacks a text for them."""
    name = HAS_TEXT._replace(src="a.png", reason=Reason.FILENAME_ALT)
    report = reported((False, [name, HAS_TEXT, MISSING]))
    expected = {"images": 3, "filled": 0, "kept": 2, "missing": 1, "remarks": 1, "empty_alt": 0}
    assert counts(report) == expected


def test_images_stay_in_the_order_of_the_page() -> None:
    """Whichever pass decided over them."""
    link = FILLED._replace(decision=Decision.LINK_TITLE, origin=Origin.LINK_TITLE, alt="Later")
    other = MISSING._replace(src="y.png")
    first, second = [MISSING, other], [link, EMPTY, other]
    assert reported((False, first), (False, second)).outcomes == [link, MISSING, other]
    again = [HAS_TEXT, EMPTY, other]
    report = reported((False, first), (False, second), (True, again))
    assert report.outcomes == [link, MISSING, other]


def test_an_image_that_filled_images_surround_is_told_from_them() -> None:
    """Those of one address are alike but for what they became."""
    stored = FILLED._replace(decision=Decision.USE_STORED, origin=Origin.STORE)
    report = reported((False, [stored]), (False, [stored, HAS_TEXT]))
    assert report.outcomes == [stored, stored]
    report = reported((False, [EMPTY, MISSING]), (False, [FILLED, EMPTY, MISSING]))
    assert report.outcomes == [FILLED, EMPTY, MISSING]


def test_an_image_is_met_again_as_what_it_was() -> None:
    """Another one of its address, with or without text, may stand before it or behind it."""
    assert reported((False, [EMPTY]), (True, [EMPTY, HAS_TEXT])).outcomes == [EMPTY]
    assert reported((False, [HAS_TEXT]), (True, [HAS_TEXT, EMPTY])).outcomes == [HAS_TEXT, EMPTY]


def test_as_many_images_as_possible_are_met_again() -> None:
    """Rather than fewer that are more alike: none of the page is counted twice."""
    report = reported((False, [FILLED, MISSING]), (True, [FILLED, FILLED, HAS_TEXT]))
    assert report.outcomes == [FILLED, FILLED, MISSING]


def test_of_images_that_are_alike_the_last_ones_are_met_again() -> None:
    """Themes show more before an article than behind it."""
    theirs = EMPTY._replace(detail="the theme's")
    report = reported((False, [FILLED, HAS_TEXT]), (True, [theirs, FILLED]))
    assert report.outcomes == [theirs, FILLED, HAS_TEXT]


def test_an_image_that_a_pass_does_not_meet_keeps_its_place() -> None:
    """Another plugin took it out of the page, or its link waits for an answer."""
    gone, last = MISSING._replace(src="gone.png"), MISSING._replace(src="last.png")
    report = reported((False, [gone, FILLED, last]), (True, [HAS_TEXT, MISSING, last]))
    assert report.outcomes == [gone, FILLED, MISSING, last]
    report = reported((False, [FILLED, gone, last]), (True, [MISSING, HAS_TEXT, last]))
    assert report.outcomes == [MISSING, FILLED, gone, last]


@pytest.mark.parametrize("again", [EMPTY, MISSING])
@pytest.mark.parametrize("place", [0, 1])
def test_a_theme_s_image_is_none_of_the_article_s(again: Outcome, place: int) -> None:
    """Though both show the same picture: where the article is in the page, tells."""
    theirs = MISSING._replace(detail="the theme's")
    whole = [theirs, theirs]
    whole[place] = again
    report = BuildReport("scripted")
    report.add("index.html", [MISSING], is_whole=False)
    report.add("index.html", whole, is_whole=True, article=range(place, place + 1))
    expected = [theirs, theirs]
    expected[place] = MISSING
    assert report.outcomes == expected


def test_pages_are_told_apart_and_come_in_order() -> None:
    """The same picture on two pages is two images."""
    report = BuildReport("scripted")
    other = FILLED._replace(page="b/index.html")
    report.add("index.html", [FILLED], is_whole=False)
    report.add("b/index.html", [other], is_whole=False)
    assert report.outcomes == [other, FILLED]


def test_the_json_form_is_the_contract() -> None:
    """Version 1: names and order of what other programs read."""
    report = reported((False, [FILLED, MISSING._replace(src="y.png", line=12)]))
    cost = Credits(3, 97, uncertain=1, requests=4, usage=Usage(900, 60, 0.25))
    more = Credits(0, None, requests=1, usage=Usage(100))
    found = as_json([(report, cost), (BuildReport("scripted"), more)])
    assert list(found) == ["version", "service", "counts", "credits", "usage", "images"]
    assert (found["version"], found["service"]) == (1, "scripted")
    assert found["counts"] == {
        "images": 2,
        "filled": 1,
        "kept": 0,
        "missing": 1,
        "remarks": 0,
        "empty_alt": 0,
    }
    assert found["credits"] == {"spent": 3, "remaining": 97, "uncertain": 1}
    assert found["usage"] == {
        "requests": 5,
        "input_tokens": 1000,
        "output_tokens": 60,
        "cost_usd": 0.25,
    }
    images = found["images"]
    assert isinstance(images, list)
    assert images[0] == {
        "page": "index.html",
        "source": "index.md",
        "line": None,
        "src": "x.png",
        "file": "x.png",
        "decision": "ask-service",
        "outcome": "filled",
        "origin": "service",
        "reason": None,
        "alt": "A bicycle",
        "language": "en",
        "sha256": "0" * 64,
        "suggestion": None,
        "context_page": None,
        "model": None,
    }
    assert (images[1]["line"], images[1]["reason"], images[1]["origin"]) == (12, "no-key", None)
    assert "not for the report" not in json.dumps(found)


def test_the_summary_is_one_line_that_adds_up() -> None:
    """How many, what became of them, and why."""
    report = reported(
        (
            False,
            [
                FILLED,
                FILLED._replace(src="a", origin=Origin.STORE),
                FILLED._replace(src="b", origin=Origin.STORE),
                FILLED._replace(src="c", origin=Origin.DECORATIVE, alt=""),
                HIDDEN._replace(src="d"),
                MISSING._replace(src="e"),
                MISSING._replace(src="f", reason=Reason.REMOTE),
                MISSING._replace(src="g", reason=Reason.REMOTE),
            ],
        )
    )
    line = report.summary(Credits(spent=1, remaining=41, uncertain=2))
    assert line == (
        "Alt text: 8 images found: 4 filled (2 from the cache, 1 as decorative, 1 by the service), "
        "1 kept as written, 3 left without text (2 remote, 1 no-key). Credits: 1 spent, 41 left. "
        "2 more may have been charged without an answer."
    )


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (Usage(), []),
        (Usage(18_000, 1_200, 0.02461), ["18,000 tokens in", "1,200 tokens out", "$0.0246"]),
        (Usage(None, 0, 12.3456), ["0 tokens out", "$12.35"]),
    ],
)
def test_the_summary_says_what_was_consumed(usage: Usage, said: list[str]) -> None:
    """As far as the service told."""
    line = BuildReport("openai").summary(Credits(0, None, usage=usage))
    assert line.endswith(f"without text. Used: {', '.join(said)}." if said else "without text.")


def test_a_build_without_images_says_so() -> None:
    """And nothing of credits."""
    assert BuildReport("scripted").summary(NOTHING_SPENT) == (
        "Alt text: 0 images found: 0 filled, 0 kept as written, 0 left without text."
    )
