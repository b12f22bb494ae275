"""PURE: a part of a whole with the ids behind both, how sure it is, and the middle of a list of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt

# Below this many people a share is shown, and said to be too small to compare.
FEW = 20
# 95 of 100 intervals made this way hold the true share (Wilson score interval).
Z = 1.96


@dataclass(frozen=True)
class Share:
    """part: the ids that have it; whole: the ids that were asked or looked at. part lies within whole."""

    part: frozenset[int]
    whole: frozenset[int]

    @property
    def n(self) -> int:
        """How many were looked at."""
        return len(self.whole)

    @property
    def count(self) -> int:
        """How many have it."""
        return len(self.part)

    @property
    def percent(self) -> float | None:
        """The part in percent; None when nobody was looked at."""
        return 100 * self.count / self.n if self.n else None

    @property
    def few(self) -> bool:
        """Whether there are too few people to compare the share with another."""
        return self.n < FEW

    @property
    def likely(self) -> tuple[int, int] | None:
        """The percentages between which the true share likely lies, by Wilson; None when nobody was looked at."""
        if not self.n:
            return None
        share, n = self.count / self.n, self.n
        middle = share + Z * Z / (2 * n)
        spread = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        low, high = ((middle + sign * spread) / (1 + Z * Z / n) for sign in (-1, 1))
        return max(floor(100 * low), 0), min(ceil(100 * high), 100)


def share(part: set[int] | frozenset[int], whole: set[int] | frozenset[int]) -> Share:
    """The share of those in part who are also in whole."""
    return Share(frozenset(part & whole), frozenset(whole))


def quarter(ordered: Sequence[float], which: int) -> float | None:
    """The first, second (median) or third quartile of sorted numbers, by nearest rank; None without numbers."""
    return ordered[ceil(which * len(ordered) / 4) - 1] if ordered else None
