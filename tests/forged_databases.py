"""Files beside an SQLite database that make SQLite delete or write what it must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = bytes.fromhex("d9d505f920a163d7")


def journal(*, pages: int = 1, names: Path | None = None) -> bytes:
    """Return a hot rollback journal that changes nothing.

    See https://www.sqlite.org/fileformat.html#rollbackjournal and pager.c, `writeSuperJournal`.

    Args:
        pages: How many of 4096 bytes the database had, as it says.
        names: A file that it names as its super-journal.
    """
    numbers = (0, 0, pages, 512, 4096)
    header = _MAGIC + b"".join(number.to_bytes(4, "big") for number in numbers)
    header = header.ljust(512, b"\x00")
    if names is None:
        return header
    name = str(names).encode()
    lengths = len(name).to_bytes(4, "big") + (sum(name) & 0xFFFFFFFF).to_bytes(4, "big")
    page = (0x40000000 // 4096 + 1).to_bytes(4, "big")
    return header + page + name + lengths + _MAGIC


def with_pages(log: bytearray, pages: int) -> bytes:
    """Return a write-ahead log whose last frame claims so many pages, with right checksums."""
    order: Literal["big", "little"] = "big" if log[3] & 1 else "little"
    page_size = int.from_bytes(log[8:12], "big")
    size = 24 + page_size
    frames = range(32, len(log), size)
    last = [at for at in frames if any(log[at + 4 : at + 8])][-1]
    log[last + 4 : last + 8] = pages.to_bytes(4, "big")

    def checksum(data: bytes, first: int, second: int) -> tuple[int, int]:
        for at in range(0, len(data), 8):
            first = (first + int.from_bytes(data[at : at + 4], order) + second) & 0xFFFFFFFF
            second = (second + int.from_bytes(data[at + 4 : at + 8], order) + first) & 0xFFFFFFFF
        return first, second

    sums = checksum(bytes(log[:24]), 0, 0)
    for at in frames:
        sums = checksum(bytes(log[at : at + 8]), *sums)
        sums = checksum(bytes(log[at + 24 : at + size]), *sums)
        log[at + 16 : at + 24] = b"".join(number.to_bytes(4, "big") for number in sums)
        if at == last:
            break
    return bytes(log)
