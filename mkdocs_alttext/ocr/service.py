"""The service `ocr`: the text in a picture, read on this machine. Nothing is sent."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import (
    ConfigurationError,
    ImageRejectedError,
    ServiceUnavailableError,
)
from mkdocs_alttext.models import Answer, Reason
from mkdocs_alttext.ocr.compose import GOOD_LENGTH, compose
from mkdocs_alttext.ocr.reader import RapidReader, is_installed, version
from mkdocs_alttext.services.base import AccountStatus, ServiceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mkdocs_alttext.models import Picture, Request
    from mkdocs_alttext.ocr.layout import TextRegion
    from mkdocs_alttext.services.base import ServiceSettings

COMPOSITION_VERSION = 2
"""Part of the identity: to be raised when the same picture would get another text."""

_LEAST_SIDE = 8
"""Pixels: below, no letter can be told from another."""


class Ocr:
    """A `CaptionService` that reads the text in pictures; safe for threads."""

    def __init__(
        self,
        *,
        max_length: int = 300,
        read: Callable[[Picture], Sequence[TextRegion]] | None = None,
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
        # One picture keeps the processors busy, and the reader has state between its steps.
        self._turn = Lock()
        self._is_closed = False

    @property
    def identity(self) -> str:
        """The service, its rules, and RapidOCR's version, whose package holds the models."""
        identity = f"ocr/{COMPOSITION_VERSION} rapidocr/{version()}"
        # Only a limit below the aim shapes what is left out.
        is_short = self._max_length < GOOD_LENGTH
        return f"{identity} length/{self._max_length}" if is_short else identity

    @property
    def credits_per_image(self) -> int:
        """Nothing: the machine is the user's own."""
        return 0

    def language_code(self, tag: str) -> str:
        """Map a BCP 47 tag to `en`, or to `und` for all other languages.

        The text is the picture's own, in the language that it has there, so one answer serves every
        page. Only the opening word ("Screenshot", "Chart") is ours and English; pages in other
        languages go without it.
        """
        primary = tag.strip().replace("_", "-").partition("-")[0].lower()
        return "en" if primary == "en" else "und"

    def describe(self, request: Request) -> Answer:
        """Compose a text from what is written in a picture.

        Args:
            request: The picture, with `en` or `und` as its language.

        Returns:
            The text.

        Raises:
            ImageRejectedError: There is no text in the picture that is worth reading out.
            BadAnswerError: RapidOCR failed.
            ServiceUnavailableError: The service was closed.
        """
        picture = request.picture
        is_legible = min(picture.width, picture.height) >= _LEAST_SIDE
        text = compose(
            self._regions(picture) if is_legible else (),
            width=picture.width,
            height=picture.height,
            max_length=self._max_length,
            names_kind=request.language == "en",
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
        self._is_closed = True

    def _regions(self, picture: Picture) -> Sequence[TextRegion]:
        with self._turn:
            if self._is_closed:
                raise ServiceUnavailableError("the service is closed", reason=Reason.CANCELLED)
            return self._read(picture)


def _build(settings: ServiceSettings) -> Ocr:
    return Ocr(max_length=settings.max_length)


KIND = ServiceKind(_build, takes_base_url=False)
"""The service `ocr`."""
