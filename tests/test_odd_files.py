"""Files and folders that no plan foresaw: the site is built all the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from api_server import API_KEY
from built_site import picture
from test_whole_sites import generated, site

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

ONE = {"index.md": "![](a.png)\n", "a.png": picture(1)}

only_posix = pytest.mark.skipif(sys.platform != "linux", reason="needs names of bytes, and pipes")


def outcomes_of_build(folder: Path) -> list[str]:
    """Build in a process of its own: what is logged there is no text, either."""
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet"],
        cwd=folder,
        env={**os.environ, "ALTTEXTAI_API_KEY": API_KEY},
        check=True,
        capture_output=True,
    )
    report = json.loads((folder / "report.json").read_bytes())
    return [image["outcome"] for image in report["images"]]


@only_posix
@pytest.mark.parametrize("shown", ["a.png", "caf%E9.png"])
def test_a_name_that_is_no_text_breaks_nothing(
    tmp_path: Path, server: ApiServer, shown: str
) -> None:
    """Whether somebody shows the file or not; what the report says of it is JSON."""
    tiny = site(tmp_path, server, docs={**ONE, "index.md": f'<img src="{shown}">\n'})
    tiny.write()
    (tmp_path / "docs" / os.fsdecode(b"caf\xe9.png")).write_bytes(picture(2))
    first = outcomes_of_build(tmp_path)
    spent = len(generated(server))
    assert outcomes_of_build(tmp_path) == first
    assert len(generated(server)) == spent


@only_posix
def test_a_pipe_is_not_waited_for(tmp_path: Path, server: ApiServer) -> None:
    """MkDocs refuses to copy one; the plugin must not keep it from saying so."""
    tiny = site(tmp_path, server, docs={"index.md": ONE["index.md"]})
    tiny.write()
    os.mkfifo(tmp_path / "docs" / "a.png")
    with pytest.raises(shutil.SpecialFileError):
        tiny.build()
    assert generated(server) == []


@only_posix
def test_a_cache_folder_that_leads_to_itself_is_none(tmp_path: Path, server: ApiServer) -> None:
    """It cannot be written, and so nothing is paid for."""
    (tmp_path / "loop").symlink_to("loop")
    tiny = site(tmp_path, server, docs=ONE, options={"cache_dir": "loop/cache"})
    assert {each.split()[-1] for each in tiny.build().outcomes} == {"cache-unusable"}
    assert generated(server) == []
