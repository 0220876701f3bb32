"""What a model server's refusal means: its body in every shape, and this package's error for it.

Sources: the vendors' references and, where those are silent, the sources and issue threads of the
servers. Whoever pays for a request is never told so by a status alone: what is refused (4xx, 503,
529) cost nothing, and of any other 5xx nobody knows.
"""

from __future__ import annotations

import re
from contextlib import suppress
from enum import Enum, auto
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

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
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

LOADING_SECONDS = 5.0
"""Before a server that is loading its model is asked again, where it does not say when."""
_MOST_MESSAGE = 2000
_MOST_NESTED = 4


class ErrorBody(NamedTuple):
    """What the body of an answer says went wrong."""

    message: str = ""
    """As the server wrote it; it may echo the key."""
    words: str = ""
    """The codes, types and names of parameters in it, in small letters, with spaces between."""
    status: int | None = None
    """The status that stands in the body, where one does."""

    @property
    def said(self) -> str:
        """All of it in small letters and on one line, to look for words in."""
        return " ".join(f"{self.words} {self.message}".lower().split())


def error_in(body: object) -> ErrorBody | None:
    """Find what an answer says went wrong, whatever its shape and its status.

    Args:
        body: The parsed JSON.

    Returns:
        `None` when it says nothing of the kind. What stands beside an answer and is no word about
        an error is none.
    """
    if isinstance(body, list):  # Gemini
        return next(filter(None, map(error_in, body[:_MOST_NESTED])), None)
    if not isinstance(body, dict):
        return None
    error = body.get("error") or _error_of_choice(body.get("choices"))
    if error in (None, "", [], {}):
        # vLLM's own, and FastAPI's below many local servers.
        is_error = body.get("object") == "error" or body.get("type") == "error"
        is_error = is_error or set(body) <= {"message", "code", "type", "status"}
        if not is_error and ("detail" not in body or has_begun(body)):
            return None
        if not any(isinstance(body.get(name), (str, list, dict)) for name in ("message", "detail")):
            return None
        error = body
    found = ErrorBody(_message(error)[:_MOST_MESSAGE], _words(error), _status(error))
    return None if found == ErrorBody() and has_begun(body) else found


def has_begun(body: object) -> bool:
    """Tell whether a body holds an answer, or what was consumed for one: it may have been charged.

    Args:
        body: The parsed JSON. Groq's refusals hold what the model wrote in vain.
    """
    if not isinstance(body, dict):
        return False
    usage, error = body.get("usage"), body.get("error")
    has_used = isinstance(usage, dict) and any(usage.values())
    has_written = isinstance(error, dict) and error.get("failed_generation")
    # Chat Completions and Messages
    return bool(body.get("choices") or body.get("content") or has_used or has_written)


def is_cut_off(error: ErrorBody) -> bool:
    """Tell whether an answer took all tokens, which OpenAI says of reasoning models with a 400.

    Args:
        error: What it says.
    """
    return "max_tokens or model output limit was reached" in error.said


def _error_of_choice(choices: object) -> object:
    """Return what OpenRouter says of a provider that failed after it had begun."""
    first = choices[0] if isinstance(choices, list) and choices else None
    return first.get("error") if isinstance(first, dict) else None


def _message(error: object, depth: int = 0) -> str:
    """Return the text of an error that is a text, an object or a list of these."""
    if isinstance(error, str):
        return error
    if depth > _MOST_NESTED:
        return ""
    if isinstance(error, list):
        return "; ".join(filter(None, (_message(each, depth + 1) for each in error[:4])))
    if not isinstance(error, dict):
        return ""
    # `raw` is the provider's own behind OpenRouter, `msg` is pydantic's.
    names = ("message", "msg", "detail", "error", "metadata", "raw")
    return "; ".join(filter(None, (_message(error.get(name), depth + 1) for name in names)))


def _words(error: object) -> str:
    if isinstance(error, list):
        error = next((each for each in error if isinstance(each, dict)), None)
    if not isinstance(error, dict):
        return ""
    values = [error.get(name) for name in ("code", "type", "status", "param")]
    metadata = error.get("metadata")
    if isinstance(metadata, dict) and metadata.get("reasons"):  # OpenRouter's moderation
        values.append("moderation")
    words = (value.strip() for value in values if isinstance(value, str))
    return " ".join(filter(None, words))[:_MOST_MESSAGE].lower()


def _status(error: object) -> int | None:
    """Return the status in a body: OpenRouter's code is a number, others write it as a text."""
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, str) and re.fullmatch("[45][0-9]{2}", code):
        return int(code)
    is_status = isinstance(code, int) and not isinstance(code, bool) and 400 <= code < 600  # noqa: PLR2004 - HTTP's errors
    return code if is_status else None


class Remedy(Enum):
    """What may be left out or changed so that a refused request is taken."""

    NO_SCHEMA = auto()
    OTHER_TOKEN_FIELD = auto()
    NO_CONTEXT = auto()


_REFUSALS_OF_FORM = frozenset({400, 413, 422})
_NOT_TAKEN = (
    r"(?:unsupported|not? (?:be )?support|not? (?:be )?(?:permitted|allowed|available|compatible)"
    r"|unrecogni[sz]ed|unknown|unexpected|invalid(?!_request)|must be|extra|instead|incompatible)"
)
_SCHEMA = re.compile(
    r"response_format|json_schema|structured.?outputs?|tool_choice|input_schema|\btools?\b.{0,40}"
    r"(?:not support|unsupported)|does not support tools"
)
_TOKENS = re.compile(rf"(?=.*\bmax_(?:completion_)?tokens\b)(?=.*{_NOT_TAKEN})", re.DOTALL)
_TOO_LONG = re.compile(
    r"context.{0,3}length|maximum context|context (?:window|size)|prompt is too long"
    r"|too many (?:input )?tokens|exceeds? the (?:available|maximum|model).{0,40}(?:context|tokens)"
    r"|input (?:is )?too long|exceed_context_size"
)


def remedy_for(status: int, error: ErrorBody) -> Remedy | None:
    """Return what to change where a request was refused for its form.

    Args:
        status: Of the answer, or in it.
        error: What it says.
    """
    if status not in _REFUSALS_OF_FORM:
        return None
    if _TOO_LONG.search(error.said):
        return Remedy.NO_CONTEXT
    if _TOKENS.match(error.said):
        return Remedy.OTHER_TOKEN_FIELD
    return Remedy.NO_SCHEMA if _SCHEMA.search(error.said) else None


_QUOTA = re.compile(r"\binsufficient_quota\b|billing_(?:hard_limit_reached|error|not_active)")
_BALANCE = re.compile(
    r"credit balance|insufficient (?:credits?|balance|funds)|no credits|out of credits"
    r"|insufficient_(?:quota|credits|balance)"
)
_FILTER = re.compile(
    r"content[ _-]?(?:filter|policy|management)|moderation|safety system|flagged|prohibited_content"
    r"|responsibleaipolicyviolation"
)
_BAD_KEY = re.compile(
    # LiteLLM says the last of a key that it would have to look up in a database it does not have.
    r"api[ _]key not valid|api_key_invalid|(?:invalid|incorrect|missing) api[ _]?key"
    r"|no_db_connection"
)
_BLIND = re.compile(
    r"(?:image[ _-]?(?:inputs?|content|url)|images|vision|multimodal|mmproj)\b.{0,80}"
    r"(?:not (?:be )?supported|unsupported"
    r"|not enabled|only supported by|is not available|may be provided)"
    r"|(?:does not|doesn't|not|no endpoints? found that) support.{0,40}(?:image|vision|multimodal)"
    r"|not a (?:multimodal|vision)|missing data required for image|(?:no|without) vision"
    r"|unknown (?:variant|content).{0,20}image_url|at most 0 image"
)
_PICTURE = re.compile(
    r"(?:image|picture|media|file).{0,60}(?:too (?:large|big|small)|exceed"
    r"|size|dimension|pixels|corrupt|invalid|unsupported|not supported|could not|cannot|failed"
    r"|not valid)"
    r"|(?:invalid|unsupported|unable to|could not|cannot|failed to).{0,40}(?:image|picture|base64)"
    r"|request_too_large|(?:request|payload|body).{0,40}(?:too large|exceed)"
)
_NO_MODEL = re.compile(
    r"(?:invalid|unknown|no such|not a valid) model|model_not_found"
    r"|\bmodel\b.{0,80}(?:not found|(?:does|do) not exist|is not (?:valid|available))"
)
_LOADING = re.compile(r"loading|warming up|is starting")


class Meaning(NamedTuple):
    """What a refusal means."""

    kind: type[ServiceError]
    reason: Reason | None = None
    """What the report names, when it is not the class's own."""
    retry_after: float | None = None
    """Seconds to wait, where the server does not say."""


class _Case(NamedTuple):
    """One refusal before the table."""

    status: int
    words: str
    said: str
    is_about_picture: bool

    @property
    def is_refusal(self) -> bool:
        """Whether it cost nothing: HTTP's class of the client's errors."""
        return self.status // 100 == 4  # noqa: PLR2004 - HTTP's class

    @property
    def is_of_picture(self) -> bool:
        """Whether it is the refusal of a request with a picture."""
        return self.is_refusal and self.is_about_picture


_WAITING = frozenset({503, 529})
"""Refusals for a while; Anthropic says 529 where it has too much to do."""
_TIMEOUTS = frozenset({408, 504, 524})
"""A gateway passed the request on and waited in vain; 524 is Cloudflare's."""
_TOO_LARGE = frozenset({413, 415})

_MEANINGS: tuple[tuple[Callable[[_Case], object], Meaning], ...] = (
    # what the account is
    (
        lambda case: case.status == HTTPStatus.PAYMENT_REQUIRED or _QUOTA.search(case.words),
        Meaning(CreditsExhaustedError),
    ),
    (
        lambda case: case.status in {400, 429} and _BALANCE.search(case.said),
        Meaning(CreditsExhaustedError),
    ),
    (lambda case: case.status == HTTPStatus.TOO_MANY_REQUESTS, Meaning(RateLimitedError)),
    # what the picture shows, which OpenRouter says with a 403
    (lambda case: case.is_of_picture and _FILTER.search(case.said), Meaning(ImageRejectedError)),
    (lambda case: case.status in {401, 403}, Meaning(KeyRejectedError)),
    (lambda case: case.is_refusal and _BAD_KEY.search(case.said), Meaning(KeyRejectedError)),
    # what the model can: local servers say it with a 500, and do not charge
    (
        lambda case: case.is_about_picture and _BLIND.search(case.said),
        Meaning(ServiceUnusableError, Reason.MODEL_MISSING),
    ),
    # what passes
    (
        lambda case: case.status in _WAITING and _LOADING.search(case.said),
        Meaning(ServiceLoadingError, retry_after=LOADING_SECONDS),
    ),
    (lambda case: case.status in _WAITING, Meaning(ServiceUnavailableError)),
    (lambda case: case.status in _TIMEOUTS, Meaning(RequestTimedOutError)),
    (
        lambda case: case.status // 100 == 5,  # noqa: PLR2004 - HTTP's class
        Meaning(RequestTimedOutError, Reason.SERVICE_UNAVAILABLE),
    ),
    # what was asked for
    (lambda case: case.status == HTTPStatus.NOT_FOUND, Meaning(ServiceUnusableError)),
    (lambda case: case.is_refusal and _NO_MODEL.search(case.said), Meaning(ServiceUnusableError)),
    (
        lambda case: (
            case.is_of_picture
            and (
                case.status in _TOO_LARGE
                or _PICTURE.search(case.said)
                or _TOO_LONG.search(case.said)
            )
        ),
        Meaning(ImageRejectedError),
    ),
    # Refused for what all requests have: the breaker ends it after a few.
    (lambda case: case.is_refusal, Meaning(ServiceError, Reason.NO_SERVICE)),
)
"""The first that holds counts."""


def failure_for(status: int, error: ErrorBody, *, is_about_picture: bool) -> Meaning:
    """Return what a refusal means.

    Args:
        status: Of the answer, or in it where that is 200.
        error: What it says.
        is_about_picture: Whether a picture was sent.
    """
    case = _Case(status, error.words, error.said, is_about_picture)
    return next((meaning for holds, meaning in _MEANINGS if holds(case)), Meaning(BadAnswerError))


def retry_delay(body: object) -> float | None:
    """Return the seconds that Gemini asks to wait, in its `google.rpc.RetryInfo`.

    Args:
        body: The parsed JSON.
    """
    found = re.search(
        r"""['"]retryDelay['"]: ?['"](\d{1,6}(?:\.\d{1,9})?)s['"]""", str(body)[:20000]
    )
    with suppress(ValueError):
        return float(found[1]) if found else None
    return None
