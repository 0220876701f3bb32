"""Anthropic's Messages API: one request's JSON, and its answer's.

Its layer for OpenAI's clients ignores `response_format`, so that the native API is asked. A tool
that the model must call has the schema of the answer, and is never run.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import BadAnswerError
from mkdocs_alttext.models import Reason
from mkdocs_alttext.services.answer import completed, read_answer, read_fields
from mkdocs_alttext.services.prompt import SCHEMA, SCHEMA_NAME
from mkdocs_alttext.services.wire import MOST_TOKENS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs_alttext.models import Answer
    from mkdocs_alttext.services.wire import Question

_WHOLE = frozenset({"end_turn", "stop_sequence", "tool_use"})
_FAULTS = {"refusal": Reason.ANSWER_REFUSAL}
"""By the reason why an answer stopped; any other cut it off."""


class Messages:
    """The wire format of the service `anthropic`."""

    path = "/messages"
    key_header: str | None = "x-api-key"
    headers: Mapping[str, str] = {"anthropic-version": "2023-06-01"}

    def body(self, question: Question) -> bytes:
        """Return the JSON of a request."""
        source = {
            "type": "base64",
            "media_type": question.picture.media_type,
            "data": question.encoded_picture,
        }
        fields: dict[str, object] = {
            "model": question.model,
            "max_tokens": MOST_TOKENS,
            "system": question.prompt.system,
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image", "source": source},
                        {"type": "text", "text": question.prompt.user},
                    ],
                }
            ],
        }
        if question.learned.has_schema:
            tool = {
                "name": SCHEMA_NAME,
                "description": "Takes the description of the picture.",
                "input_schema": SCHEMA,
            }
            fields["tools"] = [tool]
            fields["tool_choice"] = {"type": "tool", "name": SCHEMA_NAME}
        return json.dumps(fields).encode()

    def read(self, body: Mapping[str, object]) -> Answer:
        """Read the JSON of a 200 that holds no error.

        Raises:
            BadAnswerError: It is not an answer as documented; it may have been charged.
        """
        content = body.get("content")
        if not isinstance(content, list):
            raise BadAnswerError("the answer holds no content", status=HTTPStatus.OK, is_final=True)
        blocks = [each for each in content if isinstance(each, dict)]
        filled = next(
            (each.get("input") for each in blocks if each.get("type") == "tool_use"), None
        )
        if isinstance(filled, dict):
            read = read_fields(filled)
        else:
            texts = [each.get("text") for each in blocks if each.get("type") == "text"]
            read = read_answer("".join(each for each in texts if isinstance(each, str)))
        stopped = str(body.get("stop_reason") or "end_turn")
        fault = None if stopped in _WHOLE else _FAULTS.get(stopped, Reason.ANSWER_TRUNCATED)
        return completed(read, fault, body)
