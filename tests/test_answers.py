"""What a model wrote is read as a structured answer, or as near to one as models come."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_alttext.models import Answer
from mkdocs_alttext.services.answer import read_answer

DOOR = Answer("A red door", role="informative")
OBJECT = json.dumps({"kind": "photo", "role": "informative", "alt": "A red door"})


@pytest.mark.parametrize(
    "content",
    [
        OBJECT,
        f" \n{OBJECT}\n ",
        f"```json\n{OBJECT}\n```",
        f"```\n{OBJECT}\n```",
        f"```JSON\n{OBJECT}",
        f"Here is the JSON:\n\n```json\n{OBJECT}\n```\n\nI hope that this helps!",
        f"Sure! {OBJECT} Let me know.",
        f"<think>\nA door. {{not json}}\n</think>\n{OBJECT}",
        f"A door, I would say.</think>{OBJECT}",
        f"{OBJECT}<|im_end|>",
        f"<|assistant|>{OBJECT}<\uff5cend\u2581of\u2581sentence\uff5c>",
        f"[{OBJECT}]",
        OBJECT + OBJECT,
        OBJECT.replace('"alt"', '"alt_text"'),
        OBJECT.replace('"alt"', '"altText"'),
        OBJECT.replace("{", "").replace("}", ""),
    ],
)
def test_a_structured_answer_is_found(content: str) -> None:
    """In a fence, among words, behind thoughts, or without its braces."""
    assert read_answer(content) == DOOR


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("A red door", Answer("A red door")),
        ("<think>Hm.</think> A red door", Answer("A red door")),
        ("A red door<|endoftext|>", Answer("A red door")),
        ('"alt_text": "A red door"', Answer("A red door")),
        ('Screenshot of {"a": 1} in an editor', Answer('Screenshot of {"a": 1} in an editor')),
        ("This image is decorative.", Answer("This image is decorative.", role="decorative")),
        ("<think>never ends", Answer("")),
        ("", Answer("")),
        ('{"kind": "photo", "alt": "A red d', Answer('{"kind": "photo", "alt": "A red d')),
    ],
)
def test_a_bare_answer_is_the_text(content: str, expected: Answer) -> None:
    """Whether it can be published is judged where it is used."""
    assert read_answer(content) == expected


@pytest.mark.parametrize("alt", [None, 7, ["A red door"], {"en": "A red door"}, True])
def test_an_object_without_a_text_has_none(alt: object) -> None:
    """What is no text is not made one."""
    assert read_answer(json.dumps({"kind": "photo", "alt": alt})) is None
    assert read_answer("{}") is None


@pytest.mark.parametrize("role", ["cool", "", None, 7, ["decorative"], {"a": 1}])
def test_a_role_that_is_none_is_dropped(role: object) -> None:
    """The text stays."""
    assert read_answer(json.dumps({"alt": "A", "role": role})) == Answer("A")


@pytest.mark.parametrize("role", ["decorative", "redundant", "functional", "complex"])
def test_roles_and_long_descriptions_are_kept(role: str) -> None:
    """As they came."""
    written = json.dumps({"alt": "A", "role": role, "long_description": "More."})
    assert read_answer(written) == Answer("A", role=role, long_description="More.")


def test_halves_of_characters_become_what_files_can_hold() -> None:
    """A pair is one character, and a half of one is replaced: it was paid for."""
    assert read_answer(r'{"alt": "\ud83d\ude00 a \ud83d b"}') == Answer("\U0001f600 a \ufffd b")
    assert read_answer("a \ud800") == Answer("a \ufffd")


@given(st.text())
def test_any_text_is_read(content: str) -> None:
    """Nothing raises, and what comes out can be stored."""
    read = read_answer(content)
    if read is not None:
        read.text.encode()


@pytest.mark.parametrize("unit", ["{", "[", "```", '{"a":', "<think>", "<|", "</think>", "[{", '"'])
def test_a_long_answer_takes_no_time(unit: str) -> None:
    """Neither nested nor repeated."""
    began = time.monotonic()
    read_answer(unit * 200_000)
    assert time.monotonic() - began < 5
