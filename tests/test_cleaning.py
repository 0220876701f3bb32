"""From what a service said to what is fit to publish, or to the reason why it is not."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_alttext.captioning import judging
from mkdocs_alttext.captioning.judging import clean, judge
from mkdocs_alttext.exceptions import AnswerError
from mkdocs_alttext.models import Reason
from mkdocs_alttext.system.printable import is_blank, plain

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("A red bicycle", "A red bicycle"),
        ("", ""),
        # white space
        ("  A red\r\n\tbicycle\u00a0\u2028by  a wall ", "A red bicycle by a wall"),
        # what shows nothing
        ("A\u200b red\x00 bi\x07cycle\u202e\ufeff\u00ad", "A red bicycle"),
        ("क्\u200dष", "क्\u200dष"),
        ("A family: 👨\u200d👩\u200d👧", "A family: 👨\u200d👩\u200d👧"),
        ("half \ud800 a pair \ue000 and none \U000e0041", "half a pair and none"),
        # entities and tags
        ("Tom &amp; Jerry, 3 &lt; 4", "Tom & Jerry, 3 < 4"),
        ("&amp;amp;amp;lt;b&amp;amp;amp;gt;x", "x"),
        ("<p>A <b>red</b> bicycle</p>", "A red bicycle"),
        ("A<br/>bicycle<!-- by\nhand -->", "A bicycle"),
        ("3 < 4 and 5 > 4", "3 < 4 and 5 > 4"),
        # one pair of wrapping quotes, and the next
        ('"A red bicycle"', "A red bicycle"),
        ("“A red bicycle”", "A red bicycle"),
        ("„Ein rotes Fahrrad“", "Ein rotes Fahrrad"),
        ("«Un vélo»", "Un vélo"),
        ("「赤い自転車」", "赤い自転車"),
        ("'\"A bicycle\"'", "A bicycle"),
        ("»Ein Hund«", "Ein Hund"),
        ("\u2039A cat\u203a", "A cat"),
        ('"Stop" and "Go"', '"Stop" and "Go"'),
        ("“Stop” and “Go”", "“Stop” and “Go”"),
        # quotes inside quotes
        ("'A dog's bowl'", "A dog's bowl"),
        ("‘A dog’s bowl’", "A dog’s bowl"),
        ('"A sign saying "Stop""', 'A sign saying "Stop"'),
        ("“A sign saying “Stop””", "A sign saying “Stop”"),
        ('"A 5" pipe"', '"A 5" pipe"'),
        ("A sign says “Stop”", "A sign says “Stop”"),
        ('"', '"'),
        # a label
        ("Alt text: A red bicycle", "A red bicycle"),
        ('alt="A red bicycle"', "A red bicycle"),
        ("Alternative-text = A red bicycle", "A red bicycle"),
        ("Caption: Description: A bicycle", "A bicycle"),
        ("A sign: stop", "A sign: stop"),
        ("**Alt text:** A cat", "A cat"),
        ('**Alt Text**: "A cat"', "A cat"),
        ("Alt text \u2013 A cat", "A cat"),
        ("Alt text for this image - A cat", "A cat"),
        ("Here is the alt text: A cat", "A cat"),
        ("Sure! Here's a concise alt text for the image:\n\nA cat", "A cat"),
        ("Image: A cat", "A cat"),
        ("Image description: A cat", "A cat"),
        ("Image \u2013 before and after", "Image \u2013 before and after"),
        ("Here is a house", "Here is a house"),
        # a fence
        ("```\nA cat\n```", "A cat"),
        ("```text\nA cat\n```\n", "A cat"),
        ("`git add` and `git commit`", "`git add` and `git commit`"),
        # a redundant opening goes, one that informs stays
        ("Image of a red bicycle", "A red bicycle"),
        ("This image shows a red bicycle", "A red bicycle"),
        ("The picture depicts two dogs", "Two dogs"),
        ("a photo of an image of a dog", "A dog"),
        ("Alt text: “An image showing a red bicycle”", "A red bicycle"),
        ("The image shows: a cat", "A cat"),
        ("This image is of a cat.", "A cat."),
        ("This is an image of a cat.", "A cat."),
        ("The image is a map", "A map"),
        ("The picture is by Monet", "The picture is by Monet"),
        ("Image of iPhone", "iPhone"),
        ("Image of macOS on a desk", "macOS on a desk"),
        ("Screenshot of the settings", "Screenshot of the settings"),
        ("Diagram of a bridge", "Diagram of a bridge"),
        ("Chart of rainfall", "Chart of rainfall"),
        ("Map of Rome", "Map of Rome"),
        ("Image offset in the editor", "Image offset in the editor"),
    ],
)
def test_an_answer_is_cleaned(answer: str, text: str) -> None:
    """Into one line that a person could have written."""
    assert clean(answer) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.ANSWER_EMPTY),
        ("…", Reason.ANSWER_EMPTY),
        ("\u200d", Reason.ANSWER_EMPTY),
        ("😄", Reason.ANSWER_EMPTY),
        ("\u3164", Reason.ANSWER_EMPTY),  # a letter that shows nothing
        ("red-bike_2.png", Reason.ANSWER_FILENAME),
        ("Red-Bike_2.PNG.", Reason.ANSWER_FILENAME),
        ("red-bike_2", Reason.ANSWER_FILENAME),
        ("red bike 2", Reason.ANSWER_FILENAME),
        ("Screenshot 2026-01-01 at 10.00.00.png", Reason.ANSWER_FILENAME),
        ("Icon for logo.svg", None),
        ("Download report.svg", None),
        ("IMG_2041.JPG", Reason.ANSWER_FILENAME),  # whoever it belongs to (WCAG F30)
        ("2026", Reason.ANSWER_DIGITS),
        ("12,5 %", Reason.ANSWER_DIGITS),
        ("Image", Reason.ANSWER_PLACEHOLDER),
        ("An image.", Reason.ANSWER_PLACEHOLDER),
        ("**Untitled**", Reason.ANSWER_PLACEHOLDER),
        ("No description", Reason.ANSWER_PLACEHOLDER),
        ("the picture", Reason.ANSWER_PLACEHOLDER),
        ("a photo", Reason.ANSWER_PLACEHOLDER),
        ("this image", Reason.ANSWER_PLACEHOLDER),
        ("image 1", Reason.ANSWER_PLACEHOLDER),
        ("Image (1)", Reason.ANSWER_PLACEHOLDER),
        ("An image of", Reason.ANSWER_PLACEHOLDER),
        ("No alt text provided", Reason.ANSWER_PLACEHOLDER),
        ("no alt text available", Reason.ANSWER_PLACEHOLDER),
        ("No alternative text", Reason.ANSWER_PLACEHOLDER),
        ("No description has been provided for this image.", Reason.ANSWER_PLACEHOLDER),
        ("DSC00123", Reason.ANSWER_PLACEHOLDER),
        *((word, Reason.ANSWER_PLACEHOLDER) for word in "Bild Foto Imagen Immagine obraz".split()),
        *((word, Reason.ANSWER_PLACEHOLDER) for word in "изображение 图片 画像 이미지".split()),
        ("Ein Bild", Reason.ANSWER_PLACEHOLDER),
        ("L’image", Reason.ANSWER_PLACEHOLDER),
        ("[image]", Reason.ANSWER_PLACEHOLDER),
        ("(No description)", Reason.ANSWER_PLACEHOLDER),
        ("Image 1 of 3 on the conveyor", None),
        ("Ein Bild von einem Hund", None),
        ("I'm sorry, but I can't help with that", Reason.ANSWER_REFUSAL),
        ("I’m very sorry.", Reason.ANSWER_REFUSAL),
        ("Unfortunately, I cannot see the picture", Reason.ANSWER_REFUSAL),
        ("As an AI language model, I", Reason.ANSWER_REFUSAL),
        ("**I'm unable to describe** people", Reason.ANSWER_REFUSAL),
        ("Please provide an image", Reason.ANSWER_REFUSAL),
        ("Sorry, I can't help with that.", Reason.ANSWER_REFUSAL),
        ("Sorry. I cannot view images.", Reason.ANSWER_REFUSAL),
        ("Sorry! I can't", Reason.ANSWER_REFUSAL),
        ("Sorry", Reason.ANSWER_REFUSAL),
        ("Unfortunately, I'm unable to view the image.", Reason.ANSWER_REFUSAL),
        ("I apologize, but I can't describe this image.", Reason.ANSWER_REFUSAL),
        ("My apologies, but I cannot view this.", Reason.ANSWER_REFUSAL),
        ("I’m afraid I can’t see the image.", Reason.ANSWER_REFUSAL),
        ("I won't be able to describe this image.", Reason.ANSWER_REFUSAL),
        ("As an artificial intelligence I cannot", Reason.ANSWER_REFUSAL),
        ("No image was provided.", Reason.ANSWER_REFUSAL),
        ("There is no image attached.", Reason.ANSWER_REFUSAL),
        ("It looks like the image did not load.", Reason.ANSWER_REFUSAL),
        ("Failed to load image", Reason.ANSWER_REFUSAL),
        ("Unable to load image", Reason.ANSWER_REFUSAL),
        ("The image is not available.", Reason.ANSWER_REFUSAL),
        ("The image is too dark to describe.", Reason.ANSWER_REFUSAL),
        ("I can't believe it's not butter tub", None),
        ("Please upload your documents form", None),
        ("I'm afraid of spiders, on a T-shirt", None),
        ("Failed to load resource, in the browser's console", None),
        ("No image editor is open", None),
        ('{"alt": "A red bicycle"}', Reason.ANSWER_NOT_PROSE),
        ('```json {"alt": "A red bicycle"} ```', Reason.ANSWER_NOT_PROSE),
        ("[1, 2, x]", Reason.ANSWER_NOT_PROSE),
        ("Internal Server Error: 500", Reason.ANSWER_NOT_PROSE),
        ("502 is what it says, Error: x", None),
        ("Traceback (most recent call last)", Reason.ANSWER_NOT_PROSE),
        ("https://ex.org/a-red-bicycle", Reason.ANSWER_NOT_PROSE),
        ("502 Bad Gateway", Reason.ANSWER_NOT_PROSE),
        ("KeyError: 'alt'", Reason.ANSWER_NOT_PROSE),
        ("Error 500", Reason.ANSWER_NOT_PROSE),
        ("Error processing image", Reason.ANSWER_NOT_PROSE),
        ("An unexpected error occurred.", Reason.ANSWER_NOT_PROSE),
        ('Exception in thread "main" java.lang.Error', Reason.ANSWER_NOT_PROSE),
        ("Error processing pipeline with three steps", None),
        ("Rate limit exceeded", Reason.ANSWER_NOT_PROSE),
        ("Invalid API key.", Reason.ANSWER_NOT_PROSE),
        ('{"alt": "A red bicy', Reason.ANSWER_NOT_PROSE),
        ("Exception hierarchy diagram", None),
        ("Exception handling flowchart", None),
        ("Traceback of a Python error in a terminal", None),
        ("Rate limits by plan as a bar chart", None),
        ("Rate limiting flow", None),
        ("Error 404 page with a robot", None),
        ("Error (red) and warning (yellow) badges", None),
        ("Service unavailable page", None),
        ("[Sign in] button", None),
        ("[Sign in]", None),
        ("{ } braces icon", None),
        ("x" * 301, Reason.ANSWER_TOO_LONG),
        # what looks alike and is fit
        ("x" * 300, None),
        ("A red bike, number 2", None),
        ("Red bikes", None),
        ("7 bicycles", None),
        ("Error dialog of the installer", None),
        ("A person who says I'm sorry", None),
        ("Image editor with two layers", None),
        ("日本", None),
        ("I", None),
    ],
)
def test_a_text_is_judged(text: str, reason: Reason | None) -> None:
    """A refusal names its reason; nothing is ever cut."""
    if reason is None:
        judge(text, file_name="red-bike_2.png", max_length=300)
        return
    with pytest.raises(AnswerError) as raised:
        judge(text, file_name="red-bike_2.png", max_length=300)
    assert raised.value.reason is reason


@pytest.mark.parametrize(
    "layer", ["&amp;", "Image of ", "Alt text: ", "<b>", "&#8203;", "x", "&#9"]
)
def test_an_answer_without_end_is_none(layer: str) -> None:
    """It is refused at once: taking one layer off after the other would take minutes."""
    answer = layer.replace("&amp;", "&" + "amp;" * 40_000) if layer == "&amp;" else layer * 40_000
    with pytest.raises(AnswerError):
        judge(clean(answer), file_name="red-bike_2.png", max_length=1000)


def test_a_number_too_long_to_be_a_character_is_left() -> None:
    """Python refuses to read it."""
    assert clean(f"&#{'9' * 5000};") == f"&#{'9' * 5000};"


answer_parts = st.one_of(
    st.sampled_from(
        [
            *("Alt text:", "alt =", "Image of ", "A picture showing ", "The image shows "),
            *("diagram of ", '"', "'", "“", "”", "« ", "»", "<b>", "</b>", "<!-- x -->"),
            *("&lt;i&gt;", "&amp;lt;", "&quot;", "&#8203;", "\u200b", "\u202e", "\x07", "\r\n"),
            *("\u2028", " ", "ßtreet", "a dog", "**", "```\n", "'s ", "iPhone"),
        ]
    ),
    st.text(max_size=5),
)


@given(answer=st.lists(answer_parts, max_size=8).map("".join))
def test_cleaning_twice_changes_nothing(answer: str) -> None:
    """A clean text is one line, no longer than what was said."""
    text = clean(answer)
    assert clean(text) == text
    assert text == " ".join(text.split())
    assert len(text) <= len(answer)
    assert not any(character in text for character in "\u200b\u202e\x07\u2028")


FORBIDDEN = st.one_of(
    st.sampled_from(
        [
            *("", " ", "—", "123", "12.5 %", "red-bike_2.png", "RED-BIKE_2", "red bike 2"),
            *("image", "Untitled", "n/a", "No description", "I'm sorry, I can’t help"),
            *("I cannot see it", "As an AI model, I", '{"error": "x"}', "[1, 2]"),
            *("Internal Server Error: 500", "https://ex.org/x.png", "No image was provided"),
        ]
    ),
    st.text(min_size=1).map(lambda text: (text * 301)[:301] + "x" * 301),
)
FRAMES = (
    "{}",
    "[{}]",
    '"{}"',
    "“{}”",
    " {}\n",
    "Alt text: {}",
    "<p>{}</p>",
    "{}.",
    "**{}**",
    "> {}",
)


@given(text=FORBIDDEN, frame=st.sampled_from(FRAMES))
def test_what_must_not_be_published_never_passes(text: str, frame: str) -> None:
    """Whatever it is wrapped in."""
    with pytest.raises(AnswerError):
        judge(clean(frame.format(text)), file_name="red-bike_2.png", max_length=300)


# What shows nothing

LEGITIMATE = [
    # Indian scripts with joiners: half forms, forms that are not joined, and one that ends a word
    "क्‍ष और क्‌ष",
    "र्‍य, और न्‍ ",
    "শ্রীমতী র‍্যাব",
    "ന്‍റെ മലയാളം",
    "ක්‍රියා ශ්‍රී",
    # Persian, and a letter as it is written inside a word
    "می‌خواهم کتاب‌ها را",  # noqa: RUF001 - Persian
    "سال ۱۴۰۰ ه‍.ق",  # noqa: RUF001 - Persian
    "حرف ه‍ در واژه",  # noqa: RUF001 - Persian
    "\u0661 \u06dd\u0661 \u0600\u0662",
    # emoji
    "A family: 👨‍👩‍👧‍👦 and a ❤️, ❤️‍🔥, ☎︎, 1️⃣, #️⃣, ‼️, \u2139️ and ©️",
    "👩🏽‍🚀 🏳️‍🌈 🏴‍☠️ 👁️‍🗨️ 🧑‍🤝‍🧑",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f won",
    # Mongolian with selectors and its separator
    "ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ ᠠ᠋ᠭᠠ",
    "ᠮᠣᠷᠢ᠎ᠠ",
    # Vietnamese in parts, Hebrew with points and accents, Thai, Arabic with points, Tibetan
    "Tie\u0302\u0301ng Vie\u0323\u0302t",
    "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים",
    "ที่นี่ น้ำ ผู้",
    "بِسْمِ ٱللَّٰهِ",
    "བསྒྲུབས་རྒྱུ",
    # Hangul in parts, one without its first or middle part
    "\u1112\u1161\u11ab \u115f\u1161 \u1100\u1160\u11ab",
    "Auf\u200clage",
]


@pytest.mark.parametrize("text", LEGITIMATE)
def test_what_scripts_need_stays(text: str) -> None:
    """In a person's text."""
    assert plain(text) == text.strip()


@pytest.mark.parametrize("text", LEGITIMATE[:-1])
def test_what_scripts_need_stays_in_an_answer(text: str) -> None:
    """Selectors and joiners of scripts and emoji are no padding."""
    assert clean(f"A sign: {text}.").removeprefix("A sign: ") == f"{text}."


def test_a_person_s_choice_of_a_form_stays() -> None:
    """Of a Chinese character, or of a sign; a machine has no reason to make one."""
    text = "葛\U000e0100城, 0\ufe00 \u2229\ufe00"
    assert plain(text) == text
    assert clean(text) == "葛城, 0 \u2229"


@pytest.mark.parametrize(
    "padding",
    [
        *("\ufe0f\ufe00\ufe0e\U000e0100\U000e01ef\u180b\u180d\u180f"),  # selectors
        *("\u200b\u200c\u200d\u2060\ufeff\u180e\u00ad\u034f"),  # joiners and spaces of no width
        *("\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5\U0001d159"),  # letters that show nothing
        *("\U000e0041\U000e0001\U000e007f\u202e\u2066\ufff9\u061c"),  # tags and directions
    ],
    ids=lambda character: f"{ord(character):x}",
)
@pytest.mark.parametrize("take_out", [plain, clean])
def test_what_shows_nothing_does_not_pass(take_out: Callable[[str], str], padding: str) -> None:
    """However much of it, wherever."""
    heap = padding * 100
    text = take_out(f"{heap}A{heap} red{heap} bi{padding}cycle{heap}")
    assert text.count(padding) <= len(["A", "red", "bi", "cycle"])
    assert text.replace(padding, "").replace("bi cycle", "bicycle") == "A red bicycle"
    assert text[0] == "A"
    assert take_out(heap) == ""


def test_an_answer_holds_no_piles_of_marks() -> None:
    """They would run over the lines around it; a person may write what they like."""
    pile = "A" + "\u0301" * 100 + "\u200d" + "\u20dd" * 100
    assert clean(f"{pile} tree") == "A" + "\u0301" * 4 + " tree"
    assert plain(f"{pile} tree") == f"{pile} tree"


invisible = st.text(
    st.sampled_from(
        "aé9#क्ᠠ\u1100\u1161\u0301\u20dd葛❤👩🏴 \u200c\u200d\u180e\u115f\u1160\u3164\u2800\u034f"
        "\ufe0f\ufe0e\ufe00\U000e0100\u180b\U000e0067\U000e007f\u200b\u0600"
    ),
    max_size=30,
)


@given(text=invisible)
def test_taking_out_what_shows_nothing_twice_changes_nothing(text: str) -> None:
    """And what is fit for a machine's text is fit for a person's."""
    assert plain(plain(text)) == plain(text)
    assert clean(clean(text)) == clean(text)
    assert plain(clean(text)) == clean(text)


@given(text=st.text(max_size=40))
def test_every_visible_character_stays(text: str) -> None:
    """Nothing that has a sign of its own is taken out of a person's text."""
    kept = plain(text)
    for character in text:
        if unicodedata.category(character)[0] in "LNPS" and not is_blank(character):
            assert character in kept


@pytest.mark.parametrize(
    "text",
    [
        *("\ufe0f", "\U000e0100 \u180b", "\u034f\u2800", "\u3164\u200d", "\u115f\u1160\u180e"),
        *("\U0001d159\U00016fe4", "\u200b\u202e\x07\x85\u2028"),
    ],
)
def test_what_shows_nothing_is_no_text_of_an_author_s(text: str) -> None:
    """An image that has nothing else lacks text, and nothing of it would be published."""
    assert is_blank(text)
    assert plain(text) == ""


@pytest.mark.parametrize("text", ["\u06dd", "\u0600\u0661", "\ue000", "\U0001fae9", "\U0003fffd"])
def test_what_may_show_something_is_an_author_s_text(text: str) -> None:
    """Signs of verses, the glyphs of an icon font, and what a newer Unicode has."""
    assert not is_blank(text)


@given(data=st.data())
def test_what_is_looked_for_first_is_in_all_that_an_expression_finds(data: st.DataObject) -> None:
    """Else an expression that is extended would find nothing more."""
    refusal = data.draw(st.from_regex(rf"\A(?:{judging.REFUSAL})"))
    assert refusal.startswith(judging.OPENINGS)
    nothing = data.draw(st.from_regex(rf"\A(?:{judging.NOTHING_TO_SEE})"))
    assert re.search(judging.PICTURE, nothing)
    stand_in = data.draw(st.from_regex(judging.STAND_IN, fullmatch=True))
    assert sum(map(str.isalpha, stand_in)) <= judging.MOST_LETTERS
    error = data.draw(st.from_regex(rf"\A(?:{judging.ERROR})"))
    assert any(sign in error for sign in judging.SIGNS_OF_MACHINES)
