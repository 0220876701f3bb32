"""What the pages of `mkdocs-alttext review` take, with many entries beside few.

    python -m bench.review [--few N] [--many N] [--rounds N] [--check]

It writes two sites that differ in nothing but how many pictures they have, reviews both by turns in
the same minutes, and prints for each kind of request the median time of both and the median of
their ratios. Only what somebody else wrote into the catalog is read anew as a whole, which takes as
long as the file is, so that its bound is in seconds. What a review of the many holds in memory is
printed, too, before and after a person has looked at pictures. Exit status 1 with `--check` when a
bound fails.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import io
import re
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode, urlsplit

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_RATIO = 1.5
"""Of what takes no longer among the many."""
MOST_SECONDS = 2.0
"""For a page after somebody else wrote the file."""
MOST_GROWTH = 8 * 1024 * 1024
"""Bytes of memory between the 200th picture that is looked at and the last one."""
_ON_A_PAGE = 10
_SETTLED = 200
"""Pictures after which what is kept for the next ones is full."""
_CONFIG = """\
site_name: Review
theme: {name: null, custom_dir: theme}
plugins: [alttext]
"""
_PAGE = "<!doctype html><html lang='en'><body>{{ page.content }}</body></html>"
_FORM = re.compile(r'name="(id|revision)" value="([0-9a-f]+)"')
_PICTURE = re.compile(r'"(/picture/[0-9a-f]+)"')


def write_site(folder: Path, number: int) -> None:
    """Write a site with a number of pictures, each with a draft in the catalog."""
    (folder / "theme").mkdir(parents=True)
    (folder / "theme" / "main.html").write_text(_PAGE, encoding="utf-8")
    (folder / "mkdocs.yml").write_text(_CONFIG, encoding="utf-8")
    entries = []
    for first in range(0, number, _ON_A_PAGE):
        pages = folder / "docs" / f"part{first // _ON_A_PAGE:04}"
        pages.mkdir(parents=True)
        lines = [f"# Part {first}"]
        for at in range(first, first + _ON_A_PAGE):
            buffer = io.BytesIO()
            colour = (at % 256, at // 256 % 256, 90)
            Image.new("RGB", (320, 200), colour).save(buffer, "PNG")
            (pages / f"picture{at:05}.png").write_bytes(buffer.getvalue())
            lines.append(f"The form ![](picture{at:05}.png) has {at} fields and a button below.")
            entries.append(
                f"{pages.name}/picture{at:05}.png:\n"
                f'  alt:\n    en: "A form with {at} fields, a button and a line of help below"\n'
                f"  status: draft\n  sha256: {hashlib.sha256(buffer.getvalue()).hexdigest()}\n"
                "  origin: alttextai 00000000\n"
            )
        (pages / "index.md").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    (folder / "alttext.yml").write_text("\n".join(entries), encoding="utf-8")


class Reviewer:
    """A person's browser that runs no script."""

    def __init__(self, address: str, process: int, catalog: Path) -> None:
        """Open the first address of a review in a process, and know its catalog."""
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.netloc, timeout=120)
        self._origin = f"http://{parts.netloc}"
        self._process = process
        self._catalog = catalog
        self._cookie = ""
        self._connection.request("GET", f"/?{parts.query}")
        with self._connection.getresponse() as answer:
            self._cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
            answer.read()
        self.page = self.get("/")

    def get(self, path: str) -> str:
        """Return a page."""
        self._connection.request("GET", path, headers={"Cookie": self._cookie})
        return self._answer()

    def post(self, path: str, **fields: str) -> str:
        """Send a form, and return the page that it leads to."""
        headers = {
            "Cookie": self._cookie,
            "Origin": self._origin,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self._connection.request("POST", path, urlencode(fields), headers)
        return self._answer()

    def _answer(self) -> str:
        with self._connection.getresponse() as answer:
            data = answer.read()
        if answer.status == http.HTTPStatus.SEE_OTHER:
            return self.get(answer.getheader("Location") or "/")
        if answer.status != http.HTTPStatus.OK:
            raise SystemExit(f"status {answer.status}: {data[:500]!r}")
        return data.decode(errors="replace")

    def step(self, kind: str) -> float:
        """Do one thing as a person does, and return the seconds that it took."""
        if kind == _READ_ANEW:
            with self._catalog.open("a", encoding="utf-8") as file:
                file.write("# Somebody else was here.\n")
        began = perf_counter()
        match kind:
            case "approve and next":
                self.page = self.post(
                    "/save",
                    action="approve",
                    text="A form",
                    query="",
                    **dict(_FORM.findall(self.page)),
                )
            case "undo":
                step = self.page.partition('name="step" value="')[2].partition('"')[0]
                self.page = self.post("/undo", query="", step=step)
            case "next" | "read anew":
                self.page = self.get(_next(self.page))
            case "list":
                self.get("/list")
            case "another filter":
                self.get(f"/?folder=part{int(began * 1000) % 5:04}")
            case "picture":
                self.get(_PICTURE.findall(self.page)[0])
        return perf_counter() - began

    @property
    def resident(self) -> int:
        """Bytes that the process of the review has in memory."""
        status = Path(f"/proc/{self._process}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) * 1024 if found else 0


def _next(page: str) -> str:
    found = re.search(r'rel="next" href="([^"]+)"|href="([^"]+)"[^>]*rel="next"', page)
    return (found[1] or found[2]).replace("&amp;", "&") if found else "/"


_READ_ANEW = "read anew"
_ROUNDS = (
    ("next", "picture", "approve and next", "list", "undo", "another filter"),
    (_READ_ANEW,),  # by itself, as filters have to be worked out anew after it
)
KINDS = [kind for kinds in _ROUNDS for kind in kinds]


@contextmanager
def reviewed(folder: Path) -> Iterator[Reviewer]:
    """Review a site in a process of its own."""
    command = [sys.executable, "-m", "mkdocs_alttext", "review", "--no-browser"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().strip() if process.stdout else ""
        yield Reviewer(address, process.pid, folder / "alttext.yml")
    finally:
        process.terminate()
        process.wait()


class Figures(NamedTuple):
    """What was measured."""

    seconds: dict[str, tuple[list[float], list[float]]]
    """By the kind of request, of the few and of the many, by turns."""
    settled: int
    """Bytes of memory after some pictures."""
    last: int
    """Bytes of memory at the end."""

    def is_slow(self, kind: str) -> bool:
        """Tell whether a bound fails."""
        if kind == _READ_ANEW:
            return statistics.median(self.seconds[kind][1]) > MOST_SECONDS
        return self.ratio(kind) > MOST_RATIO

    def ratio(self, kind: str) -> float:
        """Return the median of the ratios of pairs."""
        return statistics.median(many / few for few, many in zip(*self.seconds[kind], strict=True))


def measured(few: Path, many: Path, rounds: int, looks: int) -> Figures:
    """Review both sites by turns."""
    seconds: dict[str, tuple[list[float], list[float]]] = {kind: ([], []) for kind in KINDS}
    with reviewed(few) as one, reviewed(many) as other:
        for kinds, number in product(_ROUNDS, range(rounds + 3)):
            for kind in kinds:
                pair = (one, other) if number % 2 else (other, one)
                took = {id(each): each.step(kind) for each in pair}
                if number >= 3:  # the first ones only warm up  # noqa: PLR2004
                    seconds[kind][0].append(took[id(one)])
                    seconds[kind][1].append(took[id(other)])
        settled = 0
        for number in range(looks):
            other.step("next")
            other.step("picture")
            if number == min(_SETTLED, looks // 2):
                settled = other.resident
        return Figures(seconds, settled, other.resident)


def main() -> int:
    """Write, review and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--few", type=int, default=50)
    parser.add_argument("--many", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder, "few"), Path(folder, "many")
        write_site(few, arguments.few)
        write_site(many, arguments.many)
        looks = min(2000, arguments.many - 2 * arguments.rounds)
        found = measured(few, many, arguments.rounds, looks)
    print(f"{'milliseconds':20}{arguments.few:>10}{arguments.many:>10}     ratio")
    for kind, (one, other) in found.seconds.items():
        times = (statistics.median(each) * 1000 for each in (one, other))
        print(
            f"{kind:20}" + "".join(f"{each:10.1f}" for each in times) + f"{found.ratio(kind):10.2f}"
        )
    is_slow = any(map(found.is_slow, KINDS))
    growth = found.last - found.settled
    print(f"memory: {found.settled >> 20} MiB, {growth / 2**20:+.1f} MiB after {looks} pictures")
    return int(arguments.check and (is_slow or growth > MOST_GROWTH))


if __name__ == "__main__":
    sys.exit(main())
