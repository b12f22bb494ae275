"""Own words: what the clinic wrote for one patient, shown unchanged before the product's own texts."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from patients.models import Procedure

# Field -> its title to the patient, and to a helper.
TITLES = (
    ("home_instructions", _("Your steps at home"), _("{name}’s steps at home")),
    ("medicine_instructions", _("Your medicine list"), _("{name}’s medicine list")),
    (
        "wound_instructions",
        _("Your bandage and the spot on your back"),
        _("{name}’s bandage and the spot on the back"),
    ),
)


@dataclass(frozen=True)
class OwnWords:
    """One text of the clinic with its title."""

    name: str
    title: str
    text: str


def own_words(procedure: Procedure, helped: str) -> list[OwnWords]:
    """Return the clinic's texts that are not empty, in the order of the page. helped: as in patients.access."""
    return [
        OwnWords(name, str(there).format(name=helped) if helped else str(here), text)
        for name, here, there in TITLES
        if (text := getattr(procedure, name))
    ]
