"""What became of the images of a build: outcomes page by page, the summary and the JSON report.

A page is passed more than once, and each image is reported once. Which outcomes of two passes are
about the same image is found by their address, their order and what a pass makes of an image.
The JSON is a contract: see docs/report.md, version 1.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from functools import reduce
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from mkdocs_alttext.filling.reasons import label
from mkdocs_alttext.html.decisions import against_lightbox
from mkdocs_alttext.models import Decision, Origin, Outcome, Reason, Result, Usage
from mkdocs_alttext.pages.records import NAMELESS_LINK
from mkdocs_alttext.system.files import write_output
from mkdocs_alttext.system.printable import counted, same_form, visible_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from mkdocs_alttext.models import Outcome

REPORT_VERSION = 1

_PAIR = 10
"""More than the liking for one pair to another, so that as many as possible are paired."""
_Chain = tuple[int, int, "_Chain"] | None
ORIGIN_WORDS = {
    Origin.CATALOG: "from the catalog",
    Origin.AUTHOR: "from the author's text for the same picture elsewhere",
    Origin.STORE: "from the cache",
    Origin.SERVICE: "by the service",
    Origin.LINK_TITLE: "from links",
    Origin.SVG_TITLE: "from SVG titles",
    Origin.DECORATIVE: "as decorative",
}


class Credits(NamedTuple):
    """What a build cost, in credits and in what the service counts."""

    spent: int
    remaining: int | None
    """As last heard from the service."""
    uncertain: int = 0
    """May have been charged: requests that were sent and not properly answered."""
    requests: int = 0
    """Made for texts, those in vain among them."""
    usage: Usage = Usage()
    """What the answers consumed, as far as the service told."""


class BuildReport:
    """Collects outcomes page by page."""

    def __init__(self, service: str) -> None:
        """Begin with nothing.

        Args:
            service: The option's value.
        """
        self.service = service
        self._texts = self._empty = 0
        self.pages: dict[str, list[Outcome]] = {}
        """Outcomes by the path of their page; a command adds their lines in the sources."""

    def add(
        self,
        page: str,
        outcomes: Sequence[Outcome],
        *,
        is_whole: bool,
        article: range | None = None,
    ) -> list[Outcome]:
        """Note what one pass over a page decided.

        A page is passed more than once: its article when it is rendered, again when answers are
        there, and the whole page at the end. An image that an earlier pass decided is seen again,
        now with its text, and is not counted twice.

        Args:
            page: The page's path inside the built site.
            outcomes: What the pass decided, in the order of the page.
            is_whole: Whether this was the whole page. Its images beside the article count only
                where they lacked text: a theme's logo is no finding.
            article: Which outcomes of a whole page are about images of its article, where that is
                known.

        Returns:
            Those that no earlier pass decided.
        """
        noted = self.pages.get(page, [])
        met = _pairs(noted, outcomes, range(len(outcomes)) if article is None else article)
        again = set(met.values())
        new = {
            at: outcome
            for at, outcome in enumerate(outcomes)
            if at not in again and not (is_whole and outcome.decision is Decision.KEEP_TEXT)
        }
        placed, at = list(new.items()), -1
        for old, outcome in enumerate(noted):
            # What the pass did not meet stays behind the one before it.
            at = met.get(old, at)
            placed.append((at, _explained(outcome, outcomes[at]) if old in met else outcome))
        self.pages[page] = [outcome for _, outcome in sorted(placed, key=itemgetter(0))]
        return list(new.values())

    def count_empty(self, images: int) -> None:
        """Count images whose empty text is kept, without a word about each.

        Args:
            images: How many; `empty_alt: fill` would take them for missing.
        """
        self._texts += images
        self._empty += images

    @property
    def fillable_empty(self) -> int:
        """How many images have an empty text that only `empty_alt: keep` keeps."""
        return self._empty + sum(outcome.counts_if_empty for outcome in self.outcomes)

    def count_texts(self, images: int) -> None:
        """Count images that have text, as their pages needed nothing, without a word about each.

        Args:
            images: How many tags look like images; some may stand in comments and scripts.
        """
        self._texts += images

    @property
    def outcomes(self) -> list[Outcome]:
        """All outcomes, by page."""
        return [outcome for page in sorted(self.pages) for outcome in self.pages[page]]

    def missing(self) -> list[Outcome]:
        """Return the images that stay without text."""
        return [outcome for outcome in self.outcomes if outcome.result is Result.MISSING]

    def summary(self, credits_: Credits) -> str:
        """Return one line for a person."""
        outcomes = self.outcomes
        results = Counter(outcome.result for outcome in outcomes)
        images = len(outcomes) + self._texts
        origins = Counter(each.origin for each in outcomes if each.origin)
        reasons = Counter(label(each.reason) for each in self.missing() if each.reason)
        line = (
            f"Alt text: {counted(images, 'image')} found: "
            f"{results[Result.FILLED]} filled{in_parentheses(origins)}, "
            f"{results[Result.KEPT] + self._texts} kept as written, "
            f"{results[Result.MISSING]} left without text{_listed(reasons)}."
        )
        if credits_.spent or credits_.remaining is not None:
            left = "" if credits_.remaining is None else f", {credits_.remaining} left"
            line += f" Credits: {credits_.spent} spent{left}."
        if used := usage_words(credits_.usage):
            line += f" Used: {', '.join(used)}."
        if credits_.uncertain:
            line += f" {credits_.uncertain} more may have been charged without an answer."
        return line


def usage_words(usage: Usage) -> list[str]:
    """Say what was consumed, as far as it is known.

    Args:
        usage: Of one answer or of many; US dollars.
    """
    tokens_in, tokens_out, cost = usage
    return [
        *([] if tokens_in is None else [f"{tokens_in:,} tokens in"]),
        *([] if tokens_out is None else [f"{tokens_out:,} tokens out"]),
        *([] if cost is None else [f"${cost:.{2 if cost >= 1 else 4}f}"]),
    ]


def as_json(builds: Sequence[tuple[BuildReport, Credits]]) -> dict[str, object]:
    """Return one report for all builds of a site, in its JSON form, version 1.

    Args:
        builds: The report and the cost of each, at least one: translations are builds of their own.
    """
    outcomes = [outcome for report, _ in builds for outcome in report.outcomes]
    results = Counter(outcome.result for outcome in outcomes)
    costs = [credits_ for _, credits_ in builds]
    balances = [cost.remaining for cost in costs if cost.remaining is not None]
    usage = reduce(Usage.plus, (cost.usage for cost in costs))
    return {
        "version": REPORT_VERSION,
        "service": builds[-1][0].service,
        "counts": {
            "images": len(outcomes),
            **{each.value: results[each] for each in Result},
            "remarks": sum(outcome.is_remark for outcome in outcomes),
            "empty_alt": sum(report.fillable_empty for report, _ in builds),
        },
        "credits": {
            "spent": sum(cost.spent for cost in costs),
            "remaining": balances[-1] if balances else None,
            "uncertain": sum(cost.uncertain for cost in costs),
        },
        "usage": {"requests": sum(cost.requests for cost in costs), **usage._asdict()},
        "images": [_image(outcome) for outcome in outcomes],
    }


def json_text(content: Mapping[str, object]) -> str:
    """Return the text of a report, of which any line can be shown.

    Args:
        content: What `as_json` returned.
    """
    return visible_json(json.dumps(content, ensure_ascii=False, indent=2))


def is_report(head: bytes) -> bool:
    """Tell a report by its first bytes, also one that was cut off."""
    return re.match(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"service"\s*:', head) is not None


def write_json(path: Path, content: Mapping[str, object], *, root: Path) -> None:
    """Write a report in place of an earlier one.

    Args:
        path: Where to; its folder is made.
        content: What `as_json` returned.
        root: The project's folder.

    Raises:
        OutputError: Something else is in its place, and stays.
        OSError: It cannot be written.
    """
    data = f"{json_text(content)}\n".encode()
    write_output(path, data, is_own=is_report, root=root, is_named_by_user=False)


def _pairs(
    earlier: Sequence[Outcome], later: Sequence[Outcome], places: Iterable[int]
) -> dict[int, int]:
    """Pair the outcomes of two passes over a page.

    Args:
        earlier: What passes before decided, in the order of the page.
        later: What a pass decided, in the order of the page.
        places: Which of the later ones may be about an image of the earlier ones.

    Returns:
        By the place of an earlier one, that of the later one. Images of one address are paired in
        their order, however it is written.
    """
    by_address: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for place, outcome in enumerate(earlier):
        by_address[same_address(outcome.src)][0].append(place)
    for place in places:
        by_address[same_address(later[place].src)][1].append(place)
    pairs = {}
    for olds, news in by_address.values():
        aligned = _aligned([earlier[old] for old in olds], [later[new] for new in news])
        pairs.update({olds[old]: news[new] for old, new in aligned})
    return pairs


def same_address(written: str) -> str:
    """Return one form of what another plugin may have written anew (`a b.png`, `./a%20b.png`)."""
    return same_form(unquote(written).strip()).removeprefix("./")


def _aligned(earlier: Sequence[Outcome], later: Sequence[Outcome]) -> list[tuple[int, int]]:
    """Return the best pairs of outcomes of one address, in the order of both.

    Of pairs that are equally good, the last of the later ones are taken: themes show more before
    an article than behind it.
    """
    # Mostly nothing came between them, which is told without comparing each with each.
    if len(earlier) == len(later) and all(map(_likeness, earlier, later)):
        return [(place, place) for place in range(len(later))]
    # By the place of a later outcome: what pairing those from there on is worth, and the pairs.
    best: list[tuple[int, _Chain]] = [(0, None)] * (len(later) + 1)
    for old in reversed(range(len(earlier))):
        below, best = best, [(0, None)] * (len(later) + 1)
        for new in reversed(range(len(later))):
            best[new] = max(best[new + 1], below[new], key=itemgetter(0))
            likeness = _likeness(earlier[old], later[new])
            worth, chain = below[new + 1]
            if likeness and worth + likeness > best[new][0]:
                best[new] = worth + likeness, (old, new, chain)
    pairs = []
    chain = best[0][1]
    while chain:
        old, new, chain = chain
        pairs.append((old, new))
    return pairs


def _likeness(earlier: Outcome, later: Outcome) -> int:
    """Rate whether an image of an address may be one that was decided before; 0 if it is not."""
    is_same = earlier.decision == later.decision
    if not is_same and later.decision not in {Decision.KEEP_TEXT, Decision.KEEP_EMPTY}:
        return 0
    if earlier.result is Result.KEPT:
        return _PAIR + is_same
    # It has its text by now, or no mark any more; another image of the address may need one yet.
    return _PAIR + (later.decision is (Decision.KEEP_TEXT if earlier.alt else Decision.KEEP_EMPTY))


def _explained(earlier: Outcome, later: Outcome) -> Outcome:
    """Add what only a later pass can know: a lightbox has put an image without text into a link."""
    is_link = later.reason is Reason.EMPTY_LINK
    # What was emptied before looks like its author's decoration now.
    is_same = earlier.decision == later.decision or (is_link and earlier.alt == "")
    if later.reason and earlier.reason is None and is_same:
        detail = later.detail
        if detail and is_link:  # the mark of Markdown's images is gone by then
            detail = against_lightbox(from_markdown=earlier.is_markdown)
        return earlier._replace(reason=later.reason, detail=detail)
    # Without its mark, what lacks text looks like a decoration. Details are on a lightbox's link.
    is_nameless = (is_link and not later.detail) or NAMELESS_LINK in later.detail
    if is_nameless and earlier.result is Result.MISSING and NAMELESS_LINK not in earlier.detail:
        detail = ", ".join(filter(None, (earlier.detail, NAMELESS_LINK)))
        return earlier._replace(detail=detail)
    return earlier


def in_parentheses(origins: Mapping[Origin, int]) -> str:
    """Return in words where how many texts come from, in parentheses; nothing for none."""
    return _listed(Counter({ORIGIN_WORDS[origin]: count for origin, count in origins.items()}))


def _listed(counts: Counter[str]) -> str:
    """Return ` (3 remote, 1 missing-file)`, most first, or nothing."""
    entries = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return f" ({', '.join(f'{count} {name}' for name, count in entries)})" if entries else ""


def _image(outcome: Outcome) -> dict[str, object]:
    return {
        "page": outcome.page,
        "source": outcome.source,
        "line": outcome.line,
        "src": outcome.src,
        "file": outcome.file,
        "decision": outcome.decision,
        "outcome": outcome.result.value,
        "origin": outcome.origin and outcome.origin.value,
        "reason": outcome.reason and outcome.reason.value,
        "alt": outcome.alt,
        "language": outcome.language,
        "sha256": outcome.sha256,
        "suggestion": outcome.suggestion,
        "context_page": outcome.context_page,
        "model": outcome.model,
    }
