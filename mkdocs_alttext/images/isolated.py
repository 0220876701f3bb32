"""The process in which one picture is decoded; `isolation` starts it.

    python -P -m mkdocs_alttext.images.isolated SECONDS BYTES

Owns the limits that a process sets itself. It reads a file from its input, and writes to its
output an empty line when it begins to decode, then a line of JSON and the prepared picture. It must
not read anything else.
"""

from __future__ import annotations

import json
import sys

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.prepare import prepare_here
from mkdocs_alttext.models import Reason


def main(arguments: list[str]) -> None:
    """Prepare what stands on the input.

    Args:
        arguments: Seconds of processor time, and bytes of address space.
    """
    seconds, memory = (int(argument) for argument in arguments)
    has_all_memory = _limit(seconds, memory)
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()
    facts, picture = _outcome(data)
    if facts is None:  # what took the memory is gone only now
        most = f"too complex: it takes more than {memory >> 20} MiB"
        facts = (
            _refusal(Reason.UNDECODABLE, most, is_final=True)
            if has_all_memory
            else _refusal(Reason.OUT_OF_RESOURCES, "not enough memory", is_final=False)
        )
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + picture)


def _outcome(data: bytes) -> tuple[dict[str, object] | None, bytes]:
    """Return facts and the picture; no facts where there was not enough memory."""
    try:
        prepared = prepare_here(data)
    except ImageError as error:
        return _refusal(error.reason, error.detail, is_final=error.is_final), b""
    except MemoryError:
        return None, b""
    facts: dict[str, object] = {
        "media_type": prepared.media_type,
        "width": prepared.width,
        "height": prepared.height,
    }
    return facts, prepared.data


def _refusal(reason: Reason, detail: str, *, is_final: bool) -> dict[str, object]:
    return {"reason": reason.value, "detail": detail, "is_final": is_final}


def _limit(seconds: int, memory: int) -> bool:
    """Set the limits, and return whether this process may have as much memory as that."""
    has_all_memory = True
    if sys.platform == "win32":
        return has_all_memory  # there, only the clock ends it
    import resource  # noqa: PLC0415 - not on every system

    # A core file of a decoder that broke down would be a copy of the picture on the disk.
    for limit, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory),
    ):
        _, hard = resource.getrlimit(limit)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        if limit == resource.RLIMIT_AS:
            has_all_memory = least == most
        try:
            resource.setrlimit(limit, (least, hard))
        except (ValueError, OSError):
            continue  # macOS knows RLIMIT_AS and does not take it
    return has_all_memory


if __name__ == "__main__":
    main(sys.argv[1:])
