"""One fault's world: a service, a cache, and the builds that meet there.

Owns the rules that hold for every build, and the row of the table. It must not know the faults.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.stress_builds import KEY, NO_LIMITS, start_build
from bench.stress_parties import ALTTEXTAI
from bench.stress_site import read_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from api_server import ApiServer

    from bench.stress_builds import Build, Limits, RunningBuild
    from bench.stress_parties import Party
    from bench.stress_site import StressSite

STOPPED = "left as written"
"""In every message that says why the service was not asked, or not any more."""
FAILED = "The service failed for"
"""In the message that says how it failed where nothing stopped it."""

HEADINGS = (
    *("fault", "builds", "images", "credits spent", "distinct images", "double charges"),
    *("in doubt", "images left", "left at the end", "seconds", "longest build"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one fault."""

    fault: str
    builds: int
    images: int
    spent: int
    """Credits, by the service's ledger."""
    distinct: int
    """Pictures in the ledger."""
    doubles: int
    in_doubt: int
    """Credits that the reports call uncertain."""
    left: int
    """Pictures without text after the build that left most."""
    left_at_end: int
    seconds: float
    """All builds together."""
    longest: float
    broken: tuple[str, ...]
    """Rules that did not hold."""

    def cells(self) -> list[str]:
        """Return the row below `HEADINGS`."""
        counts = (self.builds, self.images, self.spent, self.distinct, self.doubles)
        rest = (self.in_doubt, self.left, self.left_at_end)
        times = (f"{self.seconds:.1f}", f"{self.longest:.1f}")
        return [self.fault, *map(str, (*counts, *rest)), *times]


class Trial:
    """A fresh service and a fresh cache for one fault."""

    def __init__(
        self, site: StressSite, folder: Path, server: ApiServer, *, party: Party = ALTTEXTAI
    ) -> None:
        """Begin without a build.

        Args:
            site: What is built.
            folder: For all that the builds write.
            server: The service, started.
            party: Which one it is.
        """
        self.party = party
        self.site = site
        self.folder = folder
        self.server = server
        self.cache = folder / "cache"
        self.builds: list[Build] = []
        self.most_doubles = 0
        """Double charges that the fault makes unavoidable."""
        self._earlier = Counter[str]()
        self._started = 0
        self._broken: list[str] = []

    def require(self, holds: bool, rule: str) -> None:  # noqa: FBT001 - reads as an assertion
        """Note a rule that does not hold."""
        if not holds:
            self._broken.append(rule)

    def require_equal(self, found: object, expected: object, what: str) -> None:
        """Note a figure that is not as it must be."""
        self.require(found == expected, f"{what}: {found}, not {expected}")

    def start(
        self,
        options: Mapping[str, object] | None = None,
        *,
        variables: Mapping[str, str] | None = None,
        limits: Limits = NO_LIMITS,
    ) -> RunningBuild:
        """Start a build with these options of the plugin.

        Args:
            options: What differs from the trial's own.
            variables: Environment variables, when the key is not to be found in its usual one.
            limits: What the process may do.
        """
        self._started += 1
        folder = self.folder / f"build-{self._started:03}"
        common = {
            "service": self.party.name,
            **self.party.options,
            "base_url": self.server.base_url,
            "cache_dir": str(self.cache),
            "report": str(folder / "report.json"),
        }
        return start_build(
            self.site,
            folder,
            {**common, **(options or {})},
            variables={self.party.key_variable: KEY} if variables is None else variables,
            limits=limits,
        )

    def finish(self, running: RunningBuild) -> Build:
        """Wait for a build that must end well, and hold it against the rules for all builds."""
        build = self.collect(running)
        self.require_equal(build.status, 0, "exit status")
        for fault in self.site.faults(build.site, build.pictures("filled") & self.everything):
            self.require(holds=False, rule=fault)
        filled, missing = build.pictures("filled"), build.pictures("missing")
        self.require(not filled & missing, "a picture is filled in one place only")
        self.require_equal(filled | missing, self.everything, "pictures in the report")
        said = [*build.lines(STOPPED), *build.lines(FAILED)]
        self.require(len(said) <= 1, "more than one message about the service")
        self.require("Traceback" not in build.output, "a traceback in the output")
        return build

    def collect(self, running: RunningBuild) -> Build:
        """Wait for a build that may end in any way; the key must be nowhere even then."""
        build = running.wait()
        self.builds.append(build)
        left_behind = {
            "the output": build.output.encode(),
            "the command line": build.command_line,
            **{f"site/{path}": content for path, content in build.site.items()},
            **{f"written: {path}": text for path, text in read_files(self.folder).items()},
        }
        for place, content in left_behind.items():
            self.require(KEY.encode() not in content, f"the key is in {place}")
        return build

    def build(self, **options: object) -> Build:
        """Build to the end."""
        return self.finish(self.start(options))

    def heal(self, *, spends_on: set[str] | None = None, **options: object) -> Build:
        """Build once more with all well; exactly what was missing must be paid for and filled.

        Args:
            spends_on: Pictures to be paid for, when they are not those that the last build left.
            options: The plugin's options.
        """
        missing = self.builds[-1].pictures("missing") if spends_on is None else spends_on
        build, spent = self.spending(**options)
        self.require_equal(spent, Counter(missing), "paid for by the next healthy build")
        self.require(not build.pictures("missing"), "the next healthy build fills all")
        return build

    def spending(self, **options: object) -> tuple[Build, Counter[str]]:
        """Build, and return what was paid for by picture, too."""
        before = Counter(self.server.ledger)
        build = self.build(**options)
        return build, self._by_picture(Counter(self.server.ledger) - before)

    def forget_payments(self) -> None:
        """Begin a new ledger: what was paid for is lost through no fault of the plugin."""
        self.server.ledger.clear()

    def begin_anew(self, cache: str) -> None:
        """Go on with a cache of this name and a ledger of its own, and keep the sums."""
        self._earlier += self._sums()
        self.server.ledger.clear()
        self.cache = self.folder / cache

    @property
    def everything(self) -> set[str]:
        """All pictures that lack text."""
        return set(self.site.pictures)

    def row(self, fault: str) -> Row:
        """Return the table's row, the rules for whole trials checked."""
        sums = self._earlier + self._sums()
        doubles = sums["double"]
        self.require(doubles <= self.most_doubles, f"{doubles} double charges")
        strangers = {key for key in self.server.ledger if key[0] not in self.site.digests}
        self.require(not strangers, "something else than the pictures was paid for")
        last = self.builds[-1]
        return Row(
            fault,
            len(self.builds),
            len(self.site.pictures),
            sums["spent"],
            sums["distinct"],
            doubles,
            sum(build.credits("uncertain") for build in self.builds),
            max(len(build.pictures("missing")) for build in self.builds),
            len(last.pictures("missing")),
            sum(build.seconds for build in self.builds),
            max(build.seconds for build in self.builds),
            tuple(dict.fromkeys(self._broken)),
        )

    def _sums(self) -> Counter[str]:
        server = self.server
        return Counter(
            spent=server.credits_spent, distinct=len(server.ledger), double=server.double_charges
        )

    def _by_picture(self, charges: Counter[tuple[str, str]]) -> Counter[str]:
        counts = Counter[str]()
        for (digest, _language), count in charges.items():
            counts[self.site.digests.get(digest, digest)] += count
        return counts


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault and how it is brought about."""

    name: str
    run: Callable[[Trial], None]
    credits_left: Callable[[int], int] = lambda _count: 10**6
    """The account's balance for so many pictures."""
    is_short: bool = False
    """Whether it belongs to the short form."""
    pictures: int = 20
    """How many; fewer in the short form."""
