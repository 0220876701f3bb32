"""Which images a page has and what each stands in: a numbered copy tells what the page itself does.

Lexbor reads both the numbered copy and, here, the page as it is; ids tell the elements.
"""

from __future__ import annotations

import tracemalloc
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

import pytest
from built_site import TinySite, picture
from fake_site import MARK, MARKED, PAGE, FakeSite
from html_documents import document
from selectolax.lexbor import LexborHTMLParser

from mkdocs_alttext.exceptions import PageError
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.models import Reason, Result
from mkdocs_alttext.pages.fill import fill_page

if TYPE_CHECKING:
    from pathlib import Path

    from selectolax.lexbor import LexborNode

NAMES = "p p p div h3 li ul section figure a a a b b i em font code nobr button object table td svg"
DOCUMENTS = 3000
ARTICLE = "<!doctype html><body><br>"
IMAGE = "<img src=x.png>"


def numbered(random: Random) -> str:
    """Make a source of tags without any order, each with an id."""
    html = ""
    for number in range(random.randint(3, 12)):
        kind = random.random()
        if kind < 0.15:
            html += random.choice(["\n", "text", " "])
        elif kind < 0.35:
            html += f"<img id=n{number}>"
        elif kind < 0.75:
            html += f"<{random.choice(NAMES.split())} id=n{number}>"
        else:
            html += f"</{random.choice(NAMES.split())}>"
    return f"{html}<img id=last>"


def around(html: str, *, is_whole: bool = True) -> list[tuple[str, list[str]]]:
    """Return the id and address of each image, and names and ids of its ancestors."""
    return [
        (
            tag.attributes.get("id") + tag.attributes.get("src"),
            [
                f"{each.name}#{each.attributes.get('id')}"
                for each in tag.ancestors
                if not each.is_left
            ],
        )
        for tag in scan(html, is_whole=is_whole)
    ]


def around_in_browser(html: str) -> list[tuple[str, list[str]]]:
    """Return the same of lexbor's tree of the page as it is."""
    found = []
    for image in LexborHTMLParser(html).css("img"):
        elements, node = [], image.parent
        while node is not None and node.is_element_node:
            elements.append(f"{node.tag}#{value(node, 'id')}")
            node = node.parent
        found.append((value(image, "id") + value(image, "src"), elements))
    return found


def value(node: LexborNode, name: str) -> str:
    """Return an attribute's value, or nothing."""
    return node.attributes.get(name) or ""


def test_images_stand_in_what_a_browser_has_around_them() -> None:
    """Over thousands of sources where nothing is closed in order."""
    random = Random(7)  # noqa: S311 - documents, not secrets
    for _ in range(DOCUMENTS):
        html = numbered(random)
        assert sorted(around(html)) == sorted(around_in_browser(html)), html


@pytest.mark.parametrize("is_whole", [True, False])
def test_images_stand_in_what_a_browser_has_around_them_in_odd_documents(*, is_whole: bool) -> None:
    """Pages as they are, and articles behind the beginning of a page."""
    random = Random(8)  # noqa: S311 - documents, not secrets
    for _ in range(DOCUMENTS):
        html = document(random)
        page = html if is_whole else f"{ARTICLE}{html}"
        assert sorted(around(html, is_whole=is_whole)) == sorted(around_in_browser(page)), html


@pytest.mark.parametrize(
    "html",
    [
        "<p><a id=n1></p><div><img id=n2></div>",
        "<p><a id=n1></p>\n<table><tr><td><img id=n2></table><img id=n3>",
        "<p><b id=n1></p><svg><desc><img id=n2></desc></svg>",
        "<object id=n1><b id=n2></object><img id=n3>",
        "<p><b id=n1><b id=n1><b id=n1><b id=n1></p><img id=n2></b></b></b><img id=n3>",
        "<a id=n1><form id=n2></a><img id=n3>",
        "<body><a id=n1><noscript id=n2></a><img id=n3>",
        "<nobr id=n1><p id=n2><nobr id=n3><img id=n4></nobr><img id=n5>",
        "<a id=n1><select id=n2><a id=n3></a><img id=n4>",
        "<select id=n1><input><svg id=n2></select><xmp id=n3><img id=n4>",
        # where the number stands decides over these
        "<svg><desc a=x<img/><style><img src=b></style></desc></svg>",
        "<svg><desc><img/></desc><image/></svg><img/src=x>",
        "<img/><img/ ><img /id=n1><img =id=n2><image id=n3><IMG\nid=n4>",
        "<img data-alttext-n=7 id=n1><img data-alttext-n1 id=n2>",
        '<p data-x="<img id=n1>"></p><!-- <img id=n2> --><script>"<img id=n3>"</script><img id=n4>',
        "<template><img id=n1></template><svg><title><img id=n2></title></svg><img id=n3",
        # what only looks like the name of an image
        "<\u0131mg id=n1><im\u017fg id=n2><\u0130mg id=n3><imgs id=n4><img id=n5>",
        "<lin\u212a id=n1><img id=n2></lin\u212a>",
        "<img id=n1\x00><im\x00g id=n2><p id='\x00'><img id=n3>",
    ],
)
def test_images_stand_in_what_a_browser_has_around_them_in_odd_places(html: str) -> None:
    """Cells, drawings and objects have rules of their own, and so has what nests too deep."""
    assert around(html) == around_in_browser(html)


def test_bytes_that_are_no_text_make_no_image_and_move_none() -> None:
    """A parser that drops them would read an image there."""
    html = "<p>\ud800</p><im\ud800g src=n><img id='\udc80' src=x.png>"
    (tag,) = scan(html)
    assert html[tag.start : tag.end] == "<img id='\udc80' src=x.png>"
    assert tag.attributes.get("id") == "\ufffd"


@pytest.mark.parametrize("html", ["<frameset><img>", "<noscript><img></noscript>", "<img>"])
def test_an_article_is_read_as_a_part_of_a_page(html: str) -> None:
    """As what begins a page, these would be read otherwise."""
    assert len(scan(html)) == 1


def test_a_link_goes_on_where_the_next_content_is() -> None:
    """Its content is what follows there, and its attributes are those of the first."""
    html = "<p><a href=L></p><div><img><h3>Title</h3></div></a>"
    (image,) = scan(html)
    link = next(element for element in image.ancestors if element.name == "a")
    assert link.attributes.get("href") == "L"
    assert [each.tag for each in link.node.iter()] == ["img", "h3"]


def test_images_share_what_they_stand_in() -> None:
    """Lists of thousands of ancestors for thousands of images would take gigabytes."""
    html = "<div>" * 5000 + IMAGE * 2000 + "</div>" * 5000
    tracemalloc.start()
    tags = scan(html)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(tags) == 2000
    assert len({id(tag.parent) for tag in tags}) == 1
    assert peak < 50_000_000


SIGNS = " ".join(f"a{n}='<>'" for n in range(50_000))
TOO_COMPLEX = {
    "elements that are never closed": "<div>" * 100_000,
    "elements inside each other": f"{'<div>' * 100_000}{'</div>' * 100_000}",
    "attributes of one tag": f"<p {' '.join(f'a{n}' for n in range(50_000))}>",
    "attributes with signs in them": f"<p {SIGNS}>",
    "attributes of a tag that is cut off": f"<p {' '.join(f'a{n}' for n in range(50_000))}",
    "options": f"<select>{'<option>a</option>' * 10_000}</select>",
    "formatting that is never closed": "".join(f"<p><b x={n}>" for n in range(20_000)),
    "end tags in values": '<x a="</x>">' * 40_000 + "</p>" * 130_000,
    "end tags in a comment": f"{'<x>' * 20_000}<!--{'</x>' * 20_000}-->{'</p>' * 200_000}",
    "end tags in a script": f"{'<x>' * 20_000}<script>{'</x>' * 20_000}</script>{'</p>' * 200_000}",
}


@pytest.mark.parametrize("page", TOO_COMPLEX.values(), ids=TOO_COMPLEX.keys())
def test_a_page_that_would_take_minutes_is_left_alone(page: str) -> None:
    """And said once, whatever it is that makes it so."""
    html = IMAGE + page
    began = perf_counter()
    with pytest.raises(PageError):
        scan(html)
    filled = fill_page(html, PAGE, FakeSite().parts, wait=True)
    assert perf_counter() - began < 5
    assert filled.html == html
    assert filled.is_settled
    (outcome,) = filled.outcomes
    assert (outcome.result, outcome.reason) == (Result.MISSING, Reason.PAGE_TOO_COMPLEX)


def test_a_page_that_would_take_minutes_keeps_no_mark_of_ours() -> None:
    """Marks are taken out of texts, which takes no tree."""
    html = "<div>" * 100_000 + "<img{} src=x.png alt=''>"
    filled = fill_page(html.format(f" {MARKED}"), PAGE, FakeSite().parts, wait=True)
    assert filled.html == html.format("")
    assert MARK.value not in filled.html


def test_a_page_that_is_opted_out_is_not_read() -> None:
    """So that nothing of it is missing."""
    html = TOO_COMPLEX["options"] + IMAGE
    page = PAGE._replace(opted_out=True)
    filled = fill_page(html, page, FakeSite().parts, wait=True)
    assert (filled.html, filled.outcomes) == (html, ())


@pytest.mark.parametrize(
    "page",
    [
        "<p>text <b>bold</b> <br></p>\n" * 50_000,
        f"<svg>{'<path d=M0/>' * 40_000}</svg>",
        "<ul>" + "<li>item" * 50_000,
        f"<table>{'<tr><td>1<td>2' * 30_000}</table>",
        "<div>" * 5000,
        f"<select>{'<option>a' * 2000}</select>",
        f'<img alt="A" src="data:image/png;base64,{"iVBORw0KGgo=" * 100_000}">',
        "<!-- <div> -->" * 1000,
        "<p/a=b" * 50_000 + ">",
        ("<p/" + "=" * 30 + "/") * 20_000 + ">",
    ],
)
def test_large_pages_are_read(page: str) -> None:
    """Length is no complexity."""
    assert scan(page + IMAGE)[-1].attributes.get("src") == "x.png"


def test_a_site_with_such_a_page_is_built_as_without_the_plugin(tmp_path: Path) -> None:
    """The report names the page once, though it is read as an article and as a whole."""
    attributes = " ".join(f"a{number}" for number in range(20_000))
    page = f'<div {attributes}>\n<img src="a.png">\n</div>\n\n![](a.png)\n'
    other = "![](a.png)"
    docs: dict[str, str | bytes] = {"index.md": page, "other.md": other, "a.png": picture()}
    site = TinySite(tmp_path, docs, {"generate": "never", "cache_dir": str(tmp_path / "cache")})
    built = site.build()
    assert built.files() == site.build(plugin=False).files()
    assert [line for line in built.outcomes if "complex" in line] == [
        " unavailable missing None page-too-complex"
    ]
    assert len(built.outcomes) == 3  # and of the other page, and of the theme's page for errors
    assert [text for _, text in built.log if "index.md: page-too-complex" in text]
