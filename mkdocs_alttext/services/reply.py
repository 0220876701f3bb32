"""What comes back from a service, before anyone says what it means.

Owns reading a body within a size limit, parsing it, and the `Retry-After` header. It must not know
how the request travelled.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import BadAnswerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urllib3 import BaseHTTPResponse

_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; headers and body stay out of the repr, for a server may echo the key."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names are compared without regard to case."""
    body: object = field(repr=False)
    """The parsed JSON; `None` when it is not JSON."""
    is_json: bool

    def retry_after(self, *, now: float) -> float | None:
        """Read the `Retry-After` header, as RFC 9110 section 10.2.3 defines it.

        Args:
            now: Seconds since the epoch.

        Returns:
            Seconds to wait, 0 or more and without an upper limit; `None` when the header is
            missing or makes no sense.
        """
        value = self.headers.get("Retry-After", "").strip()
        try:
            seconds = float(value)
        except ValueError:
            try:
                date = parsedate_to_datetime(value)
                date = date if date.tzinfo else date.replace(tzinfo=UTC)
                return max(0.0, date.timestamp() - now)
            except (ValueError, TypeError, IndexError, OverflowError):
                return None
        return seconds if isfinite(seconds) and seconds >= 0 else None


def read_body(response: BaseHTTPResponse, *, limit: int) -> bytes:
    """Read the body, never holding more than the limit, packed or unpacked.

    `urllib3` would unpack whole chunks before anyone can look at their size.
    """
    too_long = BadAnswerError(f"the answer is longer than {limit} bytes")
    content = bytearray()
    for chunk in response.stream(min(_CHUNK_BYTES, limit + 1), decode_content=False):
        content += chunk
        if len(content) > limit:
            raise too_long
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in {"", "identity"} or not content:
        return bytes(content)
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise BadAnswerError("the answer is packed in a way that was not asked for")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # 32: both gzip and zlib headers
    try:
        unpacked = unpacker.decompress(content, limit + 1)
    except zlib.error:
        raise BadAnswerError("the answer cannot be unpacked") from None
    if len(unpacked) > limit:
        raise too_long
    if not unpacker.eof:
        raise BadAnswerError("the answer is cut off")
    return unpacked


def parse_body(content: bytes) -> tuple[object, bool]:
    """Parse JSON; return the value and whether it was JSON at all."""

    def refuse(_: str) -> None:
        raise ValueError  # NaN and Infinity are Python's own, not JSON

    try:
        return json.loads(content, parse_constant=refuse), True
    except (ValueError, RecursionError):
        return None, False
