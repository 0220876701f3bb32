"""Faults beside those of the loopback service, and when they are met.

Owns which request gets which answer. It must not know what a build makes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_server import Call, Fault, Turn

if TYPE_CHECKING:
    from collections.abc import Callable


class _Unbilled(Turn):
    """A turn whose service charges only for texts that arrive."""

    def __init__(self, turn: Turn) -> None:
        """Take another turn's place."""
        vars(self).update(vars(turn))

    def charge(self) -> bool:
        """Charge nothing."""
        return True


def unbilled(fault: Fault) -> Fault:
    """Return a fault that charges nothing."""
    return lambda turn: fault(_Unbilled(turn))


def charged(fault: Fault) -> Fault:
    """Return a fault that charges for the picture first."""

    def charging(turn: Turn) -> None:
        turn.charge()
        fault(turn)

    return charging


def always(fault: Fault) -> Callable[[Call], Fault | None]:
    """Answer every request for a text so."""
    return lambda call: fault if call.image is not None else None


def everywhere(fault: Fault) -> Callable[[Call], Fault | None]:
    """Answer every request so, that for the balance, too."""
    return lambda _call: fault


def sometimes(fault: Fault) -> Callable[[Call], Fault | None]:
    """Answer the first request for every third picture so."""
    seen: dict[str | None, int] = {}

    def decide(call: Call) -> Fault | None:
        if call.image is None or call.sha256 in seen:
            return None
        place = seen.setdefault(call.sha256, len(seen))
        return None if place % 3 else fault

    return decide


def first_time(fault: Fault) -> Callable[[Call], Fault | None]:
    """Answer the first request for every picture so."""
    seen = set[str | None]()

    def decide(call: Call) -> Fault | None:
        if call.image is None or call.sha256 in seen:
            return None
        seen.add(call.sha256)
        return fault

    return decide


def echo_key(turn: Turn) -> None:
    """Refuse the key and quote the whole header, as careless services do."""
    turn.reply(401, {"error": f"Invalid key: {_key_of(turn)}"})


def page_with_key(turn: Turn) -> None:
    """Answer with a web page that quotes the header."""
    page = f"<title>Hello {_key_of(turn)}</title>".encode()
    turn.reply(200, raw=page, headers={"Content-Type": "text/html"})


def _key_of(turn: Turn) -> str | None:
    """Return the header that holds the key, whatever its name."""
    headers = {name.lower(): value for name, value in turn.call.headers.items()}
    return headers.get("x-api-key") or headers.get("authorization")
