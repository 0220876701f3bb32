"""The life of a site, with the real commands: what was approved is never lost or paid for again."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from built_site import TinySite, picture

from mkdocs_alttext.catalog.reading import read_catalog

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

DOCS: dict[str, str | bytes] = {
    "index.md": "# Home\n\n![](img/a.png)\n\n![](img/b.png)\n",
    "guide.md": "# Guide\n\n![](img/c.png)\n\n![](img/d.png)\n",
    "about.md": "# About\n\n![Our team on the roof](img/d.png)\n",
    **{f"img/{name}.png": picture(number) for number, name in enumerate("abcd")},
}


class Life:
    """A site on the disk, what a person does with it, and what has to hold after each step."""

    def __init__(self, folder: Path, server: ApiServer) -> None:
        """Write the site."""
        options = {"base_url": server.base_url, "max_retries": 0}
        config = {"theme": {"name": "mkdocs"}, "use_directory_urls": False}
        self.folder, self.docs = folder, folder / "docs"
        self.site = TinySite(folder, DOCS, options, config=config)
        self.server = server
        self.catalog = folder / "alttext.yml"
        self.approved: dict[str, str] = {}
        """By text, the page that has to say it."""
        self.configure(plugin=False)
        self.site.docs = {}  # they are on the disk from now on

    def configure(self, *, plugin: bool = True, **options: Any) -> None:  # noqa: ANN401 - options
        """Change `mkdocs.yml`."""
        self.site.options |= options
        self.site.write(plugin=plugin)

    def run(self, *command: str, status: int = 0) -> str:
        """Run a command as a person does, and return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def alttext(self, *arguments: str, status: int = 0) -> str:
        """Run one of our commands."""
        return self.run("mkdocs_alttext", *arguments, status=status)

    def build(self, *, costs: int = 0, folder: str = "site") -> str:
        """Build, and check what has to hold at any time; return the log."""
        before = self.server.credits_spent
        log = self.run("mkdocs", "build")
        assert self.server.credits_spent - before == costs
        assert self.server.double_charges == 0
        for text, page in self.approved.items():
            html = (self.folder / folder / page).read_text(encoding="utf-8")
            assert f'alt="{text}"' in html
        return log

    def write_drafts(self, *arguments: str) -> str:
        """Run `catalog`: it never takes away, changes or adds what is approved."""
        before = self.reviewed()
        written = self.comments()
        said = self.alttext("catalog", *arguments)
        assert self.reviewed() == before
        assert self.comments() >= written
        return said

    def reviewed(self) -> list[str]:
        """Return every text of the catalog that is approved."""
        entries = read_catalog(self.catalog).values()
        return sorted(text for each in entries for text in each.reviewed.values())

    def comments(self) -> set[str]:
        """Return every comment of the catalog."""
        text = self.catalog.read_text("utf-8") if self.catalog.exists() else ""
        return set(re.findall("#.*", text))

    def edit(self, name: str, *changes: tuple[str, str]) -> None:
        """Replace parts of a file, each of which is there."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert re.search(old, text), old
            text = re.sub(old, new, text, count=1)
        path.write_text(text, encoding="utf-8")


def look(life: Life) -> None:
    """A look before anything is installed."""
    assert "lack alt text" in life.alttext("scan", status=1)
    assert life.server.calls == []


def install(life: Life) -> None:
    """Installed: each picture that nobody described is paid for."""
    life.configure()
    life.build(costs=3)
    assert 'alt="Our team on the roof"' in (life.folder / "site/guide.html").read_text("utf-8")
    life.alttext("scan")
    assert "4 added" in life.write_drafts()
    entry = read_catalog(life.catalog)["img/d.png"]
    assert (entry.texts, (entry.origin or "").split()[0]) == (
        {"en": "Our team on the roof"},
        "author",
    )


def approve(life: Life) -> None:
    """Approved: one corrected, one as it was; `c` and `d` stay drafts."""
    text = r"\n  alt:\n    en: ).*\n  status: "
    life.edit(
        "alttext.yml",
        (r"img/a.png:\n", "# By Kim, 12 May.\nimg/a.png: # the door\n"),
        (rf"(a.png:.*{text}draft", r'\1"A red door" # short\n  status: reviewed'),
        (rf"(b.png:{text}draft", r'\1"A blue wall"\n  status: reviewed'),
    )
    life.approved = {"A red door": "index.html", "A blue wall": "index.html"}
    life.build()
    assert "0 added, 0 refreshed, 0 stale" in life.write_drafts()
    # On a machine without the cache, the catalog is enough.
    shutil.rmtree(life.folder / ".cache")
    life.build()


def rename(life: Life) -> None:
    """Renamed: the entry serves the picture at once, and gets its new path with all comments."""
    (life.docs / "img/a.png").rename(life.docs / "img/door.png")
    life.edit("docs/index.md", ("img/a.png", "img/door.png"))
    assert "img/a.png is img/door.png now" in life.build()
    assert "img/a.png is img/door.png now" in life.write_drafts()
    text = life.catalog.read_text(encoding="utf-8")
    assert "# By Kim, 12 May.\nimg/door.png: # the door\n" in text
    assert "img/a.png" not in text
    assert "renamed" not in life.build()


def change(life: Life) -> None:
    """Changed: the approved text stays until a person has looked; the draft is asked for anew."""
    (life.docs / "img/b.png").write_bytes(picture(11))
    (life.docs / "img/c.png").write_bytes(picture(12))
    log = life.build(costs=1)
    assert "changed after their texts were written: img/b.png" in log
    assert "1 refreshed, 1 stale" in life.write_drafts()
    life.edit("alttext.yml", (r"(A blue wall\"\n  status: reviewed\n)  sha256: .*\n", r"\1"))
    assert "digest of the picture was added to: img/b.png" in life.write_drafts()
    assert "changed after" not in life.build()


def delete(life: Life) -> None:
    """Deleted: its entry is named, and nothing else happens to it."""
    (life.docs / "img/c.png").unlink()
    life.edit("docs/guide.md", (r"!\[\]\(img/c.png\)\n\n", ""))
    assert "1 entry names no image of this site: img/c.png." in life.build()
    assert "img/c.png" in life.write_drafts()
    life.edit("alttext.yml", (r"img/c.png:\n(?:  .*\n)+", ""))
    assert "no image of this site" not in life.build()


def add_language(life: Life) -> None:
    """Another language: its texts are drafts beside what is approved."""
    german = "---\nalttext: {lang: de}\n---\n# Start\n\n![](img/door.png)\n"
    (life.docs / "start.md").write_text(german, encoding="utf-8")
    life.configure(generate="never")
    assert "no approved text in de: img/door.png" in life.build()
    life.configure(generate="always")
    life.build(costs=1)
    said = life.write_drafts()
    assert "0 added, 1 refreshed, 0 stale" in said
    assert "1 reviewed entry has no approved text in de: img/door.png" in said
    life.build()


def publish_reviewed(life: Life) -> None:
    """Only what is approved is published, and nothing is asked for any more."""
    (life.docs / "img/e.png").write_bytes(picture(13))
    life.edit("docs/guide.md", (r"\Z", "\n![](img/e.png)\n"))
    life.configure(publish="reviewed")
    life.build()
    assert 'alt=""' in (life.folder / "site/start.html").read_text("utf-8")
    assert "Added without a text: img/e.png" in life.write_drafts("--all")
    assert "# shown on guide.md" in life.catalog.read_text("utf-8")
    life.edit(
        "alttext.yml",
        ("de: draft, en: reviewed", "de: reviewed, en: reviewed"),
        (r"(door.png:.*\n  alt:\n    de: ).*\n", r'\1"Eine rote Tür"\n'),
        (r"(img/e.png:\n  # .*\n)  status: draft", r'\1  alt: "A gate"\n  status: reviewed'),
        (r"(roof\"\n  status: )draft", r"\1reviewed"),
    )
    life.approved |= {
        "Eine rote Tür": "start.html",
        "A gate": "guide.html",
        "Our team on the roof": "guide.html",
    }
    life.build()
    assert "Everything in alttext.yml is reviewed" in life.write_drafts()


def apply_and_remove(life: Life) -> None:
    """Written into the Markdown, and without the plugin."""
    life.alttext("apply", "--allow-dirty")
    life.build()
    assert "Nothing to write" in life.alttext("apply", "--allow-dirty")
    life.catalog.unlink()
    life.build()
    life.configure(plugin=False)
    life.build(folder="plain")
    assert "lack alt text" not in life.alttext("scan")


def test_the_life_of_a_site(tmp_path: Path, server: ApiServer) -> None:
    """Each step builds the site, and nothing approved is lost, paid for again or replaced."""
    life = Life(tmp_path, server)
    look(life)
    install(life)
    approve(life)
    rename(life)
    change(life)
    delete(life)
    add_language(life)
    publish_reviewed(life)
    apply_and_remove(life)
    assert server.credits_spent == 5
