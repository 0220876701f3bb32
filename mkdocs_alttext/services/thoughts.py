"""What models write that is no part of an answer: their thoughts, and the tokens of a template."""

from __future__ import annotations

import re

_THOUGHTS = (
    r"<(think|thinking|thought|reasoning)>.*?</\1>|\A.*?</(?:think|thinking)>"
    r"|<(?:think|thinking)>.*\Z"
)
"""Also those whose begin the template has, or whose end never came."""
_TOKENS = "<[|\uff5c][^<>|\uff5c]{1,40}[|\uff5c]>" + r"|\[/?INST\]"


def without_thoughts(text: str) -> str:
    """Cut away thoughts and tokens.

    Args:
        text: As a model wrote it.
    """
    for expression in (_THOUGHTS, _TOKENS):
        text = re.sub(expression, " ", text, flags=re.IGNORECASE | re.DOTALL)
    return text
