"""The wire formats of vision models: a request for a picture's text is written, its answer read.

`services.providers` chooses one of the two; a third is another class with the same methods.
"""

from __future__ import annotations

import base64
import json
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.exceptions import BadAnswerError
from mkdocs_alttext.models import Reason
from mkdocs_alttext.services.answer import completed, read_answer, read_fields
from mkdocs_alttext.services.prompt import SCHEMA, SCHEMA_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs_alttext.models import Answer, Picture
    from mkdocs_alttext.services.prompt import Prompt

_MOST_TOKENS = 2000
"""Of an answer: the thoughts of reasoning models count, and took all of 150."""


class TokenField(Enum):
    """The field of a request that bounds an answer's tokens."""

    COMPLETION = "max_completion_tokens"
    """OpenAI's own: its reasoning models refuse the other."""
    PLAIN = "max_tokens"
    """Everybody else's; Ollama ignores the other without a word."""

    @property
    def other(self) -> TokenField:
        """The one to try where this one is refused."""
        return TokenField.PLAIN if self is TokenField.COMPLETION else TokenField.COMPLETION


class Learned(NamedTuple):
    """What is known of the form in which a server takes requests for a model."""

    token_field: TokenField
    has_schema: bool = True
    """Whether it is told the schema of the answer; the prompt names the fields where it is not."""
    has_swapped: bool = False
    """Whether the other token field was refused."""


class Question(NamedTuple):
    """What one request says."""

    model: str
    prompt: Prompt
    picture: Picture
    learned: Learned

    @property
    def encoded_picture(self) -> str:
        """The picture in base64."""
        return base64.b64encode(self.picture.data).decode("ascii")


_FAULTS: Mapping[str, Reason | None] = {
    **dict.fromkeys(("", "end_turn", "eos", "stop", "stop_sequence", "tool_use")),
    "content_filter": Reason.IMAGE_REJECTED,
    "refusal": Reason.ANSWER_REFUSAL,
}
"""What the reason why an answer ended says: it is whole, or must not be published. Some servers
give no reason; any other reason cut it off."""


class ChatCompletions:
    """OpenAI's Chat Completions, as a dozen servers speak them: all services but `anthropic`.

    `POST {base}/chat/completions` with one system and one user message; the picture is a `data:`
    address, as Ollama refuses others. No `temperature`, which reasoning models refuse, no
    `detail`, which vLLM refuses, and no streaming.
    """

    path = "/chat/completions"
    key_header: str | None = None
    headers: Mapping[str, str] = {}

    def body(self, question: Question) -> bytes:
        """Return the JSON of a request."""
        picture = question.picture
        address = f"data:{picture.media_type};base64,{question.encoded_picture}"
        fields: dict[str, object] = {
            "model": question.model,
            question.learned.token_field.value: _MOST_TOKENS,
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
        fault = _FAULTS.get(ended, Reason.ANSWER_TRUNCATED)
        if message.get("refusal"):
            fault = Reason.ANSWER_REFUSAL
        return completed(read_answer(_content(message.get("content"))), fault, body)


def _content(content: object) -> str:
    """Return the text of a message, which may be in parts."""
    if isinstance(content, list):
        parts = [each.get("text") for each in content if isinstance(each, dict)]
        return "".join(each for each in parts if isinstance(each, str))
    return content if isinstance(content, str) else ""


class Messages:
    """Anthropic's Messages API, the wire format of the service `anthropic`.

    Its layer for OpenAI's clients ignores `response_format`, so that the native API is asked. A
    tool that the model must call has the schema of the answer, and is never run.
    """

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
            "max_tokens": _MOST_TOKENS,
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
        fault = _FAULTS.get(str(body.get("stop_reason") or ""), Reason.ANSWER_TRUNCATED)
        return completed(read, fault, body)


Wire = ChatCompletions | Messages
