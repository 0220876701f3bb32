"""What is made of the text in a picture, without reading any picture."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_alttext.ocr.compose import GOOD_LENGTH, Kind, compose
from mkdocs_alttext.ocr.layout import TextRegion

WIDTH, HEIGHT = 1200, 800


def line(
    text: str, left: float, top: float, *, size: float = 16, confidence: float = 1.0
) -> TextRegion:
    """Place a line as a reader finds it: in a box with a small margin."""
    right, bottom = left + 0.56 * size * len(text) + 0.5 * size, top + 1.3 * size
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return TextRegion(text, corners, confidence)


def column(texts: str, left: float, top: float, *, step: float = 40) -> list[TextRegion]:
    """Place lines under one another; `|` stands between them."""
    return [
        line(text, left, top + number * step)
        for number, text in enumerate(texts.split("|"))
        if text
    ]


def row(texts: str, left: float, top: float, *, step: float = 200) -> list[TextRegion]:
    """Place lines beside one another; `|` stands between them."""
    return [line(text, left + number * step, top) for number, text in enumerate(texts.split("|"))]


def alt(*regions: TextRegion | list[TextRegion], **options: bool | int) -> str | None:
    """Compose a text in a picture of the usual size."""
    flat = chain.from_iterable([part] if isinstance(part, TextRegion) else part for part in regions)
    return compose(list(flat), width=WIDTH, height=HEIGHT, **options)  # type: ignore[arg-type]


LOGIN = [
    line("Sign in to Acme", 400, 100, size=30),
    line("Use your work account.", 400, 170),
    *column("E-mail address|Password||Sign in", 400, 240, step=80),
    line("ada@example.org", 408, 268),
]
BAR_CHART = [
    line("Downloads per month", 300, 20, size=28),
    *column("4,000|3,000|2,000|1,000|0", 40, 100, step=120),
    *row("Jan|Feb|Mar", 150, 640),
]
TABLE = [
    line("Supported versions", 40, 20, size=28),
    *row("Version|Released|Status", 40, 100),
    *row("3.11|Oct 2022|security", 40, 160),
    *row("3.12|Oct 2023|security", 40, 220),
]
TERMINAL = column(
    "$ pip install mkdocs-alttext|Collecting mkdocs-alttext|Successfully installed", 20, 20, step=30
)


@pytest.mark.parametrize(
    ("regions", "text"),
    [
        # one text, as of a logo or a sign
        ([line("coldframe", 100, 100, size=60)], "coldframe"),
        # a dialog: headline, sentence, label with its value
        (
            LOGIN,
            (
                "Screenshot: Sign in to Acme. Use your work account. E-mail address, "
                "ada@example.org; Password; Sign in"
            ),
        ),
        # a chart: the numbers of its axis are left out
        (BAR_CHART, "Chart: Downloads per month. Jan, Feb, Mar"),
        # a table: row by row, with cells that repeat
        (
            TABLE,
            (
                "Supported versions: Version, Released, Status; 3.11, Oct 2022, security; "
                "3.12, Oct 2023, security"
            ),
        ),
        # a terminal: its prompt is not read out
        (
            TERMINAL,
            (
                "Terminal: pip install mkdocs-alttext; Collecting mkdocs-alttext; "
                "Successfully installed"
            ),
        ),
        # a drawing without a headline, from left to right
        (
            [
                line("Browser", 20, 200),
                line("Balancer", 220, 200),
                *column("Server 1|Server 2", 460, 100, step=200),
                line("Database", 700, 200),
            ],
            "Browser; Balancer; Server 1; Server 2; Database",
        ),
        # code with the numbers of its lines
        (
            [
                *column("1|2|3|4", 20, 20, step=30),
                *column("import sys|def main():||sys.exit(main())", 60, 20, step=30),
            ],
            "Code: import sys; def main(): sys.exit(main())",
        ),
        # what a program says when it fails: a bare "Error: ..." would be taken for a failed answer
        (
            [line("Error", 20, 20, size=30), line("The disk is full.", 20, 200)],
            "Screenshot: Error. The disk is full.",
        ),
        # a sentence that goes on in the next line
        (
            column("Captions can be reviewed in the|browser before publishing.", 20, 20, step=24),
            "Captions can be reviewed in the browser before publishing.",
        ),
        # scripts without spaces
        ([line("温室二号", 20, 20), line("窓は開いている", 20, 90)], "温室二号; 窓は開いている"),
    ],
)
def test_text_reads_as_a_person_would_tell_it(regions: list[TextRegion], text: str) -> None:
    """Layouts of many kinds become one line each."""
    assert alt(regions) == text


def test_bar_and_navigation_come_after_the_page() -> None:
    """A bar above the headline and a list of links beside the page are its frame."""
    text = alt(
        line("Acme Cloud", 20, 10),
        column("Overview|Members|Billing|Reports", 20, 103, step=47),
        line("Notifications", 400, 60, size=30),
        column("Weekly summary of all projects|Alerts of the security team", 400, 130, step=65),
        column("News about the product|Anything else that matters", 400, 260, step=65),
    )

    assert text == (
        "Notifications: Weekly summary of all projects; Alerts of the security team; "
        "News about the product; Anything else that matters; Overview; Members"
    )


@pytest.mark.parametrize(
    "regions",
    [
        [],
        [line("42", 100, 100, size=60)],
        [line("●", 100, 100), line("0", 300, 100, confidence=0.9)],
        [line("I I I", 100, 100), line("—", 300, 100), line("V", 500, 100)],
        [line("hardly legible", 100, 100, confidence=0.5)],
        [line("IMG_2041.PNG", 100, 100)],
        [line("Screenshot 2025-01-02 at 10.11.12", 100, 100)],
        column("10:00|11:00|12:00", 20, 20),
        [TextRegion("no box", (), 1.0)],
        [TextRegion("box without end", ((0, 0), (float("nan"), 1)), 1.0)],
    ],
    ids=lambda regions: "; ".join(region.text for region in regions) or "nothing",
)
def test_nothing_worth_reading_out_is_no_text(regions: list[TextRegion]) -> None:
    """Numbers, shapes, file names and what was hardly legible make no alternative text."""
    assert alt(regions) is None


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ("● East wing", "East wing"),
        ("Δ Alerts", "Alerts"),
        ("✓Single sign-on", "Single sign-on"),
        ("21.4℃ inside", "21.4°C inside"),
        ("Open recent...", "Open recent"),
        ("- search", "search"),
        ("Ready\u200b\x07 now", "Ready now"),
        ("ＡＢＣ　１２", "ABC 12"),  # noqa: RUF001 - full width, as readers give it
        ("+12 % today", "+12 % today"),
        ("@ada wrote", "@ada wrote"),
    ],
)
def test_line_is_freed_of_icons_and_odd_characters(read: str, said: str) -> None:
    """What was no text in the picture is no text afterwards."""
    assert alt(line(read, 20, 20)) == said


def test_same_text_is_said_once() -> None:
    """A page that repeats its name in tab, bar and headline names it once."""
    text = alt(line("Orders", 20, 20, size=32), *column("Orders|Customers|orders", 20, 200))

    assert text == "Orders: Customers"


def test_opening_word_stays_away_from_pages_in_other_languages() -> None:
    """The opening word is English; without it the headline opens the text."""
    assert (alt(BAR_CHART, names_kind=False) or "") == "Downloads per month: Jan, Feb, Mar"


def test_text_ends_with_a_whole_phrase() -> None:
    """What does not fit is left out as a whole."""
    names = "Copper|Silver|Golden|Platinum|Titanium|Aluminium"
    text = alt(line("Plans", 20, 20, size=32), column(names, 20, 150), max_length=30)

    assert text == "Plans: Copper; Silver; Golden"


def test_long_paragraph_ends_with_a_whole_sentence() -> None:
    """Sentences that would make the text too long are left out."""
    sentence = "Each caption is stored under a digest of the bytes of its picture."
    text = alt(line(f"{sentence} {sentence.lower()} {sentence}", 0, 20, size=5))

    assert text == f"{sentence} {sentence.lower()}"
    assert len(text) <= GOOD_LENGTH


def test_one_long_sentence_may_exceed_the_aim_but_not_the_limit() -> None:
    """A single sentence is never cut: it is taken as a whole, or not at all."""
    sentence = " ".join(["word"] * 45)

    assert alt(line(sentence, 0, 20, size=5)) == sentence
    assert alt(line(sentence, 0, 20, size=5), max_length=200) is None


WORDS = st.sampled_from(
    "Cancel Save Error Settings Nursery 42 1,000 38 % $ ● Version 2.4 a b 3 10:00 "
    "https://a.example PS C:\\> Name: what? done. 温室 — I Δ".split()
)
TEXTS = st.lists(WORDS, min_size=1, max_size=8).map(" ".join) | st.text(max_size=40)
PLACES = st.floats(-50, 1300) | st.integers(0, 1200)
REGIONS = st.builds(
    TextRegion,
    TEXTS,
    st.lists(st.tuples(PLACES, PLACES), max_size=5).map(tuple)
    | st.tuples(st.integers(0, 1200), st.integers(0, 780), st.integers(8, 60)).map(
        lambda at: ((at[0], at[1]), (at[0] + 5 * at[2], at[1]), (at[0], at[1] + at[2]))
    ),
    st.floats(0.6, 1.0) | st.just(1.0),
)
PICTURES = st.lists(REGIONS, max_size=25)
_OPENINGS = {str(kind) for kind in Kind}


@given(PICTURES, st.integers(1, 400), st.booleans())
def test_text_is_never_longer_than_the_limit(
    regions: list[TextRegion],
    max_length: int,
    names_kind: bool,  # noqa: FBT001 - hypothesis passes by position
) -> None:
    """Whatever was read, and however short the limit; nor does anything raise."""
    text = compose(
        regions, width=WIDTH, height=HEIGHT, max_length=max_length, names_kind=names_kind
    )

    assert text is None or 2 <= len(text) <= max_length or len(text) == 1


@given(PICTURES)
def test_every_word_stands_in_the_picture(regions: list[TextRegion]) -> None:
    """Nothing is invented but the opening word."""
    text = compose(regions, width=WIDTH, height=HEIGHT) or ""
    letters = re.compile(r"[A-Za-z0-9]+")
    there = set(letters.findall(" ".join(plain(region.text) for region in regions)))

    assert set(letters.findall(text)) <= there | _OPENINGS


@given(PICTURES, st.randoms(use_true_random=False))
def test_order_of_reading_out_does_not_depend_on_order_of_finding(
    regions: list[TextRegion], random: object
) -> None:
    """Only places count."""
    shuffled = list(regions)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert compose(regions, width=WIDTH, height=HEIGHT) == compose(
        shuffled, width=WIDTH, height=HEIGHT
    )


@given(PICTURES)
def test_text_ends_cleanly_in_one_line(regions: list[TextRegion]) -> None:
    """No dangling punctuation, no doubled white space, no line ends."""
    text = compose(regions, width=WIDTH, height=HEIGHT)

    if text is not None:
        assert text == " ".join(text.split())
        assert text[-1] not in ",;:-–—|·"  # noqa: RUF001 - dashes
        assert any(character.isalpha() for character in text)


def plain(text: str) -> str:
    """Write full-width characters as ASCII, and drop what does not show, as compose does."""
    shown = "".join(
        character for character in text if character.isprintable() or character.isspace()
    )
    return "".join(
        chr(ord(character) - 0xFEE0) if "\uff01" <= character <= "\uff5e" else character
        for character in shown.replace("℃", "°C").replace("℉", "°F")
    )


def test_what_may_be_secret_or_personal_is_not_read_out() -> None:
    """The words around it are; and a picture of nothing else says nothing."""
    lines = column("Your account|jane.doe@acme.co|Key: W269N-WFGWX-YVC9B-4J6C9-T83GX|Save", 40, 40)
    text = alt(lines)
    assert text is not None
    assert "Your account" in text
    assert "Save" in text
    assert "acme" not in text
    assert "W269N" not in text
    assert (
        alt(column("https://intranet.acme.co/|ghp_16C7e42F292c6912E7710c838347Ae178B4a", 9, 9))
        is None
    )


def test_what_examples_use_is_read_out() -> None:
    """As in most documentations."""
    text = alt(column("Visit https://example.org/shop now|or write to ada@example.org", 40, 40))
    assert text is not None
    assert "https://example.org/shop" in text
    assert "ada@example.org" in text


# Thresholds that decide what whole pictures get


@pytest.mark.parametrize(("confidence", "is_read"), [(0.68, False), (0.72, True)])
def test_a_line_that_was_hardly_legible_is_left_out(confidence: float, *, is_read: bool) -> None:
    """Shapes that are taken for text are mostly read with less than 0.7."""
    text = alt(line("Settings", 40, 40), line("Trashlike", 40, 300, confidence=confidence))
    assert text == ("Settings; Trashlike" if is_read else "Settings")


@pytest.mark.parametrize(("size", "is_headline"), [(17, False), (18, False), (21, True)])
def test_a_headline_is_a_fifth_larger_than_the_rest(size: float, *, is_headline: bool) -> None:
    """It comes first, before what stands above it; less of a difference is chance."""
    above, below = row("Plan|Team|Help", 40, 20), column("One way|Two ways|Three ways", 40, 300)
    text = alt(above, line("Quarterly report", 40, 160, size=size), below)
    assert text is not None
    assert text.startswith("Quarterly report: ") is is_headline


@pytest.mark.parametrize(
    ("ticks", "text"),
    [
        ("20|10", "Water use; May, June"),
        ("30|20|10", "Chart: Water use; May, June"),
    ],
)
def test_an_axis_has_three_numbers_that_grow_evenly(ticks: str, text: str) -> None:
    """Two numbers always do."""
    axis = column(ticks, 40, 100, step=400 / (ticks.count("|")))
    assert alt(line("Water use", 300, 20), axis, row("May|June", 150, 640)) == text


@pytest.mark.parametrize(
    ("words", "kind"), [("Cancel|Holidays", ""), ("Cancel|Save", "Screenshot: ")]
)
def test_two_names_of_controls_make_a_screenshot(words: str, kind: str) -> None:
    """One may stand on a sign."""
    assert alt(row(words, 40, 40)) == f"{kind}{words.replace('|', ', ')}"
