"""How good the texts of `ocr` are on a few pictures of the measurement, read for real.

A fall of the whole figure is seen by `python -m bench.text_quality`; of this part in every run.
"""

from __future__ import annotations

import pytest
from scripted_service import ScriptedService

from bench.text_quality import figures, labelled, measure
from mkdocs_alttext.ocr.service import Ocr

PART = frozenset(
    {
        "chart-memory-dark.png",
        "code-python.png",
        "diagram-web.png",
        "dialog-de.png",
        "dialog-over-page.png",
        "formula.png",
        "icon-clock.png",
        "logo-dark.png",
        "page-ja.png",
        "photograph-signs.jpg",
        "settings-network.png",
        "table-members-dark.png",
        "terminal-git.png",
        "text-upside-down.png",
    }
)


@pytest.mark.ocr
def test_the_texts_of_a_fixed_part_stay_as_good_as_they_are() -> None:
    """Each says what its picture is about, pairs nothing falsely, and silence is kept where due."""
    pytest.importorskip("rapidocr")
    pytest.importorskip("onnxruntime")
    measured = measure(Ocr(), [each for each in labelled() if each.file in PART])
    assert len(measured) == len(PART)
    assert [each.picture.file for each in measured if not each.is_right] == []
    unsaid = [each.picture.file for each in measured if each.text and not each.says_subject]
    assert unsaid == []
    assert [each.false_pairs for each in measured if each.false_pairs] == []
    assert all(len(each.text) <= 100 for each in measured)


def test_any_service_can_be_measured() -> None:
    """What it says is compared with what is in the pictures, whatever it says it with."""
    chosen = [each for each in labelled() if each.file in {"settings-network.png", "formula.png"}]
    network, formula = chosen
    said = "Network: Guest access: Enabled, Address DHCP"
    service = ScriptedService(said, "A long formula")
    first, second = measure(service, chosen)
    assert (first.picture, first.text, first.says_subject) == (network, said, True)
    assert first.false_pairs == ["Guest access: Enabled"]
    assert (second.picture, second.is_right) == (formula, False)
    found = figures([first, second])
    assert found["texts"] == "2, of them 1 where silence is right"
    assert found["words right"].startswith("7 of 9")
    assert found["false pairs"] == "1: Guest access: Enabled"
