"""Reading what a model answered: structured, or as near to it as models come.

Servers that are told a schema mostly keep to it; others put the object into a fence, write thoughts
before it, or answer with the bare text. What is not a text at all is refused here; whether a text
may be published is judged where it is used, as for every service.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import BadAnswerError
from mkdocs_alttext.models import Answer, Usage
from mkdocs_alttext.services.prompt import ROLES
from mkdocs_alttext.services.thoughts import without_thoughts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs_alttext.models import Context, Reason

_MOST_CHARACTERS = 50_000
"""Of an answer that is looked at for an object: many times what the tokens allow."""
_MOST_TOKENS = 10**9
_MOST_DOLLARS = 10_000
"""For one picture: a larger number is none, and would spoil the sum."""
_TEXT_FIELDS = ("alt", "alt_text", "altText", "alternative_text", "alt-text")
"""The field of the schema, and how models that are told none call it."""
_DECORATIVE = re.compile(
    r"(?:this|the) (?:image|picture|icon|graphic) (?:is|appears to be|seems to be)"
    r"(?: purely| merely)? decorative\b.{0,200}",
    re.IGNORECASE | re.DOTALL,
)


def read_answer(content: str) -> Answer | None:
    """Read what a model wrote.

    Args:
        content: The whole of it.

    Returns:
        The text, not cleaned, with the role and the long description where they are told; `None`
        when there is an object without a text.
    """
    bare = _whole_characters(content)[:_MOST_CHARACTERS]
    bare = without_thoughts(bare).strip()
    for candidate in _candidates(bare):
        fields = _object(candidate)
        read = None if fields is None else read_fields(fields)
        # Words around an object without a text are the text: a picture may show an object.
        if read or (fields is not None and candidate == bare):
            return read
    is_decoration = _DECORATIVE.fullmatch(bare) is not None
    return Answer(bare, role="decorative" if is_decoration else None)


def completed(read: Answer | None, fault: Reason | None, body: Mapping[str, object]) -> Answer:
    """Return what a model wrote with what the server says of it.

    Args:
        read: What it wrote; `None` when there is no text.
        fault: Why that must not be published: it did not end by itself.
        body: The JSON of a 200.

    Raises:
        BadAnswerError: There is neither.
    """
    if read is None and fault is None:
        raise BadAnswerError("the answer holds no text", status=HTTPStatus.OK, is_final=True)
    model = body.get("model")
    return (read or Answer(""))._replace(
        fault=fault,
        model=model if isinstance(model, str) else None,
        usage=_read_usage(body.get("usage")),
    )


def repeats(text: str, context: Context) -> bool:
    """Tell whether a text is a sentence that stands beside its picture anyway, or its caption.

    Args:
        text: The answer's.
        context: What surrounds the picture.
    """
    said = [context.caption, context.before, context.after]
    sentences = [part for each in said for part in (each, *re.split(r"(?<=[.!?:])\s+", each))]
    return bool(_key(text)) and _key(text) in map(_key, sentences)


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", text)).casefold()


def _read_usage(usage: object) -> Usage:
    """Read what was consumed, by either of the names that servers have for it.

    Args:
        usage: The field `usage` of an answer.
    """
    if not isinstance(usage, dict):
        return Usage()
    return Usage(
        count(usage.get("prompt_tokens", usage.get("input_tokens"))),
        count(usage.get("completion_tokens", usage.get("output_tokens"))),
        _dollars(usage.get("cost")),
    )


def count(value: object) -> int | None:
    """Return a number of tokens; `None` for what is none, such as `true`."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MOST_TOKENS else None


def _dollars(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value <= _MOST_DOLLARS else None


def _candidates(text: str) -> Iterator[str]:
    """Yield where an object may stand: all of it, in a fence, or from the first brace on."""
    yield text
    for fenced in re.finditer(r"```[A-Za-z0-9]*\s*(.*?)(?:```|\Z)", text, re.DOTALL):
        yield fenced[1].strip()
    if (start := text.find("{")) >= 0:
        yield text[start:]
    # What is left of an object whose braces were lost: `"alt_text": "A red door"`.
    yield "{" + text.rstrip(",") + "}"


def _object(text: str) -> Mapping[str, object] | None:
    """Return the object that a text begins with, or that is the only one of a list."""
    if not text.startswith(("{", "[")):
        return None
    value: object = None
    with suppress(ValueError, RecursionError):
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, dict) else None


def read_fields(fields: Mapping[str, object]) -> Answer | None:
    """Read an object that has the fields of the schema, or some of them.

    Args:
        fields: What the model filled in.

    Returns:
        `None` when there is no text among them.
    """
    text = next((fields[name] for name in _TEXT_FIELDS if name in fields), None)
    if not isinstance(text, str):
        return None
    role, more = fields.get("role"), fields.get("long_description")
    return Answer(
        _whole_characters(text),
        role=role if isinstance(role, str) and role in ROLES else None,
        long_description=_whole_characters(more) if isinstance(more, str) else "",
    )


def _whole_characters(text: str) -> str:
    """Put the halves of characters together that JSON's escapes can be, and replace lone ones.

    No file can hold them, so that a text with one could not be kept though it was paid for.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
