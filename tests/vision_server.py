"""A loopback server that speaks the wire of each server of vision models, with a ledger.

It is `ApiServer` with other paths and bodies: the queue of `script`, the faults and the ledger are
the same. It must not import the package under test: it is the other party.

    with VisionServer(OPENAI) as server:
        server.script(refuse(429, openai_error("Quota", code="insufficient_quota")))
        ...  # talk to server.base_url
        assert server.double_charges == 0
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from api_server import ApiServer, Call, alt_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from http.server import BaseHTTPRequestHandler

    from api_server import Fault, Turn

VISION_KEY = "sk-loopback-vision-0123456789abcdef"
MODEL = "seer-mini"


def openai_error(
    message: str = "It failed", kind: str = "invalid_request_error", **more: object
) -> dict[str, object]:
    """Return an error as OpenAI writes it."""
    return {"error": {"message": message, "type": kind, "param": None, "code": None, **more}}


def string_error(message: str = "It failed", **_: object) -> dict[str, object]:
    """Return an error as LM Studio writes it."""
    return {"error": message}


def number_error(message: str = "It failed", code: int = 400, **more: object) -> dict[str, object]:
    """Return an error as OpenRouter writes it."""
    return {"error": {"code": code, "message": message, **more}, "user_id": "user-1"}


def array_error(message: str = "It failed", code: int = 400, **more: object) -> list[object]:
    """Return an error as Gemini writes it."""
    return [{"error": {"code": code, "message": message, "status": "INVALID_ARGUMENT", **more}}]


def llama_error(message: str = "It failed", code: int = 500, **more: object) -> dict[str, object]:
    """Return an error as llama.cpp writes it."""
    return {"error": {"code": code, "message": message, "type": "server_error", **more}}


def anthropic_error(message: str = "It failed", kind: str = "api_error") -> dict[str, object]:
    """Return an error as Anthropic writes it."""
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


def as_json(answer: Mapping[str, object]) -> str:
    """Write an answer as a server that was told a schema does."""
    return json.dumps(answer)


def fenced(answer: Mapping[str, object]) -> str:
    """Write it as Gemini does at times."""
    return f"```json\n{json.dumps(answer, indent=2)}\n```"


def bare(answer: Mapping[str, object]) -> str:
    """Write the text alone."""
    return str(answer["alt"])


@dataclass(frozen=True)
class Habits:
    """How one server differs from the others."""

    name: str
    prefix: str = "/v1"
    key_header: str | None = "Authorization"
    """`None` for a server that takes no key."""
    error: Callable[..., object] = openai_error
    schema: str = "json_schema"
    """What it says to `response_format`: takes it (`json_schema`), refuses it (`refused`), or
    answers as it likes (`ignored`)."""
    token_field: str | None = None
    """The only field it takes for the limit of tokens; `None` for a server that takes any."""
    refuses_media: frozenset[str] = frozenset()
    refuses_detail: bool = False
    models: tuple[Mapping[str, object], ...] = ({"id": MODEL, "object": "model"},)
    more_models: Mapping[str, object] = field(default_factory=dict)
    """Other fields of its list of models."""
    shown: Mapping[str, object] | None = None
    """What Ollama's `/api/show` says."""
    usage: Mapping[str, object] = field(
        default_factory=lambda: {"prompt_tokens": 900, "completion_tokens": 60}
    )
    write: Callable[[Mapping[str, object]], str] = as_json
    needs_limit: bool = False
    """Whether a request without a limit of tokens is refused for lack of credit."""


OPENAI = Habits("openai", token_field="max_completion_tokens")  # noqa: S106 - a field's name
OLLAMA = Habits(
    "ollama",
    key_header=None,
    shown={"capabilities": ["completion", "vision"]},
    refuses_media=frozenset({"image/gif"}),
)
LMSTUDIO = Habits(
    "lmstudio",
    key_header=None,
    error=string_error,
    schema="refused",
    refuses_media=frozenset({"image/webp"}),
)
LLAMA = Habits(
    "vision",
    error=llama_error,
    more_models={"models": [{"name": MODEL, "capabilities": ["completion", "multimodal"]}]},
)
VLLM = Habits("vision", refuses_detail=True)
OPENROUTER = Habits(
    "openrouter",
    prefix="/api/v1",
    error=number_error,
    models=(
        {"id": MODEL, "architecture": {"input_modalities": ["text", "image"]}},
        {"id": "blind-1", "architecture": {"input_modalities": ["text"]}},
    ),
    usage={"prompt_tokens": 900, "completion_tokens": 60, "cost": 0.00123},
    needs_limit=True,
)
GEMINI = Habits("gemini", prefix="/v1beta/openai", error=array_error, write=fenced)
ANTHROPIC = Habits(
    "anthropic",
    key_header="x-api-key",
    error=lambda message="It failed", **_: anthropic_error(message),
    usage={"input_tokens": 900, "output_tokens": 60},
)
ALL = (OPENAI, OLLAMA, LMSTUDIO, LLAMA, VLLM, OPENROUTER, GEMINI, ANTHROPIC)
"""The rows of the table of wires."""


class VisionServer(ApiServer):
    """One of these servers on a free port of this machine; a context manager."""

    def __init__(self, habits: Habits = OPENAI, *, key: str = VISION_KEY, **options: Any) -> None:  # noqa: ANN401 - of `ApiServer`
        """Bind the port.

        Args:
            habits: Which server.
            key: The one that is accepted, where one is.
            options: As for `ApiServer`.
        """
        super().__init__(api_key=key, **options)
        self.habits = habits

    @property
    def base_url(self) -> str:
        """The address that stands for the vendor's, with its prefix."""
        return self.root_url + self.habits.prefix

    @property
    def root_url(self) -> str:
        """The address without the prefix."""
        return f"{self._scheme}://127.0.0.1:{self._http.server_port}"

    @property
    def asked(self) -> list[Call]:
        """The requests for texts."""
        return [call for call in self.calls if call.image is not None]

    def _recorded(self, handler: BaseHTTPRequestHandler, content: bytes) -> Call:
        call = super()._recorded(handler, content)
        header = self.habits.key_header
        expected = f"Bearer {self.api_key}" if header == "Authorization" else self.api_key
        given = {name.lower(): value for name, value in call.headers.items()}
        image, _ = picture_in(call.body)
        call = replace(
            call,
            path=handler.path.removeprefix(self.habits.prefix),
            authorised=header is None or given.get(header.lower()) == expected,
            image=image,
            language=language_in(call.body),
        )
        self.calls[-1] = call
        return call

    def answer(self, call: Call) -> tuple[int, object]:  # noqa: PLR0911 - one for each path
        """Return status and body as the server would, charging for a picture that gets a text."""
        habits = self.habits
        if call.path == "/api/show" and habits.shown is not None:
            return 200, habits.shown
        if not call.authorised:
            return 401, habits.error("Incorrect API key provided: sk-loop*****cdef.")
        match call.method, call.path.partition("?")[0]:
            case "GET", "/models":
                return 200, {"object": "list", "data": list(habits.models), **habits.more_models}
            case "GET", "/key":
                return 200, {"data": {"label": "sk-or", "limit_remaining": 4.2}}
            case "POST", "/messages" if habits.name == "anthropic":
                return self._messages(call)
            case "POST", "/chat/completions" if habits.name != "anthropic":
                return self._completed(call)
        return 404, habits.error("Not found")

    def _refusal(  # noqa: PLR0911 - one for each habit
        self, call: Call
    ) -> tuple[int, object] | None:
        """Return why a request is refused before anything is charged."""
        habits = self.habits
        body = call.body if isinstance(call.body, dict) else {}
        if body.get("model") not in {each["id"] for each in habits.models}:
            return 404, habits.error(f"model '{body.get('model')}' not found")
        _, media_type = picture_in(call.body)
        if call.image is None or media_type in habits.refuses_media:
            return 400, habits.error("invalid image input")
        if habits.refuses_detail and b'"detail"' in json.dumps(body).encode():
            return 400, habits.error("detail: extra inputs are not permitted")
        limits = {"max_tokens", "max_completion_tokens"} & set(body)
        if habits.needs_limit and "max_tokens" not in limits:
            return 402, habits.error("This request requires more credits", code=402)
        if habits.token_field and limits - {habits.token_field}:
            field_name = (limits - {habits.token_field}).pop()
            return 400, openai_error(
                f"Unsupported parameter: '{field_name}' is not supported with this model. "
                f"Use '{habits.token_field}' instead.",
                param=field_name,
                code="unsupported_parameter",
            )
        if habits.schema == "refused" and "response_format" in body:
            return 400, habits.error("'response_format.type' must be 'text'")
        if "temperature" in body or "stream" in body:
            return 400, habits.error("Unsupported parameter: 'temperature'")
        return None

    def _completed(self, call: Call) -> tuple[int, object]:
        if refusal := self._refusal(call):
            return refusal
        if not self.charge(call):
            return 429, openai_error("You exceeded your current quota", code="insufficient_quota")
        self.released.wait(self.latency)
        return 200, completion(self.habits.write(answer_to(call)), usage=self.habits.usage)

    def _messages(self, call: Call) -> tuple[int, object]:
        if call.headers.get("anthropic-version") != "2023-06-01":
            return 400, anthropic_error("anthropic-version: header is required")
        if refusal := self._refusal(call):
            return refusal
        if not self.charge(call):
            return 400, anthropic_error("Your credit balance is too low to access the API.")
        self.released.wait(self.latency)
        has_tool = isinstance(call.body, dict) and "tools" in call.body
        return 200, message(answer_to(call), usage=self.habits.usage, as_tool=has_tool)


def completion(
    content: object,
    *,
    finish: str | None = "stop",
    usage: Mapping[str, object] | None = None,
    model: str = f"{MODEL}-2026",
    **more: object,
) -> dict[str, object]:
    """Return a chat completion."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, **more},
                "finish_reason": finish,
            }
        ],
        "usage": usage or {},
    }


def message(
    answer: object,
    *,
    stop: str | None = None,
    usage: Mapping[str, object] | None = None,
    as_tool: bool = True,
) -> dict[str, object]:
    """Return a message of Anthropic's."""
    tool = {"type": "tool_use", "id": "toolu_1", "name": "alt_text", "input": answer}
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": f"{MODEL}-2026",
        "content": [tool if as_tool else {"type": "text", "text": text}],
        "stop_reason": stop or ("tool_use" if as_tool else "end_turn"),
        "usage": usage or {},
    }


def answer_to(call: Call) -> dict[str, object]:
    """Return what the model thinks of a picture: an answer by the schema."""
    assert call.image is not None
    return structured(alt_text(call.image, call.language))


def structured(alt: object, role: str = "informative", long: str = "") -> dict[str, object]:
    """Return an answer by the schema."""
    return {
        "kind": "photo",
        "visible_text": "",
        "reason": "It is the only picture.",
        "role": role,
        "alt": alt,
        "long_description": long,
        "confidence": "high",
    }


def refuse(status: int, payload: object, *, headers: Mapping[str, str] | None = None) -> Fault:
    """Answer with a status and a body; nothing is charged."""
    return lambda turn: turn.reply(status, payload, headers=headers)


def charged(payload: object, *, status: int = 200) -> Fault:
    """Charge, and answer with a body."""

    def fault(turn: Turn) -> None:
        turn.charge()
        turn.reply(status, payload)

    return fault


def texts_in(body: object) -> list[str]:
    """Return the texts that a request says, the system's first."""
    if not isinstance(body, dict):
        return []
    texts = [body["system"]] if isinstance(body.get("system"), str) else []
    for each in body.get("messages", []):
        content = each["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        texts += [part["text"] for part in parts if part["type"] == "text"]
    return texts


def picture_in(body: object) -> tuple[bytes | None, str]:
    """Return the picture of a request and its media type."""
    written = json.dumps(body) if isinstance(body, dict) else ""
    found = re.search(r'"url": "data:([a-z]+/[a-z]+);base64,([A-Za-z0-9+/=]*)"', written)
    found = found or re.search(r'"media_type": "([a-z/]+)", "data": "([A-Za-z0-9+/=]*)"', written)
    return (base64.b64decode(found[2]), found[1]) if found else (None, "")


def language_in(body: object) -> str:
    """Return the language that a request asks for."""
    found = re.search(r"Write in ([A-Z][a-z]+)", " ".join(texts_in(body)))
    return found[1] if found else "none"


def main() -> None:
    """Serve until killed, for trials by hand."""
    named = {habits.name: habits for habits in (*ALL, VLLM)}
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("service", choices=named, help="which server to be")
    parser.add_argument("--port", type=int, default=0, help="0 for any free port")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds for each picture")
    options = parser.parse_args()
    habits = named[options.service]
    server = VisionServer(habits, port=options.port, latency=options.latency).start()
    sys.stdout.write(f"{server.base_url} (model {MODEL}, key {VISION_KEY})\n")
    sys.stdout.flush()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.close()


if __name__ == "__main__":
    main()
