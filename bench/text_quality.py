"""How good the texts of a service are, on pictures whose contents are known.

    python -m bench.text_quality --service NAME [--option KEY=VALUE ...] [--spend] [--texts]

gives the pictures of `bench.text_pictures` to any service that a site can name, each prepared,
cleaned and judged as in a build, and prints one line for each figure:

- texts and silences, and how many of both are wrong: words on a picture that shows none worth
  reading, or none on one that does;
- subjects: texts that say what the picture is about;
- words right: share of the texts' words, but for one that names the kind of picture, that stand in
  the picture (what a model says of colours and shapes is not in it, and need not be wrong);
- false pairs: a label directly before a value that belongs to another;
- length, and how the texts open;
- seconds and processor seconds a picture, and the memory of this process at its peak.

`--spend` is needed for a service whose answers cost something: there is one request a picture.
`--record tests/ocr_readings` writes what `ocr` finds in each picture, and its text, for tests that
read no picture.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.text_pictures import FOLDER
from mkdocs_alttext.captioning.judging import clean, judge
from mkdocs_alttext.config import AltTextConfig
from mkdocs_alttext.exceptions import AnswerError, ServiceError
from mkdocs_alttext.filling.service import choose_service
from mkdocs_alttext.images.prepare import prepare_here
from mkdocs_alttext.models import Request
from mkdocs_alttext.ocr import kinds
from mkdocs_alttext.ocr.compose import compose
from mkdocs_alttext.ocr.layout import Reading, TextRegion, is_sparse_script
from mkdocs_alttext.ocr.reader import RapidReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mkdocs_alttext.services.base import CaptionService

_LONG = 100
"""Characters, which texts of labels and headlines should not exceed."""
_MOST_OPENINGS = 5


class Labelled(NamedTuple):
    """A picture, and what is known of it."""

    file: str
    kind: str
    language: str
    subject: str
    """Empty where silence is right."""
    written: list[str]
    pairs: dict[str, str]
    """Labels, each with its value; that of a box without a tick is empty."""


class Measured(NamedTuple):
    """What a service made of a picture."""

    picture: Labelled
    text: str
    """Empty for silence, of the service or of the rules that judge its answers."""
    seconds: float
    processor_seconds: float

    @property
    def is_right(self) -> bool:
        """Whether text or silence is what the picture needs."""
        return bool(self.text) == bool(self.picture.subject)

    @property
    def says_subject(self) -> bool:
        """Whether the text says what the picture is about."""
        subject = self.picture.subject
        return bool(subject) and subject.casefold() in self.text.casefold()

    @property
    def false_pairs(self) -> list[str]:
        """Labels in the text that stand directly before a value that belongs to another."""
        values = {value for value in self.picture.pairs.values() if value}
        return [
            f"{label}: {value}"
            for label, own in self.picture.pairs.items()
            for value in values - {own}
            if re.search(rf"{re.escape(label)}\W{{1,3}}{re.escape(value)}(?!\w)", self.text)
        ]

    @property
    def words(self) -> tuple[int, int]:
        """How many words of the text stand in the picture, and of how many."""
        there = _words(" ".join(self.picture.written))
        openings = [kinds.opening(kind, self.picture.language) for kind in kinds.Kind]
        opening = next((each for each in openings if each and self.text.startswith(each)), "")
        said = _words(self.text.removeprefix(opening))
        return sum(word in there for word in said), len(said)


def labelled() -> list[Labelled]:
    """Return all pictures, in the order in which they are drawn."""
    labels = json.loads((FOLDER / "labels.json").read_text(encoding="utf-8"))
    return [Labelled(**label) for label in labels]


def measure(service: CaptionService, pictures: Iterable[Labelled]) -> list[Measured]:
    """Ask a service for the texts of pictures.

    Args:
        service: The service.
        pictures: The pictures.

    Raises:
        ServiceError: It failed in another way than by having no text for a picture.
    """
    return [_measured(service, picture) for picture in pictures]


def _measured(service: CaptionService, picture: Labelled) -> Measured:
    prepared = prepare_here((FOLDER / picture.file).read_bytes())
    request = Request(prepared, service.language_code(picture.language) or "en")
    began, processor_began = time.perf_counter(), time.process_time()
    text = ""
    try:
        text = clean(service.describe(request).text)
        judge(text, file_name=picture.file, max_length=300)
    except AnswerError:
        text = ""
    except ServiceError as error:
        if not getattr(error, "is_final", False):
            raise
    return Measured(
        picture, text, time.perf_counter() - began, time.process_time() - processor_began
    )


def figures(measured: Sequence[Measured]) -> dict[str, str]:
    """Sum up what a service made of all pictures.

    Args:
        measured: One entry for each picture.
    """
    texts = [each for each in measured if each.text]
    silent = [each for each in measured if not each.text]
    right, said = (sum(numbers) for numbers in zip(*(each.words for each in texts), strict=True))
    lengths = sorted(len(each.text) for each in texts)
    openings = Counter(each.text.split()[0].rstrip(":,.") for each in texts)
    common = [
        f"{word} {count}" for word, count in openings.most_common(_MOST_OPENINGS) if count > 1
    ]
    pairs = [pair for each in texts for pair in each.false_pairs]
    return {
        "pictures": str(len(measured)),
        "texts": f"{len(texts)}, of them {sum(not each.is_right for each in texts)} where silence "
        "is right",
        "silences": f"{len(silent)}: {sum(each.is_right for each in silent)} right, "
        f"{sum(not each.is_right for each in silent)} wrong",
        "subjects": f"{sum(each.says_subject for each in texts)} of "
        f"{sum(bool(each.picture.subject) for each in measured)} said",
        "words right": f"{right} of {said} ({right / max(said, 1):.0%})",
        "false pairs": f"{len(pairs)}{': ' if pairs else ''}{'; '.join(pairs)}",
        "length": f"{median(lengths):.0f} characters (median), at most {lengths[-1]}, "
        f"{sum(length > _LONG for length in lengths)} over {_LONG}",
        "openings": ", ".join(common) or "all different",
        "seconds": f"{median(each.seconds for each in measured):.2f} a picture (median), "
        f"{sum(each.seconds for each in measured):.0f} in all",
        "processor": f"{median(each.processor_seconds for each in measured):.2f} s a picture "
        f"(median), {sum(each.processor_seconds for each in measured):.0f} in all",
    }


def _words(text: str) -> list[str]:
    """Split a text into words, and into signs where it is written without spaces."""
    spaced = "".join(f" {each} " if is_sparse_script(each) else each for each in text)
    return re.findall(r"[^\W_]+", spaced.casefold())


def peak_memory() -> str:
    """Return the most memory that this process had, where the system tells."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return "unknown on this system"
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    return f"{most * unit / 2**20:.0f} MiB at the peak"


def service_of(options: dict[str, Any], *, may_spend: bool) -> CaptionService:
    """Make the service that options name.

    Args:
        options: As in `mkdocs.yml`.
        may_spend: Whether its answers may cost something.
    """
    config = AltTextConfig()
    config.load_dict(options)
    failed, _ = config.validate()
    if failed:
        raise SystemExit("; ".join(f"{name}: {error}" for name, error in failed))
    chosen = choose_service(config, is_serving=False)
    if chosen.refusal:
        why = chosen.complaint or f"{chosen.refusal.reason} {chosen.refusal.detail}"
        raise SystemExit(f"The service is not asked: {why}")
    if chosen.service.credits_per_image and not may_spend:
        raise SystemExit(f"{len(labelled())} requests cost something: say --spend.")
    return chosen.service


def record(folder: Path) -> None:
    """Write what `ocr` finds in each picture, and the text that it makes of that."""
    read = RapidReader()
    readings, texts = {}, {}
    for picture in labelled():
        reading = read(prepare_here((FOLDER / picture.file).read_bytes()))
        kept = recorded(reading) | {"language": picture.language}
        readings[picture.file] = kept
        # Of the rounded numbers, so that tests compose the same.
        texts[picture.file] = compose(restored(kept), language=picture.language)
    for name, found in (("readings", readings), ("texts", texts)):
        lines = (
            f"{json.dumps(file)}: {json.dumps(each, ensure_ascii=False)}"
            for file, each in found.items()
        )
        text = "{\n" + ",\n".join(lines) + "\n}\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def recorded(reading: Reading) -> dict[str, Any]:
    """Return a reading as JSON takes it, with whole pixels."""
    return {
        "size": [reading.width, reading.height],
        "plainness": round(reading.plainness, 2),
        "regions": [
            [
                region.text,
                [[round(x), round(y)] for x, y in region.corners],
                round(region.confidence, 2),
                round(region.contrast, 2),
            ]
            for region in reading.regions
        ],
    }


def restored(kept: dict[str, Any]) -> Reading:
    """Return the reading that was recorded."""
    regions = (
        TextRegion(text, tuple((x, y) for x, y in corners), confidence, contrast)
        for text, corners, confidence, contrast in kept["regions"]
    )
    width, height = kept["size"]
    return Reading(tuple(regions), width, height, plainness=kept["plainness"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a service and print its figures."""
    parser = argparse.ArgumentParser(description="Measure a service on labelled pictures.")
    parser.add_argument("--service", default="ocr", help="as in mkdocs.yml")
    parser.add_argument("--option", action="append", default=[], help="KEY=VALUE, as in mkdocs.yml")
    parser.add_argument("--spend", action="store_true", help="ask a service that costs something")
    parser.add_argument("--texts", action="store_true", help="print each text, too")
    parser.add_argument("--record", help="a folder to write what ocr finds into")
    given = parser.parse_args(arguments)
    if given.record:
        record(Path(given.record))
        return 0
    options = {"service": given.service, **dict(each.split("=", 1) for each in given.option)}
    measured = measure(service_of(options, may_spend=given.spend), labelled())
    if given.texts:
        for each in measured:
            print(f"{each.picture.file:<28} {'' if each.is_right else 'WRONG '}{each.text or '-'}")
    for name, figure in {**figures(measured), "memory": peak_memory()}.items():
        print(f"{name:<12} {figure}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
