"""The tree of all errors that this package raises.

An error carries facts; the hooks and the command line turn them into words.

```
AltTextError
├── ConfigurationError           the user's settings cannot work
│   ├── OptionError              the value of an option is none
│   ├── CatalogError             the catalog cannot be read or written
│   └── UnusableKeyError         the key cannot be read, or is none
├── OutputError                  a file cannot be written, or must not be replaced
├── StoreError                   the cache cannot be used
├── RenderingError               a page cannot be rendered once more
└── ReasonedError                an image gets no text; the report names the reason
    ├── PageError                the HTML of this page cannot be read
    ├── ImageError               this picture cannot be used
    ├── AnswerError              a service answered, and the text is not fit to publish
    └── ServiceError             a service did not answer
        ├── KeyRejectedError         the key is refused: stop calling for this build
        ├── CreditsExhaustedError    no credits are left: stop calling for this build
        ├── ServiceUnusableError     no server, or no model for it: stop calling for this build
        ├── ImageRejectedError       this picture only is refused; nothing was charged
        ├── BadAnswerError           not an answer as documented; it may have been charged
        ├── RateLimitedError         too many requests: wait, then try again
        ├── ServiceUnavailableError  down, or no connection: not charged, try again
        │   └── ServiceLoadingError      it is loading its model: wait, then try again
        └── RequestTimedOutError     sent and not answered: it may have been charged; try once more
```

A service raises the classes below `ServiceError`. Which HTTP status of AltTextAI is which of them
is in `services/errors.py`.
"""

from __future__ import annotations

from mkdocs_alttext.models import Reason


class AltTextError(Exception):
    """Anything this package raises on purpose."""


class ConfigurationError(AltTextError):
    """The settings cannot work; the message says which one and what to write instead."""


class OptionError(ConfigurationError):
    """The value of an option cannot be used; says what is expected."""


class CatalogError(ConfigurationError):
    """The catalog cannot be read or written; nothing is overwritten."""

    def __init__(self, file: str, reason: str, *, line: int | None = None) -> None:
        """Keep the facts.

        Args:
            file: Path of the catalog.
            reason: What is wrong and what to write instead.
            line: Where, from 1, when it is about a place.
        """
        place = file if line is None else f"{file}, line {line}"
        super().__init__(f"{place}: {reason}")
        self.file = file
        self.reason = reason
        self.line = line


class UnusableKeyError(ConfigurationError):
    """The service's key cannot be read, or cannot be one; the message never repeats it."""


class OutputError(AltTextError):
    """A file cannot be written, or what is in its place must stay; says what to do."""


class StoreError(AltTextError):
    """The cache cannot be used; the message says why and what was done about it."""


class RenderingError(AltTextError):
    """A page's source cannot be rendered once more, or not as it was; the message says why."""


class ReasonedError(AltTextError):
    """An image gets no text, for the reason that the report names."""

    def __init__(self, reason: Reason, detail: str = "", *, is_final: bool = False) -> None:
        """Keep the facts.

        Args:
            reason: What the report names.
            detail: More for a person to read; never holds a key or a whole answer.
            is_final: Whether trying again could only end the same way, so that it is remembered.
        """
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
        self.is_final = is_final


class PageError(ReasonedError):
    """A page whose HTML cannot be read in reasonable time; nothing on it is changed."""


class ImageError(ReasonedError):
    """A picture that cannot be read, decoded or sent."""


class AnswerError(ReasonedError):
    """A text that came back and must not be published."""


class ServiceError(ReasonedError):
    """A service that did not answer with a text."""

    reason_default = Reason.SERVICE_UNAVAILABLE

    def __init__(
        self,
        detail: str = "",
        *,
        status: int | None = None,
        retry_after: float | None = None,
        reason: Reason | None = None,
        is_final: bool = False,
    ) -> None:
        """Keep the facts.

        Args:
            detail: What happened, for a person; never holds a key.
            status: HTTP status, when there was one.
            retry_after: Seconds the service asked to wait, when it did.
            reason: What the report names, when it is not the class's own.
            is_final: Whether asking again could only end the same way, so that it is remembered.
        """
        super().__init__(reason or self.reason_default, detail, is_final=is_final)
        self.status = status
        self.retry_after = retry_after


class KeyRejectedError(ServiceError):
    """The service does not accept the key."""

    reason_default = Reason.KEY_REJECTED


class CreditsExhaustedError(ServiceError):
    """No credits are left."""

    reason_default = Reason.OUT_OF_CREDITS


class ServiceUnusableError(ServiceError):
    """There is no server, no such model, or it sees no pictures; nothing was charged."""

    reason_default = Reason.NO_SERVICE


class ImageRejectedError(ServiceError):
    """The service does not accept this picture; nothing was charged."""

    reason_default = Reason.IMAGE_REJECTED


class BadAnswerError(ServiceError):
    """The answer is not what the API documents, or holds no text; it may have been charged."""

    reason_default = Reason.BAD_ANSWER


class RateLimitedError(ServiceError):
    """Too many requests; waiting helps."""

    reason_default = Reason.RATE_LIMITED


class ServiceUnavailableError(ServiceError):
    """The service is down or cannot be reached; nothing was charged."""

    reason_default = Reason.SERVICE_UNAVAILABLE


class ServiceLoadingError(ServiceUnavailableError):
    """The service is loading its model, which may take minutes; nothing was charged."""


class RequestTimedOutError(ServiceError):
    """The request was sent and no answer came in time; it may have been charged."""

    reason_default = Reason.TIMED_OUT
