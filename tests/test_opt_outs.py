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
    "![](b.png){ data-alttext: skip }": "data-alttext:",
    "![](b.png){ data-alttext-skip }": "data-alttext-skip",
    "![](b.png){ data-skip-alttext=true }": 'data-skip-alttext="true"',
    "![](b.png){ skip-alttext }": "skip-alttext",
    "![](b.png){ alt:text=no }": 'alt:text="no"',
    "![](b.png)\n{ data-alttext=fasle }": 'data-alttext="fasle"',
    "![](b.png)\n{ data-alttext }": "data-alttext",
    "![](b.png)\n{ data-alttext: skip }": "data-alttext:",
    "![](b.png)\n{ data-skip-alttext=true }": 'data-skip-alttext="true"',
    "[![](b.png)](b.png){ alttext=Off }": 'alttext="Off"',
    '<figure skip-alttext><img src="b.png"></figure>': "skip-alttext",
    '<figure data-alt-text="A cat"><p no-alttext><img src="b.png"></p></figure>': "no-alttext",
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
    tiny = site(tmp_path, server, f"{image}\n\nText\n\n{image}\n")
    built = tiny.build()
    assert server.calls == []
    (warning,) = built.messages("WARNING")
    assert "index.md: image 'b.png': " in warning
    assert f"`{DOUBTFUL[image]}` is not understood, so that this picture is not sent" in warning
    assert reasons(built) == ["not-asked"] * 2
    with pytest.raises(Abort):
        tiny.build(strict=True)


@pytest.mark.parametrize(
    "written",
    [
        "{ .decorative }",
        "{.wide .no-alt}",
        "{: .decorative }",
        "{ data-alttext=skip }",
        " { role=presentation }",
        "{ aria-hidden=true }",
    ],
)
def test_an_attribute_list_that_is_shown_as_text_opts_out(
    tmp_path: Path, server: ApiServer, written: str
) -> None:
    """What its author means is clear, and so is what is missing."""
    tiny = site(tmp_path, server, f"![](b.png){written}\n")
    tiny.config = {**tiny.config, "markdown_extensions": ["tables"]}
    (warning,) = tiny.build().messages("WARNING")
    assert server.calls == []
    assert f"`{written.strip()}` behind it is shown as text, so that this picture is not" in warning
    assert "Add `attr_list` to `markdown_extensions`" in warning


@pytest.mark.parametrize("written", ["{ .wide }", "{ a set }", "{ .decorative", " and { .no-alt }"])
def test_other_braces_behind_an_image_are_text(
    tmp_path: Path, server: ApiServer, written: str
) -> None:
    """Nobody means an image by them."""
    tiny = site(tmp_path, server, f"![](b.png){written}\n")
    tiny.config = {**tiny.config, "markdown_extensions": ["tables"]}
    assert tiny.build().messages("WARNING") == []
    assert server.ledger.total() == 1


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


@pytest.mark.parametrize(
    "source",
    [
        "![](b.png)\n{ data-alttext=skip }",
        "![](b.png)\n{ .no-alt }",
        "# ![](b.png) { .no-alt }",
        "- ![](b.png)\n{ data-alttext=no }",
        "[![](b.png)](b.png){ data-alttext=skip }",
        "[![](b.png)](b.png){ .no-alt }",
        '<figure data-alttext="skip"><img src="b.png"></figure>',
        '<picture DATA-ALTTEXT=" Skip "><source srcset="b.png"><img src="b.png"></picture>',
        '<div data-alttext="skip"><section><p><img src="b.png"></p></section></div>',
        '<div class="wide no-alt"><p>Text</p><p data-alttext="fasle"><img src="b.png"></p></div>',
        '<figure class="no-alt"><img src="b.png" data-alttext="fasle"></figure>',
    ],
)
def test_what_opts_out_an_element_opts_out_its_images(
    tmp_path: Path, server: ApiServer, source: str
) -> None:
    """The extension `attr_list` often puts an attribute on what is around an image."""
    built = site(tmp_path, server, f"{source}\n").build(strict=True)
    assert server.calls == []
    assert built.messages("WARNING") == []
    assert built.report is not None
    assert [image["decision"] for image in built.report["images"]] == ["skip"]


@pytest.mark.parametrize(
    "source",
    [
        '![](b.png){ alt="" }',
        '![Old words](b.png){ .wide alt="" }',
        "![](b.png){: alt='' }",
        '- Item ![][r]{ alt="" }\n\n[r]: b.png',
        '[![](b.png){ alt="" } Words](b.png)',
    ],
)
def test_an_empty_alt_in_an_attribute_list_is_the_author_s(
    tmp_path: Path, server: ApiServer, source: str
) -> None:
    """As it is in HTML: somebody wrote it."""
    tiny = site(tmp_path, server, f"{source}\n")
    built = tiny.build(strict=True)
    assert server.calls == []
    assert built.outcomes == ["b.png keep-empty kept None None"]
    assert built.page() == tiny.build(plugin=False).page()


def test_a_text_in_an_attribute_list_and_none_at_all_are_told_apart(
    tmp_path: Path, server: ApiServer
) -> None:
    """The mark goes by what `attr_list` leaves."""
    source = '![](b.png){ alt="Words" } ![](c.png){ .wide } ![](c.png){ alt="" }\n'
    tiny = site(tmp_path, server, source)
    tiny.docs = {**tiny.docs, "c.png": picture(3)}
    built = tiny.build(strict=True)
    decisions = [outcome.split()[1] for outcome in built.outcomes]
    assert decisions == ["keep-text", "ask-service", "keep-empty"]


def test_an_opt_out_ends_with_its_element(tmp_path: Path, server: ApiServer) -> None:
    """What stands beside it is sent."""
    source = '<div data-alttext="skip">Text</div>\n\n<p class="no-alt"></p>\n\n![](b.png)\n'
    site(tmp_path, server, source).build(strict=True)
    assert server.ledger.total() == 1


def test_what_holds_decoration_empties_what_has_no_text(tmp_path: Path, server: ApiServer) -> None:
    """A text that an author wrote stays."""
    images = '<img src="b.png"> <img src="b.png" alt="A cat">'
    source = f'<div data-alttext="decorative">{images}</div>\n'
    html = site(tmp_path, server, source).build(strict=True).page()
    assert '<img alt="" src="b.png"> <img src="b.png" alt="A cat">' in html
    assert server.calls == []


def test_a_text_around_an_image_is_another_programs(tmp_path: Path, server: ApiServer) -> None:
    """Only a word that switches is in doubt there."""
    source = '<figure data-alt-text="A cat"><img src="b.png"></figure>\n'
    assert site(tmp_path, server, source).build(strict=True).messages("WARNING") == []
    assert server.ledger.total() == 1


def test_an_image_that_has_a_text_is_in_no_doubt(tmp_path: Path, server: ApiServer) -> None:
    """Other programs have attributes of such names, and nothing would be sent."""
    source = '![A cat](b.png){ alttext="A cat" } <img src="b.png" alt="" data-alt-text="x">\n'
    assert site(tmp_path, server, source).build(strict=True).messages("WARNING") == []
    assert server.calls == []


MOVED_OUT_OF_A_TABLE = {
    "table": '<table data-alttext=skip><tr><img src="b.png"></tr></table>',
    "class": '<table class="no-alt"><img src="b.png"></table>',
    "row": '<table><tr class="no-alt"><img src="b.png"></tr></table>',
    "body": '<table><tbody class="no-alt"><img src="b.png"></tbody></table>',
    "form": '<table><form class="no-alt"><img src="b.png"></form></table>',
    "in a link": '<table class="no-alt"><a href="x/"><img src="b.png"></a></table>',
    "hidden": '<table hidden><img src="b.png"></table>',
    "doubt": '<table data-alttext=oops><tr><img src="b.png"></table>',
    "several": '<table class="no-alt"><img src="b.png">text<img src="b.png"></table>',
}


@pytest.mark.parametrize("source", MOVED_OUT_OF_A_TABLE.values(), ids=MOVED_OUT_OF_A_TABLE)
def test_what_is_written_around_an_image_holds_where_browsers_move_it_out(
    tmp_path: Path, server: ApiServer, source: str
) -> None:
    """Out of a table, when it stands in no cell: its author sees it inside."""
    built = site(tmp_path, server, source).build()
    assert server.ledger.total() == 0
    assert "alt=" not in built.page()


@pytest.mark.parametrize(
    "source",
    [
        '<img src="b.png"><table class="no-alt"><tr><td>x</td></tr></table>',
        '<table class="no-alt"><tr><td>x</td></tr></table><p><img src="b.png"></p>',
        '<table><tr class="no-alt"><td>x</td></tr><tr><td><img src="b.png"></td></tr></table>',
    ],
)
def test_a_table_beside_an_image_says_nothing_of_it(
    tmp_path: Path, server: ApiServer, source: str
) -> None:
    """Before it, behind it, or another row."""
    site(tmp_path, server, source).build()
    assert server.ledger.total() == 1


def test_a_broken_tag_is_not_taken_for_an_opt_out(tmp_path: Path, server: ApiServer) -> None:
    """What the reader writes into its copy of the page is nobody's word."""
    built = site(tmp_path, server, '<p <img/ ><img src="b.png"></p>').build()
    assert server.ledger.total() == 1
    assert not [text for _, text in built.log if "data-alttext" in text]
