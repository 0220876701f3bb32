"""What an author says of one image: what nobody understands sends nothing, and is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from api_server import ApiServer  # noqa: TC002 - pytest's fixtures are looked up by name
from built_site import Built, TinySite, picture
from mkdocs.exceptions import Abort

if TYPE_CHECKING:
    from pathlib import Path

DOUBTFUL = {
    "![](b.png){ data-alttext=fasle }": 'data-alttext="fasle"',
    "![](b.png){ data-alttext }": "data-alttext",
    '<img src="b.png" data-alttext="">': "data-alttext",
    '<img src="b.png" data-alttext>': "data-alttext",
    "![](b.png){ data-alt-text=skip }": 'data-alt-text="skip"',
    "![](b.png){ alttext=false }": 'alttext="false"',
    f'<img src="b.png" alttext="{"x" * 99}">': f'alttext="{"x" * 59}…"',
}


def site(folder: Path, server: ApiServer, source: str) -> TinySite:
    """Make a site of one page."""
    docs: dict[str, str | bytes] = {"index.md": source, "b.png": picture(1)}
    theme = {"theme": {"name": None, "custom_dir": "theme"}}  # without another page
    return TinySite(folder, docs, {"base_url": server.base_url}, config=theme)


def reasons(built: Built) -> list[str]:
    """Return what kept each image from getting text."""
    assert built.report is not None
    return [image["reason"] for image in built.report["images"]]


@pytest.mark.parametrize("image", DOUBTFUL)
def test_an_image_in_doubt_is_not_sent(tmp_path: Path, server: ApiServer, image: str) -> None:
    """A warning names page and value, once; `--strict` fails."""
    tiny = site(tmp_path, server, f"{image}\n\nText {image}\n")
    built = tiny.build()
    assert server.calls == []
    (warning,) = built.messages("WARNING")
    assert "index.md: image 'b.png': " in warning
    assert f"`{DOUBTFUL[image]}` is not understood, so that this picture is not sent" in warning
    assert reasons(built) == ["not-asked"] * 2
    with pytest.raises(Abort):
        tiny.build(strict=True)


def test_an_image_in_doubt_gets_what_cache_and_catalog_hold(
    tmp_path: Path, server: ApiServer
) -> None:
    """And another page that shows the picture has it sent."""
    tiny = site(tmp_path, server, "![](b.png){ data-alttext=fasle }\n")
    tiny.docs = {**tiny.docs, "other.md": "![](b.png)\n"}
    assert 'alt="" data' in tiny.build().page()
    assert server.ledger.total() == 1
    built = tiny.build()
    assert 'alt="" data' not in built.page()
    assert len(built.messages("WARNING")) == 1
    entry = "b.png: {alt: A cat, status: reviewed}\n"
    (tmp_path / "alttext.yml").write_text(entry, encoding="utf-8")
    assert 'alt="A cat"' in tiny.build().page()
    assert server.ledger.total() == 1


@pytest.mark.parametrize("value", ["false", "no", "off", "none", "0", "ignore", "skip"])
def test_what_means_no_leaves_an_image_alone(tmp_path: Path, server: ApiServer, value: str) -> None:
    """Without a word, and without the attribute."""
    built = site(tmp_path, server, f"![](b.png){{ data-alttext={value} }}\n").build(strict=True)
    assert server.calls == []
    assert '<img alt="" src="b.png" />' in built.page()


def test_an_image_that_has_a_text_is_in_no_doubt(tmp_path: Path, server: ApiServer) -> None:
    """Other programs have attributes of such names, and nothing would be sent."""
    source = '![A cat](b.png){ alttext="A cat" } <img src="b.png" alt="" data-alt-text="x">\n'
    assert site(tmp_path, server, source).build(strict=True).messages("WARNING") == []
    assert server.calls == []
