"""What a machine runs out of: file descriptors, processes, threads, memory, room on a disk.

Owns telling these errors from those that lie in a file or in a service. They pass: the next build
tries again.
"""

from __future__ import annotations

import errno

_SHORT = frozenset(
    {
        errno.EAGAIN,  # what fork says where there are too many processes
        errno.EDQUOT,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
        errno.ENOSPC,
    }
)
_NO_THREAD = "can't start new thread"


def shortage_in(error: BaseException) -> str | None:
    """Say what this machine had too little of.

    Args:
        error: What was raised.

    Returns:
        A few words for a person; `None` when the error is about something else.
    """
    if isinstance(error, MemoryError):
        return "not enough memory"
    if isinstance(error, OSError) and error.errno in _SHORT:
        return error.strerror or type(error).__name__
    if isinstance(error, RuntimeError) and _NO_THREAD in str(error):
        return "this machine cannot start another thread"
    return None
