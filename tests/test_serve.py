"""Builds again and again in one process, as `mkdocs serve` runs them, and from odd places."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from api_server import API_KEY, ApiServer, alt_text
from built_site import TinySite, picture
from mkdocs.commands.build import build
from mkdocs.config import load_config

from mkdocs_alttext.captioning.judging import clean
from mkdocs_alttext.images.prepare import prepare

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = (picture(number) for number in range(3))
DOCS: dict[str, str | bytes] = {
    "index.md": "# Top\n\n![](a.png) [![](b.png)](sub/page.md)\n",
    "sub/page.md": "# Sub\n\n![](../a.png)\n",
    "a.png": A,
    "b.png": B,
}


def caption(image: bytes) -> str:
    """Return what the service's text for a picture becomes on a page."""
    return clean(alt_text(prepare(image).data, "en"))


@dataclass
class Session:
    """One `mkdocs serve`: the plugin is started once, the configuration read for each build."""

    tiny: TinySite
    is_dirty: bool = False

    def __enter__(self) -> Self:
        """Start."""
        self.tiny.write()
        self._config = load_config(str(self.tiny.folder / "mkdocs.yml"))
        self._config.plugins.on_startup(command="serve", dirty=self.is_dirty)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._config.plugins.on_shutdown()

    def edit(self, path: str, content: str | bytes) -> None:
        """Save a source; its time changes, however fast the test is."""
        file = self.tiny.folder / "docs" / path
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(file, (2_000_000_000, 2_000_000_000))

    def build(self) -> None:
        """Build once more."""
        self._config = load_config(str(self.tiny.folder / "mkdocs.yml"))
        build(self._config, serve_url="http://127.0.0.1:8000/", dirty=self.is_dirty)

    def page(self, name: str = "index.html") -> str:
        """Return a built page."""
        return (self.tiny.folder / "site" / name).read_text(encoding="utf-8")


def site(folder: Path, server: ApiServer, **options: Any) -> TinySite:  # noqa: ANN401 - any option
    """Make a site of two pages."""
    return TinySite(folder, DOCS, {"base_url": server.base_url, **options})


def test_serving_shows_what_is_known_and_spends_nothing(tmp_path: Path, server: ApiServer) -> None:
    """Whoever writes looks at drafts; `mkdocs build` pays."""
    tiny = site(tmp_path, server)
    with Session(tiny) as session:
        session.build()
        assert 'alt="" src="a.png"' in session.page()
        assert server.calls == []
    tiny.build()
    sent = len(server.calls)
    with Session(tiny) as session:
        session.build()
        assert f'alt="{caption(A)}"' in session.page()
        session.edit("new.png", C)
        session.edit("index.md", "![](new.png) ![](a.png)")
        session.build()
        assert session.page().count('alt=""') == 1
        assert session.page().count(caption(A)) == 1
    assert len(server.calls) == sent


def test_nothing_of_a_draft_is_sent(tmp_path: Path, server: ApiServer) -> None:
    """Its page is shown, and not published; what is known of its pictures is filled in."""
    tiny = site(tmp_path, server, generate="always")
    tiny.docs = {**tiny.docs, "draft.md": "![](a.png) ![](new.png)\n", "new.png": C}
    tiny.config = {"draft_docs": "draft.md\n"}
    with Session(tiny) as session:
        for _ in range(2):
            session.build()
            assert f'alt="{caption(A)}"' in session.page()
            assert 'alt="" src="../new.png"' in session.page("draft/index.html")
        assert f'alt="{caption(A)}"' in session.page("draft/index.html")
    assert server.ledger.total() == 1


def test_a_rebuild_repeats_no_work(tmp_path: Path, server: ApiServer) -> None:
    """Neither when nothing changed nor when text did."""
    with Session(site(tmp_path, server, generate="always")) as session:
        session.build()
        first = session.page()
        sent = len(server.calls)
        session.build()
        assert session.page() == first
        session.edit("index.md", "# Other\n\n![](a.png)\n")
        session.build()
        assert f'alt="{caption(A)}"' in session.page()
    assert len(server.calls) == sent
    assert server.ledger.total() == 1


def test_an_added_and_a_changed_picture_are_asked_for(tmp_path: Path, server: ApiServer) -> None:
    """Each once, and the page shows it in the same build."""
    with Session(site(tmp_path, server, generate="always")) as session:
        session.build()
        session.edit("sub/new.png", C)
        session.edit("sub/page.md", "# Sub\n\n![](../a.png) ![](new.png)\n")
        session.build()
        assert f'alt="{caption(C)}"' in session.page("sub/page/index.html")
        assert server.ledger.total() == 2
        changed = picture(7)
        session.edit("a.png", changed)
        session.build()
        assert f'alt="{caption(changed)}"' in session.page()
        assert f'alt="{caption(changed)}"' in session.page("sub/page/index.html")
    assert server.ledger.total() == 3


def test_a_report_that_says_the_same_is_not_written_again(
    tmp_path: Path, server: ApiServer
) -> None:
    """Inside `docs_dir`, each time it is written makes `mkdocs serve` build again."""
    report = tmp_path / "docs" / "alttext.json"
    with Session(site(tmp_path, server, report="docs/alttext.json")) as session:
        session.build()
        written = report.read_bytes()
        os.utime(report, (1_000_000_000, 1_000_000_000))
        session.build()
        assert report.stat().st_mtime == 1_000_000_000
        session.edit("sub/page.md", "# Sub\n\nNo picture.\n")
        session.build()
        assert report.read_bytes() != written


def test_a_target_page_that_is_renamed_renames_its_link(tmp_path: Path, server: ApiServer) -> None:
    """Nothing of the build before is remembered."""
    with Session(site(tmp_path, server)) as session:
        session.build()
        assert 'alt="Sub"' in session.page()
        session.edit("sub/page.md", "# Another name\n")
        session.build()
        assert 'alt="Another name"' in session.page()


def test_a_dirty_build_fills_the_pages_that_it_builds(tmp_path: Path, server: ApiServer) -> None:
    """The others have no content, and stay as they were written."""
    tiny = site(tmp_path, server, generate="always")
    with Session(tiny, is_dirty=True) as session:
        session.build()
        before = session.page("sub/page/index.html")
        session.edit("new.png", C)
        session.edit("index.md", "# Top\n\n![](new.png) [![](b.png)](sub/page.md) ![](a.png)\n")
        session.build()
        assert session.page().count('alt=""') == 0
        for text in (caption(C), "Sub", caption(A)):
            assert f'alt="{text}"' in session.page()
        assert session.page("sub/page/index.html") == before
    assert server.ledger.total() == 2


def run(*arguments: str, folder: Path, stdin: bytes = b"") -> str:
    """Run `mkdocs` in a folder and return what it says."""
    command = [sys.executable, "-P", "-m", "mkdocs", *arguments]
    variables = {**os.environ, "ALTTEXTAI_API_KEY": API_KEY, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        command, cwd=folder, input=stdin, env=variables, capture_output=True, check=True
    )
    return (done.stdout + done.stderr).decode()


def test_a_configuration_from_elsewhere(tmp_path: Path, server: ApiServer) -> None:
    """Paths of options are relative to `mkdocs.yml`, wherever the command is given."""
    (tmp_path / "project").mkdir()
    (tmp_path / "elsewhere").mkdir()
    site(tmp_path / "project", server).write()
    said = run("build", "-f", "../project/mkdocs.yml", folder=tmp_path / "elsewhere")
    assert "Credits: 1 spent" in said
    assert (tmp_path / "project" / ".cache/plugin/alttext/cache.db").is_file()
    assert (tmp_path / "project" / "report.json").is_file()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_configuration_from_standard_input(tmp_path: Path, server: ApiServer) -> None:
    """MkDocs takes its paths from the folder that the command is given in."""
    config = site(tmp_path, server).write()
    content = config.read_bytes()
    config.unlink()
    run("build", "-f", "-", folder=tmp_path, stdin=content)
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert f'alt="{caption(A)}"' in page
    assert (tmp_path / ".cache/plugin/alttext/cache.db").is_file()
