"""The one translation of what `requests`, `urllib3` and the system raise into our errors.

Owns the table. It must not know when a failure happened beyond what it is told. The words come from
classes only: foreign messages hold addresses, and may hold headers.

What each status of the AltTextAI service means.

Owns the table from statuses to our errors. It must not know how an answer came, nor what is done
about an error.
"""

from __future__ import annotations

import http.client
import socket
from http import HTTPStatus
from typing import TYPE_CHECKING

import requests
import urllib3.exceptions as urllib3_errors

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
from mkdocs_alttext.models import Reason
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_alttext.exceptions import ServiceError

_UNUSABLE_PROXY = (
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidProxyURL,
    requests.exceptions.InvalidSchema,  # what a SOCKS proxy without PySocks raises
    urllib3_errors.ProxyError,
    urllib3_errors.ProxySchemeUnknown,
)
_NOT_CONNECTED: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    # The first that fits: urllib3's classes inherit from one another.
    (_UNUSABLE_PROXY, "the proxy that the environment names cannot be used"),
    ((urllib3_errors.NameResolutionError, socket.gaierror), "its name cannot be resolved"),
    (
        (urllib3_errors.SSLError, requests.exceptions.SSLError),
        "no TLS connection, or its certificate is not trusted",
    ),
    ((ConnectionRefusedError,), "the connection was refused"),
    ((urllib3_errors.NewConnectionError,), "no connection"),
    (
        (urllib3_errors.TimeoutError, requests.exceptions.Timeout, TimeoutError),
        "no connection in time",
    ),
)
_CUT_OFF = (http.client.RemoteDisconnected, http.client.IncompleteRead)
_UNREADABLE = (
    http.client.HTTPException,
    requests.exceptions.ContentDecodingError,
    requests.exceptions.InvalidHeader,
    urllib3_errors.DecodeError,
    urllib3_errors.HeaderParsingError,
    urllib3_errors.InvalidHeader,
)
_TOO_LATE = (TimeoutError, requests.exceptions.Timeout, urllib3_errors.TimeoutError)


def failure_from(error: BaseException, *, host: str, sent: bool) -> ServiceError:
    """Say in this package's words what `requests`, `urllib3` or the system raised.

    The words come from classes only: the messages hold addresses, and may hold headers.

    Args:
        error: What was raised.
        host: The service's host.
        sent: Whether any byte of the request may have left; then it may have been charged.
    """
    chain = tuple(_chain(error))

    def has(kinds: tuple[type[BaseException], ...]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    if not sent:
        short = next(filter(None, map(shortage_in, chain)), None)
        if short is not None:
            return ServiceUnavailableError(short, reason=Reason.OUT_OF_RESOURCES)
        words = next((words for kinds, words in _NOT_CONNECTED if has(kinds)), "no connection")
        return ServiceUnavailableError(f"{host} cannot be reached: {words}")
    if has(_TOO_LATE):
        return RequestTimedOutError(f"no answer from {host} in time")
    if has(_UNREADABLE) and not has(_CUT_OFF):
        return BadAnswerError(f"what {host} sent is not HTTP")
    return RequestTimedOutError(f"{host} closed the connection before its answer was complete")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it wraps, in whichever of the ways both libraries use."""
    waiting, seen = [error], set[int]()
    while waiting:
        link = waiting.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        inner = (*link.args, getattr(link, "reason", None), link.__cause__, link.__context__)
        waiting.extend(each for each in inner if isinstance(each, BaseException))


_ABOUT_IMAGES = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    }
)
_ALWAYS: dict[int, type[ServiceError]] = {
    HTTPStatus.UNAUTHORIZED: KeyRejectedError,
    HTTPStatus.TOO_MANY_REQUESTS: RateLimitedError,
    # A gateway passed the request on and waited in vain; 524 is what Cloudflare says.
    HTTPStatus.GATEWAY_TIMEOUT: RequestTimedOutError,
    524: RequestTimedOutError,
}
_OUT_OF_CREDITS = ("no credits", "insufficient credits")


def kind_of(status: int, message: str, *, is_about_image: bool) -> type[ServiceError]:
    """Read a status as the vendor documents it; 429, 504 and 524 are what gateways send.

    Args:
        status: Any but 200.
        message: The documented `error` text, or nothing.
        is_about_image: Whether an image was sent.
    """
    if is_about_image and status in _ABOUT_IMAGES:
        return ImageRejectedError
    if status in _ALWAYS:
        return _ALWAYS[status]
    if status == HTTPStatus.FORBIDDEN:
        said = " ".join(message.lower().split())
        is_credits = any(phrase in said for phrase in _OUT_OF_CREDITS)
        return CreditsExhaustedError if is_credits else RateLimitedError
    if status // 100 == 5:  # noqa: PLR2004 - the class of server errors
        return ServiceUnavailableError
    return BadAnswerError
