"""A number on a page of figures, which opens the people behind it."""

from dataclasses import dataclass

from django.utils.html import format_html

from recovery.desk.figures.filters import Choice
from recovery.desk.figures.shares import Share


@dataclass(frozen=True)
class Number:
    """words: as shown. href: the list of people behind it; empty for a number that is not about people.

    A template shows it as a link.
    """

    words: str
    href: str = ""

    def __str__(self) -> str:
        return format_html('<a href="{}">{}</a>', self.href, self.words) if self.href else self.words


@dataclass(frozen=True)
class Numbers:
    """Makes the numbers of one page."""

    choice: Choice

    def of(self, count: int, key: str) -> Number:
        """A count with the list behind it; nobody stands behind 0."""
        return Number(str(count), self.choice.link(key) if count else "")

    def share(self, share: Share, key: str) -> tuple[Number, Number]:
        """The part and the whole of a share, each with its list."""
        return self.of(share.count, key), self.of(share.n, f"{key}:of")


def percent_words(value: float | None) -> str:
    """Return a percentage in words, such as 83 %."""
    return "" if value is None else f"{value:.0f} %"


def likely_words(share: Share) -> str:
    """Return between which percentages the true share likely lies, such as 69 to 92 %."""
    return f"{share.likely[0]} to {share.likely[1]} %" if share.likely else ""
