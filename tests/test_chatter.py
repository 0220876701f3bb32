"""What models write around a text is cut away; what they write instead of one is refused."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from mkdocs_alttext.captioning.judging import clean, judge
from mkdocs_alttext.exceptions import AnswerError
from mkdocs_alttext.models import Reason

CLEANED = [
    "<think>The user wants alt text. A door, I think.</think>A red door",
    "<think>\nHmm, a door.\n</think>\n\nA red door",
    "The door is red, so I write that.</think> A red door",
    "A red door<|endoftext|>",
    "A red door<|im_end|>",
    "<|assistant|> A red door",
    "<\uff5cend\u2581of\u2581sentence\uff5c>A red door",
    "[INST] A red door [/INST]",
    "assistant: A red door",
    "Assistant:\nA red door",
    "![A red door](image.png)",
    '![A red door](image.png "A title")',
    '"alt_text": "A red door"',
    "alt='A red door'",
    "A red door (Note: the picture is blurred.)",
    "A red door (10 characters)",
    "A red door [10 characters]",
    "A red door This alt text is 10 characters long.",
    "A red door Character count: 10",
    "A red door\n\nThis alt text describes the main object of the picture.",
    "A red door Note: I could not read the sign.",
    "May be an image of a red door",
    "Might be a picture of a red door",
    '<think>x</think>```json\n"alt": "A red door"\n```',
]


@pytest.mark.parametrize("answer", CLEANED)
def test_what_stands_around_a_text_is_cut_away(answer: str) -> None:
    """And cleaning twice changes nothing."""
    cleaned = clean(answer)
    assert cleaned.rstrip(".").lower() in {"a red door", "red door"}
    assert clean(cleaned) == cleaned
    judge(cleaned, file_name="a.png", max_length=300)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("Here are three options: a door, a red door, an entrance", Reason.ANSWER_CHATTER),
        ("Sure! Here are 3 alt text suggestions: 1. A door", Reason.ANSWER_CHATTER),
        ("Here are a few possible descriptions: a door", Reason.ANSWER_CHATTER),
        ("Option 1: A red door", Reason.ANSWER_CHATTER),
        ("**Option 1:** A red door **Option 2:** A door", Reason.ANSWER_CHATTER),
        ("1. A red door\n2. A door", Reason.ANSWER_CHATTER),
        ("1) A red door 2) A door 3) An entrance", Reason.ANSWER_CHATTER),
        ("This image is decorative.", Reason.ANSWER_CHATTER),
        ("The picture appears to be purely decorative.", Reason.ANSWER_CHATTER),
        ("This is a decorative image.", Reason.ANSWER_CHATTER),
        ("Decorative image, no alt text needed.", Reason.ANSWER_CHATTER),
        ("Purely decorative", Reason.ANSWER_CHATTER),
        ("Decorative element (a wave)", Reason.ANSWER_CHATTER),
        ("A blue wave. No alternative text is required.", Reason.ANSWER_CHATTER),
        ("Alt text not necessary: the icon repeats the link", Reason.ANSWER_CHATTER),
        ("This alt text is 10 characters long.", Reason.ANSWER_CHATTER),
        ("The user wants alt text for a door", Reason.ANSWER_CHATTER),
        ("Okay, let me look at this picture", Reason.ANSWER_CHATTER),
        ("Content filtered", Reason.ANSWER_REFUSAL),
        ("This request violates our content policy.", Reason.ANSWER_REFUSAL),
        ("The response was filtered due to the prompt", Reason.ANSWER_REFUSAL),
        ("<think>The picture shows a door", Reason.ANSWER_EMPTY),
        ("<|endoftext|>", Reason.ANSWER_EMPTY),
        ('{"kind": "photo", "alt": 7}', Reason.ANSWER_NOT_PROSE),
        ('{"alt_text": "A red door"}', Reason.ANSWER_NOT_PROSE),
    ],
)
def test_what_is_written_instead_of_a_text_is_refused(answer: str, reason: Reason) -> None:
    """Nobody can tell which part of it is the text."""
    with pytest.raises(AnswerError) as caught:
        judge(clean(answer), file_name="a.png", max_length=300)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "text",
    [
        "Options menu with the entry Save highlighted",
        "Menu with three options: Open, Save and Close",
        "Decorative border around a poem of 1850",
        "Decorative image of leaves beside a title",
        "Decorative icons, in three sizes",
        "Editor with the option: alt text of each picture is required",
        "Form with an empty alt text field, outlined in red",
        "Diagram of the content filter between the proxy and the browser",
        "Screenshot of version 1.2, where step 1 and step 2 are done",
        "Dialog (unsaved changes) with a warning",
        "Output: the table that the command prints",
        "Two versions: the left one is older",
        "Chart that shows 2. quarter sales above the 1. quarter",
        "Assistant settings with the voice switched off",
        "Model of a house",
        "Class diagram: Model <|-- View",
        "Settings, with Alt text: on",
        "A note on a door: back at 5",
        "The description field is empty and outlined in red",
        "This icon marks pages that are decorated",
        "User provided names in a table",
        "Think before you type, a poster in an office",
    ],
)
def test_good_texts_that_look_alike_are_left(text: str) -> None:
    """Words of pages about models and pictures."""
    assert clean(text) == text
    judge(text, file_name="a.png", max_length=300)


@pytest.mark.parametrize(
    "unit", ["<think>", "<|", "(note ", "1. a ", "![", '"alt": "', "this alt text is ", "a "]
)
def test_a_long_answer_takes_no_time(unit: str) -> None:
    """Whoever repeats himself is read in time in proportion."""
    answer = (unit * 10_000)[:9_900]
    began = time.monotonic()
    with suppress(AnswerError):
        judge(clean(answer), file_name="a.png", max_length=300)
    assert time.monotonic() - began < 3
