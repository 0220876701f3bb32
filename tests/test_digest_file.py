"""Digests that are remembered between builds: they save time and change nothing."""

from __future__ import annotations

import json
import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from built_site import TinySite, picture
from click.testing import CliRunner

from mkdocs_alttext.cli.main import main
from mkdocs_alttext.images.collection import FILE_NAME, DigestFile, ImageCollection, sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

NOW = 10**18
STAMP = (100, NOW - 10**10, NOW - 10**9)
DIGEST = "a" * 64


def opened(folder: Path) -> DigestFile:
    """Open a folder's digests at a fixed time."""
    return DigestFile(folder, clock=lambda: NOW)


def test_a_file_that_has_not_changed_is_known(tmp_path: Path) -> None:
    """By path, size and both times, all four."""
    first = opened(tmp_path)
    first.note("img/ä.png", STAMP, DIGEST)
    first.close()
    second = opened(tmp_path)
    assert second.recall("img/ä.png", STAMP) == DIGEST
    assert second.recall("img/b.png", STAMP) is None
    for place in range(3):
        other = tuple(value + (at == place) for at, value in enumerate(STAMP))
        assert second.recall("img/ä.png", (other[0], other[1], other[2])) is None
    second.forget("img/ä.png")
    second.close()
    assert opened(tmp_path).recall("img/ä.png", STAMP) is None


def test_a_file_that_changed_just_now_is_not_noted(tmp_path: Path) -> None:
    """It may change again within the same tick of the file system's clock."""
    digests = opened(tmp_path)
    digests.note("a.png", (100, NOW - 10**9, NOW - 10**9), DIGEST)
    digests.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(8192),
        b'{"version": 1, "digests": ' + b"[" * 100_000,
        b'{"version": 2, "digests": {"a.png": [100, 1, "%s"]}}' % DIGEST.encode(),
        b'{"version": 1, "digests": []}',
        b'{"version": 1, "digests": {"a.png": [100, 999999990000000000, "%s"]}}' % DIGEST.encode(),
        b'{"version": 1, "digests": {"a.png": [100, 999999990000000000, 999999999000000000, ""]}}',
        b'{"version": 1, "digests": {"a.png": ["100", 1, 2, 3]}}',
        b'{"version": 1, "digests": {}, "site": ["a"]}',
    ],
)
def test_an_odd_file_is_forgotten(tmp_path: Path, content: bytes) -> None:
    """Nothing is said: no text is lost by it."""
    (tmp_path / FILE_NAME).write_bytes(content)
    digests = opened(tmp_path)
    assert digests.recall("a.png", STAMP) is None
    digests.note("a.png", STAMP, DIGEST)
    digests.close()
    assert opened(tmp_path).recall("a.png", STAMP) == DIGEST
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"null", b"[" * 100_000, b'{"results": [1, 2]}', b'{"digests": {}, "mine": 1}'],
)
def test_another_s_file_of_that_name_stays(tmp_path: Path, content: bytes) -> None:
    """The option `cache_dir` may name any folder, and be written by anybody."""
    (tmp_path / FILE_NAME).write_bytes(content)
    digests = opened(tmp_path)
    assert digests.recall("a.png", STAMP) is None
    digests.note("a.png", STAMP, DIGEST)
    digests.close()
    assert (tmp_path / FILE_NAME).read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("command", ["build", "scan"])
def test_a_site_s_data_stay_where_they_are_called_a_cache(tmp_path: Path, command: str) -> None:
    """Neither a build nor a scan replaces them."""
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture(1)}
    tiny = TinySite(tmp_path, docs, {"cache_dir": "data", "generate": "never"})
    path = tmp_path / "data" / FILE_NAME
    path.parent.mkdir()
    path.write_bytes(b'{"sha256": ["precious"]}')
    config = tiny.write()
    os.utime(tmp_path / "docs" / "a.png", (1_500_000_000, 1_500_000_000))
    if command == "scan":
        assert CliRunner().invoke(main, ["scan", "-f", str(config)]).exit_code == 1
    else:
        tiny.build()
    assert path.read_bytes() == b'{"sha256": ["precious"]}'


def test_no_file_is_written_that_would_not_be_read(tmp_path: Path) -> None:
    """What was there before stays."""
    first = opened(tmp_path)
    first.note("a.png", STAMP, DIGEST)
    first.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    second = opened(tmp_path)
    for number in range(40_000):
        second.note(f"img/{number}.png", STAMP, DIGEST)
    second.close()
    assert (tmp_path / FILE_NAME).read_bytes() == before
    assert opened(tmp_path).recall("a.png", STAMP) == DIGEST


def test_a_long_file_of_others_is_not_read(tmp_path: Path) -> None:
    """It would take many times its length of memory."""
    content = b'{"version": 1, "digests": {"a.png": %s}}%s'
    entry = json.dumps([*STAMP, DIGEST]).encode()
    (tmp_path / FILE_NAME).write_bytes(content % (entry, b" " * 1000))
    assert opened(tmp_path).recall("a.png", STAMP) == DIGEST
    (tmp_path / FILE_NAME).write_bytes(content % (entry, b" " * 5 * 1024 * 1024))
    assert opened(tmp_path).recall("a.png", STAMP) is None


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A site without captions leaves no cache behind."""
    digests = opened(tmp_path / "none")
    digests.note("a.png", STAMP, DIGEST)
    digests.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_made_to_take_memory_is_forgotten(tmp_path: Path) -> None:
    """Thirty megabytes of empty lists would take most of a gigabyte."""
    path = tmp_path / FILE_NAME
    beginning = f'{{"version": 1, "digests": {{"a.png": {json.dumps([*STAMP, DIGEST])}'
    path.write_text(f"{beginning}}}}}", encoding="utf-8")
    assert opened(tmp_path).recall("a.png", STAMP) == DIGEST
    path.write_text(f'{beginning}, "x": [{"[]," * 10_000_000}[]]}}}}', encoding="utf-8")
    tracemalloc.start()
    try:
        assert opened(tmp_path).recall("a.png", STAMP) is None
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 10_000_000


@pytest.mark.parametrize(
    "content", ['{"theirs": 1}', f"# {'é' * 70}\n", '{"version": 1, "pages": []}\n', "null"]
)
def test_a_file_of_another_program_stays(tmp_path: Path, content: str) -> None:
    """`cache_dir` can name any folder, and a cache can be a link to one."""
    path = tmp_path / FILE_NAME
    path.write_text(content, encoding="utf-8")
    digests = opened(tmp_path)
    digests.note("a.png", STAMP, DIGEST)
    digests.close()
    assert path.read_text(encoding="utf-8") == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_a_pipe_in_place_of_the_file_is_not_waited_for(tmp_path: Path) -> None:
    """A cache may come from anywhere."""
    os.mkfifo(tmp_path / FILE_NAME)
    assert opened(tmp_path).recall("a.png", STAMP) is None


def test_what_is_known_is_not_read(tmp_path: Path) -> None:
    """A warm build opens no picture."""

    class Source:
        read_paths: list[str] = []  # noqa: RUF012 - one test's

        def read(self, path: str) -> bytes:
            self.read_paths.append(path)
            return picture(1)

        def stamp(self, _: str) -> tuple[int, int, int]:
            return STAMP

    source = Source()
    digests = opened(tmp_path)
    assert ImageCollection(source, digests).facts("a.png").sha256 == sha256_of(picture(1))
    digests.close()
    images = ImageCollection(source, opened(tmp_path))
    assert images.facts("a.png").sha256 == sha256_of(picture(1))
    assert source.read_paths == ["a.png"]


def test_a_picture_that_changes_between_builds_is_asked_for(
    tmp_path: Path, server: ApiServer
) -> None:
    """Also when its size stays, and even its time, which tools can set; and it was remembered."""
    old, new, newest = picture(1), picture(6), picture(11)
    assert len(old) == len(new) == len(newest)
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)\n"}
    tiny = TinySite(tmp_path, docs, {"base_url": server.base_url})
    image = tmp_path / "docs" / "a.png"
    image.parent.mkdir()
    first, later = 1_500_000_000, 1_600_000_000
    for content, changed in ((old, first), (old, first), (new, later), (newest, later)):
        image.write_bytes(content)
        os.utime(image, (changed, changed))
        tiny.build()
    assert (tmp_path / ".cache/plugin/alttext" / FILE_NAME).is_file()
    assert server.ledger.total() == 3
    assert server.double_charges == 0
