"""Each server is asked in its own form, and what it answers is read as it means it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from api_server import faults
from vision_server import (
    ALL,
    ANTHROPIC,
    GEMINI,
    LLAMA,
    LMSTUDIO,
    MODEL,
    OLLAMA,
    OPENAI,
    OPENROUTER,
    VISION_KEY,
    VLLM,
    Habits,
    VisionServer,
    anthropic_error,
    array_error,
    bare,
    charged,
    completion,
    fenced,
    llama_error,
    message,
    number_error,
    openai_error,
    refuse,
    string_error,
    structured,
    texts_in,
)

from mkdocs_alttext.exceptions import (
    BadAnswerError,
    CreditsExhaustedError,
    ImageRejectedError,
    KeyRejectedError,
    RateLimitedError,
    RequestTimedOutError,
    ServiceError,
    ServiceLoadingError,
    ServiceUnavailableError,
    ServiceUnusableError,
)
from mkdocs_alttext.models import Answer, Context, Picture, Reason, Request, Usage
from mkdocs_alttext.services.base import ServiceSettings
from mkdocs_alttext.services.prompt import PROMPT_VERSION
from mkdocs_alttext.services.registry import service_kind
from mkdocs_alttext.services.server_errors import LOADING_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from api_server import Fault

    from mkdocs_alttext.services.vision import VisionService

PNG = Picture(b"\x89PNG\r\n\x1a\n picture", "image/png", width=1, height=1)
CONTEXT = Context("Doors", before="Beside", after="a wall")
NO_KEY = (OLLAMA, LMSTUDIO)


@contextmanager
def served(
    habits: Habits,
    *script: Fault | None,
    **settings: Any,  # noqa: ANN401 - fields of `ServiceSettings`
) -> Iterator[tuple[VisionServer, VisionService]]:
    """A server with a script, and the service that is made for it."""
    with VisionServer(habits) as server:
        server.script(*script)
        service = service_for(server, **settings)
        try:
            yield server, service
        finally:
            service.close()
            server.release()


def service_for(
    server: VisionServer,
    **settings: Any,  # noqa: ANN401 - fields of `ServiceSettings`
) -> VisionService:
    """Make the service as a build does."""
    habits = server.habits
    made = ServiceSettings(
        api_key=None if habits in NO_KEY else VISION_KEY,
        base_url=server.base_url,
        timeout=30,
        max_length=300,
        model=MODEL,
    )
    service: VisionService = service_kind(habits.name).build(made._replace(**settings))  # type: ignore[assignment]
    return service


def ask(service: VisionService, context: Context | None = None) -> Answer:
    """Ask for one picture's text."""
    return service.describe(Request(PNG, "en", context))


def answer_to(habits: Habits, *script: Fault | None) -> Answer:
    """What one picture gets from a server with this script."""
    with served(habits, *script) as (_, service):
        return ask(service)


def error_from(habits: Habits, *script: Fault | None) -> ServiceError:
    """How asking for one picture fails with this script."""
    with (
        served(habits, *script) as (_, service),
        pytest.raises(ServiceError) as caught,
    ):
        ask(service)
    return caught.value


# The rows of the table: one test for each server, and what all have


@pytest.mark.parametrize("habits", ALL, ids=lambda habits: habits.name)
def test_every_server_is_asked_in_its_form_and_answers(habits: Habits) -> None:
    """With one charge for the picture, whatever had to be learned before."""
    with served(habits) as (server, service):
        answer = ask(service)
        assert answer.text.startswith("Picture of ")
        assert answer.text.endswith(" shown in English")
        assert (answer.role, answer.fault, answer.prompt) == ("informative", None, PROMPT_VERSION)
        assert answer.model == f"{MODEL}-2026"
        assert server.ledger.total() == 1
        assert (answer.usage.input_tokens, answer.usage.output_tokens) == (900, 60)


@pytest.mark.parametrize("habits", ALL, ids=lambda habits: habits.name)
def test_a_request_holds_the_picture_as_data_and_nothing_that_some_refuse(habits: Habits) -> None:
    """No streaming, no temperature, no detail, no address that the server would fetch."""
    with served(habits) as (server, service):
        ask(service)
        call = server.asked[-1]
    assert call.image == PNG.data
    assert isinstance(call.body, dict)
    assert call.body["model"] == MODEL
    assert not {"stream", "temperature", "n", "user"} & set(call.body)
    written = json.dumps(call.body)
    assert '"detail"' not in written
    assert "http" not in written
    assert 2000 in {call.body.get("max_tokens"), call.body.get("max_completion_tokens")}


def test_openai() -> None:
    """A strict schema, its own token field, and the quota that is a 429."""
    with served(OPENAI, headers=(("OpenAI-Organization", "org-1"), ("OpenAI-Project", "p-1"))) as (
        server,
        service,
    ):
        ask(service)
        (refused, call) = server.asked
        assert isinstance(refused.body, dict)
        assert isinstance(call.body, dict)
        form = call.body["response_format"]
        assert form["type"] == "json_schema"
        assert form["json_schema"]["strict"] is True
        schema = form["json_schema"]["schema"]
        assert schema["required"] == list(schema["properties"])
        assert schema["additionalProperties"] is False
        # At another address than its own, it begins as with everybody.
        assert "max_tokens" in refused.body
        assert "max_completion_tokens" in call.body
        assert call.headers["OpenAI-Organization"] == "org-1"
        assert call.headers["OpenAI-Project"] == "p-1"
        assert call.headers["Authorization"] == f"Bearer {VISION_KEY}"
    assert isinstance(
        error_from(
            OPENAI,
            refuse(429, openai_error("Quota", "insufficient_quota", code="insufficient_quota")),
        ),
        CreditsExhaustedError,
    )


def test_ollama() -> None:
    """No key, the prefix added, `max_tokens`, and 404 for a model that is not pulled."""
    with served(OLLAMA) as (server, _):
        for address in (server.root_url, server.base_url, server.root_url + "/"):
            service = service_for(server, base_url=address)
            ask(service)
            service.close()
        assert {call.path for call in server.calls} == {"/chat/completions"}
        assert not any("Authorization" in call.headers for call in server.calls)
        assert isinstance(server.calls[0].body, dict)
        assert server.calls[0].body["max_tokens"] == 2000
    error = error_from(OLLAMA, refuse(404, openai_error('model "llava" not found, try pulling it')))
    assert isinstance(error, ServiceUnusableError)
    error = error_from(OLLAMA, refuse(503, openai_error("server busy, please try again")))
    assert isinstance(error, ServiceUnavailableError)


def test_lmstudio() -> None:
    """`json_object` is never asked for; an error is a string; the schema may be refused."""
    with served(LMSTUDIO) as (server, service):
        assert ask(service).text.startswith("Picture")
        bodies = [call.body for call in server.asked]
        assert [isinstance(body, dict) and "response_format" in body for body in bodies] == [
            True,
            False,
        ]
        assert "json_object" not in json.dumps(bodies)
    error = error_from(LMSTUDIO, refuse(400, string_error("Model does not support images")))
    assert error.reason is Reason.MODEL_MISSING


def test_llama_cpp() -> None:
    """It waits for a model that is loading, and its list says whether a model sees."""
    error = error_from(
        LLAMA, refuse(503, llama_error("Loading model", 503, type="unavailable_error"))
    )
    assert type(error) is ServiceLoadingError
    assert error.retry_after == LOADING_SECONDS
    with served(LLAMA) as (_, service):
        assert service.verify().sees_pictures is True
    blind = "image input is not supported - hint: if this is unexpected, you may need mmproj"
    assert error_from(LLAMA, refuse(500, llama_error(blind))).reason is Reason.MODEL_MISSING


def test_vllm() -> None:
    """A model's name must match exactly, and the message lists what there is."""
    with served(VLLM, model="Seer-Mini") as (server, service):
        with pytest.raises(ServiceUnusableError) as caught:
            ask(service)
        assert caught.value.reason is Reason.NO_SERVICE
        assert "model Seer-Mini" in caught.value.detail
        assert f"the server has {MODEL}" in caught.value.detail
        assert server.ledger.total() == 0
    flat = {"object": "error", "message": "At most 0 image(s) may be provided", "code": 400}
    assert error_from(VLLM, refuse(400, flat)).reason is Reason.MODEL_MISSING


def test_openrouter() -> None:
    """A limit of tokens, the cost in dollars, a number as code, and an error in a 200."""
    with served(OPENROUTER) as (_, service):
        assert ask(service).usage == Usage(900, 60, 0.00123)
    assert isinstance(
        error_from(OPENROUTER, refuse(402, number_error("Insufficient credits", 402))),
        CreditsExhaustedError,
    )
    flagged = number_error("Input was flagged", 403, metadata={"reasons": ["violence"]})
    assert isinstance(error_from(OPENROUTER, refuse(403, flagged)), ImageRejectedError)
    assert isinstance(
        error_from(OPENROUTER, refuse(403, number_error("No", 403))), KeyRejectedError
    )
    limited = error_from(OPENROUTER, refuse(200, number_error("Rate limit exceeded", 429)))
    assert isinstance(limited, RateLimitedError)
    assert limited.status == 429
    failed = completion("A red", finish="error")
    failed["choices"][0]["error"] = {"code": 502, "message": "Provider disconnected"}  # type: ignore[index]
    assert isinstance(error_from(OPENROUTER, charged(failed)), RequestTimedOutError)


def test_gemini() -> None:
    """Fences around an answer, and an array around an error."""
    error = error_from(
        GEMINI, refuse(400, array_error("API key not valid. Please pass a valid API key."))
    )
    assert isinstance(error, KeyRejectedError)
    slow = array_error("Resource exhausted", 429, details=[{"retryDelay": "34.5s"}])
    error = error_from(GEMINI, refuse(429, slow))
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == 34.5


def test_anthropic() -> None:
    """The native API: its key's header, its version, and a tool that the model must call."""
    with served(ANTHROPIC) as (server, service):
        ask(service)
        (call,) = server.calls
        assert call.path == "/messages"
        assert call.headers["x-api-key"] == VISION_KEY
        assert "Authorization" not in call.headers
        assert isinstance(call.body, dict)
        assert call.body["tool_choice"] == {"type": "tool", "name": "alt_text"}
        assert call.body["max_tokens"] == 2000
        assert call.body["system"].startswith("You write alternative text")
    low = anthropic_error("Your credit balance is too low", "invalid_request_error")
    assert isinstance(error_from(ANTHROPIC, refuse(400, low)), CreditsExhaustedError)
    busy = error_from(ANTHROPIC, refuse(529, anthropic_error("Overloaded", "overloaded_error")))
    assert type(busy) is ServiceUnavailableError
    large = anthropic_error("image exceeds 5 MB maximum: 6 MB > 5 MB", "invalid_request_error")
    assert isinstance(error_from(ANTHROPIC, refuse(400, large)), ImageRejectedError)


@pytest.mark.parametrize(
    ("picture", "is_taken"),
    [
        (Picture(b"x" * (5 * 1024 * 1024 * 3 // 4 - 3), "image/png", 10, 10), True),
        (Picture(b"x" * (5 * 1024 * 1024 * 3 // 4 + 1), "image/png", 10, 10), False),
        (Picture(b"x", "image/png", 8000, 10), True),
        (Picture(b"x", "image/png", 10, 8001), False),
    ],
)
def test_a_picture_over_the_limits_is_not_sent(picture: Picture, *, is_taken: bool) -> None:
    """Anthropic's: 5 MB in base64 and 8000 pixels a side."""
    with served(ANTHROPIC) as (server, service):
        if is_taken:
            service.describe(Request(picture, "en"))
        else:
            with pytest.raises(ImageRejectedError):
                service.describe(Request(picture, "en"))
        assert len(server.calls) == is_taken


# The rules


@pytest.mark.parametrize(
    ("habits", "refusal"),
    [
        (OPENAI, refuse(400, openai_error("It is not supported", param="response_format"))),
        (LLAMA, refuse(400, llama_error("json_schema is not supported", 400))),
        (VLLM, refuse(422, {"detail": [{"msg": "response_format: extra inputs"}]})),
        (GEMINI, refuse(400, array_error("Unknown name response_format"))),
        (ANTHROPIC, refuse(400, anthropic_error("tool_choice forces tool use is not compatible"))),
    ],
)  # fmt: skip
def test_rule_1_a_schema_that_is_refused_is_left_out_and_that_is_remembered(
    habits: Habits, refusal: Fault
) -> None:
    """The prompt names the fields instead; the refused request cost nothing."""
    habits = Habits(**{**vars(habits), "token_field": None})
    with served(habits, refusal) as (server, service):
        assert ask(service).text.startswith("Picture")
        ask(service)
        bodies = [call.body for call in server.asked]
        has_schema = [
            isinstance(body, dict) and bool({"response_format", "tools"} & set(body))
            for body in bodies
        ]
        assert has_schema == [True, False, False]
        assert [" visible_text (" in texts_in(body)[0] for body in bodies] == [False, True, True]
        assert server.ledger.total() == 2


def test_rule_1_a_schema_that_is_refused_twice_is_an_error() -> None:
    """There is nothing else to leave out."""
    refusal = refuse(400, openai_error("response_format is broken"))
    with served(VLLM, refusal, refusal) as (server, service):
        with pytest.raises(ServiceError) as caught:
            ask(service)
        assert len(server.calls) == 2
    assert type(caught.value) is ServiceError
    assert caught.value.reason is Reason.NO_SERVICE


@pytest.mark.parametrize(
    "write", [fenced, bare, lambda answer: "<think>Hm</think>" + json.dumps(answer)]
)
def test_rule_1_fences_bare_texts_and_thoughts_are_read(
    write: Callable[[Mapping[str, object]], str],
) -> None:
    """Whatever a server makes of the schema."""
    with served(Habits("vision", schema="ignored", write=write)) as (_, service):
        assert ask(service).text.startswith("Picture of")


def test_rule_2_the_token_field_is_swapped_once_and_remembered() -> None:
    """Another refusal of that kind is an error."""
    with served(OPENAI) as (server, service):
        ask(service)
        ask(service)
        used = [
            next(name for name in call.body if name.startswith("max_"))
            for call in server.asked
            if isinstance(call.body, dict)
        ]
        assert used == ["max_tokens", "max_completion_tokens", "max_completion_tokens"]
        assert server.ledger.total() == 2
    refusal = refuse(
        400, openai_error("max_completion_tokens and max_tokens: unsupported parameter")
    )
    with served(OPENAI, refusal, refusal) as (server, service):
        with pytest.raises(ServiceError):
            ask(service)
        assert len(server.calls) == 2


@pytest.mark.parametrize(
    ("status", "payload", "kind", "reason"),
    [
        (401, openai_error("Incorrect API key"), KeyRejectedError, None),
        (403, openai_error("Country not supported"), KeyRejectedError, None),
        (402, openai_error("Pay first"), CreditsExhaustedError, None),
        (429, openai_error("Quota", code="insufficient_quota"), CreditsExhaustedError, None),
        (429, openai_error("Quota", "insufficient_quota"), CreditsExhaustedError, None),
        (429, string_error("slow down"), RateLimitedError, None),
        (429, None, RateLimitedError, None),
        (400, string_error("Your credit balance is too low"), CreditsExhaustedError, None),
        (404, openai_error("The model does not exist"), ServiceUnusableError, Reason.NO_SERVICE),
        (404, None, ServiceUnusableError, Reason.NO_SERVICE),
        (400, openai_error("Invalid model name passed in model=x"), ServiceUnusableError, None),
        (400, openai_error("No", "no_db_connection"), KeyRejectedError, None),
        (413, None, ImageRejectedError, None),
        (415, None, ImageRejectedError, None),
        (400, openai_error("Image size is too large"), ImageRejectedError, None),
        (400, string_error("Invalid image"), ImageRejectedError, None),
        (400, openai_error("x", code="content_filter"), ImageRejectedError, None),
        (400, openai_error("Rejected by our content policy"), ImageRejectedError, None),
        (400, openai_error("Rejected by the safety system"), ImageRejectedError, None),
        (400, openai_error("Something else"), ServiceError, Reason.NO_SERVICE),
        (422, {"detail": [{"msg": "field required"}]}, ServiceError, Reason.NO_SERVICE),
        (500, openai_error("oops", "server"), RequestTimedOutError, Reason.SERVICE_UNAVAILABLE),
        (502, None, RequestTimedOutError, Reason.SERVICE_UNAVAILABLE),
        (408, None, RequestTimedOutError, None),
        (504, None, RequestTimedOutError, None),
        (524, None, RequestTimedOutError, None),
        (503, None, ServiceUnavailableError, None),
        (503, llama_error("Loading model", 503), ServiceLoadingError, None),
        (529, None, ServiceUnavailableError, None),
        (418, None, ServiceError, Reason.NO_SERVICE),
    ],
)  # fmt: skip
def test_rule_3_what_a_status_and_its_words_mean(
    status: int, payload: object, kind: type[ServiceError], reason: Reason | None
) -> None:
    """Refusals cost nothing; of any other failure nobody knows, and it is tried once more."""
    error = error_from(VLLM, refuse(status, payload))
    assert type(error) is kind
    assert error.reason is (reason or kind().reason)
    assert error.status == status
    assert not error.is_final


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after-ms": "1500", "Retry-After": "7"}, 1.5),
        ({"retry-after-ms": "soon", "Retry-After": "7"}, 7.0),
        ({"retry-after-ms": "-1"}, None),
        ({"retry-after-ms": "inf"}, None),
        ({}, None),
    ],
)
def test_rule_3_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """OpenAI says it in milliseconds, too."""
    error = error_from(VLLM, refuse(429, openai_error("slow"), headers=headers))
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    "message_",
    [
        "This model's maximum context length is 4096 tokens",
        "the request exceeds the available context size, try increasing it",
        "prompt is too long: 9000 tokens > 4096 maximum",
    ],
)
def test_rule_3_a_context_that_is_too_long_is_left_out_once(message_: str) -> None:
    """The next picture is sent with its own again."""
    with served(VLLM, refuse(400, openai_error(message_))) as (server, service):
        assert ask(service, CONTEXT).text.startswith("Picture")
        ask(service, CONTEXT)
        said = ["<page>" in texts_in(call.body)[1] for call in server.asked]
        assert said == [True, False, True]
    with served(VLLM, *[refuse(400, openai_error(message_))] * 2) as (server, service):
        with pytest.raises(ImageRejectedError):
            ask(service, CONTEXT)
        assert len(server.calls) == 2


@pytest.mark.parametrize(
    "shape", [openai_error, string_error, number_error, array_error, llama_error]
)
def test_rule_4_an_error_has_many_shapes(shape: Callable[[str], object]) -> None:
    """The words are the same in each, and one without words is none the less."""
    error = error_from(VLLM, refuse(400, shape("Odd words")))
    assert "Odd words" in error.detail
    assert error.detail.startswith("status 400")


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"error": {"message": "x", "code": None}}, BadAnswerError),
        ({"error": "Model unloaded"}, BadAnswerError),
        ({"error": [{"message": "x"}]}, BadAnswerError),
        ({"error": {"message": "x", "code": "429"}}, RateLimitedError),
        ({"error": {"message": "x", "code": 502}}, RequestTimedOutError),
        ({"error": {"message": "x", "code": True}}, BadAnswerError),
        ([{"error": {"code": 503, "message": "overloaded"}}], ServiceUnavailableError),
        ({"error": {"message": "x", "code": "insufficient_quota"}}, CreditsExhaustedError),
        ([], BadAnswerError),
        ("nothing", BadAnswerError),
        (None, BadAnswerError),
        ({}, BadAnswerError),
        ({"choices": []}, BadAnswerError),
        ({"choices": [7]}, BadAnswerError),
        ({"choices": [{"message": "hello"}]}, BadAnswerError),
        ({"choices": {"0": {}}}, BadAnswerError),
        # It failed after it had begun, whatever it says of that.
        ({"choices": [{"error": {"message": "x", "code": 429}}]}, RequestTimedOutError),
        ({"choices": [{"error": {"message": "tools", "code": 400}}]}, RequestTimedOutError),
        (
            {"error": {"message": "x", "code": 503}, "usage": {"total_tokens": 9}},
            RequestTimedOutError,
        ),
    ],
)
def test_rule_4_an_error_may_stand_in_a_200(payload: object, kind: type[ServiceError]) -> None:
    """Its own status counts, where it has one."""
    assert type(error_from(VLLM, charged(payload))) is kind


HOLLOW = {"message": "", "type": "", "param": "", "code": None}


@pytest.mark.parametrize(
    ("status", "more"),
    [
        (201, {}),
        (206, {}),
        (200, {"error": HOLLOW}),
        (200, {"error": None, "detail": "low", "message": "fine"}),
    ],
)
@pytest.mark.parametrize("habits", [VLLM, ANTHROPIC], ids=lambda habits: habits.name)
def test_rule_4_an_answer_is_one_whatever_a_gateway_adds(
    habits: Habits, status: int, more: dict[str, object]
) -> None:
    """It was paid for: another success than 200, an error without a word, a field of its own."""
    usage = {"input_tokens": 1, "prompt_tokens": 1}
    wrote = message if habits is ANTHROPIC else completion
    body = wrote(json.dumps(structured("A door")), usage=usage)
    if habits is ANTHROPIC:
        body = message(structured("A door"), usage=usage)
    assert answer_to(habits, charged({**body, **more}, status=status)).text == "A door"


@pytest.mark.parametrize(
    "more",
    [
        {"usage": {"prompt_tokens": 900, "completion_tokens": 50}},
        {"choices": completion("A do")["choices"]},
        {"error": {"message": "response_format: no JSON", "failed_generation": "A do"}},
    ],
)
@pytest.mark.parametrize("status", [400, 429, 503])
def test_rule_4_what_was_begun_may_have_been_charged_whatever_the_status(
    status: int, more: dict[str, object]
) -> None:
    """No other form is tried."""
    body = {**openai_error("response_format is not supported"), **more}
    with served(VLLM, charged(body, status=status)) as (server, service):
        with pytest.raises(RequestTimedOutError):
            ask(service)
        assert len(server.calls) == 1


def test_rule_4_nothing_consumed_is_nothing_begun() -> None:
    """Some gateways write a zero beside each refusal."""
    body = {**openai_error("slow down"), "usage": {"prompt_tokens": 0}, "choices": []}
    assert type(error_from(VLLM, refuse(429, body))) is RateLimitedError


def test_an_answer_that_openai_cut_off_is_kept_and_no_refusal_of_the_form() -> None:
    """Of its reasoning models, it says with a 400 that their thoughts took all tokens."""
    said = (
        "Could not finish the message because max_tokens or model output limit was reached. "
        "Please try again with higher max_tokens."
    )
    with served(OPENAI, None, None, charged(openai_error(said), status=400)) as (server, service):
        ask(service)
        cut = ask(service)
        assert (cut.text, cut.fault) == ("", Reason.ANSWER_TRUNCATED)
        assert len(server.asked) == 3
        assert ask(service).fault is None
        assert len(server.asked) == 4


def test_the_type_of_every_error_is_no_word_about_a_field() -> None:
    """OpenAI calls each refusal an `invalid_request_error`."""
    with served(VLLM, refuse(400, openai_error("max_tokens is too large"))) as (server, service):
        with pytest.raises(ServiceError):
            ask(service)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 1, "completion_tokens": 2, "cost": 0.5}, Usage(1, 2, 0.5)),
        ({"prompt_tokens": True, "completion_tokens": -1, "cost": "1"}, Usage()),
        ({"prompt_tokens": 10**30, "cost": 1e300}, Usage()),
        ([1], Usage()),
        (None, Usage()),
    ],
)
def test_rule_5_what_was_consumed_is_told_as_far_as_it_makes_sense(
    usage: object, expected: Usage
) -> None:
    """A number that is none stays unknown."""
    body = completion(json.dumps(structured("A red door"))) | {"usage": usage}
    assert answer_to(VLLM, charged(body)).usage == expected


def test_rule_5_local_servers_cost_nothing() -> None:
    """What bears a vendor's name costs one credit, wherever it is asked."""
    prices = {}
    for habits in ALL:
        with VisionServer(habits) as server:
            for is_local in (True, False):
                service = service_for(server, is_local=is_local)
                prices[habits.name, is_local] = service.credits_per_image
                service.credits_remaining()  # asks nobody
                service.close()
            assert server.calls == []
    assert [name for (name, is_local), price in prices.items() if not price] == [
        "ollama",
        "lmstudio",
        "vision",
    ]


@pytest.mark.parametrize(
    ("finish", "fault"),
    [
        ("stop", None),
        ("STOP", None),
        (None, None),
        ("length", Reason.ANSWER_TRUNCATED),
        ("content_filter", Reason.IMAGE_REJECTED),
        ("tool_calls", Reason.ANSWER_TRUNCATED),
        ("weather", Reason.ANSWER_TRUNCATED),
    ],
)
def test_only_an_answer_that_ended_by_itself_is_whole(
    finish: str | None, fault: Reason | None
) -> None:
    """What was paid for is kept all the same."""
    answer = answer_to(VLLM, charged(completion("A happy Pembroke Welsh C", finish=finish)))
    assert (answer.text, answer.fault) == ("A happy Pembroke Welsh C", fault)


@pytest.mark.parametrize(
    ("stop", "fault"),
    [
        ("tool_use", None),
        ("max_tokens", Reason.ANSWER_TRUNCATED),
        ("refusal", Reason.ANSWER_REFUSAL),
    ],
)
def test_anthropic_s_reasons_to_stop(stop: str, fault: Reason | None) -> None:
    """As of the other wire."""
    assert answer_to(ANTHROPIC, charged(message(structured("A"), stop=stop))).fault is fault


def test_a_refusal_has_a_field_of_its_own() -> None:
    """OpenAI's structured answers."""
    body = completion(None, refusal="I cannot help with that")
    assert answer_to(VLLM, charged(body)).fault is Reason.ANSWER_REFUSAL


def test_an_object_without_a_text_was_paid_for_and_is_final() -> None:
    """Asking again could only end the same way."""
    for habits, body in (
        (VLLM, completion('{"kind": "photo", "alt": null}')),
        (ANTHROPIC, message({"kind": "photo"})),
    ):
        error = error_from(habits, charged(body))
        assert type(error) is BadAnswerError
        assert error.is_final


def test_a_failure_below_http_is_the_transport_s() -> None:
    """Sent, and not answered: it may have been charged."""
    assert isinstance(error_from(VLLM, faults.cut_off()), RequestTimedOutError)
    assert isinstance(error_from(VLLM, faults.not_http()), BadAnswerError)


def test_a_redirect_is_not_followed() -> None:
    """The picture and the key stay where they were meant to go."""
    with VisionServer(VLLM) as other:
        away = refuse(307, None, headers={"Location": other.base_url + "/chat/completions"})
        assert isinstance(error_from(VLLM, away), BadAnswerError)
        assert other.calls == []


# Keys


@pytest.mark.parametrize("habits", [OPENAI, ANTHROPIC, GEMINI, OPENROUTER], ids=lambda h: h.name)
def test_without_a_key_a_vendor_is_not_asked(habits: Habits) -> None:
    """The service knows itself and its languages."""
    with VisionServer(habits) as server:
        service = service_for(server, api_key=None)
        assert (service.identity, service.language_code("de-AT")) == (habits.name, "de")
        for question in (lambda: ask(service), service.verify):
            with pytest.raises(KeyRejectedError) as caught:
                question()
            assert caught.value.reason is Reason.NO_KEY
        service.close()
        assert server.calls == []


@pytest.mark.parametrize("habits", [OPENAI, ANTHROPIC, LLAMA], ids=lambda h: h.name)
def test_the_key_is_never_quoted(habits: Habits) -> None:
    """Whole or in part, in an error or in an answer."""
    echo = f"Bad key {VISION_KEY} or sk-lo******cdef"
    error = error_from(habits, refuse(401, habits.error(echo)))
    for text in (error.detail, str(error), repr(error), repr(vars(error))):
        assert VISION_KEY not in text
        assert "cdef" not in text
    told = f"A door with {VISION_KEY}"
    body = message(structured(told)) if habits is ANTHROPIC else completion(told)
    error = error_from(habits, charged(body))
    assert type(error) is BadAnswerError
    assert error.is_final
    with served(habits) as (_, service):
        assert VISION_KEY not in repr(service) + repr(vars(service))


# What there is: models


def test_without_a_model_the_only_one_is_taken() -> None:
    """It is looked up once."""
    with served(OLLAMA, model=None) as (server, service):
        assert ask(service).text.startswith("Picture")
        ask(service)
        assert [call.path for call in server.calls].count("/models") == 1


def test_without_a_model_the_message_lists_what_there_is() -> None:
    """Those that see no pictures are left out."""
    many = Habits("vision", models=tuple({"id": f"seer-{number}"} for number in range(14)))
    with served(many, model=None) as (server, service):
        with pytest.raises(ServiceUnusableError) as caught:
            ask(service)
        assert caught.value.reason is Reason.MODEL_MISSING
        assert "set `model`: the server has seer-0, seer-1, " in caught.value.detail
        assert "seer-9 and 4 more" in caught.value.detail
        assert server.ledger.total() == 0
    with served(OPENROUTER, model=None) as (_, service):
        assert ask(service).text.startswith("Picture")
    with (
        served(Habits("ollama", key_header=None, models=()), model=None) as (_, service),
        pytest.raises(ServiceUnusableError, match="the server has no model"),
    ):
        ask(service)


def test_a_wrong_model_is_answered_with_the_nearest_names() -> None:
    """Whatever else fails on the way, its name is told."""
    named = Habits("openrouter", prefix="/api/v1", models=({"id": "a/x"}, {"id": "b/seer-maxi"}))
    with (
        served(named, model="b/seer-max") as (_, service),
        pytest.raises(ServiceUnusableError, match="the server has b/seer-maxi, a/x"),
    ):
        ask(service)
    with (
        served(named, None, refuse(500, None), model="b/seer-max") as (_, service),
        pytest.raises(ServiceUnusableError, match="model b/seer-max: status 404"),
    ):
        ask(service)


def test_a_model_s_name_that_is_hostile_is_printed_in_part() -> None:
    """Neither lines nor escapes of a server's list come into a message."""
    odd = Habits(
        "vision", models=({"id": "a\n\x1b[31mred"}, {"id": 7}, {"id": "x" * 999}, {"id": "b"})
    )
    with (
        served(odd, model=None) as (_, service),
        pytest.raises(ServiceUnusableError) as caught,
    ):
        ask(service)
    assert "\n" not in caught.value.detail
    assert "\x1b" not in caught.value.detail


@pytest.mark.parametrize("habits", ALL, ids=lambda habits: habits.name)
def test_verify_tells_key_models_and_eyes(habits: Habits) -> None:
    """It costs nothing; a wrong key is refused."""
    with served(habits) as (server, service):
        status = service.verify()
        assert (status.valid, status.model, status.models) == (True, MODEL, (MODEL,))
        says = any(habits is each for each in (OLLAMA, LLAMA, OPENROUTER))
        assert status.sees_pictures is (True if says else None)
        assert server.ledger.total() == 0
    if habits.key_header:
        with (
            served(habits, api_key="sk-another-key-000000") as (_, service),
            pytest.raises(KeyRejectedError),
        ):
            service.verify()


def test_verify_finds_a_model_without_eyes() -> None:
    """Ollama says so of each model."""
    blind = Habits("ollama", key_header=None, shown={"capabilities": ["completion", "tools"]})
    with served(blind) as (_, service):
        assert service.verify().sees_pictures is False


def test_a_key_that_a_server_puts_into_its_list_is_not_shown() -> None:
    """It has it from the request, and may write it anywhere."""
    habits = Habits("openai", models=({"id": MODEL}, {"id": f"echo-{VISION_KEY}"}))
    with served(habits) as (_, service):
        assert service.verify().models == (MODEL, "echo-***")


def test_a_server_that_is_not_running_is_named_with_what_to_do() -> None:
    """On this machine; elsewhere it may come back."""
    with VisionServer(OLLAMA) as server:
        pass
    service = service_for(server, is_local=True)
    with pytest.raises(
        ServiceUnusableError, match="refused; start the server there, or set base_url"
    ):
        ask(service)
    service.close()
    service = service_for(server, is_local=False)
    with pytest.raises(ServiceUnavailableError):
        ask(service)
    service.close()


def test_all_forms_of_one_request_share_its_time() -> None:
    """A lease on the picture lasts for one."""
    now = iter([0.0, 0.0, 29.8])  # as it begins, before the first request, and after it
    with served(LMSTUDIO) as (server, service):
        service._timer = lambda: next(now)  # noqa: SLF001 - as the constructor would
        with pytest.raises(ServiceUnavailableError, match="no time was left"):
            ask(service)
        assert len(server.calls) == 1
