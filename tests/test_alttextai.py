"""The AltTextAI client says what the documentation says, and believes nothing it did not check."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from api_server import API_KEY, ApiServer, Fault, alt_text, faults

from mkdocs_alttext.exceptions import (
    BadAnswerError,
    CreditsExhaustedError,
    ImageRejectedError,
    KeyRejectedError,
    RateLimitedError,
    RequestTimedOutError,
    ServiceError,
    ServiceUnavailableError,
)
from mkdocs_alttext.models import Answer, Picture, Reason, Request
from mkdocs_alttext.services.alttextai import API_URL, LANGUAGES, QUOTE_LENGTH, AltTextAI
from mkdocs_alttext.services.base import AccountStatus
from mkdocs_alttext.services.http import HttpClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_alttext.services.base import CaptionService

IMAGE = Picture(b"\x89PNG\r\n\x1a\n picture", "image/png", width=1, height=1)


@contextmanager
def served(
    *script: Fault | None, credits_left: int = 100, key: str = API_KEY
) -> Iterator[tuple[ApiServer, AltTextAI]]:
    """A server with a script, and a client of it whose clock shows one minute past the epoch."""
    with ApiServer(credits_left=credits_left) as server:
        server.script(*script)
        transport = HttpClient(server.base_url, api_key=key, timeout=30)
        service = AltTextAI(transport, clock=lambda: 60.0)
        try:
            yield server, service
        finally:
            service.close()


def answer_to(fault: Fault) -> Answer:
    """What one picture gets from a server with this fault."""
    with served(fault) as (_, service):
        return service.describe(Request(IMAGE, "en"))


def error_from(fault: Fault) -> ServiceError:
    """How asking for one picture fails with this fault."""
    with pytest.raises(ServiceError) as caught:
        answer_to(fault)
    return caught.value


def generated(**fields: object) -> dict[str, object]:
    """A `/generate` answer as documented, with some fields replaced."""
    result = {"filename": "image", "alt_text": "A red kite.", "success": True}
    body = {"success": True, "results": [result], "credits_remaining": 95, "processed_count": 1}
    return body | fields


def with_result(**fields: object) -> dict[str, object]:
    """A `/generate` answer with some of its result's fields replaced."""
    result = {"filename": "image", "alt_text": "A red kite.", "success": True}
    return generated(results=[result | fields])


# What the service is


def test_it_is_a_caption_service_that_costs_one_credit() -> None:
    """It fits the protocol, without a connection being opened."""
    service: CaptionService = AltTextAI(HttpClient(API_URL, api_key=API_KEY, timeout=1))
    assert (service.identity, service.credits_per_image) == ("alttextai", 1)
    assert API_URL == "https://autoalt.app/api/v1"
    assert API_KEY not in repr(service) + repr(vars(service))
    service.close()


def test_without_a_key_it_knows_itself_and_asks_nobody() -> None:
    """Stored texts can be used; every question is refused with the reason."""
    service = AltTextAI(None)
    assert (service.identity, service.language_code("de")) == ("alttextai", "de")
    for question in (
        lambda: service.describe(Request(IMAGE, "en")),
        service.credits_remaining,
        service.verify,
    ):
        with pytest.raises(KeyRejectedError) as caught:
            question()
        assert caught.value.reason is Reason.NO_KEY
    service.close()


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        *((code, code) for code in sorted(LANGUAGES)),
        ("EN", "en"),
        ("pt-BR", "pt"),
        ("pt_BR", "pt"),
        ("zh-Hant-TW", "zh"),
        ("zh_Hant", "zh"),
        ("de_DE.UTF-8", "de"),
        (" fr ", "fr"),
        ("sv", None),
        ("eng", None),
        ("e", None),
        ("", None),
        ("-en", None),
        ("x-en", None),
        ("C.UTF-8", None),
    ],
)
def test_a_language_tag_maps_by_its_primary_subtag(tag: str, code: str | None) -> None:
    """Any spelling of a documented language is understood, and no other."""
    assert AltTextAI(None).language_code(tag) == code


# Asking


def test_a_picture_is_sent_as_documented_and_its_text_comes_back() -> None:
    """One image in base64 with its language; one credit; text and balance."""
    with served() as (server, service):
        answer = service.describe(Request(IMAGE, "fr"))
        call = server.calls[0]
        assert (call.method, call.path, call.authorised) == ("POST", "/generate", True)
        assert call.headers["Content-Type"] == "application/json"
        assert call.body == {"image": base64.b64encode(IMAGE.data).decode(), "language": "fr"}
        assert answer == Answer(alt_text(IMAGE.data, "fr"), credits_remaining=99)
        assert server.ledger == {(call.sha256, "fr"): 1}


def test_the_balance_costs_nothing() -> None:
    """`GET /credits` with the key."""
    with served(credits_left=42) as (server, service):
        assert service.credits_remaining() == 42
        assert [(call.method, call.path, call.body) for call in server.calls] == [
            ("GET", "/credits", None)
        ]
        assert server.credits_spent == 0


def test_a_good_key_is_verified() -> None:
    """`POST /verify-api-key` with the key and no body."""
    with served(credits_left=42) as (server, service):
        assert service.verify() == AccountStatus(valid=True, credits_remaining=42)
        assert [(call.method, call.path, call.body) for call in server.calls] == [
            ("POST", "/verify-api-key", None)
        ]


def test_a_key_can_be_reported_as_not_valid() -> None:
    """A 200 that says so is an answer, not an error."""
    with served(faults.json_body({"valid": False})) as (_, service):
        assert service.verify() == AccountStatus(valid=False, credits_remaining=None)


def test_a_wrong_key_is_rejected_everywhere() -> None:
    """Each endpoint refuses it, and the message does not repeat it."""
    with served(key="another-s3cret-key") as (server, service):
        for question in (
            lambda: service.describe(Request(IMAGE, "en")),
            service.credits_remaining,
            service.verify,
        ):
            with pytest.raises(KeyRejectedError, match="Invalid or inactive API key") as caught:
                question()
            assert "s3cret" not in str(caught.value)
        assert server.credits_spent == 0


def test_an_empty_account_is_out_of_credits() -> None:
    """The second picture gets nothing and says why."""
    with served(credits_left=1) as (_, service):
        assert service.describe(Request(IMAGE, "en")).credits_remaining == 0
        with pytest.raises(CreditsExhaustedError, match="No credits remaining"):
            service.describe(Request(IMAGE, "de"))


# Statuses


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        # this picture only
        (400, "No images provided. Send images.", ImageRejectedError),
        (400, "Invalid image format", ImageRejectedError),
        (400, "No credits remaining", ImageRejectedError),
        (404, "Image URL not accessible", ImageRejectedError),
        (413, "Payload too large", ImageRejectedError),
        (415, "Unsupported media type", ImageRejectedError),
        # the key
        (401, "No Authorization header found.", KeyRejectedError),
        (401, "Invalid or inactive API key", KeyRejectedError),
        # 403: the documented texts of an empty account, in any case and spacing
        (403, "No credits remaining", CreditsExhaustedError),
        (403, "Insufficient credits for batch processing", CreditsExhaustedError),
        (403, "NO CREDITS", CreditsExhaustedError),
        (403, "Sorry: insufficient  Credits.", CreditsExhaustedError),
        # 403: anything else is rate
        (403, "Rate limit exceeded", RateLimitedError),
        (403, "You have 5 credits remaining, slow down", RateLimitedError),
        (403, "", RateLimitedError),
        # gateways
        (429, "Too many requests", RateLimitedError),
        (429, "No credits remaining", RateLimitedError),
        (500, "Internal error", ServiceUnavailableError),
        (502, "", ServiceUnavailableError),
        (503, "", ServiceUnavailableError),
        (599, "", ServiceUnavailableError),
        # gateways that passed the request on and waited in vain: it may have been charged
        (504, "", RequestTimedOutError),
        (524, "A timeout occurred", RequestTimedOutError),
        # not documented
        (201, "", BadAnswerError),
        (202, "", BadAnswerError),
        (204, "", BadAnswerError),
        (302, "", BadAnswerError),
        (402, "", BadAnswerError),
        (405, "", BadAnswerError),
        (418, "", BadAnswerError),
        (600, "", BadAnswerError),
        (999, "", BadAnswerError),
    ],
)
def test_a_status_is_the_documented_error(
    status: int, message: str, expected: type[ServiceError]
) -> None:
    """The class says what may be done; status and message are kept."""
    error = error_from(faults.status(status, message))
    assert type(error) is expected
    assert error.status == status
    assert error.reason is expected.reason_default
    if message:
        assert " ".join(message.split()) in error.detail


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize(
    "page",
    [
        b"<html>No credits remaining</html>",
        b"",
        b"null",
        b"[]",
        b'"x"',
        b'{"error": null}',
        b'{"error": ["No credits"]}',
        b'{"error": {"message": "x"}}',
    ],
)
def test_an_error_without_a_documented_body_counts_by_its_status(status: int, page: bytes) -> None:
    """A gateway's page changes nothing; a 403 without a message is a matter of rate."""
    error = error_from(lambda turn: turn.reply(status, raw=page))
    expected = {
        400: ImageRejectedError,
        401: KeyRejectedError,
        403: RateLimitedError,
        404: ImageRejectedError,
        429: RateLimitedError,
    }
    assert type(error) is expected.get(status, ServiceUnavailableError)
    assert error.detail == f"status {status}"


@pytest.mark.parametrize("status", [400, 404, 413, 415])
def test_a_question_about_the_account_is_never_about_a_picture(status: int) -> None:
    """An endpoint that is missing is a bad answer, not a rejected image."""
    with served(*[faults.status(status)] * 2) as (_, service):
        for question in (service.credits_remaining, service.verify):
            with pytest.raises(BadAnswerError):
                question()


@pytest.mark.parametrize("status", [403, 429, 500, 503])
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("3600", 3600.0),
        ("Thu, 01 Jan 1970 00:01:30 GMT", 30.0),
        ("-5", None),
        ("soon", None),
    ],
)
def test_retry_after_is_passed_on(status: int, value: str, seconds: float | None) -> None:
    """As it stands: how long to wait at most is for the caller to decide."""
    error = error_from(faults.status(status, "later", headers={"Retry-After": value}))
    assert error.retry_after == seconds


# Answers


@pytest.mark.parametrize(
    ("text", "balance", "expected"),
    [
        ("A red kite.", 95, Answer("A red kite.", 95)),
        ("A red kite.", 0, Answer("A red kite.", 0)),
        # a balance that is none does not spoil a text that was paid for
        ("A red kite.", True, Answer("A red kite.")),
        ("A red kite.", -1, Answer("A red kite.")),
        ("A red kite.", 95.0, Answer("A red kite.")),
        ("A red kite.", "95", Answer("A red kite.")),
        ("A red kite.", None, Answer("A red kite.")),
        # judging and cleaning are for others
        ("", 95, Answer("", 95)),
        (" \n<b>Kite</b>\u200b", 95, Answer(" \n<b>Kite</b>\u200b", 95)),
        (
            "Ein Milan \U0001f985 über dem Fjord",
            95,
            Answer("Ein Milan \U0001f985 über dem Fjord", 95),
        ),
    ],
)
def test_a_text_is_passed_on_as_it_came(text: str, balance: object, expected: Answer) -> None:
    """With the balance, when it is one."""
    body = with_result(alt_text=text) | {"credits_remaining": balance}
    assert answer_to(faults.json_body(body)) == expected


def test_undocumented_fields_are_ignored() -> None:
    """The vendor may add to its answers."""
    body = with_result(confidence=0.9) | {"request_id": [1]}
    assert answer_to(faults.json_body(body)).text == "A red kite."


BAD_BODIES: dict[str, object] = {
    "null": None,
    "list": [],
    "text": "A red kite.",
    "number": 7,
    "empty": {},
    "success missing": {key: value for key, value in generated().items() if key != "success"},
    "success false": generated(success=False),
    "success text": generated(success="true"),
    "success number": generated(success=1),
    "success null": generated(success=None),
    "results missing": {"success": True},
    "results null": generated(results=None),
    "results empty": generated(results=[]),
    "results object": generated(results={"alt_text": "A red kite.", "success": True}),
    "results text": generated(results="A red kite."),
    "results of text": generated(results=["A red kite."]),
    "results of null": generated(results=[None]),
    "results of lists": generated(results=[[]]),
    "two results": generated(results=[{"alt_text": "A red kite.", "success": True}] * 2),
    "empty result": generated(results=[{}]),
    "result success missing": generated(results=[{"alt_text": "A red kite."}]),
    "result success false": with_result(success=False),
    "result success false, error null": with_result(success=False, error=None),
    "result success false, error empty": with_result(success=False, error=" \n"),
    "result success text": with_result(success="true"),
    "result success number": with_result(success=1),
    "text missing": generated(results=[{"success": True}]),
    "text null": with_result(alt_text=None),
    "text number": with_result(alt_text=7),
    "text list": with_result(alt_text=["A red kite."]),
    "text object": with_result(alt_text={"en": "A red kite."}),
    "text true": with_result(alt_text=True),
    "text of half a character": with_result(alt_text="kite \ud83e"),
    "text with the key": with_result(alt_text=f"A kite and {API_KEY}"),
    "text with the key escaped": with_result(alt_text=API_KEY.replace("-", "&#45;")),
    "text with the key hyphenated": with_result(alt_text=API_KEY.replace("-", "-\u00ad")),
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_an_answer_that_is_not_as_documented_is_bad(body: object) -> None:
    """Each field is checked; the error has a reason and a detail, and no key."""
    error = error_from(faults.json_body(body))
    assert type(error) is BadAnswerError
    assert error.reason is Reason.BAD_ANSWER
    assert error.status == 200
    assert error.detail
    assert API_KEY not in str(error)


@pytest.mark.parametrize(
    "fault",
    [
        faults.html(),
        faults.broken_json(),
        faults.raw_body(b""),
        faults.raw_body(b"\xff\xfe\x00"),
        faults.wrong_types(),
        faults.huge_body(2_000_000),
        faults.gzip_bomb(),
        faults.redirect("https://elsewhere.example/"),
        faults.not_http(),
    ],
)
def test_what_is_no_answer_at_all_is_bad(fault: Fault) -> None:
    """HTML, broken JSON, too much, another host."""
    error = error_from(fault)
    assert type(error) is BadAnswerError
    assert error.detail


def test_a_closed_connection_may_have_been_charged() -> None:
    """Whether it was cannot be known from here."""
    for charge in (False, True):
        assert isinstance(error_from(faults.close_connection(charge=charge)), RequestTimedOutError)


def test_a_result_that_failed_with_a_reason_is_about_the_picture() -> None:
    """Whatever the top level says; like any bad answer it may have been charged."""
    for success in (True, False):
        body = with_result(success=False, error="Could not read the image") | {"success": success}
        error = error_from(faults.json_body(body))
        assert type(error) is BadAnswerError
        assert error.reason is Reason.IMAGE_REJECTED
        assert error.detail == "Could not read the image"
    assert error_from(faults.success_false()).reason is Reason.IMAGE_REJECTED


def test_an_answer_without_success_says_what_the_server_said() -> None:
    """The documented error text is quoted."""
    error = error_from(faults.json_body({"success": False, "error": "Model is loading"}))
    assert type(error) is BadAnswerError
    assert "Model is loading" in error.detail


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"credits": None},
        {"credits": "100"},
        {"credits": -1},
        {"credits": True},
        {"credits": 1.5},
        {"credits_remaining": 100},
        [],
        None,
    ],
)
def test_a_balance_that_is_none_is_a_bad_answer(body: object) -> None:
    """A number of credits is a whole number, 0 or more."""
    with served(faults.json_body(body)) as (_, service), pytest.raises(BadAnswerError):
        service.credits_remaining()


@pytest.mark.parametrize("body", [{}, {"valid": None}, {"valid": "true"}, {"valid": 1}, []])
def test_a_verification_that_does_not_say_is_a_bad_answer(body: object) -> None:
    """Only true and false are words about a key."""
    with served(faults.json_body(body)) as (_, service), pytest.raises(BadAnswerError):
        service.verify()


# Quoting


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("Bad\x00 \x1b[31mimage\x7f\u202e\r\n\tformat\u2028", "Bad [31mimage format"),
        (f"Key {API_KEY} is not valid", "Key *** is not valid"),
        (f"Key {API_KEY[:5]}\u200b{API_KEY[5:]}", "Key ***"),
        (f"Key {API_KEY.upper()}", "Key ***"),
        (f"Key {API_KEY.replace('-', '&#45;')}&#10;&#27;", "Key ***"),
        ("x" * QUOTE_LENGTH, "x" * QUOTE_LENGTH),
        ("x" * 5000, "x" * (QUOTE_LENGTH - 1) + "…"),
        ("x" * (QUOTE_LENGTH - 10) + API_KEY, "x" * (QUOTE_LENGTH - 10) + "***"),
        ("x" * (QUOTE_LENGTH - 1) + API_KEY, "x" * (QUOTE_LENGTH - 1) + "…"),
    ],
)
def test_a_servers_text_is_cleaned_before_it_is_quoted(said: str, quoted: str) -> None:
    """One line, no control characters, no key or part of it, 120 characters."""
    rejected = error_from(faults.json_body(with_result(success=False, error=said)))
    assert rejected.detail == quoted
    refused = error_from(faults.status(400, said))
    assert refused.detail == f"status 400: {quoted}"


# The server for trials by hand


def test_the_server_runs_from_the_command_line() -> None:
    """It prints its address, and serves until it is killed."""
    command = [sys.executable, str(Path(__file__).with_name("api_server.py")), "--credits", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            base_url = process.stdout.readline().strip()
            service = AltTextAI(HttpClient(base_url, api_key=API_KEY, timeout=30))
            assert service.describe(Request(IMAGE, "en")).credits_remaining == 2
            service.close()
        finally:
            process.terminate()


def test_the_servers_texts_are_settled_by_bytes_and_language() -> None:
    """Equal pictures get equal texts, others get others, and each reads like alt text."""
    texts = {alt_text(data, language) for data in (b"a", b"b", b"a") for language in ("en", "de")}
    assert len(texts) == 4
    assert all(text.startswith("Picture of ") for text in texts)
    assert not any(character.isdigit() for character in json.dumps(sorted(texts)))
