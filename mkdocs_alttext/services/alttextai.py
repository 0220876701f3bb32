"""The AltTextAI service (autoalt.app): its endpoints, fields, statuses and languages.

What its documentation leaves open is not assumed: every field is checked, and one image goes in a
request.
"""

from __future__ import annotations

import base64
import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import BadAnswerError, KeyRejectedError
from mkdocs_alttext.models import Answer, Reason
from mkdocs_alttext.services.base import AccountStatus, ServiceKind
from mkdocs_alttext.services.errors import kind_of
from mkdocs_alttext.services.http import HttpClient
from mkdocs_alttext.system.printable import printable, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mkdocs_alttext.models import Request
    from mkdocs_alttext.services.base import ServiceSettings

API_URL = "https://autoalt.app/api/v1"
LANGUAGES = frozenset("en es fr de it pt nl pl ru ja ko zh".split())
QUOTE_LENGTH = 120
"""Characters of a server's text that may stand in a message."""


class AltTextAI:
    """A `CaptionService` over the AltTextAI API; safe for threads."""

    def __init__(
        self, client: HttpClient | None, *, clock: Callable[[], float] = time.time
    ) -> None:
        """Take the client over; nothing is sent.

        Args:
            client: Sends requests to the base URL; `close` closes it. `None` when there is no key,
                and then every request is answered with a `KeyRejectedError`.
            clock: Seconds since the epoch, to read a `Retry-After` date with.
        """
        self._client = client
        self._clock = clock

    def __repr__(self) -> str:
        """Name the client, which keeps the key to itself."""
        return f"{type(self).__name__}({self._client!r})"

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

    def describe(self, request: Request) -> Answer:
        """Ask for one picture's text, which costs a credit.

        Args:
            request: The picture as it may be sent, and a code that `language_code` returned. The
                API takes no context.

        Returns:
            The text as it came, maybe empty, with the balance when the answer tells it.

        Raises:
            ServiceError: There is no text; the class says what may be done about it.
        """
        image = base64.b64encode(request.picture.data).decode("ascii")
        data = json.dumps({"image": image, "language": request.language}).encode()
        body = self._ask("POST", "/generate", data)
        return Answer(self._text(body), _count(body.get("credits_remaining")))

    def credits_remaining(self) -> int:
        """Ask for the account's balance, which costs nothing.

        Raises:
            ServiceError: The service did not say.
        """
        balance = _count(self._ask("GET", "/credits").get("credits"))
        if balance is None:
            raise BadAnswerError("the answer holds no number of credits", status=HTTPStatus.OK)
        return balance

    def verify(self) -> AccountStatus:
        """Ask whether the key is good, which costs nothing.

        Raises:
            KeyRejectedError: The service refused the key by status.
            ServiceError: The service did not say.
        """
        body = self._ask("POST", "/verify-api-key")
        valid = body.get("valid")
        if not isinstance(valid, bool):
            raise BadAnswerError(
                "the answer does not say whether the key is valid", status=HTTPStatus.OK
            )
        return AccountStatus(valid, _count(body.get("credits_remaining")))

    def close(self) -> None:
        """Close the client; requests under way end with a `ServiceError`."""
        if self._client is not None:
            self._client.close()

    def _ask(self, method: str, path: str, data: bytes | None = None) -> Mapping[str, object]:
        """Return the JSON object of a 200, or raise what the answer means."""
        if self._client is None:
            raise KeyRejectedError("no key was given", reason=Reason.NO_KEY)
        reply = self._client.request_json(method, path, data)
        if reply.status != HTTPStatus.OK:
            kind = kind_of(reply.status, _message(reply.body), is_about_image=data is not None)
            message = self._quoted_message(reply.body)
            raise kind(
                f"status {reply.status}: {message}" if message else f"status {reply.status}",
                status=reply.status,
                retry_after=reply.retry_after(now=self._clock()),
            )
        if not isinstance(reply.body, dict):
            raise BadAnswerError("the answer is not a JSON object", status=reply.status)
        return reply.body

    def _text(self, body: Mapping[str, object]) -> str:
        """Take the one text out of a `/generate` answer, checking each field on the way.

        Nobody says that a failed image is free, so an error of this kind is not an
        `ImageRejectedError`; and as it may have been paid for, it is final.
        """
        results = body.get("results")
        result = results[0] if isinstance(results, list) and len(results) == 1 else None
        if not isinstance(result, dict):
            result = {}
        message = self._quoted_message(result or body)
        if result.get("success") is False:
            raise _failed(message or "no success", Reason.IMAGE_REJECTED if message else None)
        if body.get("success") is not True:
            raise BadAnswerError(
                f"no success: {message}" if message else "no success", status=HTTPStatus.OK
            )
        if result.get("success") is not True:
            raise _failed("the answer does not hold exactly one result that is a success")
        text = result.get("alt_text")
        if not isinstance(text, str) or any(
            "\ud800" <= character <= "\udfff" for character in text
        ):
            # JSON's escapes can be halves of characters, which no file can hold.
            raise _failed("the result holds no text")
        if self._redact(text) != text:
            # It would be stored and published.
            raise _failed("the text may hold the API key")
        return text

    def _quoted_message(self, body: object) -> str:
        """Make a server's message fit for one of ours: one line, without the key, short."""
        # Redacted before it is cut: half a key is a secret as well.
        spaced = " ".join(printable(_message(body)).split())
        clean = " ".join(self._redact(spaced).split())
        return shortened(clean, QUOTE_LENGTH)

    def _redact(self, text: str) -> str:
        return text if self._client is None else self._client.redact(text)


def _failed(detail: str, reason: Reason | None = None) -> BadAnswerError:
    return BadAnswerError(detail, status=HTTPStatus.OK, reason=reason, is_final=True)


def _message(body: object) -> str:
    """Return the documented `error` text, or nothing."""
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, str) else ""


def _count(value: object) -> int | None:
    """Return a number of credits, or `None`: to Python, but not to the API, `true` is a number."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if value >= 0 else None


def _build(settings: ServiceSettings) -> AltTextAI:
    if settings.api_key is None:
        return AltTextAI(None)
    address = settings.base_url or API_URL
    return AltTextAI(HttpClient(address, api_key=settings.api_key, timeout=settings.timeout))


KIND = ServiceKind(_build, key_variable="ALTTEXTAI_API_KEY", base_url=API_URL)
"""The service `alttextai`."""
