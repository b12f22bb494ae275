"""Own words: what the clinic wrote for one patient, shown unchanged before the product's own texts."""

from dataclasses import dataclass

from patients.models import Procedure

TITLES = (
    ("home_instructions", "Your steps at home"),
    ("medicine_instructions", "Your medicine list"),
    ("wound_instructions", "Your bandage and the spot on your back"),
)


@dataclass(frozen=True)
class OwnWords:
    """One text of the clinic with its title."""

    name: str
    title: str
    text: str


def own_words(procedure: Procedure) -> list[OwnWords]:
    """Return the clinic's texts that are not empty, in the order of the page."""
    return [OwnWords(name, title, text) for name, title in TITLES if (text := getattr(procedure, name))]
