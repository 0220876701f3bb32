"""The overlay of `mkdocs serve`: what waits for a person, and where it is reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from built_site import TinySite, picture
from mkdocs.config import load_config
from test_serve import Session

from mkdocs_alttext.images.collection import sha256_of
from mkdocs_alttext.models import Decision, Outcome, Result
from mkdocs_alttext.pages.overlay import with_overlay
from mkdocs_alttext.site.running_review import address_in_review, announced, watched_file

if TYPE_CHECKING:
    from pathlib import Path

A, B, C, D = (picture(number) for number in range(4))
DOCS: dict[str, str | bytes] = {
    "index.md": "# Top\n\n![](a.png) ![](b.png)\n\n[![](c.png)](other.md) ![](d.png)\n",
    "other.md": "# Other\n\n![](d.png)\n",
    "a.png": A,
    "b.png": B,
    "c.png": C,
    "d.png": D,
}
CATALOG = f"""\
b.png:
  alt: A draft
  status: draft
  sha256: {sha256_of(B)}
d.png:
  alt: Approved
  status: reviewed
  sha256: {sha256_of(D)}
"""


def site(folder: Path, catalog: str = CATALOG, **options: Any) -> TinySite:  # noqa: ANN401 - any option
    """Make a site with a picture in each state."""
    tiny = TinySite(folder, DOCS, {"review_overlay": True, **options})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "alttext.yml").write_text(catalog, encoding="utf-8")
    return tiny


def states(html: str) -> dict[str, str]:
    """Return the states that images of a page are marked with, by their address."""
    images = BeautifulSoup(html, "html.parser").select("img[data-alttext-review]")
    return {str(image["src"]): str(image["data-alttext-review"]) for image in images}


def test_what_waits_is_marked_and_listed(tmp_path: Path) -> None:
    """A picture without a text, a draft and a stale text; not what is approved or in a link."""
    stale = CATALOG.replace(sha256_of(D), "0" * 64)
    with Session(site(tmp_path, stale)) as session:
        session.build()
        assert states(session.page()) == {"a.png": "missing", "b.png": "draft", "d.png": "stale"}
        box = BeautifulSoup(session.page(), "html.parser").select_one("#alttext-review")
        assert box
        assert box.summary
        assert box.summary.text == "Alt text: 1 without text, 1 draft, 1 stale"
        assert [each.text for each in box.select("li")] == [
            "without text" + "a.png",
            "draft" + "b.png",
            "stale" + "d.png",
        ]
        assert not box.select("a")


def test_a_page_where_nothing_waits_is_as_it_was(tmp_path: Path) -> None:
    """Byte for byte what serving it without the option gives."""
    pages = []
    for overlay in (False, True):
        with Session(site(tmp_path / str(overlay), review_overlay=overlay)) as session:
            session.build()
            pages.append(session.page("other/index.html"))
            assert ("alttext-review" in session.page()) is overlay
    assert pages[0] == pages[1]


def test_a_page_differs_by_attributes_and_one_box_only(tmp_path: Path) -> None:
    """Taking them out gives the page of before back."""
    pages = []
    for overlay in (False, True):
        with Session(site(tmp_path / str(overlay), review_overlay=overlay)) as session:
            session.build()
            pages.append(session.page())
    before, after = pages
    for state in ("missing", "draft"):
        after = after.replace(f' data-alttext-review="{state}"', "")
    start, end = after.index("<style>@media screen{img[data"), after.index("</section>")
    assert after[:start] + after[end + len("</section>") :] == before


def test_no_build_has_it(tmp_path: Path) -> None:
    """Whatever the option says."""
    with_option = site(tmp_path / "with").build()
    without = site(tmp_path / "without", review_overlay=False).build()
    assert with_option.files() == without.files()
    assert not any(b"alttext-review" in data for data in with_option.files().values())


def test_links_lead_to_the_review_that_runs(tmp_path: Path) -> None:
    """They are there while it runs, and no longer."""
    with Session(site(tmp_path)) as session:
        session.build()
        config = load_config(str(tmp_path / "mkdocs.yml"))
        cache = config.plugins["alttext"].config.cache_dir
        with announced(cache, config, 8123):
            session.build()
            links = BeautifulSoup(session.page(), "html.parser").select("#alttext-review a")
            assert [link["href"] for link in links] == [
                "http://127.0.0.1:8123/file?path=a.png",
                "http://127.0.0.1:8123/file?path=b.png",
            ]
        session.build()
        assert "127.0.0.1:8123" not in session.page()


@pytest.mark.parametrize("left", [b"8123\n", b"", b"99999999", b"/etc/passwd", b"0\n", b"-1\n"])
def test_a_file_that_nobody_holds_leads_nowhere(tmp_path: Path, left: bytes) -> None:
    """Such as one that a pull request commits."""
    (tmp_path / "review.port").write_bytes(left)
    assert address_in_review(str(tmp_path)) is None


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """Nothing is written to where it leads."""
    tiny = site(tmp_path)
    tiny.write()
    config = load_config(str(tmp_path / "mkdocs.yml"))
    cache = tmp_path / ".cache/plugin/alttext"
    cache.mkdir(parents=True)
    (tmp_path / "kept").write_text("kept", encoding="utf-8")
    (cache / "review.port").symlink_to(tmp_path / "kept")
    with announced(str(cache), config, 8123):
        assert address_in_review(str(cache)) is None
    assert watched_file(str(cache), config) is None
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "kept"


def test_two_reviews(tmp_path: Path) -> None:
    """The first one is linked to, also when the second one ends."""
    site(tmp_path).write()
    config = load_config(str(tmp_path / "mkdocs.yml"))
    cache = str(tmp_path / "cache")
    with announced(cache, config, 8001):
        with announced(cache, config, 8002):
            pass
        address = address_in_review(cache)
        assert address
        assert address("a b&c.png") == "http://127.0.0.1:8001/file?path=a+b%26c.png"
    assert address_in_review(cache) is None


def test_names_are_texts_and_lists_are_short() -> None:
    """A path is anybody's, and a page can have any number of pictures."""
    path = "a\"><script>alert(1)</script>'.png"
    outcome = Outcome("p", "p.md", path, Decision.ASK_SERVICE, Result.MISSING, file=path)
    html = with_overlay("<body></body>", [outcome] * 80, lambda path: f"http://x/?{path}")
    assert "<script" not in html
    soup = BeautifulSoup(html, "html.parser")
    assert len(soup.select("a")) == 50
    assert soup.select("li")[-1].text == "and 30 more"
    assert soup.select("a")[0].text == path


class _Server:
    """Notes what is watched."""

    def __init__(self) -> None:
        self.watched: list[str] = []

    def watch(self, path: str) -> None:
        """Note a path."""
        self.watched.append(path)


@pytest.mark.parametrize("overlay", [True, False])
def test_serve_builds_again_when_a_review_begins_or_ends(tmp_path: Path, *, overlay: bool) -> None:
    """So that its links come and go; without the overlay, nothing is written or watched."""
    site(tmp_path, review_overlay=overlay).write()
    config = load_config(str(tmp_path / "mkdocs.yml"))
    server = _Server()
    plugin: Any = config.plugins["alttext"]
    plugin.on_serve(server, config=config)
    file = tmp_path / ".cache/plugin/alttext/review.port"
    assert server.watched == [str(file)] * overlay
    assert file.exists() is overlay
    with announced(plugin.config.cache_dir, config, 8123):
        assert file.read_bytes() == b"8123\n"
    assert file.read_bytes() == b""
