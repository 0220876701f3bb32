"""The process in which one picture is decoded; `isolation` starts it.

    python -P -m mkdocs_alttext.images.isolated SECONDS BYTES

Owns the limits that a process sets itself. It reads a file from its input, and writes a line of
JSON and the prepared picture to its output. It must not read anything else.
"""

from __future__ import annotations

import json
import sys

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.preparation import prepare_here
from mkdocs_alttext.reasons import Reason


def main(arguments: list[str]) -> None:
    """Prepare what stands on the input.

    Args:
        arguments: Seconds of processor time, and bytes of address space.
    """
    _limit(*(int(argument) for argument in arguments))
    picture = b""
    try:
        prepared = prepare_here(sys.stdin.buffer.read())
    except ImageError as error:
        facts: dict[str, object] = {"reason": error.reason.value, "detail": error.detail}
    except MemoryError:
        facts = {"reason": Reason.TOO_MANY_PIXELS.value, "detail": "not enough memory"}
    else:
        picture = prepared.data
        facts = {
            "media_type": prepared.media_type,
            "width": prepared.width,
            "height": prepared.height,
        }
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + picture)


def _limit(seconds: int, memory: int) -> None:
    if sys.platform == "win32":
        return  # there, only the clock ends it
    import resource  # noqa: PLC0415 - not on every system

    # A core file of a decoder that broke down would be a copy of the picture on the disk.
    for limit, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory),
    ):
        _, hard = resource.getrlimit(limit)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(limit, (least, hard))
        except (ValueError, OSError):
            continue  # macOS knows RLIMIT_AS and does not take it


if __name__ == "__main__":
    main(sys.argv[1:])
