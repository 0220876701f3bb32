"""Texts that came in another language than was asked for, as far as their script tells."""

from __future__ import annotations

import pytest

from mkdocs_alttext.captioning.judging import published
from mkdocs_alttext.captioning.language_check import is_in_other_script
from mkdocs_alttext.exceptions import AnswerError
from mkdocs_alttext.models import Reason, StoredAnswer
from mkdocs_alttext.services.prompt import language_code


@pytest.mark.parametrize(
    ("text", "language", "is_other"),
    [
        ("A red door", "en", False),
        ("一扇红色的门", "en", True),
        ("Красная дверь", "de", True),
        ("Eine rote Tür", "de", False),
        ("Sign with the word 温室", "en", False),
        ("The letter \u03b1", "en", False),
        ("A red door in a brick wall", "zh", True),
        ("A red door in a brick wall", "ru", True),
        ("GitHub Actions 的设置页面", "zh-Hant", False),
        ("GitHub", "zh", False),
        ("赤いドア", "ja", False),
        ("レンガの壁", "ja", False),
        ("빨간 문", "ko", False),
        ("Красная дверь", "uk", False),
        ("Црвена врата", "sr", False),
        ("Crvena vrata u zidu", "sr", False),
        ("Whatever that may be", "xx", False),
        ("404", "ru", False),
        ("", "en", False),
    ],
)
def test_another_script_is_another_language(text: str, language: str, *, is_other: bool) -> None:
    """Names, and words that a picture shows, may be in theirs."""
    assert is_in_other_script(text, language) is is_other


def test_codes_are_those_of_the_prompt() -> None:
    """What a service is asked in is what its answer is held against."""
    assert [language_code(tag) for tag in ("ru-RU", "zh_TW", "ja")] == ["ru", "zh-Hant", "ja"]


@pytest.mark.parametrize("prompt", ["", "1"])
def test_only_who_was_asked_for_a_language_is_held_to_it(prompt: str) -> None:
    """Text recognition gives the words of a picture as they are."""
    answer = StoredAnswer("一扇红色的门", prompt=prompt)

    def text() -> str:
        return published(
            answer, language="en", file_name="a.png", max_length=300, page_text=lambda: ""
        )

    if prompt:
        with pytest.raises(AnswerError) as caught:
            text()
        assert caught.value.reason is Reason.ANSWER_LANGUAGE
    else:
        assert text() == "一扇红色的门"
