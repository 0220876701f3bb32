"""Translations, which are builds inside a build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from built_site import TinySite
from click.testing import CliRunner
from neighbours.beside import MATERIAL, A, B, C, build_beside, caption, uncaptioned_lightbox

from mkdocs_alttext.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

LANGUAGES: list[dict[str, Any]] = [
    {"locale": "en", "name": "English", "default": True},
    {"locale": "fr", "name": "Français"},
]


@pytest.mark.parametrize("is_listed_first", [False, True], ids=["last", "first"])
def test_one_credit_for_each_picture_and_language(
    tmp_path: Path, server: ApiServer, *, is_listed_first: bool
) -> None:
    """A page has its own language's text; one that is not translated keeps that of its words."""
    docs: dict[str, str | bytes] = {
        "index.md": "# Top\n\n![](a.png) ![](b.png) ![](a.png)\n",
        "index.fr.md": "# Haut\n\n![](a.png) ![](b.png)\n",
        "only.md": "# Only\n\n![](a.png)\n",
        "a.png": A,
        "b.png": B,
        "b.fr.png": C,
    }
    beside = build_beside(
        tmp_path,
        server,
        ["search", {"i18n": {"docs_structure": "suffix", "languages": LANGUAGES}}],
        docs=docs,
        config=MATERIAL,
        is_listed_first=is_listed_first,
    )
    assert beside.check().filled == 7
    assert beside.asked == {
        (caption(A), "en"),
        (caption(B), "en"),
        (caption(A, "fr"), "fr"),
        (caption(C, "fr"), "fr"),
    }
    assert server.credits_spent == 4
    english, french = beside.cold.page(), beside.cold.page("fr/index.html")
    assert english.count(f'alt="{caption(A)}"') == 2
    assert f'alt="{caption(B)}"' in english
    assert f'alt="{caption(A, "fr")}"' in french
    assert f'alt="{caption(C, "fr")}"' in french
    assert f'alt="{caption(A)}"' in beside.cold.page("fr/only/index.html")


def test_each_language_says_what_it_spent(tmp_path: Path, server: ApiServer) -> None:
    """One summary for each language; the service still answers in the second build."""
    docs: dict[str, str | bytes] = {"en/index.md": "![](a.png)\n", "fr/index.md": "![](a.png)\n"}
    beside = build_beside(
        tmp_path,
        server,
        [{"i18n": {"docs_structure": "folder", "languages": LANGUAGES}}],
        docs=docs | {"en/a.png": A, "fr/a.png": A},
        config=MATERIAL,
    )
    beside.check()
    assert beside.cold.report is not None
    pages = [image["page"] for image in beside.cold.report["images"]]
    assert pages == ["index.html", "fr/index.html"]
    assert beside.cold.report["credits"]["spent"] == 2
    summaries = [text for text in beside.cold.messages() if "Credits: 1 spent" in text]
    assert len(summaries) == 2


@pytest.mark.parametrize("structure", ["folder", "suffix"])
def test_an_excluded_picture_stays_in_each_language(
    tmp_path: Path, server: ApiServer, structure: str
) -> None:
    """A pattern names the picture, and no language."""
    page = "![](private/a.png) ![](b.png)\n"
    names = ("en/{}", "fr/{}") if structure == "folder" else ("{}", "{}.fr")
    docs: dict[str, str | bytes] = {}
    for number, name in enumerate(names):
        a, b = name.format("private/a"), name.format("b")
        docs |= {f"{name.format('index')}.md": page, f"{a}.png": (A, B)[number], f"{b}.png": C}
    site = TinySite(
        tmp_path,
        docs,
        {"base_url": server.base_url, "exclude": ["private/a.png"]},
        [{"i18n": {"docs_structure": structure, "languages": LANGUAGES}}],
        {**MATERIAL},
    )
    built = site.build(strict=True)
    assert {call.language for call in server.calls} == {"en", "fr"}
    assert server.ledger.total() == 2
    assert [outcome.split()[-1] for outcome in built.outcomes] == ["excluded", "None"] * 2
    assert not [text for text in built.messages() if "the pattern" in text]


def test_captions_of_translations_reach_copies(tmp_path: Path, server: ApiServer) -> None:
    """A neighbour that copies content beside translations gets each language's text."""
    docs: dict[str, str | bytes] = {
        "index.md": "![](a.png)\n",
        "index.fr.md": "![](a.png)\n",
        "a.png": A,
    }
    beside = build_beside(
        tmp_path,
        server,
        [
            {"i18n": {"docs_structure": "suffix", "languages": LANGUAGES}},
            {"glightbox": {"auto_caption": True}},
        ],
        docs=docs,
        config=MATERIAL,
        copies={"*.html": uncaptioned_lightbox},
    )
    beside.check()
    assert f'data-title="{caption(A)}"' in beside.cold.page()
    assert f'data-title="{caption(A, "fr")}"' in beside.cold.page("fr/index.html")


def test_an_entry_for_one_language_is_not_said_to_be_of_no_use(tmp_path: Path) -> None:
    """Each build sees the pictures of its own language only; the command sees all."""
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": A, "a.fr.png": B}
    entry = "{}:\n  alt: {}\n  status: reviewed\n"
    names = {"a.png": "A door", "fr/a.png": "Une porte", "gone.png": "Gone"}
    catalog = "".join(entry.format(*each) for each in names.items())
    plugins = [{"i18n": {"docs_structure": "suffix", "languages": LANGUAGES}}]
    site = TinySite(tmp_path, docs, {}, plugins, {**MATERIAL})
    (tmp_path / "alttext.yml").write_text(catalog, encoding="utf-8")
    built = site.build()
    assert 'alt="Une porte"' in built.page("fr/index.html")
    assert not [text for text in built.messages() if "no image" in text]
    output = CliRunner().invoke(main, ["catalog", "-f", str(tmp_path / "mkdocs.yml")]).output
    assert "1 entry names no image of this site: gone.png." in output


def test_commands_know_each_language_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`scan` lists a source once that two languages show, and `apply` writes each its own text."""
    docs: dict[str, str | bytes] = {
        "index.md": "![](a.png)\n",
        "index.fr.md": "![](a.png)\n",
        "only.md": "![](a.png)\n",
        "a.png": A,
    }
    site = TinySite(
        tmp_path,
        docs,
        plugins=[{"i18n": {"docs_structure": "suffix", "languages": LANGUAGES}}],
        config={**MATERIAL},
    )
    site.write()
    monkeypatch.chdir(tmp_path)
    scanned = CliRunner().invoke(main, ["scan"]).output
    assert [scanned.count(f"docs/{name}") for name in docs if name.endswith(".md")] == [1, 1, 1]
    texts = {"en": "A leaf", "fr": "Une feuille"}
    catalog = {"a.png": {"alt": texts, "status": "reviewed"}}
    (tmp_path / "alttext.yml").write_text(yaml.safe_dump(catalog), encoding="utf-8")
    applied = CliRunner().invoke(main, ["apply"])
    assert applied.exit_code == 0, applied.output
    written = [
        (tmp_path / "docs" / name).read_text(encoding="utf-8") for name in docs if name != "a.png"
    ]
    assert written == ["![A leaf](a.png)\n", "![Une feuille](a.png)\n", "![A leaf](a.png)\n"]


@pytest.mark.parametrize(
    ("structure", "source", "other"),
    [("suffix", "index.md", "a.fr.png"), ("folder", "en/index.md", "fr/a.png")],
)
def test_a_page_without_a_translation_is_written_for_its_own_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, structure: str, source: str, other: str
) -> None:
    """Its Markdown is that of both, though another picture takes the place of one in it."""
    first = other.replace("fr/", "en/").replace(".fr", "")
    docs: dict[str, str | bytes] = {source: "![](a.png) ![](b.png)\n", first: A, other: B}
    docs[first.replace("a.", "b.")] = C
    plugins = [{"i18n": {"docs_structure": structure, "languages": LANGUAGES}}]
    TinySite(tmp_path, docs, {}, plugins, {**MATERIAL}).write()
    monkeypatch.chdir(tmp_path)

    def apply(texts: dict[str, str]) -> tuple[int, str, str]:
        catalog = {path: {"alt": text, "status": "reviewed"} for path, text in texts.items()}
        (tmp_path / "alttext.yml").write_text(yaml.safe_dump(catalog), encoding="utf-8")
        applied = CliRunner().invoke(main, ["apply"])
        written = (tmp_path / "docs" / source).read_text(encoding="utf-8")
        return applied.exit_code, applied.output, written

    why = f"Not written: {source}, fr/a.png: this Markdown is that of another language"
    # A text of the French picture alone is not written where it would be the English one's, too.
    status, said, written = apply({"fr/a.png": "Une porte"})
    assert (status, written) == (1, docs[source]), said
    assert why in said
    texts = {"a.png": "A door", "fr/a.png": "Une porte", "b.png": "A leaf"}
    status, said, written = apply(texts)
    assert (status, written) == (1, "![A door](a.png) ![A leaf](b.png)\n"), said
    assert said.count("Not written") == said.count(why) == 1
    assert "2 texts written into 1 file." in said
    assert "Nothing to write" in apply(texts)[1]
