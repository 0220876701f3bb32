"""The mark of Markdown's images goes, wherever other plugins took it."""

from __future__ import annotations

import html as html_module
import json
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from fake_site import MARK, MARKED
from html_documents import document
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_alttext.html.marks import MARK_ATTRIBUTE, Mark
from mkdocs_alttext.html.scanner import scan

if TYPE_CHECKING:
    from collections.abc import Callable

texts = st.text(max_size=30)


def _quoted_by_json(text: str) -> str:
    return json.dumps(text)[1:-1]


@pytest.mark.parametrize(
    "quoted",
    [
        str,
        html_module.escape,
        lambda text: html_module.escape(html_module.escape(text)),
        lambda text: text.replace('"', "&#34;"),
        lambda text: text.replace('"', "'"),
        lambda text: text.replace('"', ""),
        lambda text: text.replace(MARK_ATTRIBUTE, MARK_ATTRIBUTE.upper()),
        _quoted_by_json,
        lambda text: _quoted_by_json(_quoted_by_json(text)),
        lambda text: _quoted_by_json(html_module.escape(text)),
        quote,
        lambda text: quote(text, safe="="),
    ],
)
@given(before=texts, after=texts)
def test_a_mark_goes_however_it_is_quoted(
    quoted: Callable[[str], str], before: str, after: str
) -> None:
    """Other plugins copy tags into attributes, scripts, feeds and addresses."""
    marked, bare = f'<img alt="" {MARKED} src="x.png">', '<img alt="" src="x.png">'
    expected = f"{before}{quoted(bare)}{after}"
    found = MARK.remove(f"{before}{quoted(marked)}{after}")
    assert found.replace("  ", " ") == expected.replace("  ", " ")


@given(seed=st.integers(0, 2**32))
def test_a_text_without_mark_is_the_same_object(seed: int) -> None:
    """No copy is made of a page without marks."""
    html = document(Random(seed))  # noqa: S311 - documents, not secrets
    assert MARK.remove(html) is html


def test_a_mark_is_one_build_s_own() -> None:
    """A value that a source or an earlier build holds is not taken for it."""
    first, second = Mark.new(), Mark.new()
    assert first.value != second.value
    (image,) = scan(f'<img {MARK_ATTRIBUTE}="{first.value}">')
    assert first.is_on(image.attributes)
    assert not second.is_on(image.attributes)


def test_a_page_may_hold_any_number_of_marks() -> None:
    """Every one goes, and white space elsewhere stays."""
    html = f"<p>\n<img {MARKED}> <img\n{MARKED}\nalt> a  b {MARK.value}c</p>"
    assert MARK.remove(html) == "<p>\n<img> <img\nalt> a  b c</p>"


def test_long_runs_of_white_space_take_no_time() -> None:
    """Code blocks have them, and each space must not be a new beginning."""
    space = " " * 200_000
    html = f"<pre>{space}</pre><img {MARK_ATTRIBUTE}={MARK.value}>{space}"
    began = perf_counter()
    assert MARK.remove(html) == f"<pre>{space}</pre><img>{space}"
    assert perf_counter() - began < 5
