"""A MkDocs site of any size, the same for the same numbers.

    python -m bench.generated_site FOLDER [--pages N] [--page-kilobytes N] [--lacking PERCENT]
        [--with-text PERCENT] [--images N] [--images-per-page N] [--decoys] [--material]

Owns what the generated pages, theme and pictures look like. It must not know who builds the site
or what is measured: its `mkdocs.yml` names no plugin but MkDocs' own search.

The theme is one of its own, which is quick to build, or Material for MkDocs with the extensions
that its documentation recommends, which is what most sites with heavy pages have.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.pictures import pictures

_WORDS = (
    "account archive backup battery cable channel cluster column config console counter device "
    "driver event export feature filter folder gateway greenhouse handle import index interval "
    "label limit manager message metric monitor network option output panel pattern policy probe "
    "profile queue reading record region report request sensor server setting signal source "
    "status storage stream switch table target template threshold timer token trigger update "
    "valve value version volume window worker zone"
).split()
_PAGES_A_SECTION = 100
_PARTS = 9
"""Of an article, which make 9 KB of Markdown: the mean of 451 pages of six public sites (FastAPI,
Pydantic, uv, Copier, Material for MkDocs, MkDocs) is 9.2 KB."""
_ARTICLE_BYTES = 15_000
"""About what such an article comes to in HTML."""
_ENTRY_BYTES = 300
"""About what one entry of the theme's navigation comes to."""
_MATERIAL_BYTES, _MATERIAL_ENTRY_BYTES = 36_500, 280
"""About what a page comes to in Material without its navigation, and each entry of that."""

_CONFIG = """\
site_name: Generated site
site_url: https://docs.example/
use_directory_urls: true
theme:
  name: null
  custom_dir: theme
markdown_extensions: [admonition, attr_list, md_in_html, tables, toc: {{permalink: true}}]
plugins: [search]
extra:
  decoys: {decoys}
  entries:
{entries}
"""

_MATERIAL_CONFIG = """\
site_name: Generated site
site_url: https://docs.example/
use_directory_urls: true
theme:
  name: material
  font: false
  features: [navigation.footer, navigation.prune, search.suggest, toc.follow]
  palette:
    - scheme: default
      toggle: {{icon: material/brightness-7, name: Dark}}
    - scheme: slate
      toggle: {{icon: material/brightness-4, name: Light}}
markdown_extensions:
  - admonition
  - attr_list
  - def_list
  - footnotes
  - md_in_html
  - tables
  - toc: {{permalink: true}}
  - pymdownx.details
  - pymdownx.emoji:
      emoji_index: !!python/name:material.extensions.emoji.twemoji
      emoji_generator: !!python/name:material.extensions.emoji.to_svg
  - pymdownx.highlight: {{anchor_linenums: true}}
  - pymdownx.inlinehilite
  - pymdownx.keys
  - pymdownx.mark
  - pymdownx.snippets
  - pymdownx.superfences
  - pymdownx.tabbed: {{alternate_style: true}}
plugins: [search]
nav:
{entries}
"""

_TEMPLATE = """\
{%- macro nav_item(entry) -%}
{%- set is_active = page and page.url == entry.url %}
<li class="nav__item nav__item--nested{{ ' nav__item--active' if is_active }}">\
<a class="nav__link" href="{{ entry.url|url }}"{{ ' aria-current="page"'|safe if is_active }}>\
<span class="nav__icon"><svg viewBox="0 0 24 24">\
<path d="M9 3v18h2V3H9m3 2 4 13 2-.5-4-13-2 .5M5 5v13h2V5H5M3 19v2h18v-2H3Z"/></svg></span>\
<span class="ellipsis">{{ entry.title }}</span></a></li>
{%- endmacro -%}
<!doctype html>
<html lang="en" class="no-js">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="canonical" href="{{ page.canonical_url }}">
<title>{{ page.title }} - {{ config.site_name }}</title>
<style>:root{--text:#222;--ground:#fff}.nav__item>.nav__link{color:var(--text)}</style>
<script>document.documentElement.className="js"</script>
</head>
<body data-md-color-scheme="default">
<header class="header"><a href="{{ 'index.html'|url }}" title="{{ config.site_name }}" \
class="header__button logo"><img src="{{ 'pictures/logo.png'|url }}" alt="Generated site"></a>
<form class="search" name="search"><input type="text" aria-label="Search" autocapitalize="off">
</form></header>
<nav class="nav nav--primary" aria-label="Navigation" data-md-level="0">
<ul class="nav__list" data-md-scrollfix>
{%- for entry in config.extra.entries %}{{ nav_item(entry) }}{% endfor %}
</ul></nav>
<main class="main"><article class="content typeset">
{{ page.content }}
</article></main>
<aside class="toc"><ul>
{%- for item in page.toc %}<li><a href="{{ item.url }}">{{ item.title }}</a></li>{% endfor %}
</ul></aside>
<footer class="footer"><p>Made with MkDocs</p></footer>
{% if config.extra.decoys %}<script>var image = '<img src="' + 'x.png' + '">'</script>{% endif %}
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class SiteSpec:
    """What a generated site is like. The shares lie between 0 and 1."""

    pages: int
    page_kilobytes: int = 100
    """Size of a page's final HTML, nearly all of it the theme's."""
    lacking: float = 0.1
    """Share of pages that have images without alt text."""
    with_text: float = 0.5
    """Share of pages that have images with text."""
    images: int = 200
    """Different pictures; pages that lack text use them in turn."""
    images_per_page: int = 2
    """Images of each kind on a page that has any."""
    decoys: bool = False
    """Whether the theme has a script on each page that holds what looks like an image's tag."""
    material: bool = False
    """Whether the theme is Material for MkDocs, which has to be installed; it takes no decoys."""


def write_site(folder: Path, spec: SiteSpec) -> None:
    """Write a site's sources.

    Args:
        folder: Where to; made when it is not there.
        spec: What the site is like.
    """
    docs = folder / "docs"
    (docs / "pictures").mkdir(parents=True, exist_ok=True)
    if spec.material:
        config = _MATERIAL_CONFIG.format(entries=_navigation(spec))
    else:
        config = _CONFIG.format(entries=_listed(spec), decoys=str(spec.decoys).lower())
        (folder / "theme").mkdir(exist_ok=True)
        (folder / "theme" / "main.html").write_text(_TEMPLATE, encoding="utf-8")
    (folder / "mkdocs.yml").write_text(config, encoding="utf-8")
    for number, picture in enumerate(pictures(spec.images)):
        (docs / "pictures" / f"picture-{number}.png").write_bytes(picture)
    (docs / "pictures" / "logo.png").write_bytes(next(pictures(1)))
    for number in range(spec.pages):
        path = docs / _page_path(number)
        path.parent.mkdir(exist_ok=True)
        path.write_text(_page(number, spec), encoding="utf-8")


def _listed(spec: SiteSpec) -> str:
    """List pages as real themes do: with a macro, the `url` filter and a look at each page."""
    entries = max(0, spec.page_kilobytes * 1000 - _ARTICLE_BYTES) // _ENTRY_BYTES
    return "\n".join(
        f"    - {{url: {_page_path(number)[:-3]}/, title: Page {number} of the navigation}}"
        for number in range(1, entries + 1)
    )


def _navigation(spec: SiteSpec) -> str:
    """List sections with their pages, and links, so that pages are as large on sites of any size.

    A page shows its section's pages, the other sections, and the links.
    """
    lines = ["  - index.md"]
    sections = range(0, spec.pages, _PAGES_A_SECTION)
    for first in sections:
        lines.append(f"  - Section {first // _PAGES_A_SECTION}:")
        numbers = range(max(1, first), min(spec.pages, first + _PAGES_A_SECTION))
        lines += (f"    - {_page_path(number)}" for number in numbers)
    entries = max(0, spec.page_kilobytes * 1000 - _MATERIAL_BYTES) // _MATERIAL_ENTRY_BYTES
    links = max(0, entries - len(sections) - min(spec.pages, _PAGES_A_SECTION))
    lines += (
        f"  - Entry {number} of the navigation: https://docs.example/section-0/page-{number}/"
        for number in range(links)
    )
    return "\n".join(lines)


def _page_path(number: int) -> str:
    if number == 0:
        return "index.md"
    return f"section-{number // _PAGES_A_SECTION}/page-{number}.md"


def _page(number: int, spec: SiteSpec) -> str:
    random = Random(number)  # noqa: S311 - documents, not secrets
    up = "../" * (number > 0)
    images = []
    if _falls_on(number, spec.lacking):
        first = round(number * spec.lacking) * spec.images_per_page
        images += [
            f"![]({up}pictures/picture-{(first + place) % spec.images}.png)"
            for place in range(spec.images_per_page)
        ]
    if _falls_on(number, spec.with_text):
        images += [
            f"![The {_some(random, 4)}]({up}pictures/picture-{random.randrange(spec.images)}.png)"
            for _ in range(spec.images_per_page)
        ]
    sections = [_section(random) for _ in range(_PARTS)]
    for place, image in enumerate(images):
        sections[place % len(sections)] += f"\n{image}\n"
    return f"# Page {number}: {_some(random, 3)}\n" + "".join(sections)


def _falls_on(number: int, share: float) -> bool:
    """Spread a share evenly over the numbers."""
    return int((number + 1) * share) > int(number * share)


def _section(random: Random) -> str:
    rows = "".join(f"| `{_some(random, 1)}` | {_some(random, 5)} |\n" for _ in range(4))
    return (
        f"\n## {_some(random, 3).capitalize()}\n\n{_some(random, 40).capitalize()}, as in "
        f"[the {_some(random, 2)}](#{_some(random, 1)}) and *{_some(random, 2)}*.\n\n"
        f"- {_some(random, 8)}\n- **{_some(random, 2)}**: {_some(random, 6)}\n\n"
        f"| name | meaning |\n| --- | --- |\n{rows}\n"
        f'!!! note "{_some(random, 3)}"\n\n    {_some(random, 20)}.\n\n'
        f"```yaml\n{_some(random, 1)}:\n  "
        f"{_some(random, 1)}: <img src={_some(random, 1)}.png>\n```\n"
    )


def _some(random: Random, count: int) -> str:
    return " ".join(random.choices(_WORDS, k=count))


def main() -> None:
    """Write one site as the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=_positive, default=100)
    parser.add_argument("--page-kilobytes", type=_positive, default=100)
    parser.add_argument("--lacking", type=_share, default=0.1, metavar="PERCENT")
    parser.add_argument("--with-text", type=_share, default=0.5, metavar="PERCENT")
    parser.add_argument("--images", type=_positive, default=200)
    parser.add_argument("--images-per-page", type=_positive, default=2)
    parser.add_argument("--decoys", action="store_true")
    parser.add_argument("--material", action="store_true")
    arguments = vars(parser.parse_args())
    folder = arguments.pop("folder")
    if (folder / "docs").exists():
        parser.error(f"{folder} has a site already")
    write_site(folder, SiteSpec(**arguments))
    print(f"{arguments['pages']} pages in {folder}")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected a number from 1")
    return number


def _share(text: str) -> float:
    percent = float(text)
    if not 0 <= percent <= 100:  # noqa: PLR2004 - per cent
        raise argparse.ArgumentTypeError("expected per cent, from 0 to 100")
    return percent / 100


if __name__ == "__main__":
    main()
