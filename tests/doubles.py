"""Stand-ins that follow the package's protocols, for tests of what is built on them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from mkdocs_alttext.cache.base import is_storable
from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.models import StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mkdocs_alttext.models import CaptionKey, PreparedImage


class LoadedPictures:
    """`PictureFiles` of one picture, which a call returns."""

    def __init__(self, load: Callable[[], PreparedImage]) -> None:
        """Take what is called for each picture that is prepared."""
        self._load = load

    def prepare(self, path: str, sha256: str) -> PreparedImage:
        """Return the picture."""
        del path, sha256
        return self._load()

    def inspect(self, path: str, sha256: str) -> None:
        """Find what preparing would find."""
        self.prepare(path, sha256)


class MemoryCache:
    """An `AnswerCache` in memory. One object shared by engines stands for a shared folder.

    `answers`, `leases`, `marks` and `untold` may be read and changed by a test. While `usable` is
    false, the cache behaves as a broken one: it misses, stores nothing, gives no lease and says so.
    """

    is_shared = False

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        """Begin empty.

        Args:
            clock: Seconds since the epoch, for leases.
        """
        self.answers: dict[CaptionKey, StoredAnswer] = {}
        self.leases: dict[CaptionKey, tuple[str, float]] = {}
        """Who holds each key, and until when."""
        self.marks: dict[CaptionKey, str] = {}
        """Who waits for the answer to a request for each key."""
        self.untold: Counter[str] = Counter()
        """How many requests without an answer each build has to tell its user of."""
        self.usable = True
        self.closed = False
        self._clock = clock
        self._lock = threading.Lock()

    @property
    def texts(self) -> dict[CaptionKey, str]:
        """The texts of all answers."""
        return {key: answer.text for key, answer in self.answers.items()}

    def hold(self, key: CaptionKey, text: str) -> None:
        """Have a text, as if a build had stored it."""
        self.answers[key] = StoredAnswer(text)

    def get(self, key: CaptionKey) -> StoredAnswer | None:
        """Return the stored answer, or `None` for a miss."""
        with self._lock:
            return self.answers.get(key) if self.usable else None

    def put(self, key: CaptionKey, answer: StoredAnswer, *, owner: str | None = None) -> bool:
        """Store an answer, when it can be stored at all; end its mark and `owner`'s lease."""
        with self._lock:
            if not self.usable or not is_storable(answer):
                return False
            self.answers[key] = answer
            self._end_request(key, owner, is_charged=False)
            if self.leases.get(key, ("", 0))[0] == owner:
                del self.leases[key]
            return True

    def fetch(self, keys: Iterable[CaptionKey]) -> None:
        """Find nothing more."""

    def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> bool:
        """Take or renew a lease, when it is free, expired or `owner`'s."""
        with self._lock:
            self._require_usable()
            holder, expires = self.leases.get(key, (owner, 0.0))
            if holder != owner and self._clock() < expires:
                return False
            self.leases[key] = (owner, self._clock() + seconds)
            return True

    def release(self, key: CaptionKey, *, owner: str) -> None:
        """End the lease, when `owner` holds it."""
        with self._lock:
            if self.leases.get(key, ("", 0.0))[0] == owner:
                del self.leases[key]

    def mark_sent(self, key: CaptionKey, *, owner: str) -> int:
        """Note that a request leaves; return how many of others were never answered."""
        with self._lock:
            self._require_usable()
            earlier = int(self.marks.get(key, owner) != owner)
            self.untold[owner] += earlier
            self.marks[key] = owner
            return earlier

    def end_request(self, key: CaptionKey, *, owner: str, is_charged: bool) -> None:
        """Note that a request ended."""
        with self._lock:
            self._end_request(key, owner, is_charged=is_charged)

    def unanswered(self, *, owner: str) -> int:
        """Take over the marks of those who have no lease, and what the others have to tell."""
        with self._lock:
            count = self.untold.total() - self.untold[owner]
            self.untold = Counter({owner: self.untold[owner]})
            for key, holder in list(self.marks.items()):
                lease, expires = self.leases.get(key, ("", 0.0))
                if holder != owner and (lease != holder or self._clock() >= expires):
                    del self.marks[key]
                    count += 1
            self.untold[owner] += count
            return count

    def told(self, *, owner: str) -> None:
        """Remove an owner's marks."""
        with self._lock:
            self.marks = {key: holder for key, holder in self.marks.items() if holder != owner}
            del self.untold[owner]

    def _end_request(self, key: CaptionKey, owner: str | None, *, is_charged: bool) -> None:
        if owner and self.marks.get(key) == owner:
            del self.marks[key]
            self.untold[owner] += is_charged

    def entries(self) -> Iterator[tuple[CaptionKey, StoredAnswer]]:
        """Yield every answer."""
        yield from list(self.answers.items())

    def forget(self, keys: Iterable[CaptionKey]) -> int:
        """Remove the answers of some keys."""
        with self._lock:
            self._require_usable()
            return sum(self.answers.pop(key, None) is not None for key in set(keys))

    def problems(self) -> tuple[str, ...]:
        """Say that the cache is broken, while it is."""
        return () if self.usable else ("The cache in memory is broken, as the test wants it.",)

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def _require_usable(self) -> None:
        if not self.usable:
            raise StoreError("broken, as the test wants it")
