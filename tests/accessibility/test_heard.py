"""What would be heard for each image, against a file of what is to be heard.

Where a change of it is meant, `ALTTEXT_WRITE_HEARD=1 make accessibility` writes the files anew:
read what differs aloud.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accessibility.heard import heard
from accessibility.test_axe import SITUATIONS, built_example
from neighbours.beside import MATERIAL, build_beside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accessibility.chromium import Chromium
    from api_server import ApiServer

FOLDER = Path(__file__).parent / "heard"


def test_what_is_told_of_an_image(tmp_path: Path, browser: Chromium) -> None:
    """Its name, with what it names, and what is not heard."""
    (tmp_path / "page.html").write_text(
        "<!doctype html><title>x</title><img src=a.png><img alt='' src=b.png>"
        "<a href=c><img alt='Long text' src=c.png> Words</a><a href=d><img alt='' src=d.png></a>"
        "<button><img alt=Save src=e.png></button><div hidden><img alt=x src=f.png></div>"
        "<p aria-hidden=true><img alt=x src=g.png></p><img alt=Two title=Three src=data:image/x,0>"
        "<details><summary><img alt=More src=h.png></summary>Rest</details>",
        encoding="utf-8",
    )
    assert heard(browser, tmp_path, {"Long text": "(c.png)"}).splitlines() == [
        "page.html",
        "  a.png: image without a name",
        "  b.png: ignored",
        '  c.png: image "(c.png)", in link "(c.png) Words"',
        "  d.png: ignored, in link without a name",
        '  e.png: image "Save", in button "Save"',
        "  f.png: ignored",
        "  g.png: ignored",
        '  data:image/x: image "Two"',
        '  h.png: image "More", in DisclosureTriangle "More"',
    ]


def test_the_example_site(tmp_path: Path, server: ApiServer, browser: Chromium) -> None:
    """As its own configuration says, with the service."""
    project = built_example(tmp_path, server)
    report = json.loads((project / "build/alttext-report.json").read_text(encoding="utf-8"))
    compare("example-site.txt", heard(browser, project / "filled", short_names(report)))


def test_a_site_with_a_lightbox(tmp_path: Path, server: ApiServer, browser: Chromium) -> None:
    """Each situation, with a link to the picture around all that glightbox takes."""
    beside = build_beside(tmp_path, server, ["glightbox"], docs=SITUATIONS, config=MATERIAL)
    assert beside.cold.report is not None
    texts = short_names(beside.cold.report)
    compare("glightbox.txt", heard(browser, beside.cold.folder, texts))


def short_names(report: Mapping[str, Any]) -> dict[str, str]:
    """Return what to say in place of texts of the service, which differ with a picture's bytes."""
    made = [each for each in report["images"] if each["origin"] in {"service", "store"}]
    return {
        each["alt"]: f"({each['file']})" for each in sorted(made, key=lambda each: each["file"])
    }


def compare(name: str, said: str) -> None:
    """Compare what is heard with what is to be heard."""
    path = FOLDER / name
    if os.environ.get("ALTTEXT_WRITE_HEARD"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")
