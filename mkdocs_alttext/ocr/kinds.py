"""What kind of picture the text in it gives away.

Owns the signs of charts, code, terminals and screens, and the few words that name these kinds. It
must not guess: a picture without clear signs is of no kind, and its text speaks for itself.
"""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.ocr.layout import TextLine

_NUMBER = re.compile(
    r"[-+\u2212]?[$€£]? ?(\d{1,3}(?:[, \u2009]\d{3})+|\d+)(?:\.(\d+))? ?"
    r"(?:[kKMGT]?B?|%|°[CF]?|[munµ]?s|[munck]?m|[kM]?Hz|[€$£lLVAW])?"
)
_TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?: ?[aApP][mM])?|\d{4}-\d\d(?:-\d\d)?")
_PROMPT = re.compile(
    r"\$ (?=[a-zA-Z./~])|>>> |(?:\([\w.-]+\) )?PS [A-Za-z]:\\\S*> ?|[\w.-]+@[\w.-]+:\S*[$#] "
)
_WINDOW_TITLE = re.compile(r"[a-z][\w.-]*@[\w.-]+: ?[~/]")
_ADDRESS = re.compile(r"https?://\S+$")
_FAULT = re.compile(r"(?:error|exception|traceback|sorry|unable to|failed to)\b", re.IGNORECASE)
_SHORTCUT = re.compile(r"(?:Ctrl|Alt|Shift|Cmd)\+")
_CONTROLS = frozenset(
    "account|add|all files|apply|back|browse|cancel|close|continue|copy|create account|dashboard|"
    "delete|description|discard|dismiss|done|download|e-mail|e-mail address|edit|email|"
    "email address|exit|export|file|filter|finish|forgot password|forgot your password?|help|home|"
    "import|install|learn more|log in|log out|login|logout|menu|name|new file|next|no|ok|open|"
    "options|password|preferences|previous|print|profile|publish|refresh|register|remember me|"
    "remove|rename|reset|restart|retry|run|save|save as|save changes|search|send|settings|share|"
    "sign in|sign out|sign up|skip|start|stop|submit|tools|try again|undo|update|upgrade|upload|"
    "user name|username|users|view|window|yes".split("|")
)

_FEWEST_CONTROLS = 2
_FEWEST_TICKS = 3
_FEWEST_LINE_NUMBERS = 4
_MANY = 8
_TALL_AXIS = 0.4
_ADDRESS_BAR = 0.15
_MARGIN = 0.2
_STEP_TOLERANCE = 0.2


class Kind(StrEnum):
    """A kind of picture: the word that opens its text."""

    CHART = "Chart"
    CODE = "Code"
    SCREENSHOT = "Screenshot"
    TERMINAL = "Terminal"


def find_kind(
    lines: Sequence[TextLine], *, width: float, height: float
) -> tuple[Kind | None, list[TextLine]]:
    """Tell what kind of picture this is.

    Args:
        lines: The text in it, from top to bottom.
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.

    Returns:
        The kind, or `None` without clear signs; and the lines without the numbers of axes and of
        lines of code, which say nothing when they are read out.
    """
    axis = _scale(lines, downwards=False)
    if numbers := _line_numbers(lines, width):
        return Kind.CODE, [line for line in lines if line not in numbers]
    if any(_PROMPT.match(line.text) or _WINDOW_TITLE.match(line.text) for line in lines):
        return Kind.TERMINAL, list(lines)
    rest = [line for line in lines if line not in axis and not _is_tick(line, axis)]
    if axis and axis[-1].bottom - axis[0].top >= _TALL_AXIS * height:
        return Kind.CHART, [line for line in rest if not is_number(line.text)]
    # A small chart among other text is part of a page.
    is_page = bool(axis) and len(rest) >= _MANY
    return Kind.SCREENSHOT if is_page or _is_screen(lines, height) else None, rest


def without_prompt(text: str) -> str:
    """Return the command without the prompt before it."""
    return _PROMPT.sub("", text, count=1) if _PROMPT.match(text) else text


def is_command(text: str) -> bool:
    """Tell whether a line of a terminal begins with a prompt."""
    return bool(_PROMPT.match(text))


def is_number(text: str) -> bool:
    """Tell whether a text is a number, maybe with a unit."""
    return bool(_NUMBER.fullmatch(text))


def _is_tick(line: TextLine, axis: Sequence[TextLine]) -> bool:
    """Tell whether a line is a number or a time along the foot of a chart."""
    if not axis or not (is_number(line.text) or _TIME.fullmatch(line.text)):
        return False
    foot = axis[-1]
    return foot.middle <= line.middle <= foot.bottom + 3 * foot.height


def _is_screen(lines: Sequence[TextLine], height: float) -> bool:
    """Tell whether there are names of controls, an address bar or a message of a program."""
    names = {line.text.casefold().rstrip(":*") for line in lines}
    controls = len(names & _CONTROLS) + sum(bool(_SHORTCUT.match(line.text)) for line in lines)
    has_address = any(
        _ADDRESS.match(line.text) and line.bottom <= _ADDRESS_BAR * height for line in lines
    )
    return (
        controls >= _FEWEST_CONTROLS
        or (has_address and len(lines) >= _MANY)
        or any(_FAULT.match(line.text) for line in lines)
    )


def _line_numbers(lines: Sequence[TextLine], width: float) -> list[TextLine]:
    numbers = _scale(lines, downwards=True)
    is_margin = all(line.right <= _MARGIN * width for line in numbers)
    is_counted = all(line.text.isdecimal() for line in numbers) and all(
        1 <= int(below.text) - int(above.text) <= _FEWEST_TICKS
        for above, below in pairwise(numbers)
    )
    return numbers if len(numbers) >= _FEWEST_LINE_NUMBERS and is_margin and is_counted else []


def _scale(lines: Sequence[TextLine], *, downwards: bool) -> list[TextLine]:
    """Find the longest column of numbers that grow evenly with their place."""
    numbers = [line for line in lines if is_number(line.text)]
    columns = [[line for line in numbers if _is_below(line, anchor)] for anchor in numbers]
    scales = [column for column in columns if _is_even(column, downwards=downwards)]
    return max(scales, key=len, default=[])


def _is_below(line: TextLine, other: TextLine) -> bool:
    tolerance = 0.5 * other.height
    return (
        abs(line.right - other.right) <= tolerance
        or abs(line.left - other.left) <= tolerance
        or abs(line.centre - other.centre) <= tolerance
    )


def _is_even(column: Sequence[TextLine], *, downwards: bool) -> bool:
    if len(column) < _FEWEST_TICKS:
        return False
    steps = []
    for above, below in pairwise(column):
        distance = below.middle - above.middle
        if distance <= 0:
            return False
        growth = _value(below.text) - _value(above.text)
        steps.append((growth if downwards else -growth) / distance)
    # Ticks may be missing, so it is growth over distance that has to be even.
    mean = sum(steps) / len(steps)
    return mean > 0 and all(abs(step - mean) <= _STEP_TOLERANCE * mean for step in steps)


def _value(text: str) -> float:
    found = _NUMBER.fullmatch(text)
    if not found:
        return 0.0
    whole = re.sub(r"\D", "", found[1])
    sign = -1.0 if text[0] in "-\u2212" else 1.0
    return sign * float(f"{whole}.{found[2] or 0}")
