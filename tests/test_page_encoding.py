"""The characters of pages that `fill` reads: declared, marked, or neither; and XHTML."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import pytest
from built_folder import BuiltFolder
from built_site import picture
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_alttext.exceptions import PageError
from mkdocs_alttext.folder.encoding import PageBytes

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "Ein Blättchen \u2013 葉"
META = '<meta http-equiv="Content-Type" content="text/html; charset={}">'
IMAGE = '<p>{}</p>\r\n<img src="a.png">\r\n'
CASES = {
    "utf-8": (b"", '<META CHARSET="UTF-8">', "utf-8", "é葉"),
    "mark": (codecs.BOM_UTF8, "", "utf-8", "é葉"),
    "mark before declaration": (codecs.BOM_UTF8, META.format("latin1"), "utf-8", "é葉"),
    "utf-16": (codecs.BOM_UTF16_LE, "", "utf-16-le", "é葉"),
    "utf-16 big": (codecs.BOM_UTF16_BE, META.format("utf-8"), "utf-16-be", "é葉"),
    "latin-1 is windows-1252": (b"", META.format("ISO-8859-1"), "cp1252", "é€"),
    "windows-1251": (b"", "<meta charset=windows-1251>", "cp1251", "Ж"),
    "shift_jis": (b"", '<meta charset="Shift_JIS">', "cp932", "表示ソ"),
    "gb2312": (b"", "<meta charset='gb2312' />", "gb18030", "叶"),
    "euc-kr": (b"", '<meta charset="euc-kr">', "cp949", "잎"),
    "koi8-r": (b"", '<meta charset="koi8-r">', "koi8-r", "Ж"),
    "xml": (b"", "<?xml version='1.0' encoding='iso-8859-2'?>", "iso-8859-2", "ł"),
    "in a comment": (b"", "<!-- <meta charset=koi8-r> --><meta charset=utf-8>", "utf-8", "é葉"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_page_is_filled_in_its_own_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """In an older one, a text is ASCII, as a server may name another; each other byte stays."""
    monkeypatch.chdir(tmp_path)
    mark, head, encoding, words = CASES[name]
    before = mark + (head + IMAGE.format(words)).encode(encoding)
    entry = f"a.png: {{alt: '{TEXT}', status: reviewed}}\n"
    (tmp_path / "alttext.yml").write_text(entry, encoding="utf-8")
    folder = BuiltFolder(tmp_path, {"index.htm": before, "a.png": picture()})
    assert folder.fill("--strict").exit_code == 0
    written = f' alt="{TEXT}"'.encode(
        encoding if encoding.startswith("utf") else "ascii", "xmlcharrefreplace"
    )
    place = before.index("<img".encode(encoding)) + len("<img".encode(encoding))
    assert folder.read("index.htm") == before[:place] + written + before[place:]
    assert "0 of 1 page changed." in folder.fill("--strict").output


def test_a_page_that_says_nothing_gets_ascii(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server may say something else than what it looks like."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alttext.yml").write_text(f"a.png: {{alt: '{TEXT}', status: reviewed}}\n", "utf-8")
    folder = BuiltFolder(tmp_path, {"index.html": IMAGE.format("é"), "a.png": picture()})
    folder.fill()
    assert b'alt="Ein Bl&#228;ttchen &#8211; &#33865;"' in folder.read()
    assert "é" in folder.read().decode()


@pytest.mark.parametrize("name", ["page.xhtml", "PAGE.XHT"])
def test_xhtml_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It is in UTF-8 where it does not say, and its language may be in `xml:lang`."""
    monkeypatch.chdir(tmp_path)
    entry = "a.png: {alt: {de: 'Blätter & <Zweige>'}, status: reviewed}\n"
    (tmp_path / "alttext.yml").write_text(entry, encoding="utf-8")
    before = (
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="de"><body>'
        '<br/><img src="a.png"/></body></html>'
    )
    folder = BuiltFolder(tmp_path, {name: before, "a.png": picture()})
    assert folder.fill("--strict").exit_code == 0
    filled = folder.read(name).decode()
    assert filled == before.replace("<img", '<img alt="Blätter &amp; &lt;Zweige&gt;"')


@given(st.binary(max_size=60), st.sampled_from([*CASES]))
def test_a_page_is_never_damaged(content: bytes, name: str) -> None:
    """Whatever its bytes are, they are refused, or come back as they were."""
    mark, head, encoding, _ = CASES[name]
    data = mark + head.encode(encoding) + content
    try:
        page = PageBytes.of(data, is_xml=False)
        text = page.text()
    except PageError:
        return
    assert page.with_text(text) == data


@given(st.binary(max_size=40))
def test_any_declaration_is_known_or_refused(label: bytes) -> None:
    """Python knows codecs that are no characters' (`rot13`, `zip`)."""
    try:
        PageBytes.of(b'<meta charset="' + label + b'">', is_xml=False).text()
    except PageError:
        return


@pytest.mark.parametrize(
    "meta",
    [
        '<meta name="description" content="What charset=iso-8859-1 does"><meta charset="utf-8">',
        '<meta name="x" data-charset="windows-1252"><meta charset="utf-8">',
        '<meta content="text/html; charset=utf-8" http-equiv="Content-Type">',
        "<meta http-equiv=content-type content=text/html;charset=utf-8>",
        '<meta name="a > b" charset=utf-8>',
        '<meta content="charset=big5" charset="utf-8" http-equiv="refresh">',
        '<meta charset="utf-8" charset="big5">',
    ],
)
def test_only_a_declaration_declares(meta: str) -> None:
    """Not what a page says about encodings, which browsers pass over, too."""
    page = PageBytes.of(f"{meta}<p>\u00e9".encode(), is_xml=False)
    assert (page.encoding, page.is_declared) == ("utf-8", True)
    assert page.with_text(f"{page.text()}\u00fc").endswith("\u00e9\u00fc".encode())
