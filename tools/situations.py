"""What became of each kind of image of the example site, before and after, on its home page.

    python -m tools.situations

Builds the site once more without the plugin, compares it with the built one, and writes a table
into `site/index.html`: what the page had, what it has now, and why, as the report and
`docs/decisions.md` say.
"""

from __future__ import annotations

import html
import json
import re
import sys
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from mkdocs.commands.build import build
from mkdocs.config import load_config

from mkdocs_alttext.filling.reasons import explanations
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.models import Reason
from tools.options_table import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

REPORT = ROOT / "build" / "alttext-report.json"
_PLACE = re.compile(r'(<div id="situations">).*?(</div>)', re.DOTALL)
_MARKUP = re.compile(r"`([^`]*)`|\[([^\]]*)\]\([^)]*\)")
_KIND = ("decision", "outcome", "reason", "origin")
"""Fields of the report: images that have the same ones are of one kind."""
_LONG_ADDRESS = re.compile(r'(data:[^"]{60})[^"]*')
_THUMBNAIL = "max-height:60px;max-width:110px"


class Situation(NamedTuple):
    """A kind of image."""

    page: str
    """Where one of them stands, inside the site."""
    source: str
    """Its address."""
    before: str
    """Its tag without the plugin."""
    after: str
    """Its tag with the plugin."""
    why: str
    others: int
    """How many others there are."""


def build_plain(folder: Path) -> None:
    """Build the example site without the plugin.

    Args:
        folder: Where the site goes.
    """
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder))
    config.plugins["alttext"].config["enabled"] = False
    build(config)


def situations(plain: Path, filled: Path) -> Iterator[Situation]:
    """Yield each kind of image: those with new texts, then others that changed, then the rest.

    Args:
        plain: The site without the plugin.
        filled: The site with it.
    """
    images: list[dict[str, Any]] = json.loads(REPORT.read_text(encoding="utf-8"))["images"]
    kinds: dict[tuple[Any, ...], list[tuple[str, str, str, str]]] = {}
    for page in dict.fromkeys(image["page"] for image in images):
        there = [image for image in images if image["page"] == page]
        for image, before, after in zip(
            there, _tags(plain / page), _tags(filled / page), strict=True
        ):
            kind = tuple(image[name] for name in _KIND)
            kinds.setdefault(kind, []).append((page, image["src"], before, after))
    why = _reasons_of_decisions()
    for (decision, _, reason, _), examples in sorted(kinds.items(), key=_rank):
        text = explanations()[Reason(reason)].text if reason else f"{why[decision]}."
        yield Situation(*examples[0], f"{text[0].upper()}{text[1:]}", len(examples) - 1)


def _rank(kind: tuple[tuple[Any, ...], list[tuple[str, str, str, str]]]) -> int:
    _, _, before, after = kind[1][0]
    return 2 if before == after else int('alt=""' in after)


def _tags(page: Path) -> list[str]:
    """Return the tags of a page's images."""
    source = page.read_text(encoding="utf-8")
    return [source[tag.start : tag.end] for tag in scan(source, is_whole=True)]


def _reasons_of_decisions() -> dict[str, str]:
    """Return why each row of the table of decisions is as it is, as plain text."""
    table = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d+ \| `([a-z-]+)` \|.*\| ([^|]+) \|$", table, re.MULTILINE)
    return {name: _MARKUP.sub(lambda match: match[1] or match[2], why) for name, why in rows}


def table(found: Iterator[Situation]) -> str:
    """Return a table in HTML.

    Args:
        found: What its rows show.
    """
    rows = "".join(_row(each) for each in found)
    head = "<tr><th>where</th><th>what the page had</th><th>what it has</th><th>why</th></tr>"
    return f'<table class="table"><thead>{head}</thead><tbody>{rows}</tbody></table>'


def _row(each: Situation) -> str:
    folder = PurePosixPath(each.page).parent
    address = each.source if ":" in each.source else f"{folder}/{each.source}"
    picture = f'<img alt="" src="{html.escape(address)}" style="{_THUMBNAIL}"><br>'
    if address.startswith("http"):
        picture = ""  # the table loads nothing from elsewhere
    others = f" <small>and {each.others} more</small>" if each.others else ""
    after = f"<code>{_short(each.after)}</code>"
    return (
        f'<tr><td>{picture}<a href="{folder}/">{folder}</a>{others}</td>'
        f"<td><code>{_short(each.before)}</code></td>"
        f"<td>{'<em>the same</em>' if each.before == each.after else after}</td>"
        f"<td>{html.escape(each.why)}</td></tr>"
    )


def _short(tag: str) -> str:
    """Return a tag as text, without most of an address that holds a picture."""
    return html.escape(_LONG_ADDRESS.sub(r"\1…", tag))


def main() -> int:
    """Write the table into the home page of the built site."""
    site = ROOT / "site"
    with tempfile.TemporaryDirectory() as folder:
        build_plain(Path(folder))
        content = table(situations(Path(folder), site))
    home = site / "index.html"
    page = home.read_text(encoding="utf-8")
    home.write_text(_PLACE.sub(lambda place: place[1] + content + place[2], page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
