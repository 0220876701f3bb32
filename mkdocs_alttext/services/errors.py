"""What went wrong with a request, as this package's errors: below HTTP, and by HTTP's status."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

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
    from collections.abc import Iterator, Sequence


REFUSED = "the connection was refused"
"""How a server that is not running shows on this machine."""


def failure_from(error: BaseException, *, host: str, sent: bool) -> ServiceError:
    """Say in this package's words what `requests`, `urllib3` or the system raised.

    The words come from classes only: the messages hold addresses, and may hold headers.

    Args:
        error: What was raised.
        host: The service's host.
        sent: Whether any byte of the request may have left; then it may have been charged.
    """
    chain = tuple(_chain(error))
    if not sent:
        if short := next(filter(None, map(shortage_in, chain)), None):
            return ServiceUnavailableError(short, reason=Reason.OUT_OF_RESOURCES)
        return ServiceUnavailableError(f"{host} cannot be reached: {_no_connection(chain)}")
    from http import client  # noqa: PLC0415 - imports ssl, as urllib3 does

    from urllib3 import exceptions as errors  # noqa: PLC0415 - heavy

    if _has(chain, TimeoutError, errors.TimeoutError):
        return RequestTimedOutError(f"no answer from {host} in time")
    is_cut_off = _has(chain, client.RemoteDisconnected, client.IncompleteRead)
    if _has(chain, client.HTTPException, errors.InvalidHeader) and not is_cut_off:
        return BadAnswerError(f"what {host} sent is not HTTP")
    return RequestTimedOutError(f"{host} closed the connection before its answer was complete")


def _no_connection(chain: Sequence[BaseException]) -> str:
    """Say why there was no connection. What `requests` raises wraps what `urllib3` does."""
    from requests.exceptions import InvalidProxyURL, InvalidSchema  # noqa: PLC0415 - heavy
    from urllib3 import exceptions as errors  # noqa: PLC0415 - heavy

    # A SOCKS proxy without PySocks is an InvalidSchema.
    proxy = (errors.ProxyError, errors.ProxySchemeUnknown, InvalidProxyURL, InvalidSchema)
    causes: tuple[tuple[str, tuple[type[BaseException], ...]], ...] = (
        # The first that fits: urllib3's classes inherit from one another.
        ("the proxy that the environment names cannot be used", proxy),
        ("its name cannot be resolved", (errors.NameResolutionError, socket.gaierror)),
        ("no TLS connection, or its certificate is not trusted", (errors.SSLError,)),
        (REFUSED, (ConnectionRefusedError,)),
        ("no connection", (errors.NewConnectionError,)),
        ("no connection in time", (errors.TimeoutError, TimeoutError)),
    )
    return next((words for words, kinds in causes if _has(chain, *kinds)), "no connection")


def _has(chain: Sequence[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(link, kinds) for link in chain)


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


_ABOUT_IMAGES = frozenset({400, 404, 413, 415})
_BY_STATUS: dict[int, type[ServiceError]] = {
    401: KeyRejectedError,
    429: RateLimitedError,
    # A gateway passed the request on and waited in vain; 524 is what Cloudflare says.
    504: RequestTimedOutError,
    524: RequestTimedOutError,
}
_OUT_OF_CREDITS = ("no credits", "insufficient credits")


def kind_of(status: int, message: str, *, is_about_image: bool) -> type[ServiceError]:
    """Read a status as AltTextAI documents it; 429, 504 and 524 are what gateways send.

    Args:
        status: Any but 200.
        message: The documented `error` text, or nothing.
        is_about_image: Whether an image was sent.
    """
    if is_about_image and status in _ABOUT_IMAGES:
        return ImageRejectedError
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status == 403:  # noqa: PLR2004 - forbidden, whose message tells for what
        said = " ".join(message.lower().split())
        is_credits = any(phrase in said for phrase in _OUT_OF_CREDITS)
        return CreditsExhaustedError if is_credits else RateLimitedError
    return ServiceUnavailableError if status // 100 == 5 else BadAnswerError  # noqa: PLR2004
