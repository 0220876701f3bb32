"""The service `ocr`: the text in a picture, read by RapidOCR on this machine.

Nothing is sent or downloaded: the models come inside RapidOCR's package, and are named to it by
path.
"""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from mkdocs_alttext.exceptions import (
    BadAnswerError,
    ConfigurationError,
    ImageRejectedError,
    ServiceUnavailableError,
)
from mkdocs_alttext.models import Answer, Reason
from mkdocs_alttext.ocr.compose import GOOD_LENGTH, compose
from mkdocs_alttext.ocr.layout import TextRegion
from mkdocs_alttext.services.base import AccountStatus, Pace, ServiceKind
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL import Image as PillowImage

    from mkdocs_alttext.models import Picture, Request
    from mkdocs_alttext.services.base import ServiceSettings

_PACKAGES = ("rapidocr", "onnxruntime")
_SLIMMEST = 4
"""Longest allowed ratio of the sides. RapidOCR enlarges the shorter side to 736 pixels, which makes
a strip of 40 x 2048 pixels take a minute and gigabytes."""


def is_installed() -> bool:
    """Tell whether the optional packages are there, without importing them."""
    return all(find_spec(name) is not None for name in _PACKAGES)


def version() -> str:
    """Return RapidOCR's version, whose package holds the models; without importing it."""
    try:
        return distribution("rapidocr").version
    except PackageNotFoundError:
        return "none"


class RapidReader:
    """Finds text with RapidOCR; starts with the first picture. Not for several threads at once."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._engine: Callable[[PillowImage.Image], Any] | None = None
        self._why_broken = ""

    def __call__(self, picture: Picture) -> list[TextRegion]:
        """Find the text in a picture.

        Args:
            picture: The picture.

        Returns:
            Lines of text, with boxes in the picture's pixels.

        Raises:
            BadAnswerError: RapidOCR cannot start, or failed over this picture.
            ServiceUnavailableError: This machine has too little of something for now.
        """
        if self._why_broken:
            raise BadAnswerError(self._why_broken, reason=Reason.NO_SERVICE)
        try:
            self._engine = self._engine or _start()
            return _regions(self._engine(_opened(picture)))
        except Exception as error:
            if short := shortage_in(error):
                raise ServiceUnavailableError(short, reason=Reason.OUT_OF_RESOURCES) from error
            if self._engine:
                raise BadAnswerError(f"RapidOCR failed: {type(error).__name__}") from error
            # A missing system library, or a damaged installation.
            self._why_broken = f"RapidOCR cannot start: {type(error).__name__}: {error}"
            raise BadAnswerError(self._why_broken, reason=Reason.NO_SERVICE) from error


def _start() -> Callable[[PillowImage.Image], Any]:
    """Import RapidOCR and set it up; it loads its models with the first picture."""
    # Before the import: without a path, RapidOCR would download what it misses.
    detection, recognition = _model("_det_"), _model("_rec_")
    from rapidocr import RapidOCR  # noqa: PLC0415 - takes a second and an optional package

    engine: Callable[[PillowImage.Image], Any] = RapidOCR(
        params={
            "Global.log_level": "critical",
            # Its finder of upside-down text turns short words such as "81 %" around.
            "Global.use_cls": False,
            "Det.model_path": str(detection),
            "Rec.model_path": str(recognition),
            "EngineConfig.onnxruntime.intra_op_num_threads": _threads(),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    return engine


def _model(role: str) -> Path:
    """Find a model among the files that RapidOCR's package brought."""
    package = distribution("rapidocr")
    paths = [
        Path(str(package.locate_file(file)))
        for file in package.files or ()
        if file.suffix == ".onnx" and role in file.name
    ]
    present = [path for path in paths if path.is_file()]
    if not present:
        raise FileNotFoundError(f"its package holds no model named *{role}*.onnx; reinstall it")
    return max(present)


def _threads() -> int:
    """Leave one processor to whoever renders pages meanwhile.

    onnxruntime's threads wait for each other by spinning: as many threads as processors, of which
    one is busy, take half again to twice as long as one thread less.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max((usable or 1) - 1, 1)


def _opened(picture: Picture) -> PillowImage.Image:
    """Decode a picture to RGB; a slim one is put in the corner of a wider one."""
    from PIL import Image  # noqa: PLC0415 - a warm build decodes nothing

    with Image.open(BytesIO(picture.data)) as file:
        image = file.convert("RGB")
    width, height = image.size
    least = (max(width, -(-height // _SLIMMEST)), max(height, -(-width // _SLIMMEST)))
    if least == image.size:
        return image
    ground = Image.new("RGB", least, image.getpixel((width - 1, height - 1)))
    ground.paste(image)
    return ground


def _regions(found: Any) -> list[TextRegion]:  # noqa: ANN401 - RapidOCR has no types
    """Take plain values out of RapidOCR's answer, which holds `None` when there is no text."""
    if found.boxes is None or found.txts is None or found.scores is None:
        return []
    return [
        TextRegion(
            str(text), tuple((float(x), float(y)) for x, y in corners), confidence=float(score)
        )
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
    ]


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


KIND = ServiceKind(_build, takes_base_url=False, pace=Pace(concurrency=1))
"""The service `ocr`."""
