"""The characters of a page: how its bytes are read, and written again with nothing else changed.

As browsers do (HTML standard, 13.2.3.2; Encoding standard, 4.2), a byte order mark comes before
what the page declares. A page that declares nothing is read as UTF-8. Into what is not surely in
UTF-8, only ASCII is written, as its server may say something else of it, which comes before both.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from mkdocs_alttext.exceptions import PageError
from mkdocs_alttext.models import Reason

_HEAD = 1024
"""Bytes in which a browser looks for a declaration."""
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_META = re.compile(rb"<meta[\s/]((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"([^\s\"'>/=]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([^\"'\s;/>]+)", re.IGNORECASE)
_XML = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']+)[\"']")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_AS_BROWSERS = {
    **dict.fromkeys("ascii us-ascii iso-8859-1 iso8859-1 latin1 l1".split(), "cp1252"),
    **dict.fromkeys("iso-8859-9 iso8859-9 latin5 l5".split(), "cp1254"),
    **dict.fromkeys("iso-8859-11 tis-620".split(), "cp874"),
    **dict.fromkeys("gb2312 gbk gb_2312-80 x-gbk chinese".split(), "gb18030"),
    **dict.fromkeys("shift_jis shift-jis sjis x-sjis ms_kanji windows-31j".split(), "cp932"),
    **dict.fromkeys("euc-kr ks_c_5601-1987 ksc5601 korean".split(), "cp949"),
    # A declaration that can be read is not in UTF-16.
    **dict.fromkeys("unicode utf-16 utf-16le utf-16be utf8".split(), "utf-8"),
}
_KNOWN = re.compile(
    r"utf-8|windows-(?:874|125[0-8])|cp(?:874|932|949|125[0-8])|iso-?8859-\d{1,2}|koi8-[ru]"
    r"|macintosh|ibm866|big5|big5-hkscs|gb18030|euc-jp"
)
"""Encodings in which each character is written in one way, wherever it stands."""
_MOST_SHOWN = 30


class PageBytes(NamedTuple):
    """A page as it is in its file."""

    data: bytes
    mark: bytes
    """Its byte order mark, or nothing."""
    encoding: str
    """As Python calls it."""
    is_declared: bool

    @property
    def takes_ascii_only(self) -> bool:
        """Whether a server that names another encoding would make other characters of a text."""
        return not self.mark and not (self.is_declared and self.encoding == "utf-8")

    @classmethod
    def of(cls, data: bytes, *, is_xml: bool) -> PageBytes:
        """Tell how a page is encoded.

        Args:
            data: All of it.
            is_xml: Whether it is read as XML, which is in UTF-8 where it does not say.

        Raises:
            PageError: It declares an encoding that is not known.
        """
        for mark, encoding in _MARKS:
            if data.startswith(mark):
                return cls(data, mark, encoding, is_declared=True)
        declared = _declared_in(data[:_HEAD])
        if declared is None:
            return cls(data, b"", "utf-8", is_declared=is_xml)
        label = declared.decode("ascii", "replace").strip().lower()
        encoding = _AS_BROWSERS.get(label, label)
        try:
            codecs.lookup(encoding if _KNOWN.fullmatch(encoding) else "")
        except LookupError:
            shown = label[:_MOST_SHOWN]
            raise PageError(Reason.PAGE_LEFT, f"it declares the encoding {shown!r}") from None
        return cls(data, b"", encoding, is_declared=True)

    def text(self) -> str:
        """Return the page's source.

        Raises:
            PageError: Its bytes are not in its encoding, or could not be written again as they are.
        """
        body = self.data[len(self.mark) :]
        try:
            text = body.decode(self.encoding)
        except UnicodeDecodeError as error:
            place = error.start + len(self.mark)
            said = "which it declares" if self.is_declared else "and it declares nothing else"
            what = f"byte {place} is not {self.encoding.upper()}, {said}"
            raise PageError(Reason.PAGE_LEFT, what) from None
        if self.encoding != "utf-8" and text.encode(self.encoding, "replace") != body:
            what = f"its {self.encoding.upper()} cannot be written again as it is"
            raise PageError(Reason.PAGE_LEFT, what)
        return text

    def with_text(self, text: str) -> bytes:
        """Return the bytes of the page with another text.

        Args:
            text: All of it; characters that the encoding lacks are written as HTML's references.
        """
        return self.mark + text.encode(self.encoding, "xmlcharrefreplace")


def _declared_in(head: bytes) -> bytes | None:
    """Return the name of the encoding that a page declares, if it does."""
    if found := _XML.match(head):
        return found[1]
    for tag in _META.findall(_COMMENT.sub(b"", head)):
        values = {name.lower(): b"".join(each) for name, *each in reversed(_ATTRIBUTE.findall(tag))}
        if charset := values.get(b"charset"):
            return charset.strip()
        is_said = values.get(b"http-equiv", b"").lower() == b"content-type"
        if is_said and (found := _CHARSET.search(values.get(b"content", b""))):
            return found[1]
    return None
