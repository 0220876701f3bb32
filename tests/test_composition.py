"""What is made of the text in a picture, without reading any picture."""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.text_quality import restored
from mkdocs_alttext.models import Context
from mkdocs_alttext.ocr.compose import compose
from mkdocs_alttext.ocr.kinds import Kind
from mkdocs_alttext.ocr.layout import Reading, TextRegion

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH, HEIGHT = 1200, 800
RECORDED = Path(__file__).parent / "ocr_readings"


def line(
    text: str,
    left: float,
    top: float,
    *,
    size: float = 16,
    confidence: float = 1.0,
    contrast: float = 0.9,
) -> TextRegion:
    """Place a line as a reader finds it: in a box with a small margin."""
    wide = sum(2.0 if character > "\u2e80" else 1.0 for character in text)
    right, bottom = left + 0.52 * size * wide + 0.5 * size, top + 1.3 * size
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return TextRegion(text, corners, confidence, contrast)


def column(
    texts: str, left: float, top: float, *, step: float = 40, contrast: float = 0.9
) -> list[TextRegion]:
    """Place lines under one another; `|` stands between them."""
    return [
        line(text, left, top + number * step, contrast=contrast)
        for number, text in enumerate(texts.split("|"))
        if text
    ]


def row(texts: str, left: float, top: float, *, step: float = 200) -> list[TextRegion]:
    """Place lines beside one another; `|` stands between them."""
    return [line(text, left + number * step, top) for number, text in enumerate(texts.split("|"))]


def alt(
    *regions: TextRegion | list[TextRegion],
    language: str = "en",
    plainness: float = 1.0,
    context: Context | None = None,
    max_length: int = 300,
) -> str | None:
    """Compose a text in a picture of the usual size."""
    flat = chain.from_iterable([part] if isinstance(part, TextRegion) else part for part in regions)
    return compose(
        Reading(tuple(flat), WIDTH, HEIGHT, plainness),
        language=language,
        context=context,
        max_length=max_length,
    )


def recorded() -> Iterable[tuple[str, dict[str, Any], str | None]]:
    """Return what was found in the pictures of `bench/text_pictures`, and the text of each."""
    readings = json.loads((RECORDED / "readings.json").read_text(encoding="utf-8"))
    texts = json.loads((RECORDED / "texts.json").read_text(encoding="utf-8"))
    return [(name, readings[name], text) for name, text in texts.items()]


@pytest.mark.parametrize(
    ("found", "text"), [pytest.param(*each[1:], id=each[0]) for each in recorded()]
)
def test_recorded_readings_become_the_same_texts(found: dict[str, Any], text: str | None) -> None:
    """`python -m bench.text_quality --record tests/ocr_readings` writes both files anew."""
    assert compose(restored(found), language=found["language"]) == text


LOGIN = [
    line("Sign in to Acme", 400, 100, size=30),
    line("Use your work account.", 400, 170),
    *column("E-mail address|Password", 400, 240, step=80),
    line("ada@example.org", 412, 268),
    *row("Cancel|Sign in", 400, 420, step=120),
]


@pytest.mark.parametrize(
    ("regions", "text"),
    [
        # one text, as of a logo or a sign
        ([line("coldframe", 100, 100, size=60)], "coldframe"),
        # a logo of two lines
        ([line("SOLAR", 100, 100, size=60), line("POWER", 160, 176, size=30)], "SOLAR POWER"),
        # a dialog: headline, sentence, labels; not what is typed, nor the buttons
        (
            LOGIN,
            "Screenshot: Sign in to Acme. Use your work account. E-mail address, Password",
        ),
        # a chart: the numbers of its axis are left out
        (
            [
                line("Downloads", 300, 20, size=28),
                *column("4,000|3,000|2,000|1,000|0", 40, 100, step=120),
                *row("web|queue|cache", 150, 640),
            ],
            "Chart: Downloads. web, queue, cache",
        ),
        # a table: the names of its columns
        (
            [
                line("Supported versions", 40, 20, size=28),
                *row("Version|Released|Status", 40, 100),
                *row("3.11|Oct 2022|security", 40, 160),
                *row("3.12|Oct 2023|maintained", 40, 220),
            ],
            "Supported versions: Version, Released, Status",
        ),
        # a terminal: what was typed
        (
            column("$ pip install harbour|Collecting harbour|Successfully installed", 20, 20),
            "Terminal: pip install harbour",
        ),
        # a prompt that stands apart, and the title of the window
        (
            [
                line("maria@mill: ~/site", 400, 4),
                *column("$|$", 20, 60, step=80),
                *column("harbour install|Installed.|harbour status", 46, 60),
            ],
            "Terminal: harbour install, harbour status",
        ),
        # code with the numbers of its lines
        (
            [
                *column("1|2|3|4", 20, 20, step=30),
                *column("import sys|def main():||sys.exit(main())", 60, 20, step=30),
            ],
            "Code: import sys, def main(), sys.exit(main())",
        ),
        # a drawing: its labels, and no headline
        (
            [
                line("Browser", 100, 80),
                line("Balancer", 400, 250),
                line("Server", 800, 120),
                line("Database", 700, 500),
            ],
            "Diagram: Browser, Server, Balancer, Database",
        ),
        # a figure with its caption
        (
            [
                *row("Guest 0|Guest 1", 100, 80, step=400),
                line("Figure 3-1. A monitor and its guests", 200, 500),
            ],
            "A monitor and its guests: Guest 0, Guest 1",
        ),
        # the message of a failure, and not what stands around it
        (
            [
                line("Wifi parameters", 100, 30, size=24),
                *column("Network|Password|Channel", 100, 120),
                line("Connection to the network failed", 400, 600),
            ],
            "Wifi parameters: Network, Password, Channel, Connection to the network failed",
        ),
        # a sentence that goes on in the next line
        (
            column("Captions can be reviewed in the|browser before publishing.", 20, 20, step=24),
            "Captions can be reviewed in the browser before publishing.",
        ),
        # scripts without spaces
        ([line("温室二号", 20, 20), line("窓は開いている", 20, 90)], "温室二号, 窓は開いている"),
    ],
)
def test_text_reads_as_a_person_would_tell_it(regions: list[TextRegion], text: str) -> None:
    """Layouts of many kinds become one line each."""
    assert alt(regions) == text


TEN_LINES = (
    "Open the settings page of your account|Choose the language that you prefer|"
    "Upload a picture for your profile|Press the blue button to continue|"
    "Wait until the list has been loaded|Select a project from the menu|"
    "Invite a colleague by mail address|Read the terms before you accept|"
    "Download the report as a file|Close the window when you are done"
)


def test_lines_without_full_stops_give_the_first_of_them() -> None:
    """Ten of them as eight: a block without an end is no reason for silence."""
    text = "Open the settings page of your account, Choose the language that you prefer"
    assert alt(column(TEN_LINES, 9, 10, step=26)) == text
    assert alt(column(TEN_LINES.replace("|", " |", 2), 9, 10, step=26)) == text


# What is not told: what goes with what, and what is ticked


def test_labels_are_not_joined_to_what_stands_beside_them() -> None:
    """The word beside a box is there whether or not the box is ticked; values stand anywhere."""
    form = [
        line("Network", 40, 20, size=28),
        *column("VLAN|Smart queues|Address", 40, 100, step=50),
        *column("Enabled|Enabled|192.168.0.9", 400, 100, step=50),
        line("Total yield", 800, 100),
        line("2,737 kWh", 800, 130, size=30),
    ]
    assert alt(form) == "Network: VLAN, Smart queues, Address"


@pytest.mark.parametrize("state", ["Enabled", "OFF", "Aktiviert", "有効", "12.5 %", "2024-01-31"])
def test_values_and_states_alone_are_not_said(state: str) -> None:
    """Nobody knows what they are of."""
    text = alt(column("Firewall|Guest access|Region|Backup", 40, 100), line(state, 500, 100))
    assert text == "Firewall, Guest access, Region, Backup"


def test_a_card_begins_with_the_name_of_its_value() -> None:
    """Though the value is larger."""
    card = [
        line("Valve four", 40, 40, size=18),
        line("closed", 40, 90, size=40),
        line("next run at 18:00", 40, 170),
    ]
    assert alt(card) == "Valve four, closed, next run at 18:00"


# The matter, not the frame


PAGE = [
    line("Rotating keys", 300, 160, size=30),
    *column("Who may rotate a key|What happens to old keys|Where keys are listed", 300, 260),
]


@pytest.mark.parametrize(
    "frame",
    [
        row("Home|Projects|Members|Billing|Support", 300, 20, step=140),
        [line("Home > Security > Keys", 300, 110)],
        [line("Search documents...", 900, 20)],
        column("Overview|Activity|Files|Releases|Security", 20, 107, step=47),
        row("Ln 9, Col 1|UTF-8|Python|Spaces", 300, 770, step=140),
        [line("Keys - Harbour", 60, 4), line("https://example.org/keys", 200, 40)],
    ],
    ids=["bar", "breadcrumbs", "search", "navigation", "state", "browser"],
)
def test_frame_of_a_page_is_left_out(frame: list[TextRegion]) -> None:
    """Bars, navigation, breadcrumbs, search boxes and what a browser adds."""
    text = alt(PAGE, frame, line("Keys expire.", 300, 400))
    assert (
        (text or "")
        .removeprefix("Screenshot: ")
        .replace(".", ":", 1)
        .startswith("Rotating keys: Who may rotate a key, What happens to old keys")
    )


def test_a_dialog_comes_before_the_dimmed_page_behind_it() -> None:
    """Its title, and not the larger one of the page."""
    behind = [
        line("Live data", 10, 20, size=40, contrast=0.4),
        *column("Inverter 1|Inverter 2|Inverter 3|Inverter 4", 10, 120, contrast=0.4),
        *column("Power|Voltage|Current|Yield", 1000, 120, contrast=0.4),
        *row("Phase 1|Phase 2|Phase 3", 300, 700),
    ]
    behind = [*behind[:-3], *(line(each.text, 300, 700, contrast=0.4) for each in behind[-3:])]
    over = [
        line("Limit settings", 400, 200, size=24),
        *column("Current limit:|Last status:|New limit:", 400, 270),
        line("0k", 640, 310),
        line("Close", 700, 420),
    ]
    text = alt(behind, over)
    assert text == "Screenshot: Limit settings. Current limit, Last status, New limit"


def test_the_largest_type_is_no_headline_where_it_stands_in_the_midst() -> None:
    """Nor where it is a value, or one of several cards."""
    cards = [
        *row("Browser|Server|Database", 100, 200, step=300),
        *row("9,312|14|27,500", 100, 240, step=300),
        line("Largest word", 500, 390, size=40),
        *column("One|Two words|Three more words", 100, 300),
    ]
    assert not (alt(cards) or "").startswith("Largest word")


# Silence


@pytest.mark.parametrize(
    "regions",
    [
        [],
        [line("42", 100, 100, size=60)],
        [line("●", 100, 100), line("0", 300, 100, confidence=0.9)],
        [line("I I I", 100, 100), line("—", 300, 100), line("V", 500, 100)],
        [line("hardly legible", 100, 100, confidence=0.5)],
        [line("IMG_2041.PNG", 100, 100)],
        [line("xIn19", 100, 100)],
        [line("Screenshot 2025-01-02 at 10.11.12", 100, 100)],
        column("10:00|11:00|12:00", 20, 20),
        column("A' = 00 20 00 08x|p = 1/4|F|b' = 0x|C' = 00 20 00 08x", 20, 20),
        column("4f 2b 9c 1d|0x7f3a 0x00|[ 0 1 1 0 ]", 20, 20),
        [TextRegion("no box", (), 1.0)],
        [TextRegion("box without end", ((0, 0), (float("nan"), 1)), 1.0)],
    ],
    ids=lambda regions: "; ".join(region.text for region in regions) or "nothing",
)
def test_nothing_worth_reading_out_is_no_text(regions: list[TextRegion]) -> None:
    """Digits, shapes, file names, formulas and what was hardly legible make no text."""
    assert alt(regions) is None


def test_two_short_strings_on_a_photograph_are_no_text() -> None:
    """They seldom say what it shows; on a drawing they are a logo, and many lines are a board."""
    words = [line("EMPTY", 100, 100, size=60), line("Cave", 500, 500, size=60)]
    assert alt(words, plainness=0.4) is None
    assert alt(words) == "EMPTY, Cave"
    board = column("Receiver|Antenna port|Ground wire|Signal wire", 100, 100)
    assert alt(board, plainness=0.4) == "Receiver, Antenna port, Ground wire, Signal wire"


def test_text_that_was_mostly_guessed_is_no_text() -> None:
    """As upside down, or on a page that was reduced until nobody can read it."""
    guessed = [
        line(text, 10, 20 + 30 * number, confidence=0.6)
        for number, text in enumerate(TEN_LINES.split("|"))
    ]
    assert alt(guessed, line("poff ueyw unok", 10, 400)) is None


def test_many_strings_without_order_are_no_text() -> None:
    """Nothing says which come first."""
    words = "Nut Bolt Wing Tail Rotor Engine Wheel Brake Seat Light Horn Valve".split()
    scattered = [
        line(word, 40 + (number * 317) % 1000, 30 + 53 * number)
        for number, word in enumerate(words)
    ]
    assert alt(scattered, line("aft - fore", 300, 700), line("x.y:", 600, 740)) is None


# Words only


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ("● East wing", "East wing"),
        ("三 Alerts", "Alerts"),
        ("Q Find alerts", "Find alerts"),
        ("目 主机管理", "主机管理"),
        ("✓Single sign-on", "Single sign-on"),
        ("21.4℃ inside", "21.4°C inside"),
        ("Open recent...", "Open recent"),
        ("untitled file X", "untitled file"),
        ("Name ↓â", "Name"),
        ("- notebook", "notebook"),
        ("Ready\u200b\x07 now", "Ready now"),
        ("ＡＢＣ　１２", "ABC 12"),  # noqa: RUF001 - full width, as readers give it
        ("@ada wrote", "@ada wrote"),
    ],
)
def test_line_is_freed_of_icons_and_odd_characters(read: str, said: str) -> None:
    """What was no text in the picture is no text afterwards."""
    assert alt(line(read, 20, 20)) == said


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ("0Range", "Range"),
        ("0 Ensure that your cloud has one", "Ensure that your cloud has one"),
        ("0 Failed jobs", "0 Failed jobs"),
        ("Q mkdocs.yml", "mkdocs.yml"),
        ("Q3 results", "Q3 results"),
        ("_ Execute", "Execute"),
        ("(Note: press return )", "Note: press return"),
        ("(Optional) name", "(Optional) name"),
        ("Name*", "Name"),
        ("Client ID *", "Client ID"),
        ("Every night: 0 2 * * *", "Every night: 0 2 * * *"),
    ],
)
def test_icons_that_look_like_letters_are_left_out(read: str, said: str) -> None:
    """Buttons to choose one, magnifying glasses, prompts, and the star of a field to be filled."""
    assert alt(line(read, 40, 40), line("Archive", 40, 300)) == f"{said}, Archive"


def test_the_rest_of_a_sentence_is_not_said() -> None:
    """Its beginning was indented by an icon, and found apart."""
    text = alt(
        line("Connect to a cluster", 40, 20, size=30),
        line("environment of this server and installs the agent there.", 40, 90),
        line("You have a load balancer in your cluster.", 40, 140),
    )
    assert text == "Connect to a cluster: You have a load balancer in your cluster."


def test_no_line_of_a_certificate_is_said() -> None:
    """Of some, what is left without what looks like a key still does."""
    lines = column(
        "MIIDezCCAmOgAwIBAgIQBxQhNnirjQJHwpEG3zml+zANBgkqhkiG9w0BAQsFADAZ"
        "|hkiG9w0BAQsFAAOCAQEAbcaMSUio+GcG40WTuriGVBFAbhuoz1QG36ceBzdJ6XFU|Certificate",
        40,
        40,
    )
    assert alt(lines) == "Certificate"


def test_thin_type_is_a_headline_where_it_is_large() -> None:
    """It has less contrast than the text, as a hint in a field has."""
    above, below = row("Plan|Team", 40, 20), column("One way|Two ways|Three ways", 40, 300)
    for size, is_headline in ((30, True), (22, False)):
        text = alt(above, line("Getting started", 40, 160, size=size, contrast=0.55), below)
        assert text is not None
        assert text.startswith("Getting started: ") is is_headline


def test_who_has_signed_in_is_no_title_beside_the_headline() -> None:
    """Titles of two columns are; the name stands at the right edge."""
    head, below = line("Service list", 20, 20, size=30), column("Name|Stack|Image|Mode", 20, 140)
    corner, middle = line("admin", 1100, 20, size=26), line("Filters", 700, 20, size=26)
    text = alt(head, corner, below)
    assert text is not None
    assert text.startswith("Service list: ")
    beside = alt(head, middle, below)
    assert beside is not None
    assert not beside.startswith("Service list: ")


def test_a_title_stays_one_where_a_cell_is_larger() -> None:
    """The size of a short word is vague."""
    cells = [row(f"Type {each}|file {each}|text", 40, 160 + 30 * each) for each in range(5)]
    large = line("tif", 440, 320, size=24)
    text = alt(line("External file types", 20, 20), row("Name|Ending|Kind", 40, 120), *cells, large)
    assert text is not None
    assert text.startswith("External file types: Name, Ending, Kind")


def test_a_page_with_a_bar_is_no_diagram() -> None:
    """Labels are spread over forms, too."""
    spread = [
        line("Sensor", 700, 300),
        line("Gateway", 60, 360),
        line("Server", 980, 420),
        line("Database", 380, 600),
    ]
    assert alt(*spread) == "Diagram: Sensor, Gateway, Server, Database"
    text = alt(line("Home > Network > Devices", 40, 40), *spread)
    assert text is not None
    assert "Diagram" not in text


def test_an_empty_list_says_so() -> None:
    """What was looked for and is not there comes first."""
    labels = column("Healthy|Progressing|Suspended|Degraded|Missing|Labels", 40, 60)
    text = alt(labels, line("No applications found", 600, 200))
    assert text is not None
    assert "No applications found" in text


def test_letters_of_another_script_are_icons() -> None:
    """Unless much of the picture is written in it, or the page is."""
    lines = column("appset-dev|application", 40, 40)
    icon = line("三井回", 400, 400)
    assert alt(lines, icon) == "appset-dev, application"
    assert alt(lines, icon, language="ja") == "appset-dev, application, 三井回"
    assert alt(line("関于 Xfce", 40, 40), line("設定管理", 40, 90)) == "関于 Xfce, 設定管理"


def test_halves_of_lines_at_the_edges_are_left_out() -> None:
    """The edge goes through them, from above or from the left."""
    menu = column("System security|Security update|Device admin|Trusted agents", 40, 60)
    half = TextRegion("tina mvy", ((40, 0), (150, 0), (150, 9), (40, 9)), 1.0, 0.9)
    cut = line("K.ORG", 0, 300)
    assert alt(menu, half, cut) == alt(menu)


def test_same_text_is_said_once() -> None:
    """A page that repeats its name in tab, bar and headline names it once."""
    text = alt(line("Orders", 20, 20, size=32), *column("Orders|Customers|orders", 20, 200))

    assert text == "Orders: Customers"


# Kinds of pictures, and the page's words


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Screenshot: Cancel, Save"),
        ("de", "Screenshot: Cancel, Save"),
        ("fr", "Capture d'écran: Cancel, Save"),
        ("ja", "スクリーンショット: Cancel, Save"),
        ("und", "Cancel, Save"),
    ],
)
def test_the_opening_word_is_of_the_pages_language(language: str, text: str) -> None:
    """Where it is not known, the text begins without one."""
    assert alt(row("Cancel|Save", 40, 40), language=language) == text


@pytest.mark.parametrize(
    ("words", "kind"), [("Cancel|Holidays", ""), ("Cancel|Save", "Screenshot: ")]
)
def test_two_names_of_controls_make_a_screenshot(words: str, kind: str) -> None:
    """One may stand on a sign."""
    assert (alt(row(words, 40, 40)) or "").startswith("Screenshot: ") is bool(kind)


@pytest.mark.parametrize(("ticks", "is_chart"), [("20|10", False), ("30|20|10", True)])
def test_an_axis_has_three_numbers_that_grow_evenly(ticks: str, *, is_chart: bool) -> None:
    """Two numbers always do."""
    axis = column(ticks, 40, 100, step=400 / (ticks.count("|")))
    text = alt(line("Water use", 300, 20), axis, row("north|south", 150, 640))
    assert (text or "").startswith("Chart: ") is is_chart


def test_what_the_page_speaks_of_comes_first() -> None:
    """Of thirty labels, the one that the text around the picture names is what it is there for."""
    menu = [
        line("Preferences of the device", 40, 20, size=28),
        *column("Bad link mode|Mute keys|Mouse jiggler|Video mode|Multimedia", 40, 100),
        *column("Audio volume|Microphone|Camera", 40, 300),
    ]
    context = Context(heading="Sound", before="Switch the microphone on in the menu:")
    assert "Microphone" not in (alt(menu, max_length=70) or "")
    assert "Microphone" in (alt(menu, context=context, max_length=70) or "")
    chinese = column("開始|終端機|設定管理|網頁瀏覽|電子郵件|檔案管理|系統資訊|使用者", 40, 40)
    spoken = Context(caption="打開使用者畫面")
    assert "使用者" not in (alt(chinese, max_length=24) or "")
    assert "使用者" in (alt(chinese, context=spoken, max_length=24) or "")


# Length


def test_text_ends_with_a_whole_phrase() -> None:
    """What does not fit is left out as a whole."""
    names = "Copper|Silver|Golden|Platinum|Titanium|Aluminium"
    text = alt(line("Plans", 20, 20, size=32), column(names, 20, 150), max_length=30)

    assert text == "Plans: Copper, Silver, Golden"


def test_enough_is_enough() -> None:
    """Headline and a few phrases: nobody listens to the whole screen."""
    lines = column("|".join(f"Label number {'abcdefghij'[n]}" for n in range(10)), 40, 120)
    text = alt(line("A page with many labels", 40, 20, size=30), lines)
    assert text is not None
    assert 60 <= len(text) <= 100


def test_a_sentence_under_the_headline_may_exceed_the_aim() -> None:
    """It says what the page is for."""
    says = (
        "The service performs continuous cleaning of old sensors that have not connected for days."
    )
    text = alt(line("ext-sensor-cull", 20, 20, size=32), line(says, 20, 120))
    assert text == f"ext-sensor-cull: {says}"


def test_one_long_sentence_may_exceed_the_aim_but_not_the_limit() -> None:
    """A single sentence is never cut: it is taken as a whole, or not at all."""
    sentence = " ".join(["word"] * 45)

    assert alt(line(sentence, 2, 20, size=5)) == sentence
    assert alt(line(sentence, 2, 20, size=5), max_length=200) is None


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
        lambda at: (
            (at[0], at[1]),
            (at[0] + 5 * at[2], at[1]),
            (at[0] + 5 * at[2], at[1] + at[2]),
            (at[0], at[1] + at[2]),
        )
    ),
    st.floats(0.6, 1.0) | st.just(1.0),
    st.floats(0.0, 1.0) | st.just(0.9),
)
PICTURES = st.lists(REGIONS, max_size=25)
_OPENINGS = {str(kind) for kind in Kind}


@given(PICTURES, st.integers(1, 400), st.sampled_from(["en", "de", "und"]))
def test_text_is_never_longer_than_the_limit(
    regions: list[TextRegion], max_length: int, language: str
) -> None:
    """Whatever was read, and however short the limit; nor does anything raise."""
    text = alt(regions, max_length=max_length, language=language)

    assert text is None or 2 <= len(text) <= max_length


@given(PICTURES)
def test_every_word_stands_in_the_picture(regions: list[TextRegion]) -> None:
    """Nothing is invented but the opening word."""
    letters = re.compile(r"[A-Za-z0-9]+")
    there = set(letters.findall(" ".join(plain(region.text) for region in regions)))

    assert set(letters.findall(alt(regions) or "")) <= there | _OPENINGS


@given(PICTURES, st.randoms(use_true_random=False))
def test_order_of_reading_out_does_not_depend_on_order_of_finding(
    regions: list[TextRegion], random: object
) -> None:
    """Only places count."""
    shuffled = list(regions)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert alt(regions) == alt(shuffled)


@given(PICTURES)
def test_text_ends_cleanly_in_one_line(regions: list[TextRegion]) -> None:
    """No dangling punctuation, no doubled white space, no line ends."""
    text = alt(regions)

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
    lines = column(
        "Your account|jane.doe@acme.co|Key: W269N-WFGWX-YVC9B-4J6C9-T83GX|Backup", 40, 40
    )
    text = alt(lines)
    assert text is not None
    assert "Your account" in text
    assert "Backup" in text
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


@pytest.mark.parametrize(("confidence", "is_read"), [(0.78, False), (0.82, True)])
def test_a_line_that_was_hardly_legible_is_left_out(confidence: float, *, is_read: bool) -> None:
    """Shapes that are taken for text are mostly read with less than 0.8."""
    text = alt(line("Archive", 40, 40), line("Trashlike", 40, 300, confidence=confidence))
    assert text == ("Archive, Trashlike" if is_read else "Archive")


@pytest.mark.parametrize(("size", "is_headline"), [(16, False), (22, True)])
def test_a_headline_is_a_fifth_larger_than_the_rest(size: float, *, is_headline: bool) -> None:
    """What stands above it is its frame; less of a difference is chance."""
    above, below = row("Plan|Team", 40, 20), column("One way|Two ways|Three ways", 40, 300)
    text = alt(above, line("Quarterly report", 40, 160, size=size), below)
    assert text is not None
    assert text.startswith("Quarterly report: ") is is_headline
