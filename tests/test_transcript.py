"""What is said in the whole life of a site, in one file that people read: `golden/transcript.txt`.

`WRITE_GOLDEN=1` writes the file anew; read the difference aloud before it is committed.
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from api_server import API_KEY, ApiServer, Call, Fault, faults
from built_site import TinySite, picture
from click.testing import CliRunner
from PIL import Image

from mkdocs_alttext.cli.main import main
from mkdocs_alttext.models import Decision, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = "mkdocs_alttext: "
GOLDEN = Path(__file__).parent / "golden" / "transcript.txt"
KEY = "ALTTEXTAI_API_KEY"
PAGES: dict[str, str | bytes] = {
    "index.md": """# Start

![](img/form.png)

![](img/Form.png)

![](img/gone.png)

![](https://example.com/away.png)

![](data:image/png;base64,iVBORw0KGgo=)

![](attachment:plot.png)

![](img/broken.png)

![](img/plan.svg)

[![](img/chart.png)](guide/page.md)

[![](img/chart.png)](https://example.com)
""",
    "guide/page.md": """# The guide

![](../img/chart.png)

<p><img src="../../img/form.png"></p>

<p><img src="form.png"></p>

![](../img/wave.png){ data-alttext=maybe }

![Image of a form](../img/form.png)

![](../img/long.png)

![](../img/refused.png)

![](../img/logo.png)
""",
    "secret.md": "---\nalttext: perhaps\n---\n\n# Secret\n\n![](img/wave.png)\n",
    **{
        f"img/{name}.png": picture(number)
        for number, name in enumerate(("form", "chart", "wave", "long", "refused", "logo"))
    },
    "img/broken.png": b"no picture",
    "img/plan.svg": '<svg xmlns="http://www.w3.org/2000/svg"><title>Plan of a town</title></svg>',
}
CHANGED = picture(77)
"""The form, with a field more."""
ANSWERS = {
    "form": "Sign-in form with the fields name and password",
    "chart": "Bar chart: sales rise from 2020 to 2024",
    "long": " ".join(["A long row of shelves with books in many colours,"] * 4),
    "refused": "I'm sorry, I cannot help with that.",
    "logo": "Logo of the pumps department",
}
GERMAN = {
    "form": "Anmeldeformular",
    "chart": "Balkendiagramm: der Umsatz steigt von 2020 bis 2024",
    "long": "Ein langes Regal mit Büchern in vielen Farben",
    "refused": "Ein Ventil",
}


def pixels(data: bytes) -> bytes:
    """Return what tells one of the pictures from the others, also as it is sent."""
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB").tobytes()


NAMES = {
    pixels(content): name
    for name in ANSWERS
    if isinstance(content := PAGES[f"img/{name}.png"], bytes)
}
NAMES[pixels(CHANGED)] = "form"


def answer(call: Call) -> Fault | None:
    """Answer with the text of the picture that was sent."""
    if call.path != "/generate" or call.image is None:
        return None
    texts = GERMAN if call.language == "de" else ANSWERS
    return faults.text(texts[NAMES[pixels(call.image)]])


class Life:
    """A site, and what was said of it so far."""

    def __init__(self, folder: Path, server: ApiServer) -> None:
        """Begin with a site whose pages nobody described."""
        self.folder = folder
        self.server = server
        self.site = TinySite(folder, dict(PAGES), {"report": None})
        self.lines: list[str] = []

    def tell(self, what: str) -> None:
        """Say what happens next."""
        self.lines += ["", f"# {what}"]

    def options(self, **options: Any) -> None:  # noqa: ANN401 - the plugin's
        """Change options of the plugin."""
        self.site.options = {"report": None, **options}
        self.site.write()

    def run(self, *arguments: str) -> None:
        """Run a command."""
        result = CliRunner().invoke(main, [*arguments])
        self._note(f"mkdocs-alttext {' '.join(arguments)}", result.output.splitlines())
        if result.exit_code:
            self.lines.append(f"[status {result.exit_code}]")

    def build(self, *, verbose: bool = False, **named: Any) -> None:  # noqa: ANN401 - of `build`
        """Build the site."""
        levels = ("DEBUG", "INFO", "WARNING") if verbose else ("INFO", "WARNING")
        log = self.site.build(**named).log
        said = [
            f"{level}: {text.removeprefix(OWN)}"
            for level, text in log
            if level in levels and text.startswith(OWN)
        ]
        # Which answer comes before which page is looked at, nobody can tell.
        said.sort(key=lambda line: (not line.startswith("DEBUG"), line * line.startswith("DEBUG")))
        command = f"mkdocs {named.get('command', 'build')}{' -v' * verbose}"
        self._note(command, said)

    def catalog(self, **entries: dict[str, Any] | None) -> None:
        """Change entries of the catalog, as a person does; `None` removes one."""
        path = self.folder / "alttext.yml"
        content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        for name, entry in entries.items():
            file = f"img/{name}.png"
            if entry is None:
                content.pop(file)
            else:
                changed = {**content.get(file, {}), **entry}
                content[file] = {key: value for key, value in changed.items() if value}
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    def rename(self, old: str, new: str | None) -> None:
        """Give a picture another name, on pages, too; or delete it there and on the disk."""
        (self.folder / f"docs/img/{old}.png").unlink()
        shown = re.compile(rf"\n!\[\]\(\S*img/{old}\.png\)\n")
        docs = dict(self.site.docs)
        content = docs.pop(f"img/{old}.png")
        for name, text in docs.items():
            if isinstance(text, str):
                kept = text if new else shown.sub("", text)
                docs[name] = kept.replace(f"img/{old}.png", f"img/{new}.png")
        self.site.docs = docs | ({f"img/{new}.png": content} if new else {})

    def _note(self, command: str, lines: list[str]) -> None:
        own = [line for line in lines if "Doc file" not in line]  # which MkDocs says
        text = "\n".join(own).replace(str(self.folder), "…")
        text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
        self.lines += ["", f"$ {command}", *text.split("\n")]


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    """Stand in an empty folder, which no repository holds, and beside a service."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with ApiServer() as server:
        server.decide = answer
        yield Life(tmp_path, server)


def begin(life: Life, monkeypatch: pytest.MonkeyPatch, asking: dict[str, Any]) -> None:
    """Find out what the plugin would do, and let it."""
    life.tell("A site without the plugin")
    life.site.write(plugin=False)
    life.run("scan")
    life.run("catalog")

    life.tell("The plugin is listed; there is no key, then one in quotes, then one")
    life.options(**asking)
    life.build()
    life.run("account")
    monkeypatch.setenv(KEY, f'"{API_KEY}"')
    life.build()
    life.run("account")
    monkeypatch.setenv(KEY, API_KEY)
    life.run("account")
    life.run("scan")
    life.run("scan", "--write-baseline", "base.json")
    life.run("scan", "--format", "github", "--baseline", "base.json")
    life.build(command="serve")

    life.tell("The first build that pays, and the one after it")
    life.build(verbose=True)
    life.build()


def review(life: Life, asking: dict[str, Any]) -> None:
    """Approve, and change what texts are about."""
    life.tell("Drafts, and what a person makes of them")
    life.run("catalog")
    reviewed = {"status": "reviewed"}
    life.catalog(form=reviewed, chart=reviewed, logo=reviewed, wave={"status": "decorative"})
    life.catalog(gone={"alt": "Gone", "status": "reviewed"})
    life.build()
    life.run("catalog")
    life.catalog(gone=None)

    life.tell("A picture is renamed: img/chart.png is img/sales.png now")
    life.rename("chart", "sales")
    life.build()
    life.run("catalog")

    life.tell("A picture changes: img/form.png has a field more")
    life.site.docs = {**life.site.docs, "img/form.png": CHANGED}
    life.build()
    life.run("catalog")
    changed = {"en": "Sign-in form with the fields name, password and code"}
    life.catalog(form={"alt": changed, "sha256": None})
    life.run("catalog")

    life.tell("A picture is deleted: img/logo.png")
    life.rename("logo", None)
    life.build()
    life.run("catalog")
    life.catalog(logo=None)

    life.tell("A language is added: a page in German, and at most 1 credit for each build")
    start = "---\nalttext: {lang: de}\n---\n\n# Start\n\n![](img/form.png)\n\n![](img/sales.png)\n"
    life.site.docs = {**life.site.docs, "start.md": start}
    life.options(**asking, max_credits=1)
    life.build()
    life.run("catalog")

    life.tell("Only what is approved is published")
    life.options(**asking, publish="reviewed")
    life.build()
    life.run("catalog")

    life.tell("Texts are forgotten")
    life.options(**asking)
    life.run("forget", "nothing.png")
    life.run("forget", "--dry-run", "long.png")
    life.run("forget", "long.png")


def leave(life: Life) -> None:
    """Take the texts along, and remove the plugin."""
    life.tell("Texts go into the Markdown")
    life.run("apply", "--dry-run")
    life.run("apply")
    life.run("apply", "--free")
    life.run("apply")

    life.tell("The plugin is removed")
    docs = life.folder / "docs"
    life.site.docs = {name: (docs / name).read_bytes() for name in life.site.docs}
    life.site.write(plugin=False)
    life.run("scan")
    life.run("scan", "--fail-on", "remarks", "--baseline", "base.json")


def fail(life: Life, monkeypatch: pytest.MonkeyPatch, asking: dict[str, Any]) -> None:
    """Do what goes wrong."""
    life.tell("What goes wrong")
    life.options(**{**asking, "base_url": "https://elsewhere.example"})
    life.build()
    monkeypatch.setenv(KEY, "wrong-key-0123456789")
    life.options(**asking)
    life.build()
    life.run("account")
    (life.folder / "alttext.yml").write_text("img/form.png: [\n", encoding="utf-8")
    life.run("scan")
    life.site.write(plugin=False)
    life.run("apply")


def test_the_whole_life_of_a_site(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file has what people read, with each cause once and the next step."""
    asking = {"base_url": life.server.base_url, "concurrency": 1, "max_retries": 0}
    begin(life, monkeypatch, asking)
    review(life, asking)
    leave(life)
    fail(life, monkeypatch, asking)
    text = "\n".join(line.rstrip() for line in life.lines).strip() + "\n"
    if "WRITE_GOLDEN" in os.environ:
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_nobody_reads_names_of_the_code() -> None:
    """Decisions are names for reports and programs; no cause is said twice in a line."""
    text = GOLDEN.read_text(encoding="utf-8")
    names = {decision.value for decision in Decision if "-" in decision} - {*Reason}
    assert [name for name in sorted(names) if name in text] == []
    assert "unavailable" not in text
    assert "not-asked" not in text
    assert "None" not in text
    assert "  \n" not in text
