"""Own words: what the clinic wrote for one patient, shown unchanged before the product's own texts."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from patients.models import Procedure

TITLES = (
    ("home_instructions", _("Your steps at home")),
    ("medicine_instructions", _("Your medicine list")),
    ("wound_instructions", _("Your bandage and the spot on your back")),
)


@dataclass(frozen=True)
class OwnWords:
    """One text of the clinic with its title."""

    name: str
    title: str
    text: str


def own_words(procedure: Procedure) -> list[OwnWords]:
    """Return the clinic's texts that are not empty, in the order of the page."""
    return [OwnWords(name, str(title), text) for name, title in TITLES if (text := getattr(procedure, name))]
