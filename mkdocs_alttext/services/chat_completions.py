"""OpenAI's Chat Completions, as a dozen servers speak them: one request's JSON, and its answer's.

`POST {base}/chat/completions` with one system and one user message; the picture is a `data:`
address, as Ollama refuses others. No `temperature`, which reasoning models refuse, no `detail`,
which vLLM refuses, and no streaming.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import BadAnswerError
from mkdocs_alttext.models import Reason
from mkdocs_alttext.services.answer import completed, read_answer
from mkdocs_alttext.services.prompt import SCHEMA, SCHEMA_NAME
from mkdocs_alttext.services.wire import MOST_TOKENS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs_alttext.models import Answer
    from mkdocs_alttext.services.wire import Question

_FAULTS = {
    "length": Reason.ANSWER_TRUNCATED,
    "max_tokens": Reason.ANSWER_TRUNCATED,
    "content_filter": Reason.IMAGE_REJECTED,
}
"""By the reason why an answer ended."""
_WHOLE = frozenset({"stop", "eos", "end_turn", ""})
"""Why an answer ended that is whole; some servers give no reason."""


class ChatCompletions:
    """The wire format of all services but `anthropic`."""

    path = "/chat/completions"
    key_header: str | None = None
    headers: Mapping[str, str] = {}

    def body(self, question: Question) -> bytes:
        """Return the JSON of a request."""
        picture = question.picture
        address = f"data:{picture.media_type};base64,{question.encoded_picture}"
        fields: dict[str, object] = {
            "model": question.model,
            question.learned.token_field.value: MOST_TOKENS,
            "messages": [
                {"role": "system", "content": question.prompt.system},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": question.prompt.user},
                        {"type": "image_url", "image_url": {"url": address}},
                    ],
                },
            ],
        }
        if question.learned.has_schema:
            schema = {"name": SCHEMA_NAME, "strict": True, "schema": SCHEMA}
            fields["response_format"] = {"type": "json_schema", "json_schema": schema}
        return json.dumps(fields).encode()

    def read(self, body: Mapping[str, object]) -> Answer:
        """Read the JSON of a 200 that holds no error.

        Raises:
            BadAnswerError: It is not an answer as documented; it may have been charged.
        """
        choices = body.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(choice, dict) or not isinstance(message, dict):
            raise BadAnswerError("the answer holds no message", status=HTTPStatus.OK, is_final=True)
        ended = str(choice.get("finish_reason") or "").lower()
        fault = None if ended in _WHOLE else _FAULTS.get(ended, Reason.ANSWER_TRUNCATED)
        if message.get("refusal"):
            fault = Reason.ANSWER_REFUSAL
        return completed(read_answer(_content(message.get("content"))), fault, body)


def _content(content: object) -> str:
    """Return the text of a message, which may be in parts."""
    if isinstance(content, list):
        parts = [each.get("text") for each in content if isinstance(each, dict)]
        return "".join(each for each in parts if isinstance(each, str))
    return content if isinstance(content, str) else ""
