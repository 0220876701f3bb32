"""A small site whose every filled byte can be foretold.

Owns its sources, and the judgement whether a built page is the plain one with texts in the right
places. It must not know what is wrong with the service or the cache.
"""

from __future__ import annotations

import hashlib
import io
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from PIL import Image

from mkdocs_alttext.captioning.judging import clean
from mkdocs_alttext.images.prepare import prepare

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # the server lives there
from api_server import alt_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

LANGUAGE = "en"
_PICTURES_A_PAGE = 4
_SIZE = (24, 16)

_TEMPLATE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ page.title }}</title></head>
<body><img src="{{ 'logo.png'|url }}" alt="Logo">
{{ page.content }}
</body>
</html>
"""
_NOT_FOUND = """\
<!doctype html>
<html lang="en"><head><title>Not found</title></head>
<body><h1>Not found</h1><img src="/img/picture-0.png"></body></html>
"""

_IMAGE = re.compile(r"<img [^>]*>")
_ALT = re.compile(r' alt="([^"]*)"')
_FILE = re.compile(r'src="[^"]*?(img/picture-\d+\.png)"')


@dataclass(frozen=True, slots=True)
class StressSite:
    """A site's sources and what a build makes of them."""

    folder: Path
    pictures: tuple[str, ...]
    """Distinct pictures that lack text, by their path in the built site, in page order."""
    texts: Mapping[str, str] = field(repr=False)
    """What is to be published of what the service says about each."""
    digests: Mapping[str, str] = field(repr=False)
    """Which picture has this digest, as it is sent."""
    plain: dict[str, bytes] = field(default_factory=dict, repr=False)
    """The files of a build without the plugin, by path."""

    def config(self, plugins: Mapping[str, object]) -> dict[str, object]:
        """Return what `mkdocs.yml` holds."""
        return {
            "site_name": "Stress",
            "site_url": "https://docs.example/",
            "use_directory_urls": False,
            "docs_dir": str(self.docs),
            "theme": {
                "name": None,
                "custom_dir": str(self.folder / "theme"),
                "static_templates": ["404.html"],
            },
            "plugins": [{name: options} for name, options in plugins.items()],
        }

    @property
    def docs(self) -> Path:
        """The folder of the sources."""
        return self.folder / "docs"

    def faults(self, files: Mapping[str, bytes], filled: AbstractSet[str]) -> list[str]:
        """Compare a built site with the plain one.

        Args:
            files: The built site.
            filled: Pictures that have text, as the report says.

        Returns:
            What is wrong: other files, other bytes, a wrong text, or a picture with text in one
            place and without in another.
        """
        found = [f"the site lacks {path}" for path in sorted(self.plain.keys() - files.keys())]
        found += [f"the site has {path}" for path in sorted(files.keys() - self.plain.keys())]
        for path in sorted(self.plain.keys() & files.keys()):
            plain, built = self.plain[path], files[path]
            if not path.endswith(".html"):
                if plain != built:
                    found.append(f"{path} differs")
                continue
            found += self._page_faults(path, plain.decode(), built.decode(), filled)
        return found

    def _page_faults(
        self, path: str, plain: str, built: str, filled: AbstractSet[str]
    ) -> Iterable[str]:
        tags = list(zip(_IMAGE.findall(plain), _IMAGE.findall(built), strict=False))
        for before, after in tags:
            picture = _first(_FILE, before)
            is_kept = bool(_first(_ALT, before)) or "data-keep" in before
            if picture is None or is_kept or picture not in filled:
                if before != after:
                    yield f"{path}: {before} became {after}"
            elif _first(_ALT, after) != self.texts[picture]:
                yield f"{path}: {after} has not the text of {picture}"
            elif _ALT.sub("", before) != _ALT.sub("", after):
                yield f"{path}: {before} became {after}, more than its text"
        if _IMAGE.sub("", plain) != _IMAGE.sub("", built):
            yield f"{path} differs between its images"


def write_site(folder: Path, count: int, *, language: str = LANGUAGE) -> StressSite:
    """Write a site's sources.

    Args:
        folder: Where to; made when it is not there.
        count: Distinct pictures, from 4 up.
        language: What the service calls the language of its texts.
    """
    docs, theme = folder / "docs", folder / "theme"
    (docs / "img").mkdir(parents=True)
    theme.mkdir()
    (theme / "main.html").write_text(_TEMPLATE, encoding="utf-8")
    (theme / "404.html").write_text(_NOT_FOUND, encoding="utf-8")
    (docs / "logo.png").write_bytes(picture(10**6))
    pictures = tuple(f"img/picture-{number}.png" for number in range(count))
    texts, digests = {}, {}
    for number, path in enumerate(pictures):
        original = picture(number)
        (docs / path).write_bytes(original)
        sent = prepare(original).data
        texts[path] = clean(alt_text(sent, language))
        digests[hashlib.sha256(sent).hexdigest()] = path
    for place, first in enumerate(range(0, count, _PICTURES_A_PAGE)):
        name = f"page-{place:03}.md" if place else "index.md"
        page = _page(place, pictures[first : first + _PICTURES_A_PAGE], pictures[:first])
        (docs / name).write_text(page, encoding="utf-8")
    (docs / "words.md").write_text("# Words\n\nNo pictures here, only `<img>`.\n", encoding="utf-8")
    return StressSite(folder, pictures, texts, digests)


def read_files(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder by their path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def picture(number: int) -> bytes:
    """Draw a small picture that differs from those of other numbers."""
    width, height = _SIZE
    pixels = Random(number).randbytes(3 * width * height)  # noqa: S311 - pictures, not secrets
    buffer = io.BytesIO()
    Image.frombytes("RGB", _SIZE, pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _page(place: int, new: tuple[str, ...], old: tuple[str, ...]) -> str:
    """Show each new picture, half of them as raw HTML, and some of other pages again."""
    lines = [f"# Page {place}", "Text before the pictures & an <em>entity</em>: &nbsp;."]
    for number, path in enumerate(new):
        lines.append(f"![]({path})" if number % 2 else f'<p><img src="{path}" width=24 /></p>')
    lines += [f"Once more ![]({path}) in a line." for path in old[-2:]]
    lines += ["![Kept as written](logo.png)", f'<p><img alt="" data-keep src="{new[0]}"></p>']
    return "\n\n".join(lines) + "\n"


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match and match[1]
