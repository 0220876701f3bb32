"""Finds the text in a picture with RapidOCR, on this machine.

Nothing is sent or downloaded: the models come inside RapidOCR's package, and are named to it by
path. Text is looked for in a copy of bounded size, since that takes memory and time by the pixel,
and in a very long picture piece by piece; what was found is read at full size, line by line.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from io import BytesIO
from itertools import accumulate
from math import dist, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs_alttext.exceptions import BadAnswerError, ServiceUnavailableError
from mkdocs_alttext.models import Reason
from mkdocs_alttext.ocr.layout import Reading, TextRegion
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PIL.Image import Image as PillowImage

    from mkdocs_alttext.models import Picture

Corners = tuple[tuple[float, float], ...]
"""Of the box around a line, as in `TextRegion`."""
Extent = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels."""

_PACKAGES = ("rapidocr", "onnxruntime")
_MOST_PIXELS = 720_000
"""Of the copy in which text is looked for: the memory and time that this takes grow with it."""
_LONGEST_COPY = 2048
"""Pixels of its longest side."""
_SLIM, _LEGIBLE = 4, 0.5
"""A picture whose sides have a larger ratio is looked at in pieces, if its copy would be a smaller
part of its size."""
_SLIMMEST = 8
"""Ratio of the sides of a piece: RapidOCR adds a margin to what is slimmer, which takes longer."""
_SHARED = 8
"""Two pieces that follow each other share a part of so many of their length."""
_SAME_ROW = 0.5
"""Of the lower one's height, by which boxes of two pieces overlap that are around one line."""
_LONGEST_LINE = 200
"""Heights: some 400 characters. What is longer is read so far: memory grows with its square."""
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
    boxes: list[Corners] = []
    for piece in _pieces(*image.size):
        boxes = _joined(boxes, _found(engine, image, piece), piece)
    regions = [_region(engine, image, corners) for corners in _first_to_read(boxes)]
    return Reading(tuple(regions), *image.size, plainness=_plainness(image))


def _pieces(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Cut a very long picture into pieces that overlap, in each of which text is legible.

    Args:
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.

    Yields:
        Left, top, right and bottom of each, along the picture; of any other picture all at once.
    """
    longer, shorter = max(width, height), min(width, height)
    length = longer
    if longer > _SLIM * shorter and _scale(width, height) < _LEGIBLE:
        length = max(shorter, min(_LONGEST_COPY, _MOST_PIXELS // shorter, _SLIMMEST * shorter))
    shared = length // _SHARED
    for start in range(0, max(longer - shared, 1), length - shared):
        end = min(start + length, longer)
        yield (start, 0, end, height) if width > height else (0, start, width, end)


def _scale(width: int, height: int) -> float:
    """Return the size of the copy in which text is looked for, in sizes of what is copied."""
    if max(width, height) <= _SMALL_SIDE:
        return 2.0
    return min(1.0, sqrt(_MOST_PIXELS / (width * height)), _LONGEST_COPY / max(width, height))


def _found(
    engine: Callable[..., Any], image: PillowImage, piece: tuple[int, int, int, int]
) -> list[Corners]:
    """Look for lines of text in a piece of a picture; return their boxes in the picture."""
    from PIL import Image  # noqa: PLC0415 - a warm build decodes nothing

    left, top, right, bottom = piece
    width, height = right - left, bottom - top
    scale = _scale(width, height)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    copy = image.resize(size, Image.Resampling.BICUBIC, box=piece)
    boxes = engine(copy, use_det=True, use_rec=False).boxes
    return [
        tuple((float(x) / scale + left, float(y) / scale + top) for x, y in box)
        for box in (() if boxes is None else boxes)
    ]


def _joined(
    boxes: list[Corners], found: Sequence[Corners], piece: tuple[int, int, int, int]
) -> list[Corners]:
    """Add the lines of the next piece; one that was met before, or cut by an edge, is one line."""
    reaching = {box: _extent(box) for box in boxes}
    reaching = {box: at for box, at in reaching.items() if at[2] > piece[0] and at[3] > piece[1]}
    apart = [box for box in boxes if box not in reaching]
    added = []
    for box in found:
        extent = _extent(box)
        same = [other for other, at in reaching.items() if _is_same_line(at, extent)]
        around = [extent, *(reaching.pop(other) for other in same)]
        added.append(_around(around) if same else box)
    return [*apart, *reaching, *added]


def _is_same_line(one: Extent, other: Extent) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    least = _SAME_ROW * min(one[3] - one[1], other[3] - other[1])
    return min(one[2], other[2]) > max(one[0], other[0]) and shared >= least


def _around(extents: Sequence[Extent]) -> Corners:
    """Return a box around others, no longer than can be read."""
    lefts, tops, rights, bottoms = zip(*extents, strict=True)
    left, top, bottom = min(lefts), min(tops), max(bottoms)
    right = min(max(rights), left + _LONGEST_LINE * (bottom - top))
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _extent(box: Corners) -> Extent:
    xs, ys = zip(*box, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _first_to_read(boxes: Sequence[Corners]) -> Sequence[Corners]:
    """Take large type first, then the rest from the top, as many as are read."""
    if len(boxes) <= _MOST_LINES:
        return boxes
    heights = {box: dist(box[0], box[3]) for box in boxes}
    usual = sorted(heights.values())[len(heights) // 2]
    in_order = sorted(boxes, key=lambda box: (heights[box] < _LARGE * usual, box[0][1]))
    return in_order[:_MOST_LINES]


def _region(engine: Callable[..., Any], image: PillowImage, corners: Corners) -> TextRegion:
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
    sums = [*accumulate(histogram)]
    few = _FEW_PIXELS * sums[-1]
    return bisect_left(sums, sums[-1] - few) - bisect_left(sums, few)


def _plainness(image: PillowImage) -> float:
    """Return how much of a picture has one of its few most frequent greys, from 0 to 1."""
    from PIL import Image  # noqa: PLC0415 - a warm build decodes nothing

    grey = image.convert("L")
    # The nearest pixel is one of the picture's own; any other way of reducing makes new greys.
    grey.thumbnail((_LOOKED_AT, _LOOKED_AT), Image.Resampling.NEAREST)
    histogram = sorted(grey.histogram(), reverse=True)
    return sum(histogram[:_FEW_GREYS]) / sum(histogram)
