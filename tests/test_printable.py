"""Whatever a pull request can name stays one visible line, and JSON stays JSON."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from mkdocs_alttext.system.printable import ascii_json, visible, visible_json, visible_lines

UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
HOSTILE = st.text(
    st.one_of(st.characters(), st.sampled_from("\n\r\x1b:#[] v\u202e\x9b\u2028\udc80\u200d"))
)


def assert_harmless(text: str) -> None:
    """Fail where a line moves a cursor, turns text around, or is a command of a CI system."""
    assert not [each for each in text if unicodedata.category(each) in UNSEEN - {"Cf"}]
    assert not [
        each for each in text if unicodedata.category(each) == "Cf" and each not in "\u200c\u200d"
    ]
    assert not text.lstrip().startswith("::")
    assert "##[" not in text
    assert "##vso[" not in text


@given(HOSTILE)
def test_a_text_becomes_one_harmless_line(text: str) -> None:
    """However it is wrapped at spaces later."""
    assert_harmless(visible(text))
    for word in visible(text).split(" "):
        assert_harmless(word)
    for line in visible_lines(text).split("\n"):
        assert_harmless(line)


@given(st.text(st.characters(exclude_categories=("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    """In any script."""
    if "::" not in text and "##" not in text:
        assert visible(text) == text


def test_what_shows_nothing_is_written_as_python_writes_it() -> None:
    """So that a person sees what is there."""
    assert visible("a\n::error::b\x1b[2J\u202e\udc80 ::x ##[y] std::z") == (
        "a\\n::error::b\\x1b[2J\\u202e\\udc80 \\x3a:x #\\x23[y] std::z"
    )


@given(st.dictionaries(HOSTILE, st.lists(HOSTILE)))
def test_json_means_the_same_and_each_line_is_harmless(content: dict[str, list[str]]) -> None:
    """Lone surrogates stand for the bytes of a name, and come back."""
    text = visible_json(json.dumps(content, ensure_ascii=False, indent=2))
    assert json.loads(text) == json.loads(json.dumps(content))
    text.encode()
    for line in text.split("\n"):
        assert_harmless(line)
    assert json.loads(ascii_json(text).encode("ascii")) == json.loads(text)
