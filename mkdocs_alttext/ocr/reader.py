"""Finds the text in a picture with RapidOCR, on this machine.

Nothing is sent or downloaded: the models come inside RapidOCR's package, and are named to it by
path. Text is looked for in a copy of bounded size, since that takes memory and time by the pixel;
what was found is read at full size, line by line.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from io import BytesIO
from math import dist, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs_alttext.exceptions import BadAnswerError, ServiceUnavailableError
from mkdocs_alttext.models import Reason
from mkdocs_alttext.ocr.layout import Reading, TextRegion
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from PIL.Image import Image as PillowImage

    from mkdocs_alttext.models import Picture

_PACKAGES = ("rapidocr", "onnxruntime")
_MOST_PIXELS = 720_000
"""Of the copy in which text is looked for: the memory and time that this takes grow with it."""
_SMALL_SIDE = 500
"""Pixels: a picture with no longer side is enlarged, since its letters are small, too."""
_MOST_LINES = 80
"""Lines that are read of a picture; a text needs three, and a page of code has hundreds."""
_LARGE = 1.25
"""Times the usual height from which lines are read before others: headlines are among them."""
_UPRIGHT = 1.5
"""Height over width of a line that runs from bottom to top."""
_FEW_PIXELS = 0.02
_FEW_GREYS = 8
_LOOKED_AT = 512
"""Pixels of the longest side at which greys are counted."""


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
        self._engine: Callable[..., Any] | None = None
        self._why_broken = ""

    def __call__(self, picture: Picture) -> Reading:
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
            return _read(self._engine, picture)
        except Exception as error:
            if short := shortage_in(error):
                raise ServiceUnavailableError(short, reason=Reason.OUT_OF_RESOURCES) from error
            if self._engine:
                raise BadAnswerError(f"RapidOCR failed: {type(error).__name__}") from error
            # A missing system library, or a damaged installation.
            self._why_broken = f"RapidOCR cannot start: {type(error).__name__}: {error}"
            raise BadAnswerError(self._why_broken, reason=Reason.NO_SERVICE) from error
        finally:
            _return_freed_memory()


def _start() -> Callable[..., Any]:
    """Import RapidOCR and set it up; it loads its models with the first picture."""
    # Before the import: without a path, RapidOCR would download what it misses.
    detection, recognition = _model("_det_"), _model("_rec_")
    from rapidocr import RapidOCR  # noqa: PLC0415 - takes a second and an optional package

    engine: Callable[..., Any] = RapidOCR(
        params={
            "Global.log_level": "critical",
            # Its finder of upside-down text turns short words such as "81 %" around.
            "Global.use_cls": False,
            "Global.max_side_len": 4096,
            "Det.model_path": str(detection),
            # Pictures come at the size that they need; by default, small ones are enlarged.
            "Det.limit_type": "max",
            "Det.limit_side_len": 2048,
            "Rec.model_path": str(recognition),
            # A line is not widened to 320 pixels, nor to the widest of several.
            "Rec.rec_batch_num": 1,
            "Rec.rec_img_shape": [3, 48, 96],
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
            # More threads wait for each other by spinning, while others render pages.
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    return engine


def _return_freed_memory() -> None:
    """Have glibc return what a picture took to the system: it keeps pieces, and more each time."""
    import ctypes  # noqa: PLC0415 - takes as long as the rest of a warm build's look-ups

    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another library of C
            ctypes.CDLL(None).malloc_trim(0)


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


def _read(engine: Callable[..., Any], picture: Picture) -> Reading:
    from PIL import Image  # noqa: PLC0415 - a warm build decodes nothing

    with Image.open(BytesIO(picture.data)) as file:
        image = file.convert("RGB")
    width, height = image.size
    scale = min(1.0, sqrt(_MOST_PIXELS / (width * height)))
    if max(image.size) <= _SMALL_SIDE:
        scale = 2.0
    copy = image
    if scale != 1.0:
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        copy = image.resize(size, Image.Resampling.BICUBIC)
    found = engine(copy, use_det=True, use_rec=False).boxes
    boxes = [] if found is None else [_corners(box, scale) for box in found]
    regions = [_region(engine, image, corners) for corners in _first_to_read(boxes)]
    return Reading(tuple(regions), width, height, plainness=_plainness(image))


def _corners(box: Iterable[Iterable[Any]], scale: float) -> tuple[tuple[float, float], ...]:
    return tuple((float(x) / scale, float(y) / scale) for x, y in box)


def _first_to_read(
    boxes: Sequence[tuple[tuple[float, float], ...]],
) -> Sequence[tuple[tuple[float, float], ...]]:
    """Take large type first, then the rest from the top, as many as are read."""
    if len(boxes) <= _MOST_LINES:
        return boxes
    heights = {box: dist(box[0], box[3]) for box in boxes}
    usual = sorted(heights.values())[len(heights) // 2]
    in_order = sorted(boxes, key=lambda box: (heights[box] < _LARGE * usual, box[0][1]))
    return in_order[:_MOST_LINES]


def _region(
    engine: Callable[..., Any], image: PillowImage, corners: tuple[tuple[float, float], ...]
) -> TextRegion:
    """Read one line, cut out upright."""
    from PIL import Image  # noqa: PLC0415 - a warm build decodes nothing

    top_left, top_right, bottom_right, bottom_left = corners
    width = max(round(max(dist(top_left, top_right), dist(bottom_left, bottom_right))), 1)
    height = max(round(max(dist(top_left, bottom_left), dist(top_right, bottom_right))), 1)
    quad = (*top_left, *bottom_left, *bottom_right, *top_right)
    line = image.transform((width, height), Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)
    if height >= _UPRIGHT * width:
        line = line.transpose(Image.Transpose.ROTATE_90)
    found = engine(line, use_det=False, use_rec=True)
    text, confidence = (found.txts[0], found.scores[0]) if found.txts else ("", 0.0)
    return TextRegion(str(text), corners, float(confidence), contrast=_contrast(line))


def _contrast(line: PillowImage) -> float:
    """Return how far the lightest and the darkest pixels of a line are apart, from 0 to 1.

    The colour counts in which they differ most: red on black is as strong as white.
    """
    return max(_spread(band.histogram()) for band in line.split()) / 255


def _spread(histogram: Sequence[int]) -> int:
    """Return how many levels lie between the lightest and the darkest pixels, but for a few."""
    total = sum(histogram)
    darkest = lightest = seen = 0
    for level, count in enumerate(histogram):
        if seen < _FEW_PIXELS * total:
            darkest = level
        if seen < (1 - _FEW_PIXELS) * total:
            lightest = level
        seen += count
    return lightest - darkest


def _plainness(image: PillowImage) -> float:
    """Return how much of a picture has one of its few most frequent greys, from 0 to 1."""
    from PIL import Image  # noqa: PLC0415 - a warm build decodes nothing

    grey = image.convert("L")
    # The nearest pixel is one of the picture's own; any other way of reducing makes new greys.
    grey.thumbnail((_LOOKED_AT, _LOOKED_AT), Image.Resampling.NEAREST)
    histogram = sorted(grey.histogram(), reverse=True)
    return sum(histogram[:_FEW_GREYS]) / sum(histogram)
