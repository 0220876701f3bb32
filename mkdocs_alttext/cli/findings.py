"""What a scan found: images without text, and those that are worth a look.

Owns which outcomes are findings, where each stands, and which are accepted. It must not know how
findings are shown.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_alttext.cli.locating import Locator, Place
from mkdocs_alttext.models import Origin, Result
from mkdocs_alttext.site.reasons import WORTH_A_LOOK
from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from mkdocs_alttext.cli.baseline import Identity
    from mkdocs_alttext.cli.building import SiteReport
    from mkdocs_alttext.models import Outcome

_FROM_CACHE = frozenset({Origin.STORE, Origin.SERVICE})


@dataclass(frozen=True, slots=True)
class Finding:
    """An image that a person should know about."""

    outcome: Outcome
    number: int
    """Which one it is of the page's images of this file or address that lack text, from 1."""
    place: Place | None
    """Where it is written; `None` where no file of the site's author says so, as in a theme."""
    is_accepted: bool = False
    """Whether the baseline has it."""

    @property
    def is_missing(self) -> bool:
        """Whether it stays without text; else it is only worth a look."""
        return self.outcome.result is Result.MISSING

    @property
    def identity(self) -> Identity:
        """What a baseline knows it by: no line, as lines move."""
        return _identity(self.outcome, self.number)


def debt_of(outcomes: Sequence[Outcome]) -> list[Identity]:
    """Return the images that lack text, and those that have it from the cache only.

    A machine without the cache, such as a fork's, finds the latter missing.

    Args:
        outcomes: Of all pages.
    """
    numbered = zip(outcomes, _numbers(outcomes), strict=True)
    return [_identity(outcome, number) for outcome, number in numbered if _is_debt(outcome)]


def findings_of(site: SiteReport, accepted: Collection[Identity]) -> list[Finding]:
    """Find and locate what a person should know about, and note the lines in the site's reports.

    Args:
        site: What a build said; its outcomes get lines.
        accepted: Images that may lack text.

    Returns:
        By page, one finding for each image of a source: translations show a page again that is not
        translated.
    """
    locator = Locator.of(site.site)
    found: list[Finding] = []

    def revised(outcomes: list[Outcome]) -> list[Outcome]:
        wanted = [at for at, outcome in enumerate(outcomes) if _is_finding(outcome)]
        file = site.sources.get(outcomes[0].page) if wanted and outcomes[0].source else None
        places: Mapping[int, Place] = {}
        if file is not None:
            places = {at: Place(file) for at in wanted}
            places |= locator.places(outcomes, wanted, file)
        numbers = _numbers(outcomes)
        for at in wanted:
            is_accepted = _identity(outcomes[at], numbers[at]) in accepted
            found.append(Finding(outcomes[at], numbers[at], places.get(at), is_accepted))
        # Lines of files that the page includes are none of its source.
        own = {at: place.line for at, place in places.items() if place.file == file}
        return [outcome._replace(line=own.get(at)) for at, outcome in enumerate(outcomes)]

    for report in site.reports:
        report.revise(revised)
    found.sort(key=lambda finding: finding.outcome.page)
    unique = {(each.is_missing, *each.identity, each.outcome.reason): each for each in found[::-1]}
    return list(unique.values())[::-1]


def _numbers(outcomes: Iterable[Outcome]) -> list[int]:
    """Count the images of each page that are alike, from 1."""
    seen = Counter[tuple[str, str, bool]]()
    numbers = []
    for outcome in outcomes:
        alike = (outcome.page, _image(outcome), _is_debt(outcome))
        seen[alike] += 1
        numbers.append(seen[alike])
    return numbers


def _identity(outcome: Outcome, number: int) -> Identity:
    return same_form(outcome.source or outcome.page), _image(outcome), number


def _image(outcome: Outcome) -> str:
    return same_form(outcome.file or outcome.src)


def _is_debt(outcome: Outcome) -> bool:
    return outcome.result is Result.MISSING or outcome.origin in _FROM_CACHE


def _is_finding(outcome: Outcome) -> bool:
    return outcome.result is Result.MISSING or outcome.reason in WORTH_A_LOOK
