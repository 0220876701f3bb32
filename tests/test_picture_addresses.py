"""Addresses and files of pictures: which picture a tag means, and what bars it."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import pytest
from built_site import TinySite, picture
from fake_site import MARKED, PAGE, FakeSite
from PIL import Image

from mkdocs_alttext.captioning.request import CaptionResponse
from mkdocs_alttext.models import Origin, StoredAnswer
from mkdocs_alttext.pages.fill import fill_page

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

    from mkdocs_alttext.captioning.request import CaptionResult
    from mkdocs_alttext.models import Outcome

PICTURE = picture(1)
HOOK = """
from pathlib import Path

from mkdocs.structure.files import File


def on_files(files, *, config):
    drawn, moved = (Path(config.config_file_path).with_name(f"{n}.bin") for n in (1, 2))
    files.append(File.generated(config, "plot.png", content=drawn.read_bytes()))
    files.append(File.generated(config, "sub/moved.png", abs_src_path=str(moved)))
    return files
"""


def outcomes(html: str, site: FakeSite, path: str = "index.html") -> tuple[Outcome, ...]:
    """Return what becomes of the images of a page; nothing but alt text may change."""
    source = html.replace("{mark}", MARKED)
    filled = fill_page(source, PAGE._replace(path=path), site.parts, wait=True)
    if not any(outcome.alt for outcome in filled.outcomes):
        assert filled.html == html.replace(" {mark}", "")
    return filled.outcomes


def barred(address: str, site: FakeSite, path: str = "index.html") -> str:
    """Return why the picture of an address cannot be had."""
    (outcome,) = outcomes(f'<img src="{address}">', site, path)
    assert (outcome.decision, outcome.result.value) == ("unavailable", "missing")
    assert outcome.reason is not None
    return outcome.reason.value


def found(address: str, site: FakeSite, path: str = "index.html") -> str | None:
    """Return which file an address means, as the report names it."""
    (outcome,) = outcomes(f'<img src="{address}">', site, path)
    assert outcome.result.value == "filled"
    return outcome.file


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("img/a%20b.png", "img/a b.png"),
        ("img/a b.png", "img/a b.png"),
        ("img/%E6%97%A5%E6%9C%AC.png", "img/日本.png"),
        ("img/日本.png", "img/日本.png"),
        ("img/100%25.png", "img/100%.png"),
        ("img/a%2Bb.png", "img/a+b.png"),
        ("img/a+b.png", "img/a+b.png"),
        ("img/a%23b.png", "img/a#b.png"),
        ("img/q%3F.png", "img/q?.png"),
    ],
)
def test_an_encoded_path_finds_its_file(address: str, file: str) -> None:
    """Encoded or not, as Markdown and authors write them."""
    assert found(address, FakeSite({file: PICTURE})) == file


def test_odd_file_names_are_filled_in_a_build(tmp_path: Path, server: ApiServer) -> None:
    """As MkDocs itself writes their addresses; the alt text is all that differs."""
    names = ["a b.png", "日本.png", "100%.png", "a+b.png", "a#b.png", "ünïcode.png"]
    written = ["<img/a b.png>", "img/日本.png", "img/100%25.png", "img/a+b.png", "img/a%23b.png"]
    page = " ".join(f"![]({address})" for address in [*written, "img/ünïcode.png"])
    docs: dict[str, str | bytes] = {f"img/{name}": picture(n) for n, name in enumerate(names)}
    built = TinySite(tmp_path, {"index.md": page, **docs}, {"base_url": server.base_url}).build()
    assert built.report is not None
    files = [image["file"] for image in built.report["images"] if image["outcome"] == "filled"]
    assert files == [f"img/{name}" for name in names]
    assert 'src="img/%E6%97%A5%E6%9C%AC.png"' in built.page()


@pytest.mark.parametrize("address", ["x.png#only-light", "x.png?v=2#f", "x.png?a=1&amp;b=2"])
def test_query_and_fragment_are_kept_and_not_looked_up(address: str) -> None:
    """The file is the same, and the address stays as written."""
    site = FakeSite()
    tag = f'<img alt="" {MARKED} src="{address}" />'
    filled = fill_page(tag, PAGE, site.parts, wait=True)
    assert filled.html == f'<img alt="CAP" src="{address}" />'
    assert [outcome.file for outcome in filled.outcomes] == ["x.png"]


def test_a_backslash_is_a_slash() -> None:
    """Browsers turn it, too."""
    assert found("img\\light.png", FakeSite({"img/light.png": PICTURE})) == "img/light.png"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("..%2f..%2fetc/passwd", "outside-site"),
        ("../x.png", "outside-site"),
        ("file:///etc/passwd", "outside-site"),
        ("C:\\x.png", "outside-site"),
        ("http://[bad", "bad-url"),
    ],
)
def test_nothing_outside_the_site_is_read(address: str, reason: str) -> None:
    """The image is skipped with its reason, and no error comes out."""
    assert barred(address, FakeSite()) == reason


@pytest.mark.parametrize(
    ("site_url", "address", "file"),
    [
        ("https://ex.org/proj/", "/proj/x.png", "x.png"),
        ("https://ex.org/proj/", "https://ex.org/proj/x.png", "x.png"),
        ("", "/x.png", "x.png"),
        ("http://127.0.0.1:8000/proj/", "/proj/x.png", "x.png"),
        ("http://127.0.0.1:8000/proj/", "http://127.0.0.1:8000/proj/x.png", "x.png"),
    ],
)
def test_an_absolute_address_below_the_site_is_local(
    site_url: str, address: str, file: str
) -> None:
    """Where `site_url` says that the site is; in `serve` that is this machine."""
    assert found(address, FakeSite(site_url=site_url), "a/b/index.html") == file


@pytest.mark.parametrize(
    ("site_url", "address", "reason"),
    [
        ("https://ex.org/proj/", "/x.png", "outside-site"),
        ("https://ex.org/proj/", "/project/x.png", "outside-site"),
        ("http://127.0.0.1:8000/proj/", "https://ex.org/proj/x.png", "remote"),
    ],
)
def test_an_absolute_address_beside_the_site_is_not(
    site_url: str, address: str, reason: str
) -> None:
    """It may be another project's."""
    assert barred(address, FakeSite(site_url=site_url)) == reason


def test_raw_html_that_forgets_the_page_s_folder_gets_one_message(
    tmp_path: Path, server: ApiServer
) -> None:
    """It names page and address and what was meant, and `--strict` passes."""
    docs: dict[str, str | bytes] = {
        "index.md": "x",
        "sub/page.md": '<img src="y.png">',
        "sub/y.png": PICTURE,
    }
    built = TinySite(tmp_path, docs, {"base_url": server.base_url}).build(strict=True)
    (message,) = (text for text in built.messages() if "missing-file" in text and "y.png" in text)
    assert "sub/page.md" in message
    assert "did you mean '../y.png'?" in message
    assert '<img src="y.png">' in built.page("sub/page/index.html")
    assert built.messages("WARNING") == []


@pytest.mark.parametrize(
    ("address", "reason"), [("nope.png", "missing-file"), ("", "no-source"), ("?v=1", "no-source")]
)
def test_an_address_without_a_file_is_skipped(address: str, reason: str) -> None:
    """Whether it names one or not."""
    assert barred(address, FakeSite()) == reason


def test_remote_pictures_are_counted_and_never_fetched(tmp_path: Path, server: ApiServer) -> None:
    """With a scheme and without one; the summary counts them, and no machine is reached."""
    page = '![](https://other.example/x.png) <img src="//other.example/x.png">'
    tiny = TinySite(tmp_path, {"index.md": page}, {"base_url": server.base_url})
    plain = tiny.build(plugin=False)
    built = tiny.build()
    assert built.files() == plain.files()
    assert sum(outcome.endswith(" remote") for outcome in built.outcomes) == 2
    assert any("2 remote" in text for text in built.messages())
    assert server.calls == []


def test_a_picture_inside_the_address_is_left_alone() -> None:
    """Nothing would be cached under a name that a person can find; the report says why."""
    data = base64.b64encode(PICTURE).decode()
    assert barred(f"data:image/png;base64,{data}", FakeSite()) == "data-uri"


@pytest.mark.parametrize("lazy", ["data-src", "data-original"])
def test_a_placeholder_gives_way_to_the_lazy_loader_s_address(lazy: str) -> None:
    """Tiny GIFs stand where the picture comes later."""
    gif = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    (outcome,) = outcomes(f'<img src="{gif}" {lazy}="x.png">', FakeSite())
    assert (outcome.file, outcome.alt) == ("x.png", "CAP")


@pytest.mark.parametrize(
    ("svg", "alt"),
    [
        ("<svg><title>A plan</title><desc>More</desc></svg>", "A plan"),
        ('<svg aria-label="A plan"/>', "A plan"),
        ("<svg><desc>A plan of the house</desc></svg>", "A plan of the house"),
    ],
)
def test_an_svg_that_names_itself_is_filled_for_nothing(svg: str, alt: str) -> None:
    """The service is not asked."""
    site = FakeSite({"x.svg": svg.encode()})
    (outcome,) = outcomes('<img alt="" {mark} src="x.svg" />', site)
    assert (outcome.decision, outcome.alt) == ("svg-title", alt)
    assert site.requests == []


@pytest.mark.parametrize(
    ("can_draw", "line"),
    [
        (True, "use-stored filled None"),
        (False, "unavailable missing svg-without-title"),
    ],
)
def test_an_svg_without_a_name_is_drawn_where_that_can_be_done(
    monkeypatch: pytest.MonkeyPatch, *, can_draw: bool, line: str
) -> None:
    """Elsewhere it is skipped, and nobody is asked."""
    answers: dict[str, CaptionResult] = {
        "x.svg": CaptionResponse(StoredAnswer("A plan"), Origin.STORE)
    }
    site = FakeSite({"x.svg": b"<svg><path d='M0 0'/></svg>"}, answers)
    monkeypatch.setattr("mkdocs_alttext.images.svg.find_spec", lambda _: can_draw or None)
    filled = fill_page('<img src="x.svg">', PAGE, site.parts, wait=True)
    (outcome,) = filled.outcomes
    assert f"{outcome.decision} {outcome.result.value} {outcome.reason}" == line
    assert bool(site.requests) is can_draw
    assert ("mkdocs-alttext[svg]" in outcome.detail) is not can_draw


@pytest.mark.parametrize("ending", ["drawio", "mp4", "mp3", "pdf", "puml"])
def test_what_other_plugins_put_where_an_image_stands_is_not_touched(ending: str) -> None:
    """Not even when its bytes are a picture."""
    assert barred(f"x.{ending}", FakeSite({f"x.{ending}": PICTURE})) == "not-an-image"


def _encoded(mode: str, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (20, 10), 7).save(buffer, form, **options)
    return buffer.getvalue()


ODD_PICTURES = {
    "cut.png": (PICTURE[: len(PICTURE) // 2], "unavailable missing undecodable"),
    "renamed.png": (b"%PDF-1.7 no picture at all", "unavailable missing not-an-image"),
    "empty.png": (b"", "unavailable missing empty-file"),
    "jpeg.png": (picture(5, "JPEG"), "ask-service filled None"),
    "moving.gif": (
        _encoded("P", "GIF", save_all=True, append_images=[Image.new("P", (20, 10), 9)]),
        "ask-service filled None",
    ),
    "print.jpg": (_encoded("CMYK", "JPEG"), "ask-service filled None"),
    "deep.png": (_encoded("I;16", "PNG"), "ask-service filled None"),
}


def test_odd_pictures_fail_one_by_one(tmp_path: Path, server: ApiServer) -> None:
    """Each has its own outcome; what can be decoded is filled, and the build goes on."""
    docs: dict[str, str | bytes] = {name: data for name, (data, _) in ODD_PICTURES.items()}
    docs["index.md"] = " ".join(f"![]({name})" for name in ODD_PICTURES)
    built = TinySite(tmp_path, docs, {"base_url": server.base_url, "max_retries": 0}).build()
    assert built.report is not None
    seen = {
        image["src"]: f"{image['decision']} {image['outcome']} {image['reason']}"
        for image in built.report["images"]
        if image["source"] == "index.md"
    }
    assert seen == {name: line for name, (_, line) in ODD_PICTURES.items()}


def test_a_file_over_the_limit_is_not_read(tmp_path: Path, server: ApiServer) -> None:
    """Its size alone bars it."""
    tiny = TinySite(
        tmp_path, {"index.md": "![](big.png)", "big.png": b""}, {"base_url": server.base_url}
    )
    tiny.write()
    with (tmp_path / "docs" / "big.png").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    tiny.docs = {"index.md": "![](big.png)"}
    assert "big.png unavailable missing None file-too-large" in tiny.build().outcomes


def test_generated_moved_and_theme_pictures_are_read_through_mkdocs(
    tmp_path: Path, server: ApiServer
) -> None:
    """One has no file at all, one lies outside `docs_dir`, one belongs to the theme."""
    docs = {"index.md": "![](plot.png) ![](sub/moved.png)\n\n<img src='theme.png'>"}
    for number in (1, 2):
        (tmp_path / f"{number}.bin").write_bytes(picture(number))
    (tmp_path / "hook.py").write_text(HOOK, encoding="utf-8")
    (tmp_path / "theme").mkdir()
    (tmp_path / "theme" / "theme.png").write_bytes(picture(3))
    options = {"base_url": server.base_url, "max_retries": 0}
    built = TinySite(tmp_path, docs, options, config={"hooks": ["hook.py"]}).build(strict=True)
    filled = [line.split()[0] for line in built.outcomes if " filled service " in line]
    assert filled == ["plot.png", "sub/moved.png", "theme.png"]
    assert len({call.sha256 for call in server.calls if call.image}) == 3
