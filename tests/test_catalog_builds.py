"""Whole sites with a catalog: a person's word comes first, and costs nothing."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from built_site import TinySite, picture
from click.testing import CliRunner
from mkdocs.exceptions import Abort

from mkdocs_alttext.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

PAGES: dict[str, str | bytes] = {
    "index.md": "# Top ![](a.png)\n\n![](a.png) and ![](b.png){ .wide }\n\n"
    "[![](a.png)](sub/page.md)\n",
    "sub/page.md": "# Sub\n\n![](../a.png) ![](c.svg) ![Words](https://example.org/w.png)\n",
    "a.png": picture(1),
    "b.png": picture(2),
    "sub/c.svg": '<svg xmlns="http://www.w3.org/2000/svg"><title>A circle</title></svg>',
}


def site(folder: Path, server: ApiServer | None = None, **named: Any) -> TinySite:  # noqa: ANN401 - fields
    """Make the usual site, asking a server."""
    docs = named.pop("docs", PAGES)
    options = named.pop("options", {})
    if server is not None:
        options = {"base_url": server.base_url, "max_retries": 0, **options}
    folder.mkdir(exist_ok=True)
    return TinySite(folder, docs, options, **named)


def catalog(tiny: TinySite, entries: dict[str, Any]) -> None:
    """Write a catalog; the digest of `…` is that of the picture as it is."""
    for path, entry in entries.items():
        if entry.get("sha256") == "…":
            content = tiny.docs[path]
            data = content.encode() if isinstance(content, str) else content
            entry["sha256"] = hashlib.sha256(data).hexdigest()
    text = yaml.safe_dump(entries, allow_unicode=True)
    (tiny.folder / "alttext.yml").write_text(text, encoding="utf-8")


def run(tiny: TinySite, *arguments: str) -> str:
    """Run the command `catalog`; return what it prints."""
    tiny.write()
    result = CliRunner().invoke(
        main, ["catalog", "-f", str(tiny.folder / "mkdocs.yml"), *arguments]
    )
    assert result.exit_code == 0, result.output
    return result.output


def alts(html: str) -> list[str | None]:
    """Return the alt text of each image of a page."""
    found = (re.search(r'alt="([^"]*)"', tag) for tag in re.findall(r"<img\b[^>]*>", html))
    return [each and each[1] for each in found]


def asked(server: ApiServer) -> int:
    """Count the requests for texts."""
    return sum(call.path.endswith("/generate") for call in server.calls)


def test_a_fork_builds_what_main_builds_and_spends_nothing(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without key, network and cache, with the catalog committed: byte for byte."""
    ours = site(tmp_path / "main", server, options={"provenance": True})
    ours.build()
    assert asked(server) == 2
    run(ours)
    expected = ours.build().files()
    server.calls.clear()
    monkeypatch.delenv("ALTTEXTAI_API_KEY")
    fork = site(tmp_path / "fork", server, options={"provenance": True})
    shutil.copy(ours.folder / "alttext.yml", fork.folder)
    built = fork.build()
    assert built.files() == expected
    assert server.calls == []
    assert not built.messages("WARNING")
    assert any("data-alt-source" in content.decode("latin-1") for content in expected.values())
    assert {line.split(" ", 1)[1] for line in built.outcomes} == {
        "use-stored filled catalog None",
        "link-title filled link-title None",
        "svg-title filled svg-title None",
        "keep-text kept None None",
    }


def test_a_build_never_writes_the_catalog(tmp_path: Path, server: ApiServer) -> None:
    """Neither a new one nor an old one."""
    tiny = site(tmp_path, server)
    tiny.build()
    assert not (tmp_path / "alttext.yml").exists()
    catalog(tiny, {"a.png": {"status": "draft", "alt": "Old", "sha256": "ab" * 32}})
    before = (tmp_path / "alttext.yml").read_bytes()
    tiny.build()
    assert (tmp_path / "alttext.yml").read_bytes() == before


def test_a_persons_word_comes_before_the_cache(tmp_path: Path, server: ApiServer) -> None:
    """Also where the cache has a text; decoration becomes an empty alt."""
    tiny = site(tmp_path, server)
    tiny.build()
    catalog(
        tiny,
        {
            "a.png": {"status": "reviewed", "alt": 'Kim\'s <"word"> & more'},
            "b.png": {"status": "decorative", "alt": "left from the draft"},
            "sub/c.svg": {"status": "reviewed", "alt": "Better than its title"},
        },
    )
    built = tiny.build()
    word = "Kim's &lt;&quot;word&quot;&gt; &amp; more"
    assert alts(built.page()) == [word, word, "", "Sub"]
    assert alts(built.page("sub/page/index.html")) == [word, "Better than its title", "Words"]
    assert "b.png use-stored filled decorative None" in built.outcomes
    assert any("from the catalog" in text for text in built.messages())


def test_a_page_may_have_a_text_of_its_own(tmp_path: Path) -> None:
    """By its source; an empty one is decoration there."""
    tiny = site(tmp_path)
    pages = {"sub/page.md": "On the sub page", "index.md": ""}
    catalog(tiny, {"a.png": {"status": "reviewed", "alt": "General", "pages": pages}})
    built = tiny.build()
    assert alts(built.page())[:2] == ["", ""]
    assert alts(built.page("sub/page/index.html"))[0] == "On the sub page"
    assert alts(built.page("404.html")) == ["General"]


def test_a_page_gets_the_text_of_its_language(tmp_path: Path, server: ApiServer) -> None:
    """A language that the catalog does not have is asked for; one that nobody speaks is found."""
    docs = {
        f"{language}.md": f"---\nalttext: {{lang: {language}}}\n---\n![](a.png)"
        for language in ("de-AT", "en", "cy", "fr")
    }
    tiny = site(tmp_path, server, docs={**docs, "a.png": picture(1)})
    texts = {"de": "Haus", "en": "House", "cy": "Tŷ"}
    catalog(tiny, {"a.png": {"status": "reviewed", "alt": texts}})
    built = tiny.build()
    assert alts(built.page("de-AT/index.html")) == ["Haus"]
    assert alts(built.page("en/index.html")) == ["House"]
    assert alts(built.page("cy/index.html")) == ["Tŷ"]
    assert [call.language for call in server.calls if call.path.endswith("/generate")] == ["fr"]
    # Without a language, a text serves all.
    catalog(tiny, {"a.png": {"status": "reviewed", "alt": "42"}})
    assert alts(tiny.build().page("fr/index.html")) == ["42"]


@pytest.mark.parametrize(
    ("entry", "outcome", "text"),
    [
        ({"status": "draft", "alt": "Old"}, "ask-service filled service None", None),
        ({"status": "reviewed", "alt": "Old"}, "use-stored filled catalog stale-caption", "Old"),
        ({"status": "decorative"}, "use-stored filled decorative stale-caption", ""),
        (
            {"status": "draft", "alt": "Old", "pages": {"index.md": "Own"}},
            "use-stored filled catalog stale-caption",
            "Own",
        ),
    ],
)
def test_a_picture_that_changed_makes_its_entry_stale(
    tmp_path: Path,
    server: ApiServer,
    entry: dict[str, Any],
    outcome: str,
    text: str | None,
) -> None:
    """A draft is asked for again; what a person approved or wrote stays, and is named."""
    docs = {"index.md": "![](sub/a.png)", "sub/a.png": picture(1)}
    tiny = site(tmp_path, server, docs=docs)
    catalog(tiny, {"sub/a.png": {**entry, "sha256": "0a" * 32}})
    built = tiny.build()
    assert built.outcomes[-1] == f"sub/a.png {outcome}"
    assert asked(server) == (text is None)
    said = [line for line in built.messages() if "changed after" in line]
    if text is None:
        assert said == []
    else:
        assert alts(built.page()) == [text]
        assert len(said) == 1
        assert "1 entry" in said[0]
        assert "sub/a.png" in said[0]
    assert not built.messages("WARNING")


def test_publish_reviewed_publishes_nothing_that_nobody_approved(
    tmp_path: Path, server: ApiServer
) -> None:
    """Neither drafts nor what the cache has; nothing is asked for. What is free stays."""
    docs = {**PAGES, "more.md": "![](../d.png)", "d.png": picture(4)}
    tiny = site(tmp_path, server, docs=docs)
    tiny.build()
    server.calls.clear()
    tiny.options["publish"] = "reviewed"
    tiny.docs = {**docs, "new.md": "![](e.png)", "e.png": picture(5)}
    catalog(
        tiny,
        {
            "a.png": {"status": "reviewed", "alt": "Approved", "sha256": "…"},
            "b.png": {"status": "draft", "alt": "A draft", "pages": {"index.md": "Not yet"}},
        },
    )
    built = tiny.build()
    assert server.calls == []
    assert alts(built.page()) == ["Approved", "Approved", "", "Sub"]
    assert alts(built.page("sub/page/index.html")) == ["Approved", "A circle", "Words"]
    assert "b.png ask-service missing None not-reviewed" in built.outcomes
    assert "../e.png ask-service missing None not-reviewed" in built.outcomes
    assert any("mkdocs-alttext catalog" in text for text in built.messages())
    assert not any("credits" in text for text in built.messages())


def test_drafts_are_generated_once_and_published_when_approved(
    tmp_path: Path, server: ApiServer
) -> None:
    """A build says how many wait, and the two ways on; the catalog command offers the texts."""
    tiny = site(tmp_path, server)
    tiny.options["publish"] = "drafts"
    built = tiny.build()
    asked = len(server.calls)
    assert asked
    assert not any("filled service" in outcome for outcome in built.outcomes)
    assert "a.png ask-service missing None not-reviewed" in built.outcomes
    (said,) = [text for text in built.messages() if "publish: drafts" in text]
    assert "images have texts that wait for approval" in said
    assert "`mkdocs-alttext catalog`" in said
    assert "`publish: all`" in said
    catalog(tiny, {"a.png": {"status": "reviewed", "alt": "Approved"}})
    again = tiny.build()
    assert alts(again.page())[0] == "Approved"
    assert len(server.calls) == asked
    tiny.options["publish"] = "all"
    assert any("filled" in outcome for outcome in tiny.build().outcomes)
    assert len(server.calls) == asked


def test_a_draft_of_the_catalog_is_not_asked_for_again(tmp_path: Path, server: ApiServer) -> None:
    """Where the cache is not kept, as on a server, nothing is generated that only waits."""
    tiny = site(tmp_path, server, docs={"index.md": "![](a.png)\n", "a.png": picture(1)})
    tiny.options["publish"] = "drafts"
    catalog(tiny, {"a.png": {"status": "draft", "alt": "A draft"}})
    built = tiny.build()
    assert built.outcomes[-1] == "a.png ask-service missing None not-reviewed"
    assert server.calls == []


def test_entries_that_name_no_image_are_reported_in_one_line(tmp_path: Path) -> None:
    """With some of their paths."""
    tiny = site(tmp_path)
    entries = {f"gone/{number:02}.png": {"status": "decorative"} for number in range(12)}
    catalog(tiny, {**entries, "a.png": {"status": "decorative"}})
    (line,) = (text for text in tiny.build().messages() if "no image of this site" in text)
    assert "12 entries name no image" in line
    assert "gone/00.png, gone/01.png" in line
    assert "and 2 more" in line
    assert " a.png" not in line


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a.png: {alt: x, status: done}\n", "line 1: Unknown status 'done'"),
        ("a.png:\n  status: draft\n  alt: a: b\n", "line 3: This is not YAML"),
        ("a.png: {status: decorative}\na.png: {status: decorative}\n", "line 2: 'a.png' is there"),
    ],
)
def test_a_broken_catalog_stops_build_and_command(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, reason: str
) -> None:
    """With the file, the line and the reason; the file stays."""
    tiny = site(tmp_path)
    path = tmp_path / "alttext.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Abort):
        tiny.build()
    assert f"{path}, {reason}" in caplog.text
    result = CliRunner().invoke(main, ["catalog", "-f", str(tmp_path / "mkdocs.yml")])
    assert result.exit_code == 2
    assert path.read_text(encoding="utf-8") == text


def test_the_command_drafts_what_the_cache_knows_and_nothing_else(
    tmp_path: Path, server: ApiServer
) -> None:
    """Nothing is asked for, nothing is reviewed, and what stays to be done is said."""
    tiny = site(tmp_path, server)
    output = run(tiny)
    assert not (tmp_path / "alttext.yml").exists()
    assert "2 pictures have no text yet" in output
    tiny.build()
    server.calls.clear()
    tiny.docs = {**PAGES, "new.md": "![](e.png)", "e.png": picture(5)}
    output = run(tiny)
    assert server.calls == []
    assert "has 2 entries: 2 added, 0 refreshed, 0 stale" in output
    assert "1 picture has no text yet" in output
    assert "shows 2 drafts" in output
    entries = yaml.safe_load((tmp_path / "alttext.yml").read_text(encoding="utf-8"))
    assert list(entries) == ["a.png", "b.png"]
    assert {entry["status"] for entry in entries.values()} == {"draft"}
    before = (tmp_path / "alttext.yml").read_bytes()
    assert "0 added" in run(tiny)
    assert (tmp_path / "alttext.yml").read_bytes() == before


def test_an_entry_without_a_text_is_not_offered_again(tmp_path: Path) -> None:
    """It is there: what it lacks is a person's text."""
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)", "a.png": picture(1)}
    tiny = site(tmp_path, docs=docs)
    assert "catalog --all` adds an entry for it" in run(tiny)
    catalog(tiny, {"a.png": {"status": "draft"}})
    output = run(tiny)
    assert "Write its `alt` in alttext.yml." in output
    assert "--all" not in output


def test_a_day_in_the_life_of_a_catalog(tmp_path: Path, server: ApiServer) -> None:
    """Draft, correct, approve, change two pictures, build, look again: each step says the next."""
    tiny = site(tmp_path, server)
    assert any("the new texts are drafts" in line for line in tiny.build().messages())
    run(tiny)
    path = tmp_path / "alttext.yml"
    text = path.read_text(encoding="utf-8")
    head, a, b = (
        text.partition("a.png:")[0],
        *re.findall(r"^[ab]\.png:\n(?:  .*\n)+", text, re.MULTILINE),
    )
    a = re.sub(r'en: ".*"', "en: 'Kim''s text' # by Kim", a).replace("draft", "reviewed")
    path.write_text(head + a + b, encoding="utf-8")
    assert alts(tiny.build().page())[0] == "Kim's text"
    tiny.docs = {**PAGES, "a.png": picture(8), "b.png": picture(9)}
    assert "Stale drafts without a new text yet: b.png" in run(tiny)
    built = tiny.build()
    assert alts(built.page())[0] == "Kim's text"
    assert any("changed after" in line and "a.png" in line for line in built.messages())
    output = run(tiny)
    assert "0 added, 1 refreshed, 1 stale" in output
    assert "remove its sha256" in output
    text = path.read_text(encoding="utf-8")
    assert text.startswith(head + a)
    assert f'"{alts(built.page())[2]}"' in text
    path.write_text(re.sub(r"(reviewed\n)  sha256: .*\n", r"\1", text), encoding="utf-8")
    assert "digest of the picture was added to: a.png" in run(tiny)
    assert not any(
        "changed after" in line or "new texts" in line for line in tiny.build().messages()
    )
    path.write_text(path.read_text(encoding="utf-8").replace("draft\n", "reviewed\n"))
    assert "`mkdocs-alttext apply` writes it" in run(tiny)
    assert asked(server) == 3


def test_a_stale_draft_with_a_comment_that_has_no_place_says_so(
    tmp_path: Path, server: ApiServer
) -> None:
    """Another build would not help: the cache has the text."""
    tiny = site(tmp_path, server)
    tiny.build()
    run(tiny)
    path = tmp_path / "alttext.yml"
    text = re.sub(r'en: (".*")', r"en: >- # by me\n      \1", path.read_text(encoding="utf-8"))
    path.write_text(text.replace('      "', "      ").replace('"\n', "\n"), encoding="utf-8")
    tiny.docs = {**PAGES, "a.png": picture(8)}
    assert "Stale drafts without a new text yet: a.png" in run(tiny)
    tiny.build()
    output = run(tiny)
    assert "in the way of new texts: a.png. Write each text on a line of its own" in output
    assert "without a new text yet" not in output


def test_the_report_says_catalog(tmp_path: Path) -> None:
    """With the language, and the digest of the picture that was met."""
    tiny = site(tmp_path)
    catalog(tiny, {"a.png": {"status": "reviewed", "alt": "A", "sha256": "…"}})
    tiny.build()
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    image = next(each for each in report["images"] if each["file"] == "a.png")
    assert (image["origin"], image["language"], image["alt"]) == ("catalog", "en", "A")
    assert image["sha256"] == hashlib.sha256(picture(1)).hexdigest()


def test_the_command_needs_the_plugin(tmp_path: Path) -> None:
    """And says so."""
    tiny = site(tmp_path)
    path = tiny.write(plugin=False)
    result = CliRunner().invoke(main, ["catalog", "-f", str(path)])
    assert result.exit_code == 2
    assert "does not list the plugin alttext" in result.output


def pointer(data: bytes) -> bytes:
    """Return what Git LFS puts in the place of a file."""
    digest = hashlib.sha256(data).hexdigest()
    head = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\n"
    return f"{head}size {len(data)}\n".encode()


@pytest.mark.parametrize("status", ["draft", "reviewed"])
@pytest.mark.parametrize("name", ["a.png", "a.svg"])
def test_the_same_picture_in_other_bytes_has_its_text(
    tmp_path: Path, server: ApiServer, name: str, status: str
) -> None:
    """Git wrote others: a pointer of LFS, or an SVG with the line ends of Windows."""
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg">\n<rect width="9" height="9"/>\n</svg>\n'
    original = picture(1) if name == "a.png" else drawing
    tiny = site(tmp_path, server, docs={"index.md": f"![]({name})\n", name: original})
    tiny.write()
    catalog(tiny, {name: {"alt": "A red bicycle", "status": status, "sha256": "…"}})
    checked_out = pointer(original) if name == "a.png" else original.replace(b"\n", b"\r\n")
    tiny.docs = {**tiny.docs, name: checked_out}
    built = tiny.build(strict=True)
    assert alts(built.page()) == ["A red bicycle"]
    outcomes = [each for each in built.outcomes if each.startswith(name)]
    assert outcomes == [f"{name} use-stored filled catalog None"]
    assert asked(server) == 0


def test_a_pointer_is_not_sent_and_finds_what_was_paid_for(
    tmp_path: Path, server: ApiServer
) -> None:
    """A machine without LFS has the texts of one with it."""
    tiny = site(tmp_path, server, docs={"index.md": "![](b.png)\n", "b.png": picture(7)})
    tiny.build()
    spent = asked(server)
    pointers = {"b.png": pointer(picture(7)), "c.png": pointer(picture(8))}
    tiny.docs = {"index.md": "![](b.png) ![](c.png)\n", **pointers}
    built = tiny.build()
    assert [each for each in built.outcomes if not each.startswith("/")] == [
        "b.png use-stored filled store None",
        "c.png unavailable missing None git-lfs-pointer",
    ]
    assert asked(server) == spent
