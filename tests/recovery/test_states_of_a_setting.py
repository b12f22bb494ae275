"""docs/states.md, a clinic's setting: every act in every state, on real rows."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.utils import timezone

from patients.models import Staff
from patients.services.errors import NotPossible
from patients.services.lead import name_lead
from recovery.models import ClinicSetting
from recovery.settings import clinic_settings
from tests.people import Cast
from tests.states import by_act, undone

TABLE = by_act("A proposal: every act in every state")
KEY, DEFAULT, STRICT, STRICTER = "fever_threshold_f", 100.4, 100.0, 99.8
WORDS = {"proposed": "waits", "active": "set", "refused": "not set", "ended": "replaced"}
Act = Callable[[Cast, int, datetime], object]


@pytest.fixture
def now(people: Cast) -> datetime:
    """With a medical lead, from the start."""
    name_lead(manager=people.manager, staff=people.physician, now=timezone.now())
    return timezone.now()


def propose(people: Cast, value: float, now: datetime) -> ClinicSetting:
    return clinic_settings.propose(
        staff=people.manager, key=KEY, value=value, reason="Why.", effective_from=None, now=now
    )


def begin(people: Cast, state: str, now: datetime) -> int:
    """A row in this state; what counts is strict where something is set, else the default."""
    if state == "(none)":
        return 0
    row = propose(people, STRICT, now)
    if state == "set":
        return row.pk
    if state == "replaced":
        propose(people, STRICTER, now)
        return row.pk
    looser = propose(people, DEFAULT, now)
    if state == "not set":
        clinic_settings.refuse(staff=people.physician, row_id=looser.pk, now=now)
    return looser.pk


def strictest(people: Cast, pk: int, now: datetime) -> ClinicSetting:
    return propose(people, STRICTER - 0.3, now)


def looser(people: Cast, pk: int, now: datetime) -> ClinicSetting:
    """Half a degree above what counts, or above the default."""
    return propose(people, 100.6 if not pk else DEFAULT, now)


def unchanged(people: Cast, pk: int, now: datetime) -> ClinicSetting:
    live = ClinicSetting.objects.filter(key=KEY, state="active").first()
    return propose(people, live.value if live else DEFAULT, now)


def sign(people: Cast, pk: int, now: datetime, by: Staff | None = None) -> ClinicSetting:
    return clinic_settings.sign(staff=by or people.physician, row_id=pk, now=now)


ACTS: dict[str, Act] = {
    "a manager proposes a stricter value": strictest,
    "a manager proposes a less strict value": looser,
    "a manager proposes what counts already": unchanged,
    "the medical lead signs": sign,
    "somebody else signs": lambda p, pk, now: sign(p, pk, now, by=p.nurse),
    "the medical lead refuses": lambda p, pk, now: clinic_settings.refuse(staff=p.physician, row_id=pk, now=now),
    "a manager takes it back": lambda p, pk, now: clinic_settings.take_back(staff=p.manager, row_id=pk, now=now),
}


@pytest.mark.parametrize("act", sorted(ACTS))
def test_a_setting_does_what_the_table_says(people: Cast, now: datetime, act: str) -> None:
    found = {}
    for state in TABLE[act]:
        with undone():
            pk = begin(people, state, now)
            before = list(ClinicSetting.objects.order_by("pk").values_list("pk", "state"))
            try:
                made = ACTS[act](people, pk, now)
            except NotPossible:
                assert list(ClinicSetting.objects.order_by("pk").values_list("pk", "state")) == before
                found[state] = "refused"
                continue
            assert isinstance(made, ClinicSetting)
            found[state] = WORDS[ClinicSetting.objects.get(pk=pk or made.pk).state]
            assert not made.loosens or made.state != "active" or made.signed_by == people.physician
    assert found == TABLE[act]


def test_every_act_has_its_row() -> None:
    assert set(TABLE) == set(ACTS)
