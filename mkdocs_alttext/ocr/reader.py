"""Text found in a picture by RapidOCR, on this machine.

Nothing is downloaded: the models come inside RapidOCR's package, and are named to it by path.
"""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs_alttext.exceptions import BadAnswerError, ServiceUnavailableError
from mkdocs_alttext.models import Reason
from mkdocs_alttext.ocr.layout import TextRegion
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image as PillowImage

    from mkdocs_alttext.models import Picture

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
