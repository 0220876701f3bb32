"""The built-in service that reads the text in pictures: its promises, and real RapidOCR."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from built_site import TinySite, picture
from click.testing import CliRunner
from drawn_pictures import drawn, prepared
from PIL import Image

from mkdocs_alttext.cli.main import main
from mkdocs_alttext.exceptions import (
    BadAnswerError,
    ConfigurationError,
    ImageRejectedError,
    ServiceError,
)
from mkdocs_alttext.models import Answer, Context, Picture, Reason, Request
from mkdocs_alttext.ocr.layout import Reading, TextRegion
from mkdocs_alttext.ocr.reader import RapidReader, is_installed
from mkdocs_alttext.ocr.service import Ocr

if TYPE_CHECKING:
    from collections.abc import Callable


SMALL = prepared(Image.new("RGB", (20, 20), "white"))
BLANK = drawn(size=(100, 100))


def reading(*texts: str) -> Callable[[Picture], Reading]:
    """Make a reader that finds the same texts, one under the other, in every picture."""
    regions = (
        TextRegion(text, ((5, 60 * row), (100, 60 * row), (100, 60 * row + 20)), 1.0)
        for row, text in enumerate(texts)
    )
    found = Reading(tuple(regions), 400, 300)
    return lambda _: found


def test_service_is_free_and_has_no_balance() -> None:
    """The machine is the user's own."""
    service = Ocr(read=reading())

    assert service.credits_per_image == 0
    service.credits_remaining()


def test_the_opening_word_is_of_the_pages_language() -> None:
    """The rest of the text is the picture's own."""
    service = Ocr(read=reading("Cancel", "Save"))

    codes = {tag: service.language_code(tag) for tag in ("en-GB", "EN_us", "de", "pt-BR", "zh")}
    assert list(codes.values()) == ["en", "en", "de", "pt", "zh"]
    assert {service.language_code(tag) for tag in ("zh_Hant", "zh-TW", "eo", "")} == {"und"}
    assert service.describe(Request(SMALL, "en")) == Answer("Screenshot: Cancel, Save")
    assert service.describe(Request(SMALL, "pt")) == Answer("Captura de tela: Cancel, Save")
    assert service.describe(Request(SMALL, "und")) == Answer("Cancel, Save")


def test_a_picture_is_read_once_for_all_languages() -> None:
    """Each translation of a site asks for it again."""
    asked: list[Picture] = []

    def read(picture: Picture) -> Reading:
        asked.append(picture)
        return reading("Cancel", "Save")(picture)

    service = Ocr(read=read)
    for language in ("en", "de", "und"):
        service.describe(Request(SMALL, language))
    service.describe(Request(BLANK, "en"))
    assert asked == [SMALL, BLANK]


def test_what_the_page_says_helps_to_choose() -> None:
    """The service protocol carries what surrounds a picture."""
    labels = [f"Number {letter}" for letter in ("one", "two", "three", "four", "five", "six")]
    service = Ocr(max_length=60, read=reading(*labels, "Microphone level"))
    context = Context(before="Raise the level of the microphone:")
    assert "Microphone" not in service.describe(Request(SMALL, "en")).text
    assert "Microphone level" in service.describe(Request(SMALL, "en", context)).text


def test_identity_holds_what_shapes_the_text() -> None:
    """A limit below the aim leaves more out; limits above it change nothing."""
    identities = {length: Ocr(max_length=length, read=reading()).identity for length in (80, 200)}

    assert Ocr(read=reading()).identity == identities[200]
    assert identities[80] != identities[200]
    assert identities[200].startswith("ocr/5 rapidocr/")


def test_picture_without_text_is_told_apart_from_failure() -> None:
    """The report says that no text was found."""
    with pytest.raises(ImageRejectedError) as caught:
        Ocr(read=reading("42")).describe(Request(SMALL, "en"))

    assert caught.value.reason is Reason.NO_TEXT_FOUND


def test_picture_too_slim_for_letters_is_not_read() -> None:
    """A divider of a few pixels costs nothing."""

    def refuse(_: Picture) -> Reading:
        pytest.fail("it was read")

    divider = prepared(Image.new("RGB", (900, 4), "white"))
    with pytest.raises(ImageRejectedError):
        Ocr(read=refuse).describe(Request(divider, "en"))


def test_closed_service_reads_no_more() -> None:
    """What waits for its turn when a build ends is cancelled."""
    service = Ocr(read=reading("text"))
    service.close()

    with pytest.raises(ServiceError) as caught:
        service.describe(Request(SMALL, "en"))

    assert caught.value.reason is Reason.CANCELLED


def test_missing_extra_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lacks the packages reads what to install."""
    monkeypatch.setitem(sys.modules, "rapidocr", None)

    assert not is_installed()
    with pytest.raises(ConfigurationError, match=r'pip install "mkdocs-alttext\[ocr\]"'):
        Ocr()


def test_reader_that_cannot_start_says_why_for_each_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A missing system library, say: no crash, and no second attempt."""
    reader = RapidReader()
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    for _ in range(2):
        with pytest.raises(BadAnswerError, match="cannot start") as caught:
            reader(SMALL)
        assert caught.value.reason is Reason.NO_SERVICE
        monkeypatch.undo()


@pytest.fixture(scope="module")
def ocr() -> Ocr:
    """One service for all tests: it takes a second to start."""
    pytest.importorskip("rapidocr")
    pytest.importorskip("onnxruntime")
    return Ocr()


SIGN_IN = drawn(
    ("Sign in to Coldframe", 60, 40, 34),
    ("E-mail address", 60, 120, 18),
    ("Password", 60, 200, 18),
    ("Sign in", 60, 300, 20),
)


@pytest.mark.ocr
@pytest.mark.usefixtures("ocr")
def test_the_command_account_has_words_to_read(tmp_path: Path) -> None:
    """Its test picture is one that a service reads which describes nothing else."""
    options = tmp_path / "own.toml"
    options.write_text('service = "ocr"\n', encoding="utf-8")
    said = CliRunner().invoke(main, ["account", "--try", "-f", str(options)])
    assert said.exit_code == 0, said.output
    assert "with the words 'Save changes', it says 'Save changes'. Cost: nothing." in said.output


@pytest.mark.ocr
def test_dialog_is_read_from_its_headline_down(ocr: Ocr) -> None:
    """The text of a real picture makes a sentence of its parts."""
    answer = ocr.describe(Request(SIGN_IN, "en"))

    assert answer == Answer("Screenshot: Sign in to Coldframe. E-mail address, Password")


@pytest.mark.ocr
def test_chart_is_read_without_the_numbers_of_its_axis(ocr: Ocr) -> None:
    """Title and labels tell what a chart is about."""
    ticks = [(str(750 - 250 * row), 20, 90 + 80 * row, 20) for row in range(4)]
    labels = [(name, 150 + 150 * column, 370, 20) for column, name in enumerate(("May", "June"))]
    chart = drawn(("Water use", 200, 20, 34), *ticks, *labels)

    assert ocr.describe(Request(chart, "de")) == Answer("Diagramm: Water use")


@pytest.mark.ocr
@pytest.mark.parametrize("mode", ["P", "1", "RGBA"])
def test_every_kind_of_pixels_is_read(ocr: Ocr, mode: str) -> None:
    """Pictures with palettes, greys and transparency are pictures, too."""
    with Image.open(io.BytesIO(drawn(("Greenhouse", 40, 60, 48), size=(400, 300)).data)) as file:
        picture = file.convert(mode)

    assert ocr.describe(Request(prepared(picture), "en")) == Answer("Greenhouse")


@pytest.mark.ocr
def test_text_in_a_slim_picture_is_read(ocr: Ocr) -> None:
    """A long strip, which RapidOCR would enlarge beyond measure, is read like others."""
    strip = drawn(("Valve four open", 20, 15, 28), size=(240, 1600))

    assert ocr.describe(Request(strip, "en")) == Answer("Valve four open")


@pytest.mark.ocr
def test_picture_of_no_text_has_none(ocr: Ocr) -> None:
    """A gradient is no text."""
    gradient = Image.linear_gradient("L")

    with pytest.raises(ImageRejectedError) as caught:
        ocr.describe(Request(prepared(gradient), "en"))

    assert caught.value.reason is Reason.NO_TEXT_FOUND


@pytest.mark.ocr
def test_damaged_picture_is_a_bad_answer(ocr: Ocr) -> None:
    """Whatever happens inside is an error of ours, and the next picture is read."""
    damaged = Picture(SIGN_IN.data[:200], "image/png", 520, 420)

    with pytest.raises(BadAnswerError, match="RapidOCR failed"):
        ocr.describe(Request(damaged, "en"))
    assert ocr.describe(Request(SIGN_IN, "en")).text


@pytest.mark.ocr
def test_threads_get_their_own_pictures_text(ocr: Ocr) -> None:
    """Pictures that are asked for at once are not mixed up."""
    names = ("Potting room", "East wing")
    pictures = [drawn((name, 40, 60, 40), size=(400, 300)) for name in names]

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda picture: ocr.describe(Request(picture, "en")), pictures))

    assert [answer.text for answer in answers] == list(names)


@pytest.mark.ocr
def test_pictures_are_read_in_silence_and_without_network(ocr: Ocr) -> None:
    """A fresh process warns of nothing, prints nothing, and reaches for no other machine."""
    del ocr
    program = """
        import logging, sys
        reaches = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
        sys.addaudithook(lambda event, _: event in reaches and sys.exit(event))
        from test_ocr import BLANK, SIGN_IN, ImageRejectedError, Ocr, Request
        service = Ocr()
        try:
            service.describe(Request(BLANK, "und"))
        except ImageRejectedError:
            print(service.describe(Request(SIGN_IN, "und")).text)
        print(logging.getLogger().handlers, logging.getLogger().getEffectiveLevel())
        """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        capture_output=True,
        check=False,
        cwd=Path(__file__).parent,
        encoding="utf-8",
        timeout=60,
    )

    text = "Sign in to Coldframe: E-mail address, Password"
    assert (done.stdout.splitlines(), done.stderr) == ([text, f"[] {logging.WARNING}"], "")


@pytest.mark.ocr
def test_a_second_build_reads_nothing_again(tmp_path: Path) -> None:
    """Not even what holds no text: reading eleven photographs took a minute in each build."""
    pytest.importorskip("rapidocr")
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture(1)}
    config = TinySite(tmp_path, docs, {"service": "ocr"}).write()
    code = (
        "import json, sys; from mkdocs.__main__ import cli;"
        f"cli(['build', '-q', '-f', {str(config)!r}], standalone_mode=False);"
        "print('rapidocr' in sys.modules, json.load(open('report.json'))['images'][-1]['reason'])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert said == [["True", "no-text-found"], ["False", "no-text-found"]]
