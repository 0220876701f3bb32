"""The name that an SVG gives itself, from files that nobody can be sure of."""

from __future__ import annotations

import tracemalloc
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from mkdocs_alttext.images.collection import sha256_of
from mkdocs_alttext.images.svg import is_svg, svg_name

if TYPE_CHECKING:
    from pathlib import Path

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'


@pytest.mark.parametrize(
    ("source", "name"),
    [
        # the order of the three
        ('<svg aria-label="l"><desc>d</desc><title>t</title></svg>', "t"),
        ('<svg aria-label="l"><desc>d</desc><title> </title></svg>', "l"),
        ('<svg aria-label=" "><desc>d</desc></svg>', "d"),
        ("<svg><rect/></svg>", None),
        # white space, parts and characters
        ("<svg><title>\n  Red\n\t bicycle </title></svg>", "Red bicycle"),
        ("<svg><title>Red <tspan>bi</tspan>cycle</title></svg>", "Red bicycle"),
        ("<svg><title><![CDATA[1 < 2]]> &amp; &#x41;</title></svg>", "1 < 2 & A"),
        ("<svg><title>日本</title></svg>", "日本"),
        # the first of several, and only the root's own
        ("<svg><title>one</title><title>two</title></svg>", "one"),
        ("<svg><g><title>part</title></g></svg>", None),
        ('<svg><g aria-label="part"/></svg>', None),
        ("<svg><g><title>part</title></g><title>whole</title></svg>", "whole"),
        # namespaces and what stands before the root
        (f"<svg {NAMESPACE}><title>t</title></svg>", "t"),
        (
            '<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:title>t</s:title></s:svg>',
            "t",
        ),
        ('<?xml version="1.0"?>\n<!-- made by hand -->\n<svg><title>t</title></svg>', "t"),
        ("\ufeff<svg><title>t</title></svg>", "t"),
        # broken after and before the name
        ("<svg><title>t</title><g></svg", "t"),
        ("<svg><title>t</title>", "t"),
        ("<svg><title>cut off", None),
        ("<svg><desc>d</desc><title>cut <b>off</b>", "d"),
        ("<svg>&nothing;<title>t</title></svg>", None),
        ("<svg", None),
        ("", None),
    ],
)
def test_the_name_is_the_root_s_own(source: str, name: str | None) -> None:
    """Title, then label, then description; what stands before damage is still the author's."""
    assert svg_name(source.encode()) == name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_the_declared_encoding_counts(encoding: str) -> None:
    """As XML has it."""
    source = f'<?xml version="1.0" encoding="{encoding}"?><svg><title>Grün</title></svg>'
    assert svg_name(source.encode(encoding)) == "Grün"


@pytest.mark.parametrize("encoding", ["gb2312", "euc-jp", "utf-7", "idna", "hex", "none"])
def test_an_encoding_that_cannot_be_read_is_damage(encoding: str) -> None:
    """The parser has its own ways to say so, and a build ends with none of them."""
    source = f'<?xml version="1.0" encoding="{encoding}"?><svg><title>t</title></svg>'
    assert svg_name(source.encode()) is None


def test_an_external_entity_is_not_followed(tmp_path: Path) -> None:
    """A file of this machine never becomes a text."""
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    for declaration in ("SYSTEM", "PUBLIC '-//x//y'"):
        source = (
            f'<!DOCTYPE svg [<!ENTITY e {declaration} "{secret.as_uri()}">]>'
            "<svg><title>a &e; b</title></svg>"
        )
        assert "secret" not in (svg_name(source.encode()) or "")


def test_a_parameter_entity_is_not_followed(tmp_path: Path) -> None:
    """Nor an external document type."""
    outside = tmp_path / "outside.dtd"
    outside.write_text('<!ENTITY e "secret">', encoding="utf-8")
    source = f'<!DOCTYPE svg SYSTEM "{outside.as_uri()}"><svg><title>&e;</title></svg>'
    assert "secret" not in (svg_name(source.encode()) or "")


def test_an_entity_bomb_ends_early() -> None:
    """Ten levels of ten would be a text of thirty gigabytes."""
    levels = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 11))
    source = f'<!DOCTYPE svg [<!ENTITY e0 "bad">{levels}]><svg><title>&e10;</title></svg>'
    assert svg_name(source.encode()) is None


def expanding(size: int, *, declared_at: int = 0, element: str = "<title>{}</title>") -> bytes:
    """Return a document of that size that would be read as ninety times as much."""
    entity = "x" * 50_000
    references = "&a;" * (size * 90 // len(entity))
    filler = "p" * (size - len(entity) - len(references) - declared_at)
    source = (
        f'<!--{"p" * declared_at}--><!DOCTYPE svg [<!ENTITY a "{entity}">]><!--{filler}-->'
        f"<svg {NAMESPACE}>{element.format(references)}</svg>"
    )
    return source.encode()


@pytest.mark.parametrize("declared_at", [0, 500_000])
@pytest.mark.parametrize(
    "element",
    [
        "<title>{}</title>",
        "<desc>{}</desc><title>t</title>",
        "<g>{}</g><title>t</title>",
        '<g aria-label="{}"/><title>t</title>',
    ],
)
def test_a_document_that_grows_when_it_is_read(declared_at: int, element: str) -> None:
    """It takes neither time nor memory: a kilobyte, packed, would be ninety megabytes."""
    data = expanding(1_000_000, declared_at=declared_at, element=element)
    tracemalloc.start()
    try:
        name = svg_name(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert name is None
    assert peak < 1_000_000


def test_a_label_that_grows_when_it_is_read() -> None:
    """Its characters may take four bytes each."""
    source = expanding(1_000_000).replace(b"<svg ", '<svg aria-label="\U0001f600&a;" '.encode())
    tracemalloc.start()
    try:
        assert svg_name(source) is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_entities_of_drawing_programs_do_no_harm() -> None:
    """Some declare their namespaces so, and their files have names as others do."""
    for filler in ("", f"<g>{'<path/>' * 100_000}</g>"):
        source = (
            '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" ['
            '<!ENTITY ns_svg "http://www.w3.org/2000/svg"><!ENTITY who "Red">'
            '<!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/">]>'
            '<svg xmlns="&ns_svg;" xmlns:i="&ns_ai;" aria-label="l"><title>&who; bicycle</title>'
            f"{filler}</svg>"
        )
        assert svg_name(source.encode()) == "Red bicycle"


def test_a_text_as_long_as_a_page_is_no_name() -> None:
    """The next that could be one is taken, and half a text never."""
    long = "word " * 3000
    source = f'<svg aria-label="l"><title>{long}</title><desc>{long}</desc></svg>'
    assert svg_name(source.encode()) == "l"
    source = f'<svg aria-label="{long}"><title>{long}</title><desc>d</desc></svg>'
    assert svg_name(source.encode()) == "d"
    parts = "".join(f"{word}<b/>" for word in long.split(" "))
    assert svg_name(f"<svg><title>{parts}</title></svg>".encode()) is None


def test_a_huge_file_is_read_in_part() -> None:
    """A name at the beginning is found; one behind eight megabytes is not."""
    filler = f"<!--{' ' * 8 * 1024 * 1024}-->"
    assert svg_name(f"<svg><title>t</title>{filler}</svg>".encode()) == "t"
    assert svg_name(f"<svg>{filler}<title>t</title></svg>".encode()) is None


def test_nesting_is_no_burden() -> None:
    """Nothing recurses."""
    assert svg_name(("<svg>" * 50_000).encode()) is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"<svg>", True),
        (b"<svg/>", True),
        (b'\xef\xbb\xbf \n<?xml version="1.0"?><!-- c --><svg xmlns="x">', True),
        (b"<s:svg xmlns:s='x'>", True),
        (b"<svgx>", False),
        (b"<html><body></body></html>", False),
        (b"text <svg>", False),
        (b"\x89PNG\r\n\x1a\n<svg>", False),
        (b"", False),
    ],
)
def test_svg_is_told_by_its_content(data: bytes, *, expected: bool) -> None:
    """Not by the file's name."""
    assert is_svg(data) is expected


@pytest.mark.parametrize(
    "drawing",
    [
        b"<svg>\n<rect/>\n</svg>\n",
        b'\xef\xbb\xbf<?xml version="1.0"?>\n\n<svg>\n<title>A\nB</title></svg>',
        b"<!-- one\ntwo -->\n<s:svg xmlns:s='x'>\n</s:svg>",
    ],
)
def test_an_svg_is_the_same_with_the_line_ends_of_windows(drawing: bytes) -> None:
    """All of them, or some, as editors leave them."""
    windows = drawing.replace(b"\n", b"\r\n")
    mixed = drawing.replace(b"\n", b"\r\n", 1)
    assert sha256_of(windows) == sha256_of(mixed) == sha256_of(drawing)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"<svg>\r<rect/></svg>", b"<svg>\n<rect/></svg>"),
        (b"<svg>\n\n<rect/></svg>", b"<svg>\n<rect/></svg>"),
        (b"\x89PNG\r\n\x1a\n<svg>", b"\x89PNG\n\x1a\n<svg>"),
    ],
)
def test_other_bytes_are_another_picture(one: bytes, other: bytes) -> None:
    """Git leaves these as they are."""
    assert sha256_of(one) != sha256_of(other)


@pytest.mark.parametrize("part", ["a/", "a / ", "icon/", "_", "1 "])
def test_a_hostile_title_is_judged_in_no_time(part: str) -> None:
    """Expressions that try every split would take years."""
    began = perf_counter()
    for end in ("", " and words"):
        svg_name(f"<svg><title>{part * 2000}{end}</title></svg>".encode())
    assert perf_counter() - began < 2
