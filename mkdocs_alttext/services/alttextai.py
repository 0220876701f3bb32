"""The AltTextAI service (autoalt.app).

Owns what its documentation says: endpoints, fields and languages. It must not know how requests
travel (the transport does), nor about retries, budgets or stores. What the documentation leaves
open is not assumed: every field is checked, and one image goes in a request.
"""

from __future__ import annotations

import base64
import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.exceptions import BadAnswerError, KeyRejectedError, ServiceError
from mkdocs_alttext.models import Answer, Reason
from mkdocs_alttext.services.base import ServiceKind
from mkdocs_alttext.services.errors import kind_of
from mkdocs_alttext.services.transport import Transport
from mkdocs_alttext.system.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mkdocs_alttext.models import PreparedImage
    from mkdocs_alttext.services.base import ServiceSettings
    from mkdocs_alttext.services.reply import Reply

API_URL = "https://autoalt.app/api/v1"
LANGUAGES = frozenset("en es fr de it pt nl pl ru ja ko zh".split())
QUOTE_LENGTH = 120
"""Characters of a server's text that may stand in a message."""


class AccountStatus(NamedTuple):
    """What the service says about a key."""

    valid: bool
    credits_remaining: int | None
    """`None` when the answer does not tell."""


class AltTextAI:
    """A `CaptionService` over the AltTextAI API; safe for threads."""

    def __init__(
        self, transport: Transport | None, *, clock: Callable[[], float] = time.time
    ) -> None:
        """Take the connection over; nothing is sent.

        Args:
            transport: A connection to the base URL, which `close` closes; `None` when there is no
                key, and then every question is answered with a `KeyRejectedError`.
            clock: Seconds since the epoch, to read a `Retry-After` date with.
        """
        self._transport = transport
        self._clock = clock

    def __repr__(self) -> str:
        """Name the connection; it keeps the key to itself."""
        return f"{type(self).__name__}({self._transport!r})"

    @property
    def identity(self) -> str:
        """The service's name; the API has no model or prompt that shapes an answer."""
        return "alttextai"

    @property
    def credits_per_image(self) -> int:
        """One credit for each image, as the vendor documents."""
        return 1

    def language_code(self, tag: str) -> str | None:
        """Map a BCP 47 tag, or a locale name, by its primary subtag to a documented code."""
        primary = tag.strip().replace("_", "-").partition("-")[0].lower()
        return primary if primary in LANGUAGES else None

    def describe(self, image: PreparedImage, *, language: str) -> Answer:
        """Ask for one picture's text, which costs a credit.

        Args:
            image: The picture as it may be sent.
            language: A code that `language_code` returned.

        Returns:
            The text as it came, maybe empty, with the balance when the answer tells it.

        Raises:
            ServiceError: There is no text; the class says what may be done about it.
        """
        # Base64 needs no escapes, and to look for some takes a quarter of a request's time.
        fields = (base64.b64encode(image.data), json.dumps(language).encode())
        reply = self._request("POST", "/generate", b'{"image": "%b", "language": %b}' % fields)
        body = self._checked_body(reply, is_about_image=True)
        text = self._text(body)
        return Answer(text, credits_remaining=_count(body.get("credits_remaining")))

    def credits_remaining(self) -> int:
        """Ask for the account's balance, which costs nothing.

        Raises:
            ServiceError: The service did not say.
        """
        body = self._checked_body(self._request("GET", "/credits"))
        balance = _count(body.get("credits"))
        if balance is None:
            raise BadAnswerError("the answer holds no number of credits", status=HTTPStatus.OK)
        return balance

    def verify(self) -> AccountStatus:
        """Ask whether the key is good, which costs nothing.

        Raises:
            KeyRejectedError: The service refused the key by status.
            ServiceError: The service did not say.
        """
        body = self._checked_body(self._request("POST", "/verify-api-key"))
        valid = body.get("valid")
        if not isinstance(valid, bool):
            raise BadAnswerError(
                "the answer does not say whether the key is valid", status=HTTPStatus.OK
            )
        return AccountStatus(valid, _count(body.get("credits_remaining")))

    def close(self) -> None:
        """Close the connection; requests under way end with a `ServiceError`."""
        if self._transport is not None:
            self._transport.close()

    def _request(self, method: str, path: str, body: bytes | None = None) -> Reply:
        if self._transport is None:
            raise KeyRejectedError("no key was given", reason=Reason.NO_KEY)
        return self._transport.request_json(method, path, body)

    def _redact(self, text: str) -> str:
        return text if self._transport is None else self._transport.redact(text)

    def _checked_body(self, reply: Reply, *, is_about_image: bool = False) -> Mapping[str, object]:
        """Return the JSON object of a 200, or raise what the status means."""
        if reply.status != HTTPStatus.OK:
            # Builds that ask for nothing, or get what they ask for, do not pay for importing it.

            message = _message(reply.body)
            kind = kind_of(reply.status, message, is_about_image=is_about_image)
            raise self._error(kind, reply)
        if not reply.is_json:
            raise BadAnswerError("the answer is not JSON", status=reply.status)
        body = _object(reply.body)
        if body is None:
            raise BadAnswerError("the answer is not a JSON object", status=reply.status)
        return body

    def _error(self, kind: type[ServiceError], reply: Reply) -> ServiceError:
        message = self._quote(_message(reply.body))
        return kind(
            f"status {reply.status}: {message}" if message else f"status {reply.status}",
            status=reply.status,
            retry_after=reply.retry_after(now=self._clock()),
        )

    def _text(self, body: Mapping[str, object]) -> str:
        """Take the one text out of a `/generate` answer, checking each field on the way.

        Nobody says that a failed image is free, so an error of this kind is not an
        `ImageRejectedError`; and as it may have been paid for, it is final.
        """
        results = body.get("results")
        result = _object(results[0]) if isinstance(results, list) and len(results) == 1 else None
        message = self._quote(_message(result or body))
        if result and result.get("success") is False:
            raise _failed(message or "no success", Reason.IMAGE_REJECTED if message else None)
        if body.get("success") is not True:
            raise BadAnswerError(
                f"no success: {message}" if message else "no success", status=HTTPStatus.OK
            )
        if result is None:
            raise _failed("the answer does not hold exactly one result")
        if result.get("success") is not True:
            raise _failed("the result is not marked as a success")
        text = result.get("alt_text")
        if not isinstance(text, str) or _has_surrogates(text):
            raise _failed("the result holds no text")
        if self._redact(text) != text:
            # It would be stored and published.
            raise _failed("the text may hold the API key")
        return text

    def _quote(self, text: str) -> str:
        """Make a server's text fit for a message: one line, without the key, short."""
        # Redacted before it is cut: half a key is a secret as well.
        clean = " ".join(self._redact(printable(text)).split())
        return clean if len(clean) <= QUOTE_LENGTH else clean[: QUOTE_LENGTH - 1] + "…"


def _failed(detail: str, reason: Reason | None = None) -> BadAnswerError:
    return BadAnswerError(detail, status=HTTPStatus.OK, reason=reason, is_final=True)


def _object(value: object) -> Mapping[str, object] | None:
    """JSON objects have text keys, so this check is all a type needs."""
    return value if isinstance(value, dict) else None


def _message(body: object) -> str:
    """The documented `error` text, or nothing."""
    error = (_object(body) or {}).get("error")
    return error if isinstance(error, str) else ""


def _count(value: object) -> int | None:
    """Return a number of credits, or `None`: to Python, but not to the API, `true` is a number."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if value >= 0 else None


def _has_surrogates(text: str) -> bool:
    r"""Whether JSON escapes such as `\ud800` left halves of characters: no file can hold them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _build(settings: ServiceSettings) -> AltTextAI:
    if settings.api_key is None:
        return AltTextAI(None)
    return AltTextAI(
        Transport(
            settings.base_url or API_URL,
            api_key=settings.api_key,
            timeout=settings.timeout,
        )
    )


KIND = ServiceKind(
    _build,
    key_variable="ALTTEXTAI_API_KEY",
    # The last is what a socket takes a host's name with.
    modules=(
        "mkdocs_alttext.services.connections",
        "mkdocs_alttext.services.exchange",
        "mkdocs_alttext.services.line",
        "encodings.idna",
    ),
    base_url=API_URL,
)
"""The service `alttextai`."""
