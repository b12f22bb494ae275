"""What the clinic wrote for one patient: shown as it is, before anything the product says itself."""

from dataclasses import dataclass

from patients.models import Procedure

TITLES = (
    ("home_instructions", "Your steps at home"),
    ("medicine_instructions", "Your medicine list"),
    ("wound_instructions", "Your bandage and the spot on your back"),
)


@dataclass(frozen=True)
class OwnWords:
    """One text of the clinic under its title."""

    name: str
    title: str
    text: str


def own_words(procedure: Procedure) -> list[OwnWords]:
    """The texts there are, in the order they are read."""
    return [OwnWords(name, title, text) for name, title in TITLES if (text := getattr(procedure, name))]
