"""Which file of the site an address means, and what is refused."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.resolver import Resolver
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

SITE = "https://ex.org/proj/"


class Paths(frozenset[str]):
    """The files of a built site."""

    def exists(self, path: str) -> bool:
        """Tell whether a path is one of them."""
        return path in self

    def similar(self, guesses: Sequence[str], *, in_docs: bool) -> str | None:
        """Find a file by a guess, else by its name."""
        del in_docs  # paths in the site are those of its sources
        for guess in guesses:
            if found := [path for path in self if path.casefold() == guess.casefold()]:
                return found[0]
        name = guesses[0].rpartition("/")[2].casefold()
        named = [path for path in self if path.rpartition("/")[2].casefold() == name]
        return named[0] if len(named) == 1 else None


class AskedPaths(Paths):
    """The files of a built site, and what was asked of them."""

    asked: list[str]

    def exists(self, path: str) -> bool:
        """Tell whether a path is one of them."""
        self.asked.append(path)
        return super().exists(path)


class AnyPath:
    """A built site that has every file."""

    def exists(self, _: str) -> bool:
        """Tell that it has this one, too."""
        return True

    def similar(self, guesses: Sequence[str], *, in_docs: bool) -> str | None:
        """Find the first."""
        del in_docs
        return guesses[0]


FILES = Paths(
    {
        "x.png",
        "img/a b.png",
        "img/日本.png",
        "img/100%.png",
        "img/a+b.png",
        "img/a#b.png",
        "img/q?.png",
        "img/light.png",
        "sub/y.png",
        "sub/page/z.png",
        "blog/x.png",
        "fr/img/x.png",
        "proj/x.png",
        "plan.drawio",
        "talk.PDF",
        unicodedata.normalize("NFC", "img/ünïcode.png"),
        unicodedata.normalize("NFD", "img/événement.png"),
    }
)


def resolve(address: str, *, page: str = "index.html", site_url: str = SITE) -> str:
    """Resolve an address on a site that has `FILES`."""
    return Resolver(site_url, FILES).resolve(address, page)


@pytest.mark.parametrize(
    ("address", "page", "path"),
    [
        # relative to the page's place in the built site
        ("x.png", "index.html", "x.png"),
        ("./img/../x.png", "404.html", "x.png"),
        ("../x.png", "sub/index.html", "x.png"),
        ("../y.png", "sub/page/index.html", "sub/y.png"),
        ("y.png", "sub/page.html", "sub/y.png"),
        ("../../../../x.png", "blog/2026/01/01/post/index.html", "blog/x.png"),
        ("img/x.png", "fr/index.html", "fr/img/x.png"),
        # every way to write a character
        ("img/a%20b.png", "index.html", "img/a b.png"),
        ("img/a b.png", "index.html", "img/a b.png"),
        ("img/%E6%97%A5%E6%9C%AC.png", "index.html", "img/日本.png"),
        ("img/日本.png", "index.html", "img/日本.png"),
        ("img/100%25.png", "index.html", "img/100%.png"),
        ("img/a%2Bb.png", "index.html", "img/a+b.png"),
        ("img/a+b.png", "index.html", "img/a+b.png"),
        ("img/a%23b.png", "index.html", "img/a#b.png"),
        ("img/q%3F.png", "index.html", "img/q?.png"),
        ("img%2Flight.png", "index.html", "img/light.png"),
        # composed and decomposed letters
        (unicodedata.normalize("NFC", "img/ünïcode.png"), "index.html", "img/ünïcode.png"),
        (
            unicodedata.normalize("NFD", "img/ünïcode.png"),
            "index.html",
            unicodedata.normalize("NFC", "img/ünïcode.png"),
        ),
        (
            unicodedata.normalize("NFC", "img/événement.png"),
            "index.html",
            unicodedata.normalize("NFD", "img/événement.png"),
        ),
        # what browsers drop or turn
        (" \tx.\npng\r\n", "index.html", "x.png"),
        ("img\\light.png", "index.html", "img/light.png"),
        # query and fragment
        ("img/light.png#only-light", "index.html", "img/light.png"),
        ("x.png?v=2#f", "index.html", "x.png"),
        ("x.png?a=../../b", "index.html", "x.png"),
        # the site's own address
        ("/proj/x.png", "sub/index.html", "x.png"),
        ("https://ex.org/proj/x.png", "sub/index.html", "x.png"),
        ("HTTP://EX.ORG/proj/x.png", "index.html", "x.png"),
        ("//ex.org/proj/img/light.png", "index.html", "img/light.png"),
        ("/proj//x.png", "index.html", "x.png"),
        ("/proj/proj/x.png", "index.html", "proj/x.png"),
    ],
)
def test_an_address_finds_its_file(address: str, page: str, path: str) -> None:
    """Whatever notation the author or a tool chose."""
    assert resolve(address, page=page) == path


@pytest.mark.parametrize(
    ("site_url", "address"),
    [
        ("", "/x.png"),
        ("https://ex.org", "/x.png"),
        ("https://ex.org", "https://ex.org/x.png"),
        ("https://ex.org/proj", "/proj/x.png"),
        ("https://ex.org:8443/", "https://ex.org:8443/x.png"),
        ("http://127.0.0.1:8000/proj/", "http://127.0.0.1:8000/proj/x.png"),
        ("http://[::1]:8000/", "http://[::1]:8000/x.png"),
    ],
)
def test_the_site_is_where_site_url_says(site_url: str, address: str) -> None:
    """With and without a path, a port, a closing slash, or anything at all."""
    assert resolve(address, page="a/b/index.html", site_url=site_url) == "x.png"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        # no picture is named
        ("", Reason.NO_SOURCE),
        (" \n", Reason.NO_SOURCE),
        ("?v=1", Reason.NO_SOURCE),
        ("#only-light", Reason.NO_SOURCE),
        ("/proj/", Reason.NO_SOURCE),
        # another host
        ("https://elsewhere.org/proj/x.png", Reason.REMOTE),
        ("//elsewhere.org/x.png", Reason.REMOTE),
        ("https://ex.org:8443/proj/x.png", Reason.REMOTE),
        ("https://ex.org.evil.org/proj/x.png", Reason.REMOTE),
        ("https://ex.org@evil.org/proj/x.png", Reason.REMOTE),
        ("\\\\elsewhere.org\\x.png", Reason.REMOTE),
        ("https:///x.png", Reason.REMOTE),
        # outside the site
        ("/x.png", Reason.OUTSIDE_SITE),
        ("https://ex.org/x.png", Reason.OUTSIDE_SITE),
        ("/project/x.png", Reason.OUTSIDE_SITE),
        ("../x.png", Reason.OUTSIDE_SITE),
        ("..", Reason.OUTSIDE_SITE),
        ("img/../../x.png", Reason.OUTSIDE_SITE),
        ("..%2f..%2fetc/passwd", Reason.OUTSIDE_SITE),
        ("%2e%2e/x.png", Reason.OUTSIDE_SITE),
        ("..\\x.png", Reason.OUTSIDE_SITE),
        ("/proj/../../etc/passwd", Reason.OUTSIDE_SITE),
        ("%2Fetc%2Fpasswd", Reason.OUTSIDE_SITE),
        ("file:///etc/passwd", Reason.OUTSIDE_SITE),
        ("ftp://ex.org/proj/x.png", Reason.OUTSIDE_SITE),
        ("blob:https://ex.org/x", Reason.OUTSIDE_SITE),
        ("C:\\x.png", Reason.OUTSIDE_SITE),
        ("c:/x.png", Reason.OUTSIDE_SITE),
        # not there
        ("nope.png", Reason.MISSING_FILE),
        ("x.png/", Reason.MISSING_FILE),
        ("img", Reason.MISSING_FILE),
        ("X.png", Reason.MISSING_FILE),
        ("x.png%00.jpg", Reason.MISSING_FILE),
        ("img/%FF.png", Reason.MISSING_FILE),
        # no address
        ("http://[bad", Reason.BAD_URL),
        ("//[::1", Reason.BAD_URL),
        ("http://ex.org:port/proj/x.png", Reason.BAD_URL),
        ("http://ex.org:99999/proj/x.png", Reason.BAD_URL),
        # what stands where an image stands and is none
        ("data:image/png;base64,iVBORw0KGgo=", Reason.DATA_URI),
        ("DATA:,x", Reason.DATA_URI),
        ("attachment:image.png", Reason.DATA_URI),
        ("plan.drawio", Reason.NOT_AN_IMAGE),
        ("talk.PDF", Reason.NOT_AN_IMAGE),
        ("film.mp4#t=3", Reason.NOT_AN_IMAGE),
    ],
)
def test_an_address_is_refused_with_its_reason(address: str, reason: Reason) -> None:
    """The only thing that is raised is an `ImageError`."""
    with pytest.raises(ImageError) as raised:
        resolve(address)
    assert raised.value.reason is reason


@pytest.mark.parametrize(
    ("address", "source", "meant"),
    [
        # raw HTML, whose addresses are relative to the built page: MkDocs does not move them
        ("y.png", None, "../y.png"),
        ("Y.PNG?v=1", None, "../y.png"),
        ("/y.png", None, "../y.png"),
        ("img/light.png", None, "../../img/light.png"),
        # Markdown, whose addresses are relative to its file
        ("Y.png", "sub/page.md", "y.png"),
        ("img/light.png", "sub/page.md", "../img/light.png"),
        ("/img/LIGHT.png", "sub/page.md", "../img/light.png"),
        ("../../img/light.png", "sub/page.md", "../img/light.png"),
        ("../pics/light.png", "sub/page.md", "../img/light.png"),
        ("Img\\a%20b.png", "index.md", "img/a b.png"),
        # nothing that is likely
        ("nope.png", None, None),
        ("nope.png", "sub/page.md", None),
        ("pics/x.png", "index.md", None),  # there are several
        ("https://ex.org/y.png", "sub/page.md", None),
        ("", "sub/page.md", None),
        ("/", "sub/page.md", None),
    ],
)
def test_what_may_be_meant_is_said_as_it_is_to_be_written(
    address: str, source: str | None, meant: str | None
) -> None:
    """A wrong case, a folder too many or too few, or the only file of that name."""
    hint = Resolver(SITE, FILES).hint(address, "sub/page/index.html", source)
    assert hint == (f"did you mean {meant!r}?" if meant else "")


address_parts = st.sampled_from(
    [
        *(".", "..", "/", "//", "\\", "%2f", "%2e%2e", "%00", "\x00", " ", "\t", "\n", "\ud800"),
        *("http:", "https:", "file:", "data:", "C:", "[", "]", ":", "@", "?", "#", "~", ";"),
        *("x.png", "a%20b.png", "ex.org", ":99999", "proj", "%E6%97", "日本", "ev%6c"),
    ]
)
addresses = st.one_of(st.lists(address_parts, max_size=8).map("".join), st.text(max_size=20))


@given(
    address=addresses,
    page=st.sampled_from(["index.html", "a/index.html", "a/b/c.html", "404.html"]),
    site_url=st.sampled_from(
        ["", "https://ex.org/", "https://ex.org/proj/", "http://[::1]:8000/p/"]
    ),
)
def test_an_address_leads_to_a_file_of_the_site_or_to_an_image_error(
    address: str, page: str, site_url: str
) -> None:
    """Whatever is written, no path is even asked for that lies outside."""
    files = AskedPaths({"x.png", "a b.png", "a/x.png"})
    files.asked = []
    try:
        path = Resolver(site_url, files).resolve(address, page)
    except ImageError:
        pass
    else:
        assert path in files
    assert not any(path.startswith(("/", "../")) or "/../" in path for path in files.asked)


@given(
    address=st.lists(
        st.sampled_from(["../", "./", "a", "b-c", "x.png", "/", "_", ".", "a.b"]), max_size=7
    ).map("".join),
    page=st.sampled_from(["index.html", "a/index.html", "a/b/c/index.html"]),
)
@example(address="../img/a.png", page="guide/index.html")
def test_relative_addresses_mean_what_a_browser_makes_of_them(address: str, page: str) -> None:
    """As `urllib.parse.urljoin` does; what leads out of the site is refused."""
    site = "https://docs.example/manual/"
    joined = urljoin(site + page, address)
    try:
        path = Resolver(site, AnyPath()).resolve(address, page)
    except ImageError:
        return
    # To a file system, repeated slashes are one, and folders need none.
    meant = re.sub("/+", "/", joined.removeprefix("https:")).rstrip("/")
    assert meant == f"/docs.example/manual/{path}"
