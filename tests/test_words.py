"""What messages call the things of a site: of one that MkDocs builds, and of any folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mkdocs_alttext.filling.reasons import explanations
from mkdocs_alttext.filling.words import MKDOCS, words_for
from mkdocs_alttext.models import Reason

FOLDER = words_for(Path("my site"))
FACTS = {"reason": "r", "images": "1 image", "variable": "V", "detail": ""}
FOREIGN = r"(?i)mkdocs(?!-alttext)|docs_dir|markdown|\bbuilds?\b"


@pytest.mark.parametrize("reason", Reason)
def test_each_place_of_a_template_has_its_word(reason: Reason) -> None:
    """No brace is left, and nothing of MkDocs is said where it builds no site."""
    for words in (MKDOCS, FOLDER):
        explained = explanations(words)[reason]
        said = f"{explained.text} {words.told(explained.log, **FACTS)}"
        assert "{" not in said
        assert words is MKDOCS or not re.search(FOREIGN, said), said


def test_commands_are_told_the_folder() -> None:
    """So that they can be copied."""
    assert FOLDER.command("catalog") == "mkdocs-alttext catalog --site 'my site'"
    assert (
        FOLDER.told("`{forget} --refused`") == "`mkdocs-alttext forget --site 'my site' --refused`"
    )
    assert MKDOCS.told("`{forget} --refused`") == "`mkdocs-alttext forget --refused`"


def test_names_with_braces_are_no_templates() -> None:
    """Folders and files may be called anything."""
    words = words_for(Path("{build}"))
    assert words.told("`{asking}`: {detail}", detail="{scan}") == (
        "`mkdocs-alttext fill '{build}'`: {scan}"
    )
