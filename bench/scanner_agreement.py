"""Compare what is decided over each image with another reading of the page.

    python -m bench.scanner_agreement [--documents N] [--seed N] [FOLDER ...]

The other reading has a tree by html5lib, and rows of the decision table that were written anew from
their description. Both read generated documents and every `.html` file below the given folders. It
prints how many sources and images were compared, and shows the first disagreements; exit status 1
if there are any.

html5lib follows an older standard than browsers do (`select`, `summary`, `template`, end tags in
drawings). Where the two disagree and html5lib has another tree than lexbor, a browser's parser, has
of the very same source, the source is left out and counted. So is one with an image that browsers
move out of a table: what is written on the table holds for it, and no tree tells that.
"""

from __future__ import annotations

import argparse
import re
import string
import sys
import warnings
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import html5lib
from selectolax.lexbor import LexborHTMLParser

from mkdocs_alttext.html.decisions import Case, LinkTarget, Policy, decide
from mkdocs_alttext.html.page_text import PageText
from mkdocs_alttext.html.prefilter import may_lack_text
from mkdocs_alttext.html.scanner import scan

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # the generator lives there
from html_documents import document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_SHOWN = 5
_SHARE_EXTENDED = 0.3
_SKIPPED_CLASS = "no-alt"
_POLICY = Policy(skip_classes=frozenset({_SKIPPED_CLASS}))
_EXTRAS = (
    *("aria-hidden=true", "aria-hidden=false", "role=none", "role=presentation", "role=button"),
    *("data-alttext=skip", "data-alttext=decorative", "data-alttext=maybe", "class=no-alt"),
    *("style='display: none'", "hidden", "width=1", "height=0", "width=20", "usemap=#m", "ismap"),
    *("aria-labelledby=i", "id=i", "aria-label=Name", "title=Name", "alt=Words", "alt"),
    *("href=y.html", "href=y.png", "tabindex=0"),
)
_TAG = re.compile(r"<(?:img|a|b|p|div|span|button|summary|label|em|td|li|svg|picture)(?=[ >])")
_NO_TEXT = {"script", "style", "template"}
_GLOBAL_ARIA = ("aria-hidden", "aria-label", "aria-labelledby")


class Decided(NamedTuple):
    """An image, and what is decided over it."""

    attributes: tuple[tuple[str, str], ...]
    decision: str
    reason: str
    is_emptied: bool


def our_decisions(html: str) -> list[Decided]:
    """Return what the package decides over each image."""
    page = PageText(html, is_whole=True)
    found = []
    for tag in page.images:
        verdict = decide(Case(tag, page, _POLICY, from_markdown=False, target_of=_target))
        reason = verdict.reason.value if verdict.reason else ""
        attributes = tuple(sorted(tag.attributes.values.items()))
        found.append(Decided(attributes, verdict.decision.value, reason, verdict.empties))
    return sorted(found)


def _target(address: str) -> LinkTarget:
    return LinkTarget(is_picture=address.endswith(".png"))


class OtherReading:
    """The same of a tree by html5lib."""

    def __init__(self, html: str) -> None:
        """Parse a page."""
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names that XML does not allow
            self._root = parser.parse(html, scripting=False)
        self._parents = {child: parent for parent in self._root.iter() for child in parent}

    def tree(self) -> list[tuple[str, int]]:
        """Return the name and depth of each element."""
        return [
            (_name(each), sum(1 for _ in self._around(each)))
            for each in self._root.iter()
            if _name(each)
        ]

    def decisions(self) -> list[Decided]:
        """Return what is decided over each image."""
        found = []
        for image in self._root.iter("img"):
            around = [*self._around(image)]
            if not any(each.tag == "template" for each in around):
                attributes = tuple(sorted((str(name), value) for name, value in image.items()))
                found.append(Decided(attributes, *self._decision(image, around)))
        return sorted(found)

    def _around(self, element: Element) -> Iterator[Element]:
        while (parent := self._parents.get(element)) is not None:
            yield parent
            element = parent

    def _decision(  # noqa: C901, PLR0911 - a table, row by row
        self, image: Element, around: list[Element]
    ) -> tuple[str, str, bool]:
        unnamed = next((e for e in around if e.tag == "button" or _is_link(e)), None)
        is_named = unnamed is None or self._is_named(unnamed) or _has_title(unnamed)
        without = "" if is_named else "empty-link"
        opted_out = [_opt_out(each) for each in (image, *around)]
        alt = image.get("alt")
        if opted_out[0]:
            return "skip", without, opted_out[0] == "decorative"
        if alt and alt.strip():
            address = (image.get("src") or "").strip() or (image.get("data-src") or "").strip()
            is_own = alt.strip() == re.split("[?#]", address)[0]
            if is_own or re.fullmatch(r"(?:[^\s/\\:]+|\S*[/\\]\S*)\.png", alt.strip()):
                return "keep-text", "filename-alt", False
            words = " ".join(alt.split()).strip(f"{string.punctuation} ").lower()
            return "keep-text", "placeholder-alt" if words in {"", "alt", "img"} else "", False
        if nearest := next(filter(None, opted_out), ""):
            return "skip", without, nearest == "decorative"
        if any(map(_hides, (image, *around))) or _is_presentational(image):
            return "keep-hidden", without, False
        if (image.get("aria-label") or "").strip() or self._is_referred_to(image):
            return "keep-named", "", False
        if alt == "":
            return "keep-empty", without, False
        if any(image.get(name) in {"0", "1"} for name in ("width", "height")):
            return "spacer", "", True
        if "usemap" in image.attrib or "ismap" in image.attrib:
            return "image-map", "image-map", False
        link = next(filter(_is_link, around), None)
        if link is not None and self._is_named(link):
            return "redundant-in-link", "", True
        if link is not None and not (link.get("href") or "").strip().endswith(".png"):
            return "ask-service", "link-purpose", False
        control = next(filter(_is_control, around), None)
        if control is not None and not self._is_named(control):
            return "control", "" if _has_title(control) else "control", False
        return "ask-service", "", False

    def _is_named(self, element: Element) -> bool:
        has_words = bool((element.get("aria-label") or "").strip())
        return has_words or self._is_referred_to(element) or _says(element, hidden=False)

    def _is_referred_to(self, element: Element) -> bool:
        for identifier in (element.get("aria-labelledby") or "").split():
            named = (each for each in self._root.iter() if each.get("id") == identifier)
            seen = (e for e in named if not any(a.tag == "template" for a in self._around(e)))
            first = next(seen, None)
            if first is not None and (_speaks(first) or _says(first, hidden=True)):
                return True
        return False


def _opt_out(element: Element) -> str:
    word = (element.get("data-alttext") or "").strip().lower()
    if word in {"skip", "decorative", "no"}:
        return word
    return "class" if _SKIPPED_CLASS in (element.get("class") or "").split() else ""


def _has_title(element: Element) -> bool:
    return bool((element.get("title") or "").strip())


def _hides(element: Element) -> bool:
    is_hidden = "hidden" in element.attrib or element.get("aria-hidden") == "true"
    declarations = (element.get("style") or "").split(";")
    return is_hidden or any(each.strip() == "display: none" for each in declarations)


def _is_presentational(element: Element) -> bool:
    is_plain = not any(name in element.attrib for name in (*_GLOBAL_ARIA, "tabindex"))
    return is_plain and element.get("role") in {"none", "presentation"}


def _is_link(element: Element) -> bool:
    return _name(element) == "a" and "href" in element.attrib


def _is_control(element: Element) -> bool:
    return _name(element) in {"button", "summary"} or element.get("role") == "button"


def _name(element: Element) -> str:
    """Return an element's name: that of a comment is a function, that of a drawing has a prefix."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _says(element: Element, *, hidden: bool) -> bool:
    """Tell whether there is text inside an element, or what is read out in its place."""
    if (element.text or "").strip():
        return True
    for child in element:
        if (child.tail or "").strip():
            return True
        if not _name(child) or _name(child) in _NO_TEXT or (_hides(child) and not hidden):
            continue
        if (_speaks(child) and (hidden or not _is_presentational(child))) or _says(
            child, hidden=hidden
        ):
            return True
    return False


def _speaks(element: Element) -> bool:
    has_alt = (element.get("alt") or "").strip() and _opt_out(element) != "decorative"
    return bool((element.get("aria-label") or "").strip() or has_alt)


def disagreement(html: str) -> str | None:
    """Say how two readings of a source differ, or return `None`."""
    ours, theirs = our_decisions(html), OtherReading(html).decisions()
    if ours != theirs:
        return f"package {ours}\nhtml5lib {theirs}"
    if not may_lack_text(html) and any(image.decision != "keep-text" for image in theirs):
        return f"the first stage let through {theirs}"
    return None


def has_moved_image(html: str) -> bool:
    """Tell whether an image is not where its tag stands, but before the table around that."""
    return any(each.is_left for tag in scan(html, is_whole=True) for each in tag.ancestors)


def browser_tree(html: str) -> list[tuple[str, int]]:
    """Return the name and depth of each element as lexbor has them."""
    found = []
    waiting = [(LexborHTMLParser(html).root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if node and node.is_element_node:
            found.append((node.tag or "", depth))
            waiting += [(child, depth + 1) for child in node.iter()][::-1]
    return found


def _extended(random: Random, html: str) -> str:
    """Give some tags an attribute that decides."""
    return _TAG.sub(
        lambda tag: (
            f"{tag[0]} {random.choice(_EXTRAS)}" if random.random() < _SHARE_EXTENDED else tag[0]
        ),
        html,
    )


def _sources(arguments: argparse.Namespace) -> Iterator[tuple[str, str]]:
    random = Random(arguments.seed)  # noqa: S311 - documents, not secrets
    for number in range(arguments.documents):
        yield f"document {number}", _extended(random, document(random))
    for folder in arguments.folders:
        for path in sorted(Path(folder).rglob("*.html")):
            yield str(path), path.read_text(encoding="utf-8", errors="replace")


def main() -> int:
    """Compare, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("folders", nargs="*")
    sources = left_out = moved = differences = 0
    decisions: Counter[str] = Counter()
    for name, html in _sources(parser.parse_args()):
        sources += 1
        found = disagreement(html)
        decisions.update(image.decision for image in our_decisions(html))
        if found and has_moved_image(html):
            moved += 1
        elif found and OtherReading(html).tree() != browser_tree(html):
            left_out += 1
        elif found:
            differences += 1
            if differences <= _SHOWN:
                print(f"{name}: {html!r}\n{found}\n")
    print(", ".join(f"{count} {decision}" for decision, count in decisions.most_common()))
    images = decisions.total()
    print(f"{sources} sources, {images} images, {differences} disagreements with html5lib")
    print(f"{left_out} of the sources left out, of which html5lib and lexbor have different trees")
    print(f"{moved} of the sources left out, in which an image is moved out of a table")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
