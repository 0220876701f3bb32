"""A tiny site beside a neighbour: built without the plugin, with it, and with it once more.

Owns the builds, and the rules that hold beside every neighbour. What a neighbour has to show of its
own is for its test.
"""

from __future__ import annotations

import html
import json
import re
import sys
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api_server import alt_text
from built_site import Built, TinySite, picture

sys.path.insert(0, str(Path(__file__).parents[2]))  # `bench` is no part of the package
from bench.comparison import Comparison, site_files, without_alt
from mkdocs_alttext.captioning.judging import clean
from mkdocs_alttext.html.marks import MARK_ATTRIBUTE
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.images.prepare import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from api_server import ApiServer

MATERIAL: Mapping[str, Any] = {"theme": {"name": "material", "font": False}}
"""Configuration of a site with Material; its fonts would be asked for from another machine."""

A, B, C, D = (picture(number) for number in range(1, 5))

PAGES: Mapping[str, str | bytes] = {
    "index.md": "# Top ![](a.png)\n\n![](a.png) and ![](b.png){ .wide } `<img>`\n\n"
    '<img src=b.png> <img src="a.png" alt=""> ![Words](e.png)\n\n'
    "[![](d.png)](sub/page.md) [![](d.png)](https://other.example/)\n",
    "sub/page.md": "# Sub\n\n![](../a.png) ![](c.png) ![](../b.png){ .decorative }\n",
    "a.png": A,
    "b.png": B,
    "sub/c.png": C,
    "d.png": D,
    "e.png": picture(5),
}
"""Two pages that show most situations; `404.html` shows `a.png`, too."""


def caption(image: bytes, language: str = "en") -> str:
    """Return what the service's text for a picture, in the form it is sent, becomes on a page."""
    return clean(alt_text(prepare(image).data, language))


CAPTIONS = tuple(map(caption, (A, B, C, D)))
"""What `PAGES` has to be given."""


@dataclass(frozen=True)
class Beside:
    """Three builds of one site beside a neighbour, and the service they asked."""

    plain: Built
    """Without the plugin."""
    cold: Built
    """With it and an empty cache."""
    warm: Built
    """With it and the cache that the build before filled."""
    server: ApiServer
    requests: tuple[int, int]
    """How many each build with the plugin sent."""
    copies: Mapping[str, Callable[[str], str]] = field(default_factory=dict)

    def check(self, *, complaints: Iterable[str] = ()) -> Comparison:
        """Assert what holds beside every neighbour.

        Args:
            complaints: Warnings that there are only with the plugin.

        Returns:
            The comparison of the first two builds, for what is the neighbour's own.
        """
        comparison = self._compare()
        assert comparison.unexplained == []
        assert self.warm.files() == self.cold.files()
        assert self.requests[1] == 0
        assert self.server.double_charges == 0
        assert set(self.server.ledger.values()) <= {1}
        expected = sorted([*_complaints(self.plain), *complaints])
        assert _complaints(self.cold) == _complaints(self.warm) == expected
        marked = [
            name
            for built in (self.cold, self.warm)
            for name, path in site_files(built.folder).items()
            if MARK_ATTRIBUTE.encode() in path.read_bytes()
        ]
        assert marked == []
        return comparison

    @property
    def asked(self) -> set[tuple[str, str]]:
        """Each text that was paid for, as it becomes on a page, with its language."""
        return {
            (clean(alt_text(call.image, call.language)), call.language)
            for call in self.server.calls
            if call.image is not None
        }

    def _compare(self) -> Comparison:
        comparison = Comparison()
        old, new = (site_files(built.folder) for built in (self.plain, self.cold))
        for name in sorted(old.keys() | new.keys()):
            comparison.add_file(name, *(self._content(name, files) for files in (old, new)))
        return comparison

    def _content(self, name: str, files: Mapping[str, Path]) -> bytes | None:
        """Return a file, without the copies of alt text that are known to be in it."""
        if name not in files:
            return None
        content = files[name].read_bytes()
        for pattern, uncaptioned in self.copies.items():
            if fnmatchcase(name, pattern):
                return uncaptioned(content.decode()).encode()
        return content


def build_beside(
    folder: Path,
    server: ApiServer,
    neighbours: list[Any],
    *,
    docs: Mapping[str, str | bytes] = PAGES,
    config: Mapping[str, Any] | None = None,
    is_listed_first: bool = False,
    copies: Mapping[str, Callable[[str], str]] | None = None,
) -> Beside:
    """Build a site three times beside other plugins.

    Args:
        folder: Where the sources and the sites go.
        server: The service, started.
        neighbours: The other plugins, as in `mkdocs.yml`.
        docs: The sources.
        config: More of `mkdocs.yml`.
        is_listed_first: Whether the plugin stands before its neighbours.
        copies: For files into which a neighbour copies alt text, by a pattern of their paths: what
            takes it out again.
    """
    report = str(folder / "report.json")
    ours = [{"alttext": {"base_url": server.base_url, "max_retries": 0, "report": report}}]
    both = [*ours, *neighbours] if is_listed_first else [*neighbours, *ours]
    plain = TinySite(folder, docs, config={**(config or {}), "plugins": neighbours})
    filled = TinySite(folder, docs, config={**(config or {}), "plugins": both})
    without = _kept(plain.build(), "without")
    cold = _kept(filled.build(), "cold")
    sent = len(server.calls)
    warm = _kept(filled.build(), "warm")
    return Beside(without, cold, warm, server, (sent, len(server.calls) - sent), copies or {})


def _kept(built: Built, name: str) -> Built:
    """Move a built site, so that every build is made in the same folder."""
    return replace(built, folder=built.folder.rename(built.folder.with_name(name)))


def _complaints(built: Built) -> list[str]:
    return sorted(text for level, text in built.log if level in {"WARNING", "ERROR", "CRITICAL"})


def uncaptioned_markdown(text: str) -> str:
    """Take the alt text out of Markdown's images; in a heading it stands alone."""
    for each in CAPTIONS:
        text = text.replace(f"# Top {each}\n", "# Top\n")
    return re.sub(r"!\[[^\]]*\]\(", "![](", text)


def uncaptioned_feed(text: str) -> str:
    """Take the alt text out of the HTML that is quoted in a feed."""
    content = html.unescape(text)
    return without_alt(content, scan(content))


def uncaptioned_json_feed(text: str) -> str:
    """Take the alt text out of the HTML of a JSON feed, and lay the rest out evenly."""
    feed = json.loads(text)
    for item in feed["items"]:
        content = item["content_html"]
        item["content_html"] = without_alt(content, scan(content))
    return json.dumps(feed)


def uncaptioned_lightbox(text: str) -> str:
    """Take the captions out of the links that open the lightbox."""
    return re.sub(r'(<a class="glightbox"[^>]*?) data-title="[^"]*"', r"\1", text)
