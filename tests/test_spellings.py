"""A name with an accent is one name, in whichever of its two spellings: catalog and baseline."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from api_server import ApiServer  # noqa: TC002 - pytest's fixtures are looked up by name
from built_site import TinySite, picture
from click.testing import CliRunner

from mkdocs_alttext.catalog.drafting import PictureTexts, write_drafts
from mkdocs_alttext.catalog.reading import parse_catalog
from mkdocs_alttext.cli.main import main
from mkdocs_alttext.exceptions import CatalogError

if TYPE_CHECKING:
    from pathlib import Path

COMPOSED = "\u00fc"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
SPELLINGS = [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED), (COMPOSED, COMPOSED)]


def site(folder: Path, on_disk: str, **options: Any) -> TinySite:  # noqa: ANN401 - any option
    """Make a site with an accented page that shows an accented picture."""
    docs: dict[str, str | bytes] = {
        f"{on_disk}.md": f"![](img/{on_disk}.png)\n",
        "index.md": "# Top\n",
        f"img/{on_disk}.png": picture(3),
    }
    return TinySite(folder, docs, options)


def run(command: str, tiny: TinySite, *arguments: str) -> tuple[int, str]:
    """Run a command on a site; return its status and what it says."""
    path = tiny.write()
    result = CliRunner().invoke(main, [command, "-f", str(path), *arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize(("on_disk", "written"), SPELLINGS)
def test_an_entry_is_found(tmp_path: Path, on_disk: str, written: str) -> None:
    """For its picture, and for its page; neither is named as unknown."""
    entry = f"img/{written}.png:\n  alt: General\n  status: reviewed\n"
    (tmp_path / "alttext.yml").write_text(entry, encoding="utf-8")
    tiny = site(tmp_path, on_disk)
    built = tiny.build(strict=True)
    assert 'alt="General"' in built.page(f"{on_disk}/index.html")
    assert not any("no image of this site" in text for text in built.messages())
    entry += f"  pages:\n    {written}.md: Special\n"
    (tmp_path / "alttext.yml").write_text(entry, encoding="utf-8")
    assert 'alt="Special"' in tiny.build().page(f"{on_disk}/index.html")
    assert "no image of this site" not in run("catalog", tiny)[1].lower()


@pytest.mark.parametrize(("on_disk", "written"), SPELLINGS)
def test_a_draft_is_refreshed_and_not_added_again(
    tmp_path: Path, server: ApiServer, on_disk: str, written: str
) -> None:
    """A file of another machine may spell the path in the other way."""
    tiny = site(tmp_path, on_disk, base_url=server.base_url)
    tiny.build()
    assert run("catalog", tiny)[0] == 0
    path = tmp_path / "alttext.yml"
    text = path.read_text(encoding="utf-8")
    assert f"img/{COMPOSED}.png" in text
    path.write_text(text.replace(COMPOSED, written), encoding="utf-8")
    status, said = run("catalog", tiny)
    assert status == 0
    assert "1 entry: 0 added, 0 refreshed, 0 stale." in said
    assert path.read_text(encoding="utf-8") == text.replace(COMPOSED, written)


@pytest.mark.parametrize(("on_disk", "written"), SPELLINGS)
def test_an_approved_text_is_applied_and_not_called_unused(
    tmp_path: Path, on_disk: str, written: str
) -> None:
    """It stands in the Markdown afterwards."""
    entry = f"img/{written}.png:\n  alt: General\n  status: reviewed\n"
    (tmp_path / "alttext.yml").write_text(entry, encoding="utf-8")
    tiny = site(tmp_path, on_disk)
    status, said = run("apply", tiny, "--allow-dirty")
    assert status == 0, said
    page = tmp_path / "docs" / f"{on_disk}.md"
    assert page.read_text(encoding="utf-8") == f"![General](img/{on_disk}.png)\n"
    tiny.docs = {**tiny.docs, f"{on_disk}.md": f"![General](img/{on_disk}.png)\n"}
    assert written not in run("apply", tiny, "--allow-dirty")[1]


@pytest.mark.parametrize(("on_disk", "written"), SPELLINGS)
def test_a_baseline_accepts_in_either_spelling(tmp_path: Path, on_disk: str, written: str) -> None:
    """It was written on another machine."""
    tiny = site(tmp_path, on_disk)
    baseline = tmp_path / "baseline.json"
    assert run("scan", tiny, "--write-baseline", str(baseline))[0] == 0
    content = json.loads(baseline.read_text(encoding="utf-8"))
    for each in content["images"]:
        each |= {name: respelled(each[name], written) for name in ("source", "image")}
    baseline.write_text(json.dumps(content), encoding="utf-8")
    assert run("scan", tiny, "--baseline", str(baseline))[0] == 0


def respelled(text: str, written: str) -> str:
    """Return a text with its accented letters in one spelling."""
    return unicodedata.normalize("NFC", text).replace(COMPOSED, written)


@pytest.mark.parametrize("key", ["{}.png", "a.png"])
def test_two_spellings_of_one_name_are_that_name_twice(key: str) -> None:
    """Which one counts would be a matter of luck."""
    entry = "{}:\n  alt: One\n  status: reviewed\n  pages: {{ {}.md: x, {}.md: y }}\n"
    text = entry.format(key.format(COMPOSED), COMPOSED, DECOMPOSED if key == "a.png" else "b")
    text += entry.format(key.format(DECOMPOSED), "b", "c") if key != "a.png" else ""
    with pytest.raises(CatalogError, match="is there already, in line"):
        parse_catalog(text, "alttext.yml")


def test_files_of_both_spellings_share_a_draft() -> None:
    """A disk can hold both; the catalog cannot tell them apart."""
    seen = {
        f"{name}.png": PictureTexts(digest * 64, {"en": text})
        for name, digest, text in ((COMPOSED, "a", "One"), (DECOMPOSED, "b", "Two"))
    }
    changes = write_drafts("", seen, service="alttextai", name="alttext.yml")
    assert changes.added == [f"{COMPOSED}.png"]
    assert len(parse_catalog(changes.text, "alttext.yml")) == 1
