"""The service `ocr`: the text in a picture, read on this machine."""

from __future__ import annotations

from concurrent.futures import CancelledError, ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import (
    ConfigurationError,
    ImageRejectedError,
    ServiceUnavailableError,
)
from mkdocs_alttext.models import Answer, Reason
from mkdocs_alttext.ocr import GOOD_LENGTH, LANGUAGES
from mkdocs_alttext.ocr.compose import compose
from mkdocs_alttext.ocr.layout import Reading
from mkdocs_alttext.ocr.reader import RapidReader, is_installed, version
from mkdocs_alttext.services.base import AccountStatus, Pace, ServiceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.models import Picture, Request

RULES_VERSION = 5
"""Part of the identity: to be raised when the same picture would get another text."""

_LEAST_SIDE = 8
"""Pixels: below, no letter can be told from another."""
_MOST_READINGS = 1000
"""Readings that are kept for pages in other languages; each takes some kilobytes."""


class Ocr:
    """A `CaptionService` that reads the text in pictures; safe for threads, one reads at a time."""

    def __init__(
        self, *, max_length: int = 300, read: Callable[[Picture], Reading] | None = None
    ) -> None:
        """Check that the software is there; nothing is imported or started.

        Args:
            max_length: Longest text in characters.
            read: Finds the text in a picture; RapidOCR by default.

        Raises:
            ConfigurationError: The optional packages are not installed.
        """
        if read is None and not is_installed():
            raise ConfigurationError(
                'The service ocr needs optional packages. Run: pip install "mkdocs-alttext[ocr]"'
            )
        self._max_length = max_length
        self._read = read or RapidReader()
        self._readings: dict[bytes, Reading] = {}
        # The reader has state, and each thread that it ran in would keep memory for itself: one
        # thread reads whatever the option `concurrency` says, and leaves the other processors.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="alttext-ocr")

    @property
    def identity(self) -> str:
        """The service, its rules, and RapidOCR's version, whose package holds the models."""
        identity = f"ocr/{RULES_VERSION} rapidocr/{version()}"
        # Only a limit below the aim shapes what is left out.
        is_short = self._max_length < GOOD_LENGTH
        return f"{identity} length/{self._max_length}" if is_short else identity

    @property
    def credits_per_image(self) -> int:
        """Nothing: the machine is the user's own."""
        return 0

    def language_code(self, tag: str) -> str:
        """Map a BCP 47 tag to its language where a word of ours may open a text, else to `und`.

        The text is the picture's own, in the language that it has there; only the opening word
        ("Screenshot", "Chart") is ours. Traditional Chinese has other words than simplified.
        """
        primary, *rest = tag.strip().replace("_", "-").lower().split("-")
        is_traditional = primary == "zh" and {"hant", "tw", "hk", "mo"} & {*rest}
        return primary if primary in LANGUAGES and not is_traditional else "und"

    def describe(self, request: Request) -> Answer:
        """Compose a text from what is written in a picture.

        Args:
            request: The picture, with a language as `language_code` returns it.

        Returns:
            The text.

        Raises:
            ImageRejectedError: There is no text in the picture that is worth reading out.
            BadAnswerError: RapidOCR failed.
            ServiceUnavailableError: The service was closed.
        """
        text = compose(
            self._reading(request.picture),
            language=request.language,
            context=request.context,
            max_length=self._max_length,
        )
        if text is None:
            raise ImageRejectedError(reason=Reason.NO_TEXT_FOUND, is_final=True)
        return Answer(text)

    def credits_remaining(self) -> None:
        """Tell that there is no balance."""
        return

    def verify(self) -> AccountStatus:
        """Tell that no key is needed."""
        return AccountStatus(valid=True)

    def close(self) -> None:
        """Let no further picture begin; one that is being read takes a few seconds at most."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _reading(self, picture: Picture) -> Reading:
        """Read a picture, unless it was read for a page in another language."""
        if min(picture.width, picture.height) < _LEAST_SIDE:
            return Reading((), picture.width, picture.height)
        try:
            future = self._thread.submit(self._read_once, picture)
        except RuntimeError as error:  # closed, or no thread can be started
            raise ServiceUnavailableError(str(error), reason=Reason.CANCELLED) from error
        try:
            return future.result()
        except CancelledError:
            raise ServiceUnavailableError("closed", reason=Reason.CANCELLED) from None

    def _read_once(self, picture: Picture) -> Reading:
        digest = sha256(picture.data).digest()
        if digest not in self._readings:
            if len(self._readings) >= _MOST_READINGS:
                del self._readings[next(iter(self._readings))]
            self._readings[digest] = self._read(picture)
        return self._readings[digest]


KIND = ServiceKind(
    lambda settings: Ocr(max_length=settings.max_length),
    takes_base_url=False,
    takes_context=True,
    is_deterministic=True,
    pace=Pace(concurrency=1),
    takes_strips=True,
)
"""The service `ocr`."""
