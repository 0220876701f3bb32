"""What the benchmark says of repeated measurements."""

from __future__ import annotations

import pytest

from bench.figures import Spread, Verdict


@pytest.mark.parametrize(
    ("count", "interval"),
    # The exact ranks of a 95 % interval for a median, as tables of the sign test have them.
    [(1, (1, 1)), (5, (1, 5)), (6, (1, 6)), (9, (2, 8)), (15, (4, 12)), (25, (8, 18))],
)
def test_where_the_median_lies(count: int, interval: tuple[int, int]) -> None:
    """The more values there are, the nearer to the middle ones."""
    values = tuple(range(count, 0, -1))
    assert Spread(values).interval == interval


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ((1.0, 1.1), "holds"),
        ((1.0, 1.3), "unclear"),
        ((1.3, 1.4), "FAILS"),
        ((1.0,) * 19 + (9.0,), "holds"),
        ((9.0,) * 19 + (1.0,), "FAILS"),
        ((1.0,) * 10 + (9.0,) * 10, "unclear"),
    ],
)
def test_a_bound_is_held_against_where_the_median_lies(
    values: tuple[float, ...], word: str
) -> None:
    """One odd value among twenty decides nothing."""
    verdict = Verdict("A site", "ratio", Spread(values), 1.2)
    assert verdict.word == word
    assert verdict.line().startswith(word)
