"""Twenty pages of a site of Zensical, with what Material's authors do with pictures.

Owns their sources only.
"""

from __future__ import annotations

from built_site import picture

PICTURES = {
    f"{folder}{name}.png": picture(number + 7 * len(folder))
    for number, name in enumerate(("plain", "light", "dark", "chart", "ünïcode", "with space"))
    for folder in ("", "img/", "guide/deep/")
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>{}</title></svg>'

PAGES: dict[str, str | bytes] = {
    "index.md": "# Home\n\n![](plain.png)\n\n![Author's own](plain.png)\n\n![](img/none.png)\n",
    "guide/index.md": '# Guide\n\n![](../img/plain.png "A title")\n\n<img src="../plain.png">\n',
    "guide/deep/page.md": (
        "# Deep\n\n![](plain.png) ![](../../plain.png) ![](/proj/plain.png)\n\n"
        '<p><img src="plain.png"> <IMG SRC=../../img/chart.png></p>\n'
    ),
    "admonitions.md": (
        "# Admonitions\n\n!!! note\n    ![](chart.png)\n\n    <img src='chart.png' width=90>\n\n"
        '??? tip "Open ![](plain.png)"\n    1. ![](chart.png)\n\n        ![](img/chart.png)\n'
    ),
    "tabs.md": (
        '# Tabs\n\n=== "One ![](plain.png)"\n\n    ![](chart.png)\n\n=== "Two"\n\n'
        "    ```html\n    <img src=chart.png>\n    ```\n\n    ![](plain.png){ width=200 }\n"
    ),
    "grids.md": (
        '# Grids\n\n<div class="grid cards" markdown>\n\n-   :material-clock: __Card__\n\n'
        "    ---\n\n"
        "    ![](chart.png)\n\n-   ![](plain.png){ .lg .middle } **Title**\n\n</div>\n\n"
        '<div class="grid" markdown>\n\n![](img/plain.png)\n\n> ![](img/chart.png)\n\n</div>\n'
    ),
    "pairs.md": (
        "# Pairs\n\n![](light.png#only-light)\n![](dark.png#only-dark)\n\n"
        "[![](light.png#only-light) ![](dark.png#only-dark)](index.md)\n\n"
        "![](img/light.png#gh-light-mode-only) ![](img/dark.png#gh-dark-mode-only)\n"
    ),
    "icons.md": (
        "# Icons :smile:\n\n:fontawesome-brands-github: Hub :octicons-heart-fill-24:{ .heart }\n\n"
        "![](plain.png){ .twemoji } [:material-home: Home](index.md) ![](icon.svg) ![](bare.svg)\n"
    ),
    "captions.md": (
        "# Captions\n\n<figure markdown='span'>\n  ![](chart.png){ width=300 }\n"
        "  <figcaption>What sold</figcaption>\n</figure>\n\n"
        "![](plain.png)\n/// caption\nA caption\n///\n"
    ),
    "links.md": (
        "# Links\n\n[![](plain.png)](guide/index.md) [![](plain.png)](tabs.md#tabs)\n"
        "[![](plain.png)](https://example.org/) [![](plain.png) with text](index.md)\n\n"
        '<a href="../captions/"><img src="plain.png"></a> [![](plain.png)](chart.png)\n\n'
        "[![](plain.png)](#links){ .md-button }\n"
    ),
    "raw.md": (
        "# Raw\n\n<picture><source srcset='light.png'><img src='plain.png'></picture>\n\n"
        "<!-- <img src=plain.png> -->\n\n"
        "<img alt='' src=plain.png><img alt='mine' src=plain.png/><img data-src='chart.png'>\n\n"
        "<button><img src='plain.png'></button> <img src=plain.png data-alttext=skip>\n\n"
        "<script>var a = '<img src=plain.png>';</script>\n\nText <img src='chart.png'> `<img>`.\n"
    ),
    "tables.md": (
        "# Tables\n\n| A | B |\n|---|---|\n| ![](plain.png) | ![](chart.png){ .decorative } |\n"
        '| ![](plain.png){ alt="" } | <img src="chart.png"> |\n'
    ),
    "notes.md": "# Notes\n\nA note[^1].\n\n[^1]: ![](chart.png)\n\nTerm\n:   ![](plain.png)\n",
    "headings.md": "# ![](plain.png) First\n\n[TOC]\n\n## Second ![](chart.png)\n\n### `code`\n",
    "front.md": "---\nalttext: false\n---\n# Left alone\n\n![](plain.png) <img src=chart.png>\n",
    "german.md": "---\nalttext:\n  lang: de\n---\n# Deutsch\n\n![](plain.png) ![](chart.png)\n",
    "names.md": (
        "# Names\n\n![](ünïcode.png) ![](img/with%20space.png) ![](<img/with space.png>)\n\n"
        "![][ref] ![ref] ![](plain.png?v=2) ![](img/../plain.png) ![ ](plain.png)\n\n"
        "[ref]: img/plain.png\n"
    ),
    "crlf.md": b"# CRLF\r\n\r\n![](plain.png)\r\n\r\n<img src='chart.png'>\r\n",
    "bom.md": "\ufeff# BOM\n\n![](plain.png)\n".encode(),
    "math.md": (
        "# Math\n\n$$a < b$$ \\(x\\) ==mark== ++ctrl+c++ H~2~O ![](chart.png)\n\n"
        "- [x] ![](plain.png)\n\n"
        "```mermaid\ngraph LR\n  A --> B\n```\n\n*[HTML]: Language\n\n"
        "HTML ![](plain.png) \\*no\\*\n"
    ),
}
FILES: dict[str, str | bytes] = {
    **PICTURES,
    "icon.svg": SVG.format("A red flag"),
    "bare.svg": SVG.format("Layer 1"),
    "empty.png": b"",
}
