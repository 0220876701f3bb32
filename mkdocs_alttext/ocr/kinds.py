"""What kind of picture the text in it tells: terminal, code, chart, screenshot or diagram."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from mkdocs_alttext.ocr import LANGUAGES
from mkdocs_alttext.ocr.wording import (
    has_syntax,
    is_control,
    is_number,
    is_time,
    is_value,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.ocr.layout import TextLine

_PROMPT = re.compile(
    r"\$ (?=[a-zA-Z./~])|>>> ?|(?:\([\w.-]+\) )?(?:PS )?[A-Za-z]:\\\S*> ?(?=\w)"
    r"|\[?[\w.-]+@[\w.-]+:? ?[~/]?\S*[$#] "
)
"""What a shell writes before a command."""
_WINDOW_OF_SHELL = re.compile(r"[a-z][\w.-]*@[\w.-]+: ?[~/]")
_NUMBERED = re.compile(r"^\d{1,4}(?=\s|$)")
_KEYWORD = re.compile(
    r"(?:def|class|import|from|return|func?|let|const|var|public|private|package|if|for|with|export)"
    r"\b|#include|@\w+\(|[\w-]+: ?\S*$"
)
_FEWEST_TICKS = _FEWEST_LINES_OF_CODE = 3
_FEWEST_CONTROLS = _FEWEST_KEYWORDS = 2
_FEWEST_LABELS = 4
_TALL_AXIS = 0.4
"""Of the picture's height."""
_STEP_TOLERANCE = 0.2
_SHORT_LABEL = 32
"""Characters of a label in a diagram."""
_FEW_IN_LISTS, _MOST_APART = 0.4, 0.7
"""Shares of a diagram's labels that stand under two others, and that have nothing close to them."""


class Kind(StrEnum):
    """A kind of picture, by the English word that opens its text."""

    CHART = "Chart"
    CODE = "Code"
    DIAGRAM = "Diagram"
    SCREENSHOT = "Screenshot"
    TERMINAL = "Terminal"


_WORDS = {
    "de": ("Diagramm", "Code", "Schema", "Screenshot", "Terminal"),
    "es": ("Gráfico", "Código", "Diagrama", "Captura de pantalla", "Terminal"),
    "fr": ("Graphique", "Code", "Schéma", "Capture d'écran", "Terminal"),
    "it": ("Grafico", "Codice", "Schema", "Schermata", "Terminale"),
    "ja": ("グラフ", "コード", "図", "スクリーンショット", "端末"),
    "ko": ("차트", "코드", "다이어그램", "스크린샷", "터미널"),
    "nl": ("Grafiek", "Code", "Diagram", "Schermafbeelding", "Terminal"),
    "pl": ("Wykres", "Kod", "Schemat", "Zrzut ekranu", "Terminal"),
    "pt": ("Gráfico", "Código", "Diagrama", "Captura de tela", "Terminal"),
    "ru": ("График", "Код", "Схема", "Снимок экрана", "Терминал"),
    "zh": ("图表", "代码", "示意图", "屏幕截图", "终端"),
}
"""The words of `LANGUAGES` but English, in the order of `Kind`."""


def opening(kind: Kind | None, language: str) -> str:
    """Return the word that opens a text; nothing where kind or language is not known."""
    if kind is None or language not in LANGUAGES:
        return ""
    return f"{kind if language == 'en' else _WORDS[language][[*Kind].index(kind)]}: "


def commands(lines: Sequence[TextLine]) -> list[TextLine]:
    """Return what was typed into a shell; all lines where only its window tells that it is one."""
    found = [(line, _PROMPT.match(line.text)) for line in lines]
    typed = [replace(line, text=line.text[match.end() :]) for line, match in found if match]
    if typed or any(_WINDOW_OF_SHELL.match(line.text) for line in lines):
        return typed or list(lines)
    return []


def code(lines: Sequence[TextLine]) -> list[TextLine]:
    """Return the lines of a program without their numbers; nothing unless most look like it."""
    numbers = _scale([_number_of(line) for line in lines], downwards=True)
    numbers = numbers if len(numbers) >= _FEWEST_LINES_OF_CODE else []
    found = [_without_number(line, numbers) for line in lines]
    found = [line for line in found if line.text]
    if numbers:
        first, last = numbers[0], numbers[-1]
        top, bottom = first.top - first.height, last.bottom + last.height
        found = [
            line
            for line in found
            if top <= line.middle <= bottom and first.left - line.left < first.height
        ]
    elif sum(bool(_KEYWORD.match(line.text)) for line in found) < _FEWEST_KEYWORDS:
        return []
    likely = sum(bool(_KEYWORD.match(line.text)) or has_syntax(line.text) for line in found)
    is_code = likely >= max(_FEWEST_LINES_OF_CODE, len(found) / 2)
    return found if is_code and len(found) + len(numbers) > len(lines) / 2 else []


def _number_of(line: TextLine) -> TextLine:
    found = _NUMBERED.match(line.text)
    return replace(line, text=found[0] if found else "")


def _without_number(line: TextLine, numbers: Sequence[TextLine]) -> TextLine:
    is_numbered = _number_of(line) in numbers
    return replace(line, text=_NUMBERED.sub("", line.text).strip()) if is_numbered else line


def ticks(lines: Sequence[TextLine], height: float) -> list[TextLine]:
    """Find the numbers of a chart's axes.

    Returns:
        Nothing unless a column of evenly growing numbers is tall: a small chart is part of a page.
    """
    axis = _scale([line for line in lines if is_number(line.text)], downwards=False)
    if not axis or axis[-1].bottom - axis[0].top < _TALL_AXIS * height:
        return []
    return [line for line in lines if is_number(line.text) or is_time(line.text)]


def is_screen(lines: Sequence[TextLine]) -> bool:
    """Tell whether there are names of controls."""
    names = {line.text.casefold() for line in lines if is_control(line.text)}
    return len(names) >= _FEWEST_CONTROLS


def is_diagram(lines: Sequence[TextLine]) -> bool:
    """Tell whether labels are spread over the picture, and are no list, table, form or text."""
    if len(lines) < _FEWEST_LABELS or any(
        len(line.text) > _SHORT_LABEL or is_value(line.text) or line.text.endswith((":", "."))
        for line in lines
    ):
        return False
    in_lists = sum(
        sum(abs(line.left - other.left) < other.height / 2 for other in lines) >= _FEWEST_TICKS
        for line in lines
    )
    apart = sum(not any(line.is_near(other, 0.7) for other in lines) for line in lines)
    spread = max(line.centre for line in lines) - min(line.centre for line in lines)
    return (
        in_lists <= _FEW_IN_LISTS * len(lines)
        and apart >= _MOST_APART * len(lines)
        and spread >= 2 * max(line.right - line.left for line in lines)
        and lines[-1].top - lines[0].bottom >= 3 * lines[0].height
    )


def _scale(numbers: Sequence[TextLine], *, downwards: bool) -> list[TextLine]:
    """Find the longest column of numbers that grow evenly with their place."""
    numbers = [line for line in numbers if line.text]
    columns = [[line for line in numbers if _is_below(line, anchor)] for anchor in numbers]
    return max(
        (each for each in columns if _is_even(each, downwards=downwards)), key=len, default=[]
    )


def _is_below(line: TextLine, other: TextLine) -> bool:
    sides = (line.right - other.right, line.left - other.left, line.centre - other.centre)
    return min(map(abs, sides)) <= 0.5 * other.height


def _is_even(column: Sequence[TextLine], *, downwards: bool) -> bool:
    steps = []
    for above, below in pairwise(column):
        distance = below.middle - above.middle
        growth = value_of(below.text) - value_of(above.text)
        steps.append((growth if downwards else -growth) / distance if distance > 0 else 0.0)
    if len(column) < _FEWEST_TICKS:
        return False
    # Ticks may be missing, so it is growth over distance that has to be even.
    mean = sum(steps) / len(steps)
    return mean > 0 and all(abs(step - mean) <= _STEP_TOLERANCE * mean for step in steps)
