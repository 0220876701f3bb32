"""What each status of the AltTextAI service means.

Owns the table from statuses to our errors. It must not know how an answer came, nor what is done
about an error.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import (
    BadAnswerError,
    CreditsExhaustedError,
    ImageRejectedError,
    KeyRejectedError,
    RateLimitedError,
    RequestTimedOutError,
    ServiceUnavailableError,
)

if TYPE_CHECKING:
    from mkdocs_alttext.exceptions import ServiceError

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
