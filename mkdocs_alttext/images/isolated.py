"""The program of the process in which one picture is decoded; `images.subprocess` starts it.

    python -P -m mkdocs_alttext.images.isolated SECONDS BYTES STRIPS

It limits itself, reads a file from its input, and writes to its output an empty line when it begins
to decode, then a line of JSON and the prepared picture.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.prepare import prepare_here
from mkdocs_alttext.models import Reason


def main(arguments: list[str]) -> None:
    """Prepare the picture on the input.

    Args:
        arguments: Seconds of processor time, bytes of address space, and 1 where strips are wanted
            whole, else 0.
    """
    seconds, memory, takes_strips = (int(argument) for argument in arguments)
    has_all_memory = _limit(seconds, memory)
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()
    prepared, error = None, None
    try:
        prepared = prepare_here(data, takes_strips=bool(takes_strips))
    except ImageError as refused:
        error = refused
    except MemoryError:
        pass  # it is reported below, when what took the memory is gone
    if prepared:
        picture, *facts = prepared
        sys.stdout.buffer.write(json.dumps({"facts": facts}).encode() + b"\n" + picture)
        return
    if error is None and has_all_memory:
        detail = f"too complex: it takes more than {memory >> 20} MiB"
        error = ImageError(Reason.UNDECODABLE, detail, is_final=True)
    error = error or ImageError(Reason.OUT_OF_RESOURCES, "not enough memory")
    refusal = {"reason": error.reason.value, "detail": error.detail, "is_final": error.is_final}
    sys.stdout.buffer.write(json.dumps(refusal).encode())


def _limit(seconds: int, memory: int) -> bool:
    """Set the limits, and return whether this process may have as much memory as that."""
    if sys.platform == "win32":
        return True  # there, only the clock ends it
    import resource  # noqa: PLC0415 - not on every system

    # A core file of a decoder that broke down would be a copy of the picture on the disk.
    limits = {resource.RLIMIT_CPU: seconds, resource.RLIMIT_CORE: 0, resource.RLIMIT_AS: memory}
    for limit, most in limits.items():
        _, hard = resource.getrlimit(limit)
        with suppress(ValueError, OSError):  # macOS knows RLIMIT_AS and does not take it
            resource.setrlimit(
                limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
            )
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    return hard == resource.RLIM_INFINITY or hard >= memory


if __name__ == "__main__":
    main(sys.argv[1:])
