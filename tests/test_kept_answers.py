"""What is kept of a model's answer beside its text, and what it means for publishing."""

from __future__ import annotations

import json

import pytest

from mkdocs_alttext.cache.base import (
    LONGEST_PATH,
    MOST_CHARACTERS,
    OddEntryError,
    decode_answer,
    encode_answer,
    is_storable,
)
from mkdocs_alttext.captioning.judging import kept, published
from mkdocs_alttext.exceptions import AnswerError
from mkdocs_alttext.models import Answer, CaptionKey, Reason, StoredAnswer

KEY = CaptionKey("0" * 64, "en", "openai")
WHOLE = Answer(
    "A red door",
    model="gpt-4o-mini",
    role="informative",
    long_description="A red door in a white wall.",
    prompt="1",
)


def text_of(answer: Answer) -> str:
    """Return what a page would publish of an answer."""
    return published(
        kept(answer), language="en", file_name="a.png", max_length=300, page_text=lambda: ""
    )


def test_every_field_is_read_back_as_it_was_kept() -> None:
    """Model, role, long description, prompt and the page of the context."""
    stored = kept(WHOLE, context_page="guide/doors.md")
    assert stored == StoredAnswer(
        "A red door",
        None,
        "",
        "gpt-4o-mini",
        "informative",
        "A red door in a white wall.",
        "1",
        "guide/doors.md",
    )
    assert decode_answer(encode_answer(KEY, stored)) == (KEY, stored)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", 7),
        ("role", "x" * 201),
        ("long_description", ["a"]),
        ("long_description", "x" * (MOST_CHARACTERS + 1)),
        ("prompt", {"a": 1}),
        ("context_page", None),
        ("context_page", "x" * (LONGEST_PATH + 1)),
    ],
)
def test_a_field_that_is_none_of_ours_is_a_miss(field: str, value: object) -> None:
    """Whoever can write the cache can write anything into it."""
    entry = json.loads(encode_answer(KEY, kept(WHOLE))) | {field: value}
    with pytest.raises(OddEntryError):
        decode_answer(json.dumps(entry))


def test_what_a_model_says_without_end_is_bounded() -> None:
    """And what cannot be printed is taken out."""
    stored = kept(
        Answer(
            "A door",
            model="m\x00" * 900,
            role="r" * 900,
            long_description="d\x07" * 9000,
            prompt="p" * 900,
        ),
        context_page="p/" * 900,
    )
    assert is_storable(stored)
    assert decode_answer(encode_answer(KEY, stored)) == (KEY, stored)
    assert stored.context_page == ""
    assert "\x07" not in stored.long_description


def test_a_long_description_that_no_file_can_hold_is_not_stored() -> None:
    """As for the text."""
    assert not is_storable(StoredAnswer("A door", long_description="\ud800"))


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        ("decorative", Reason.SUGGESTED_DECORATIVE),
        ("redundant", Reason.SUGGESTED_REDUNDANT),
    ],
)
@pytest.mark.parametrize("text", ["A red door", ""])
def test_what_a_model_takes_for_needless_is_for_a_person_to_decide(
    role: str, reason: Reason, text: str
) -> None:
    """Neither its text nor an empty one is published."""
    with pytest.raises(AnswerError) as caught:
        text_of(WHOLE._replace(role=role, text=text))
    assert caught.value.reason is reason


@pytest.mark.parametrize("role", ["functional", "informative", "complex", None, "sensational"])
def test_any_other_role_is_published(role: str | None) -> None:
    """A role that there is not changes nothing."""
    assert text_of(WHOLE._replace(role=role)) == "A red door"


@pytest.mark.parametrize(
    "fault", [Reason.ANSWER_TRUNCATED, Reason.IMAGE_REJECTED, Reason.ANSWER_REFUSAL]
)
def test_a_fault_that_the_service_tells_is_kept_with_the_text(fault: Reason) -> None:
    """It was paid for; nothing of it is published."""
    stored = kept(WHOLE._replace(fault=fault))
    assert (stored.text, stored.failed) == ("A red door", fault)
    with pytest.raises(AnswerError) as caught:
        text_of(WHOLE._replace(fault=fault))
    assert caught.value.reason is fault
