"""What a wire format has to do: write a request for a picture's text, and read its answer.

`services.anthropic` and `services.chat_completions` are the two; `services.providers` chooses.
"""

from __future__ import annotations

import base64
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs_alttext.models import Answer, Picture
    from mkdocs_alttext.services.prompt import Prompt

MOST_TOKENS = 2000
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


class Wire(Protocol):
    """One wire format."""

    path: str
    """Where pictures are sent."""
    key_header: str | None
    """The header that holds the key alone; `None` for a bearer token."""
    headers: Mapping[str, str]
    """More headers of each request."""

    def body(self, question: Question) -> bytes:
        """Return the JSON of a request."""

    def read(self, body: Mapping[str, object]) -> Answer:
        """Read the JSON of a 200 that holds no error.

        Raises:
            BadAnswerError: It is not an answer as documented.
        """
