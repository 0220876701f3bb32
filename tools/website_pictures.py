"""The documentation's pictures, made from the real programs so that they cannot go stale.

    python -m tools.website_pictures [--only NAME] [FOLDER]

Commands run on a copy of the example site, and what they print is drawn as a terminal shows it;
pages are what Chromium shows. It needs Chromium and the extra `ocr`.
"""

from __future__ import annotations

import argparse
import html
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from bench.text_quality import Measured, labelled
from mkdocs_alttext.captioning.judging import clean
from tools.options_table import ROOT, between_marks

sys.path.insert(0, str(ROOT / "tests"))  # the browser is driven there
from accessibility.chromium import Chromium, find_chromium
from accessibility.heard import heard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FOLDER = ROOT / "docs" / "pictures"
_EXAMPLES = (
    "example_site/pictures/dashboard.png",
    "example_site/pictures/data-flow.png",
    "example_site/pictures/divider.png",
    "example_site/pictures/gateway-offline.png",
    "example_site/pictures/greenhouse.jpg",
    "example_site/pictures/settings-icon.png",
    "example_site/pictures/water-use.png",
    "bench/text_pictures/chart-memory-dark.png",
    "bench/text_pictures/settings-network.png",
)
"""Pictures that other programs of the project draw, and the documentation shows."""
_REVIEWED = "pictures/gateway-offline.png"
_ALL_PICTURES = """Promise.all([...document.images].map(each => {
  each.loading = 'eager';
  return each.decode().catch(() => null);
}))"""
_SCALE = 2
_STYLE = """
* { box-sizing: border-box; margin: 0 }
html { overflow: hidden }
body { font: 15px/1.45 "DejaVu Sans", sans-serif; color: #1c2b2a; background: #fff; padding: 20px }
.window { display: flex; flex-direction: column; overflow: hidden; background: #fff;
  border: 1px solid #c8d2d0; border-radius: 8px }
.bar { padding: 7px 14px; font-size: 13px; background: #e9efee; color: #41524f;
  border-bottom: 1px solid #c8d2d0 }
.terminal { background: #16211f }
.terminal .bar { background: #22302e; color: #b9c8c5; border-color: #34443f }
pre { font: 13px/1.5 "DejaVu Sans Mono", monospace; padding: 12px 16px; color: #dbe7e4;
  white-space: pre-wrap; overflow-wrap: anywhere }
pre b { color: #8fd6c4 }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 18px }
.page { padding: 16px 18px; height: 300px; overflow: hidden }
.page p { margin: 0 0 10px } .page h2 { font-size: 18px; margin: 0 0 8px }
.page img { max-width: 100%; max-height: 190px; display: block }
.heard { padding: 12px 16px; background: #eaf4f1; border-top: 1px solid #c8d2d0; flex: 1 }
.heard b { display: block; font-size: 12px; color: #41524f }
.nothing { background: #f7ecea }
h1 { font-size: 16px; margin: 0 0 10px }
table { border-collapse: collapse; width: 100% } td { padding: 3px 8px 3px 0; white-space: nowrap }
td:last-child { width: 100% } .bars { display: flex; height: 16px; align-items: stretch }
.said { background: #1d7a69 } .right { background: #9cc9be } .wrong { background: #b3412f }
.key { margin: 12px 0 0; font-size: 13px }
.key i { display: inline-block; width: 12px; height: 12px;
  margin: 0 5px 0 14px; vertical-align: -1px }
.key i:first-child { margin-left: 0 }
"""


class Studio:
    """A copy of the example site, and a browser."""

    def __init__(self, folder: Path, browser: Chromium) -> None:
        """Copy the example site.

        Args:
            folder: An empty one.
            browser: Where pages are shown.
        """
        self.folder, self._browser = folder, browser
        for name in ("example_site", "mkdocs.yml"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, folder / name)

    def run(self, *command: str) -> str:
        """Run a command of this environment in the copy, and return what it prints.

        Args:
            command: Its name and arguments.
        """
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            text=True,
            encoding="utf-8",
        )
        return done.stdout.replace(f"{self.folder}{os.sep}", "")

    def heard(self, page: str, picture: str) -> str:
        """Return what a screen reader is told of a picture of a built page.

        Args:
            page: The page's folder in the site.
            picture: The end of the picture's address.
        """
        lines = heard(self._browser, self.folder / "site" / page, {}).splitlines()
        return next(line.partition(": ")[2] for line in lines if picture in line.partition(": ")[0])

    def review(self, picture: str, *, width: int, height: int, scheme: str) -> bytes:
        """Return what `mkdocs-alttext review` shows of a picture, or its list, as a PNG.

        Args:
            picture: Its path, as the list of the review has it; empty for the list.
            width: Of the window, in CSS pixels.
            height: Of the window, in CSS pixels.
            scheme: `light` or `dark`.
        """
        browser = self._browser
        browser.scale = _SCALE
        browser.look(width, height, prefers_color_scheme=scheme)
        with subprocess.Popen(
            [sys.executable, "-m", "mkdocs_alttext", "review", "--no-browser"],
            cwd=self.folder,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                assert process.stdout  # noqa: S101 - a pipe, as asked for
                browser.visit(process.stdout.readline().strip())
                browser.visit(browser.evaluate("document.querySelector('#list').href"))
                if picture:
                    browser.visit(
                        browser.evaluate(
                            "[...document.querySelectorAll('a[href*=\"/item/\"]')].find(link =>"
                            f" link.textContent.trim().startsWith({json.dumps(picture)})).href"
                        )
                    )
                browser.evaluate(_ALL_PICTURES)
                return _small(browser.picture())
            finally:
                process.send_signal(signal.SIGINT)

    def show(self, body: str, *, width: int) -> bytes:
        """Return a piece of HTML as a PNG.

        Args:
            body: What stands in the page.
            width: Of the picture, in CSS pixels.
        """
        path = self.folder / "shown.html"
        path.write_text(
            f"<!doctype html><html lang=en><meta charset=utf-8><title>Picture</title>"
            f"<style>{_STYLE}</style><body>{body}",
            encoding="utf-8",
        )
        self._browser.look(width, 100)
        self._browser.open(path)
        height = self._browser.evaluate("document.documentElement.scrollHeight")
        self._browser.scale = _SCALE
        self._browser.look(width, height)
        return _small(self._browser.picture())


def _environment() -> dict[str, str]:
    """Return that of this process, without keys and settings, and with a date that stays."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ALTTEXT") and not name.endswith("_API_KEY")
    }
    return {**environment, "SOURCE_DATE_EPOCH": "1700000000", "COLUMNS": "100"}


def _small(png: bytes) -> bytes:
    """Return a picture of few colours in few bytes, always the same."""
    with Image.open(io.BytesIO(png)) as image:
        reduced = image.convert("RGB").quantize(256, kmeans=1, dither=Image.Dither.NONE)
    file = io.BytesIO()
    reduced.save(file, "PNG", optimize=True)
    return file.getvalue()


def _terminal(command: str, printed: str) -> str:
    shown = f"<b>$ {html.escape(command)}</b>\n{html.escape(printed.strip())}"
    return f'<div class="window terminal"><div class=bar>Terminal</div><pre>{shown}</pre></div>'


def scan(studio: Studio) -> bytes:
    """Show what a scan of a site says that was never filled."""
    parts = studio.run("mkdocs_alttext", "scan").strip().split("\n\n")
    first = next(at for at, part in enumerate(parts) if part.startswith("example_site/screens.md"))
    shown = ["…", *parts[first : first + 4], "…", parts[-1]]
    return studio.show(_terminal("mkdocs-alttext scan", "\n\n".join(shown)), width=900)


def first_build(studio: Studio) -> bytes:
    """Show what a first build says."""
    printed = studio.run("mkdocs", "build")
    lines = [
        line for line in printed.splitlines() if "mkdocs_alttext" in line and "Waiting" not in line
    ]
    return studio.show(_terminal("mkdocs build", "\n".join(lines)), width=900)


def before_after(studio: Studio) -> bytes:
    """Show a page of the example site without the plugin and with it, and what is heard."""
    name, page = "gateway-offline.png", "guide/alerts"
    config = studio.folder / "mkdocs.yml"
    with_plugin = config.read_text(encoding="utf-8")
    found = {}
    for when, text in (
        ("after", with_plugin),
        ("before", with_plugin.replace("publish: all", "publish: all\n      enabled: false")),
    ):
        config.write_text(text, encoding="utf-8")
        studio.run("mkdocs", "build")
        found[when] = studio.heard(page, name)
    config.write_text(with_plugin, encoding="utf-8")
    source = (studio.folder / "example_site" / f"{page}.md").read_text(encoding="utf-8")
    parts = source.partition(f"pictures/{name}")[0].split("\n\n")
    words = parts[-2]
    title = next(part for part in reversed(parts) if part.startswith("#")).lstrip("# ")
    views = []
    for when, headline in (("before", "Without alt text"), ("after", "With mkdocs-alttext")):
        said = (
            "" if found[when] == "ignored" else found[when].replace(' "', ", “").replace('"', "”")
        )
        told = said or "nothing: the picture is passed over"
        views.append(
            f"<div class=window><div class=bar>{headline}</div><div class=page>"
            f"<h2>{title}</h2><p>{html.escape(words)}</p>"
            f'<img src="example_site/pictures/{name}"></div>'
            f'<div class="heard{"" if said else " nothing"}"><b>A screen reader says of the '
            f"picture</b>{html.escape(told)}</div></div>"
        )
    return studio.show(f"<div class=pair>{''.join(views)}</div>", width=1080)


def review(studio: Studio, scheme: str, name: str = "") -> bytes:
    """Show a draft beside its picture, as a review has it, or a list, in a colour scheme."""
    config = studio.folder / "mkdocs.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("publish: all", "publish: drafts"), encoding="utf-8")
    studio.run("mkdocs", "build")
    return studio.review(name, width=1280, height=720, scheme=scheme)


def measured_texts() -> list[Measured]:
    """Return the recorded texts of `ocr` for the labelled pictures."""
    texts: dict[str, str | None] = json.loads(
        (ROOT / "tests" / "ocr_readings" / "texts.json").read_text(encoding="utf-8")
    )
    return [Measured(each, clean(texts[each.file] or ""), 0, 0) for each in labelled()]


def by_kind() -> list[tuple[str, int, int, int]]:
    """Count the texts of each kind of picture.

    Returns:
        Names of kinds, each with how many of its pictures have a text that says the subject, are
        rightly without one, and are neither.
    """
    kinds: dict[str, list[Measured]] = {}
    for each in measured_texts():
        kinds.setdefault(each.picture.kind, []).append(each)
    rows = []
    for kind, group in sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0])):
        said = sum(each.says_subject for each in group)
        right = sum(each.is_right and not each.picture.subject for each in group)
        rows.append((kind, said, right, len(group) - said - right))
    return rows


def quality(studio: Studio) -> bytes:
    """Show how good the texts of `ocr` are, by the kind of picture."""
    unit = 24
    rows = []
    for kind, *numbers in by_kind():
        bars = "".join(
            f'<div class={name} style="width:{number * unit}px"></div>'
            for name, number in zip(("said", "right", "wrong"), numbers, strict=True)
        )
        rows.append(f"<tr><td>{kind}<td align=right>{sum(numbers)}<td><div class=bars>{bars}</div>")
    key = (
        "<p class=key><i class=said></i>says what the picture is about"
        "<i class=right></i>rightly silent<i class=wrong></i>neither</p>"
    )
    body = f"<h1>Texts of ocr, by kind of picture</h1><table>{''.join(rows)}</table>{key}"
    return studio.show(body, width=600)


def quality_table() -> str:
    """Return the same as a table, for those who read it."""
    lines = [
        "| kind | pictures | subject said | rightly silent | neither |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {kind} | {sum(rest)} | {' | '.join(map(str, rest))} |" for kind, *rest in by_kind()
    ]
    return "\n".join(lines)


PICTURES: dict[str, Callable[[Studio], bytes]] = {
    "scan": scan,
    "first-build": first_build,
    "before-after": before_after,
    "review-light": partial(review, scheme="light", name=_REVIEWED),
    "review-dark": partial(review, scheme="dark", name=_REVIEWED),
    "review-list-light": partial(review, scheme="light"),
    "review-list-dark": partial(review, scheme="dark"),
    "quality-kinds": quality,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pictures.

    Args:
        arguments: As on the command line.

    Returns:
        The exit status: 1 without a browser.
    """
    parser = argparse.ArgumentParser(description="Make the documentation's pictures.")
    parser.add_argument("folder", nargs="?", default=FOLDER, type=Path)
    parser.add_argument("--only", choices=sorted(PICTURES), action="append")
    given = parser.parse_args(arguments)
    program = find_chromium()
    if program is None:
        print("Chromium is not installed: on Debian, the package is `chromium`.", file=sys.stderr)
        return 1
    given.folder.mkdir(parents=True, exist_ok=True)
    for name in _EXAMPLES:
        shutil.copy(ROOT / name, given.folder)
    for name in given.only or PICTURES:
        with tempfile.TemporaryDirectory() as profile, tempfile.TemporaryDirectory() as folder:
            with Chromium(program, Path(profile)) as browser:
                png = PICTURES[name](Studio(Path(folder), browser))
            (given.folder / f"{name}.png").write_bytes(png)
            print(f"{name}.png: {len(png)} bytes")
    page = ROOT / "docs" / "quality.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(between_marks(text, "quality", quality_table()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
