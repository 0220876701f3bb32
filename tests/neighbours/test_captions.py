"""Plugins and extensions that show alt text below its picture: never a text that we wrote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from built_site import TinySite
from click.testing import CliRunner
from neighbours.beside import PAGES, B, C, build_beside, caption, uncaptioned_lightbox

from mkdocs_alttext.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

either_order = pytest.mark.parametrize("is_listed_first", [False, True], ids=["last", "first"])

DOCS: dict[str, str | bytes] = {
    **PAGES,
    "index.md": "# Top\n\n![](a.png)\n\n![Written by a person](e.png)\n\n![](c.png)\n\n"
    '![](a.png "A title")\n\n<img src="b.png">\n',
    "c.png": C,
}
WRITTEN = "Written by a person"


def figcaptions(page: str) -> list[str]:
    """Return what stands below the pictures of a page."""
    return [
        re.sub("<[^>]*>", "", each).strip()
        for each in re.findall(r"(?s)<figcaption[^>]*>(.*?)</figcaption>", page)
    ]


@either_order
@pytest.mark.parametrize(
    ("neighbours", "config", "seen"),
    [
        (["caption"], {}, [f"Figure 1: {WRITTEN}", "Figure 2: A title"]),
        (
            ["caption", {"glightbox": {"auto_caption": True}}],
            {},
            [f"Figure 1: {WRITTEN}", "Figure 2: A title"],
        ),
        (
            [{"glightbox": {"auto_caption": True}}, "caption"],
            {},
            [f"Figure 1: {WRITTEN}", "Figure 2: A title"],
        ),
        (["img2fig"], {}, ["", WRITTEN, "", ""]),
        ([], {"markdown_extensions": ["attr_list", "markdown_captions"]}, [WRITTEN]),
    ],
    ids=[
        "caption",
        "caption and glightbox",
        "glightbox and caption",
        "img2fig",
        "markdown-captions",
    ],
)
def test_captions_are_what_people_wrote(
    tmp_path: Path,
    server: ApiServer,
    neighbours: list[Any],
    config: dict[str, Any],
    seen: list[str],
    *,
    is_listed_first: bool,
) -> None:
    """On a cold cache as on a warm one, with the numbers that figures had."""
    beside = build_beside(
        tmp_path,
        server,
        neighbours,
        docs=DOCS,
        config=config,
        is_listed_first=is_listed_first,
        copies={"*.html": uncaptioned_lightbox},
    )
    beside.check()
    assert [figcaptions(each.page()) for each in (beside.plain, beside.cold, beside.warm)] == [
        seen
    ] * 3
    assert beside.cold.page().count(f'alt="{caption(B)}"') == 1


@pytest.mark.parametrize(
    ("neighbours", "config"),
    [
        (["caption"], {}),
        (["caption", {"glightbox": {"auto_caption": True}}], {}),
        (["img2fig"], {}),
        ([], {"markdown_extensions": ["attr_list", "markdown_captions"]}),
    ],
    ids=["caption", "caption and glightbox", "img2fig", "markdown-captions"],
)
def test_no_text_is_written_that_would_become_a_caption(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    neighbours: list[Any],
    config: dict[str, Any],
) -> None:
    """Be it approved: as alt text, and not to be seen."""
    monkeypatch.chdir(tmp_path)
    entries = {name: {"alt": "Approved", "status": "reviewed"} for name in ("a.png", "c.png")}
    (tmp_path / "alttext.yml").write_text(yaml.safe_dump(entries), encoding="utf-8")
    TinySite(tmp_path, DOCS, plugins=neighbours, config=config).write()
    CliRunner().invoke(main, ["apply", "--allow-dirty"])
    source = (tmp_path / "docs/index.md").read_text(encoding="utf-8")
    # What has a title is captioned by that.
    assert (
        source.replace('![Approved](a.png "A title")', '![](a.png "A title")') == DOCS["index.md"]
    )
    page = (tmp_path / "docs/sub/page.md").read_text(encoding="utf-8")
    assert page.replace("![Approved](c.png)", "![](c.png)") == DOCS["sub/page.md"]
