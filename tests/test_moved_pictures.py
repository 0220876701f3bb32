"""Entries of pictures that were renamed, moved or copied, and paths that name nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from built_site import picture
from hypothesis import given
from test_catalog import NAME, NEW, OLD, OTHER, PATHS, WRITTEN, parsed, seen
from test_catalog_builds import alts, asked, catalog, run, site

from mkdocs_alttext.catalog.drafting import PictureTexts, write_drafts
from mkdocs_alttext.catalog.entries import Catalog, Entry, Status
from mkdocs_alttext.catalog.reading import parse_catalog
from mkdocs_alttext.filling.catalog_paths import UnknownPath, find_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from api_server import ApiServer


def moved(text: str, pictures: Mapping[str, PictureTexts], *gone: str) -> str:
    """Return a catalog's text after the command, which changes nothing when it is run again."""
    changes = write_drafts(text, pictures, service="alttextai", name=NAME, gone=gone)
    left = [path for path in gone if path not in changes.moved]
    again = write_drafts(changes.text, pictures, service="alttextai", name=NAME, gone=left)
    assert again.text == changes.text
    assert not again.moved
    return changes.text


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_the_path_of_an_entry_changes(newline: str) -> None:
    """Comments, order and every other byte stay."""
    text = WRITTEN.replace("\n", newline)
    after = moved(text, {"img/new b.png": seen(OTHER, en="Machine")}, "img/b.png")
    assert after == text.replace("img/b.png:", "img/new b.png:")


@given(PATHS)
def test_any_path_can_be_written(path: str) -> None:
    """In quotes where it needs them."""
    if path in parsed(WRITTEN):
        return
    after = moved(WRITTEN, {path: seen(OTHER)}, "img/b.png")
    key = next(each for each in parse_catalog(after, NAME) if each != "img/d.png")
    assert parsed(after)[key].texts == {"": 'It\'s "B"'}
    assert parsed(after)[key].path in (path, key)


def test_one_in_braces_and_one_with_a_question_mark_can_move() -> None:
    """However the key is written."""
    text = f'{{"a.png": {{alt: A, status: reviewed, sha256: {OLD}}}}}\n'
    assert "{b.png: {alt: A" in moved(text, {"b.png": seen(OLD)}, "a.png")
    text = f"? a.png\n:\n  alt: A\n  status: reviewed\n  sha256: {OLD}\n"
    assert moved(text, {"b.png": seen(OLD)}, "a.png") == text.replace("a.png", "b.png")
    long = "b" * 2000
    assert moved(text, {long: seen(OLD)}, "a.png") == text.replace("a.png", long)
    usual = text.replace("? a.png\n:", "a.png:")
    assert f"? {long}\n:" in moved(usual, {long: seen(OLD)}, "a.png")  # a copy serves it


ENTRY = "{}:\n  alt: {{en: {}}}\n  status: {}\n  sha256: {}\n"


def test_a_draft_gives_way_to_what_was_approved_for_its_picture() -> None:
    """A person's changes to it do not; then both stay, and the builds take its own."""
    drafts = write_drafts("", {"b.png": seen(OLD, en="Machine")}, service="s", name=NAME).text
    approved = ENTRY.format("a.png", "By Kim", "reviewed", OLD)
    after = moved(f"{approved}{drafts}", {"b.png": seen(OLD)}, "a.png")
    assert parsed(after).keys() == {"b.png"}
    assert parsed(after)["b.png"].reviewed == {"en": "By Kim"}
    changed = f"{approved}{drafts}".replace("Machine", "Mine")
    assert moved(changed, {"b.png": seen(OLD)}, "a.png") == changed


def test_of_two_that_are_gone_the_approved_moves() -> None:
    """And of one picture with two new paths, the other gets the same word."""
    text = ENTRY.format("a.png", "Draft", "draft", OLD) + ENTRY.format(
        "b.png", "B", "reviewed", OLD
    )
    after = parsed(moved(text, {"c.png": seen(OLD), "d.png": seen(OLD)}, "a.png", "b.png"))
    assert after["c.png"].reviewed == after["d.png"].reviewed == {"en": "B"}
    assert after.keys() == {"a.png", "c.png", "d.png"}


@pytest.mark.parametrize(
    ("own", "other", "at_other", "text"),
    [
        ((), ("reviewed", OLD), None, "other"),
        ((), ("reviewed", OLD), OLD, "other"),
        ((), ("draft", OLD), OLD, "other"),
        ((), ("reviewed", NEW), None, None),
        (("reviewed", NEW), ("reviewed", OLD), None, "other"),
        (("reviewed", NEW), ("reviewed", OLD), OLD, "other"),
        (("reviewed", NEW), ("draft", OLD), OLD, "own"),
        (("reviewed", NEW), ("draft", OLD), None, "own"),
        (("reviewed", NEW), ("draft", OLD), NEW, "other"),
        (("draft", NEW), ("draft", OLD), OLD, "other"),
        (("draft", NEW), ("reviewed", OLD), OLD, "other"),
        (("reviewed", OLD), ("reviewed", OLD), None, "own"),
        (("draft", OLD), ("reviewed", OLD), None, "own"),
    ],
)
def test_an_entry_is_found_by_path_then_by_bytes(
    own: tuple[str, ...], other: tuple[str, str], at_other: str | None, text: str | None
) -> None:
    """What a person wrote for this very path comes first, unless it is about another picture."""
    entries = {
        name: Entry(f"{name}.png", {"": Status(each[0])}, {"": name}, each[1])
        for name, each in (("own", own), ("other", other))
        if each
    }
    pictures = {"own.png": OLD, "other.png": at_other}
    found = Catalog(
        {f"{name}.png": each for name, each in entries.items()},
        lambda path, sha256: pictures[path] == sha256,
    )
    entry = found.entry("own.png", OLD)
    assert (entry and entry.text("en")) == text


def test_a_mere_draft_of_the_path_comes_behind_what_was_approved() -> None:
    """So that an approved text is never replaced by a draft."""
    entries = dict(
        parsed(
            write_drafts("", {"b.png": seen(OLD, en="Machine")}, service="s", name=NAME).text
            + ENTRY.format("a.png", "By Kim", "reviewed", OLD)
        )
    )
    gone = Catalog(entries, lambda path, _: path != "a.png").entry("b.png", OLD)
    there = Catalog(entries, lambda *_: True).entry("b.png", OLD)
    assert gone is not None
    assert there is not None
    assert (gone.path, there.path) == ("a.png", "b.png")


def test_a_site_whose_pictures_move(tmp_path: Path, server: ApiServer) -> None:
    """Nothing is paid for, decoration stays decoration, and single pages keep their texts."""
    docs: dict[str, str | bytes] = {"index.md": "![](x.png) ![](y.png)"}
    docs |= {"x.png": picture(1), "y.png": picture(2)}
    tiny = site(tmp_path, server, docs=docs)
    old = {"a.png": "x.png", "b.png": "y.png"}
    pages = {"index.md": "On the first page"}
    before: dict[str, str | bytes] = {name: docs[new] for name, new in old.items()}
    catalog(
        site(tmp_path, docs=before),
        {
            "a.png": {"status": "reviewed", "alt": "A", "pages": pages, "sha256": "…"},
            "b.png": {"status": "decorative", "sha256": "…"},
        },
    )
    for name in old:
        (tmp_path / "docs" / name).unlink(missing_ok=True)
    built = tiny.build()
    assert alts(built.page()) == ["On the first page", ""]
    (line,) = (each for each in built.messages() if "renamed or moved" in each)
    assert "2 entries name a picture" in line
    assert "a.png is x.png now, b.png is y.png now" in line
    assert not any("no image of this site" in each for each in built.messages())
    assert "Moved, as the same picture has another path: a.png is x.png now" in run(tiny)
    assert alts(tiny.build().page()) == ["On the first page", ""]
    assert parsed((tmp_path / NAME).read_text()).keys() == {"x.png", "y.png"}
    assert asked(server) == 0


def test_a_copy_gets_what_is_approved(tmp_path: Path, server: ApiServer) -> None:
    """And an entry of its own, so that it stays when the first picture changes."""
    docs: dict[str, str | bytes] = {"index.md": "![](a.png) ![](b.png)"}
    docs |= {"a.png": picture(1), "b.png": picture(1)}
    tiny = site(tmp_path, server, docs=docs)
    catalog(tiny, {"a.png": {"status": "reviewed", "alt": {"en": "A"}, "sha256": "…"}})
    assert alts(tiny.build().page()) == ["A", "A"]
    run(tiny)
    tiny.docs = {**docs, "a.png": picture(2)}
    assert alts(tiny.build().page()) == ["A", "A"]
    assert asked(server) == 0


def numbered(*numbers: int) -> dict[str, str | bytes]:
    """Return a page with numbered pictures, of which each has the content of one of the numbers."""
    shown = {f"{place}.png": picture(number) for place, number in enumerate(numbers, 1)}
    return {"index.md": " ".join(f"![]({name})" for name in shown), **shown}


@pytest.mark.parametrize(
    ("numbers", "texts"),
    [
        ((2, 1, 3), ["B", "A", "C"]),  # changed places
        ((1, 9, 2, 3), ["A", None, "B", "C"]),  # one put in between
        ((9, 1, 2, 3), [None, "A", "B", "C"]),
        ((2, 3, 1), ["B", "C", "A"]),
    ],
)
def test_pictures_that_change_names_keep_what_was_approved(
    tmp_path: Path, server: ApiServer, numbers: tuple[int, ...], texts: list[str | None]
) -> None:
    """In the build before the command and in each after it; comments go with their entries."""
    tiny = site(tmp_path, docs=numbered(1, 2, 3))
    approved = {
        f"{place}.png": {"status": "reviewed", "alt": text, "sha256": "…"}
        for place, text in enumerate("ABC", 1)
    }
    catalog(tiny, approved)
    for place, text in enumerate("ABC", 1):
        path = tmp_path / NAME
        path.write_text(path.read_text().replace(f"{place}.png:", f"# on {text}\n{place}.png:"))
        (tmp_path / f"docs/{place}.png").unlink(missing_ok=True)
    tiny = site(tmp_path, server, docs=numbered(*numbers), options={"generate": "never"})
    built = alts(tiny.build().page())
    assert [each for each, text in zip(built, texts, strict=True) if text] == [*filter(None, texts)]
    said = run(tiny)
    assert "Moved, as the same picture has another path" in said
    assert "0 stale" in said
    assert alts(tiny.build().page()) == [text or "" for text in texts]
    written = (tmp_path / NAME).read_text()
    assert all(f"# on {text}\n{texts.index(text) + 1}.png:" in written for text in texts if text)
    assert "0 added, 0 refreshed" in run(tiny)
    assert (tmp_path / NAME).read_text() == written


def test_a_draft_in_the_way_of_a_moved_entry_goes_to_its_own_picture() -> None:
    """A picture with an approved text and one with a draft change names."""
    drafts = write_drafts("", {"b.png": seen(NEW, en="Machine")}, service="s", name=NAME).text
    text = f"{ENTRY.format('a.png', 'By Kim', 'reviewed', OLD)}{drafts}"
    after = parsed(moved(text, {"a.png": seen(NEW), "b.png": seen(OLD)}))
    assert (after["a.png"].drafts, after["a.png"].sha256) == ({"en": "Machine"}, NEW)
    assert after["b.png"].reviewed == {"en": "By Kim"}


def test_what_is_approved_of_a_picture_that_is_gone_stays_in_the_way(tmp_path: Path) -> None:
    """It is for a person to remove; no advice is to remove what the builds use."""
    tiny = site(tmp_path, docs=numbered(1, 2, 3))
    entry = {"status": "reviewed", "sha256": "…"}
    catalog(tiny, {f"{place}.png": {**entry, "alt": text} for place, text in enumerate("ABC", 1)})
    (tmp_path / "docs/3.png").unlink(missing_ok=True)
    tiny = site(tmp_path, docs=numbered(2, 3))
    for _ in range(2):
        built = tiny.build()
        assert alts(built.page()) == ["B", "C"]
        assert any("3.png is 2.png now. Its text is used" in each for each in built.messages())
        said = run(tiny)
        assert "Stale, as the picture is another now: 1.png, 2.png" in said
        assert "3.png (2.png). Keep the better text there" in said


def test_a_draft_whose_path_another_picture_has_now_is_kept(
    tmp_path: Path, server: ApiServer
) -> None:
    """It may be the only place of a text that was paid for."""
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)", "a.png": picture(1)}
    tiny = site(tmp_path, server, docs=docs)
    (paid,) = alts(tiny.build().page())
    run(tiny)
    tiny.options["cache_dir"] = "another-machine"
    tiny.docs = {"index.md": "![](a.png) ![](b.png)", "a.png": picture(2), "b.png": picture(1)}
    assert alts(tiny.build().page())[1] == paid
    assert asked(server) == 2
    run(tiny)
    tiny.options["cache_dir"] = "a-third-one"
    assert alts(tiny.build().page())[1] == paid
    assert asked(server) == 2


@pytest.mark.parametrize("other", ["draft", "reviewed"])
@pytest.mark.parametrize("machine", ["the same", "another"])
def test_a_text_stays_with_its_picture_when_another_takes_the_path(
    tmp_path: Path, server: ApiServer, other: str, machine: str
) -> None:
    """Before the command and after it, be it approved or not, whatever the cache has."""
    tiny = site(tmp_path, server, docs=numbered(1, 2))
    drafts = alts(tiny.build().page())
    run(tiny)
    path = tmp_path / NAME
    texts = ["A", drafts[1] if other == "draft" else "B"]
    entry = {"status": "reviewed", "sha256": "…"}
    approved = {"1.png": {**entry, "alt": "A"}, "2.png": {**entry, "alt": "B"}}
    written = parsed(path.read_text())
    catalog(tiny, approved)
    if other == "draft":
        text = write_drafts(
            "", {"2.png": seen(written["2.png"].sha256 or "", **written["2.png"].texts)},
            service="alttextai", name=NAME,
        ).text  # fmt: skip
        catalog(tiny, {"1.png": approved["1.png"]})
        path.write_text(path.read_text() + text)
    paid = asked(server)
    if machine == "another":
        tiny.options["cache_dir"] = "of-another-machine"
    tiny.docs = numbered(2, 1)
    for _ in range(2):
        assert alts(tiny.build().page()) == [texts[1], texts[0]]
        run(tiny)
    assert asked(server) == paid
    assert parsed(path.read_text())["2.png"].reviewed == {"": "A"}


def test_drafts_go_with_their_pictures(tmp_path: Path, server: ApiServer) -> None:
    """Also those that a person began to correct; what was paid for on another machine stays."""
    tiny = site(tmp_path, server, docs=numbered(1, 2, 3))
    tiny.build()
    run(tiny)
    path = tmp_path / NAME
    texts = [next(iter(parsed(path.read_text())[f"{at}.png"].texts.values())) for at in (1, 2, 3)]
    path.write_text(path.read_text().replace(texts[2], texts[2] + ", corrected"))
    texts[2] += ", corrected"
    paid = asked(server)
    tiny.options["cache_dir"] = "of-another-machine"
    tiny.docs = numbered(2, 3, 1)
    for _ in range(2):
        assert alts(tiny.build().page()) == [texts[1], texts[2], texts[0]]
        said = run(tiny)
    assert "0 added, 0 refreshed, 0 stale" in said
    assert asked(server) == paid


def test_a_draft_whose_picture_became_a_copy_says_what_its_copy_says(
    tmp_path: Path, server: ApiServer
) -> None:
    """There is nothing to ask for, and no draft hides what is approved."""
    tiny = site(tmp_path, server, docs=numbered(1, 2))
    tiny.build()
    run(tiny)
    path = tmp_path / NAME
    entry = {"2.png": {"status": "reviewed", "alt": {"en": "B"}, "sha256": "…"}}
    text = path.read_text().partition("2.png:")[0]
    catalog(tiny, entry)
    path.write_text(text + path.read_text())
    tiny.docs = numbered(2, 2)
    for _ in range(2):
        assert alts(tiny.build().page()) == ["B", "B"]
        said = run(tiny)
    assert "0 stale" in said
    assert parsed(path.read_text())["1.png"].reviewed == {"en": "B"}
    assert asked(server) == 2


def test_a_draft_stays_where_a_stale_word_is_in_the_way(tmp_path: Path, server: ApiServer) -> None:
    """The first of two numbered pictures was removed; what is known of the other is in use."""
    tiny = site(tmp_path, server, docs=numbered(1, 2))
    texts = alts(tiny.build().page())
    run(tiny)
    path = tmp_path / NAME
    first, second = path.read_text().split("2.png:")
    path.write_text(first.replace("status: draft", "status: reviewed") + "2.png:" + second)
    tiny.options["cache_dir"] = "of-another-machine"
    tiny.docs = numbered(2, 3)
    said = run(tiny)
    assert "Stale, as the picture is another now: 1.png" in said
    assert "Kept for their pictures, whose path another entry has, which is stale: 2.png" in said
    assert "0 added, 0 refreshed, 2 stale" in said
    # A person says that the first text is wrong.
    path.write_text("2.png:" + path.read_text().split("2.png:")[1])
    assert alts(tiny.build().page())[0] == texts[1]
    assert "Moved, as the same picture has another path: 2.png is 1.png now" in run(tiny)
    assert asked(server) == 3


FILES = ["img/x.png", "img/Größe.png", "other/y.png"]


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("docs/img/x.png", "img/x.png"),
        ("./docs/img/x.png", "img/x.png"),
        (r"img\x.png", "img/x.png"),
        (r"docs\img\x.png", "img/x.png"),
        ("/img/x.png", "img/x.png"),
        ("../img/x.png", "img/x.png"),
        ("img/X.PNG", "img/x.png"),
        ("img/Gr%C3%B6%C3%9Fe.png", "img/Größe.png"),
        ("img/z.png", None),
        ("../../etc/passwd", None),
    ],
)
def test_a_path_that_is_written_another_way_is_answered(path: str, meant: str | None) -> None:
    """With the one that is meant."""
    catalog_ = {path: Entry(path, {"": Status.DECORATIVE})}
    assert find_unknown(catalog_, FILES, [], docs_dir=["docs"]) == [UnknownPath(path, meant=meant)]


def test_no_advice_leads_to_a_path_that_is_there_twice(tmp_path: Path) -> None:
    """Neither in the build nor in the command."""
    docs = {"index.md": "![](img/x.png)", "img/x.png": picture(1)}
    tiny = site(tmp_path, docs=docs)
    entry = {"status": "reviewed", "alt": "X"}
    catalog(tiny, {path: dict(entry) for path in ("docs/img/x.png", r"img\x.png", "gone.png")})
    twice = "(img/x.png has an entry of its own). Keep the better text there, and remove the other"
    for said in ("\n".join(tiny.build().messages()), run(tiny)):
        assert "2 entries name no image of this site: " in said
        assert "docs/img/x.png (did you mean img/x.png?)" in said
        assert rf"1 entry names no image of this site: img\x.png {twice}" in said
        assert re.search(r"gone\.png[,.].*Correct the path", said)
    catalog(tiny, {"docs/img/x.png": dict(entry), "img/x.png": dict(entry)})
    assert f"docs/img/x.png {twice}" in run(tiny)


def test_no_draft_gets_the_path_that_an_entry_is_to_get(tmp_path: Path, server: ApiServer) -> None:
    """So that the path can be corrected as the command says, and the build goes on."""
    docs = {"index.md": "![](img/x.png)", "img/x.png": picture(1)}
    tiny = site(tmp_path, server, docs=docs)
    tiny.build()
    catalog(tiny, {"docs/img/x.png": {"status": "reviewed", "alt": "X"}})
    for arguments in ((), ("--all",)):
        assert "docs/img/x.png (did you mean img/x.png?)" in run(tiny, *arguments)
    path = tmp_path / NAME
    path.write_text(path.read_text().replace("docs/", ""))
    assert alts(tiny.build().page()) == ["X"]


def test_an_entry_whose_picture_has_another_entry_is_to_be_removed(tmp_path: Path) -> None:
    """The same bytes under a path that a person wrote about."""
    docs: dict[str, str | bytes] = {"index.md": "![](x.png)"}
    docs |= {"x.png": picture(1), "a.png": picture(1)}
    tiny = site(tmp_path, docs=docs)
    entry = {"status": "reviewed", "alt": "X", "sha256": "…"}
    catalog(tiny, {"x.png": dict(entry), "a.png": {**entry, "alt": "A"}})
    tiny.docs = {name: docs[name] for name in ("index.md", "x.png")}
    (tmp_path / "docs/a.png").unlink(missing_ok=True)
    said = run(tiny)
    assert "1 entry names no image of this site: a.png (x.png has an entry of its own)" in said


def test_texts_for_pages_that_are_gone_are_named(tmp_path: Path) -> None:
    """A page was renamed, and its text is not shown any more."""
    tiny = site(tmp_path, docs={"new.md": "![](x.png)", "x.png": picture(1)})
    pages = {"old.md": "X on the page", "new.md": ""}
    catalog(tiny, {"x.png": {"status": "reviewed", "alt": "X", "pages": pages}})
    assert "Texts for pages that this site does not have: x.png on old.md. Correct" in run(tiny)
    path = tmp_path / NAME
    path.write_text(path.read_text().replace("new.md: ''", "other.md: ''").replace("old.", "new."))
    assert "x.png on other.md. Correct" in run(tiny)
    assert alts(tiny.build().page("new/index.html")) == ["X on the page"]


def test_entries_for_what_has_no_text(tmp_path: Path) -> None:
    """With the pages that show them; a name cannot break out of its comment."""
    docs: dict[str, str | bytes] = {
        "index.md": "![](a.png) ![](b.png)",
        "an odd\x1b: {page}.md": "![](a.png)",
        "a.png": picture(1),
        "b.png": picture(2),
    }
    tiny = site(tmp_path, docs=docs)
    catalog(tiny, {"b.png": {"status": "reviewed", "alt": "B"}})
    assert "`mkdocs-alttext catalog --all` adds an entry" in run(tiny)
    assert "Added without a text: a.png" in run(tiny, "--all")
    text = (tmp_path / NAME).read_text(encoding="utf-8")
    assert (
        "a.png:\n  # shown on 404.html, an odd\\x1b: {page}.md, index.md\n  status: draft\n" in text
    )
    assert parsed(text)["a.png"].texts == {}
    assert "0 added" in run(tiny, "--all")
    assert (tmp_path / NAME).read_text(encoding="utf-8") == text
    # A changed picture has its digest refreshed, as there is nothing to check.
    tiny.docs = {**docs, "a.png": picture(3)}
    assert "1 refreshed, 0 stale" in run(tiny)


def test_a_catalog_made_of_one_digest_takes_no_time() -> None:
    """Of thousands of entries for one picture, few are looked at, and few of its paths."""
    entry = Entry("", {"": Status.REVIEWED}, {"": "A"}, OLD)
    entries = {f"{number}.png": entry._replace(path=f"{number}.png") for number in range(5_000)}
    looked_at: list[str] = []

    def is_there(path: str, _: str) -> bool:
        looked_at.append(path)
        return False

    found = Catalog(entries, is_there)
    assert found.entry("new.png", OLD) is not None
    assert len(looked_at) < 100
    text = "".join(ENTRY.format(path, "A", "reviewed", OLD) for path in list(entries)[:300])
    pictures = {f"new{number}.png": seen(OLD) for number in range(300)}
    changes = write_drafts(text, pictures, service="s", name=NAME, gone=list(entries))
    assert 0 < len(changes.moved) < 100
    long = "../" * 200_000 + "x.png"
    assert find_unknown({long: entry}, FILES, [], docs_dir=["docs"]) == [UnknownPath(long)]
