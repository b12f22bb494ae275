"""One shift: changed, taken in part by somebody else, offered and accepted; each with its refusals."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts.models import Delivery, OnCallChange, OnCallShift, ShiftSwap
from alerts.models.refusals import AlertError
from alerts.oncall import swaps
from alerts.oncall.gaps import Span
from alerts.oncall.roster import rosters
from alerts.oncall.shifts import take_part, version_of
from patients.models import Staff
from tests.alerts.steps import shift
from tests.alerts.test_oncall_page import local
from tests.alerts.test_policy_page import browser
from tests.patients.pages import text
from tests.people import Cast, make_staff

HOUR = timedelta(hours=1)


@pytest.fixture
def row(people: Cast) -> OnCallShift:
    """Nora's: from in two hours, for eight."""
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + 2 * HOUR
    return shift(people.nurse, start, 8)


def url(row: OnCallShift) -> str:
    return f"/desk/oncall/{row.pk}/"


def typed(name: str, staff: Staff, row: OnCallShift, start: int, end: int) -> dict[str, Any]:
    """Hours after the start of the shift."""
    times = {"starts_at": row.starts_at + start * HOUR, "ends_at": row.starts_at + end * HOUR}
    return {
        "do": name,
        "seen": version_of(row),
        f"{name}-staff": staff.pk,
        **{f"{name}-{key}": local(at) for key, at in times.items()},
    }


def on_call(people: Cast, at: Any) -> set[int]:
    return {pk for pk, _ in rosters([people.clinic.pk], at)[people.clinic.pk].on_call}


def test_somebody_takes_a_part_and_is_told_in_it_instead(people: Cast, row: OnCallShift) -> None:
    answer = browser(people.manager).post(url(row), typed("part", people.nurse2, row, 2, 4))
    assert answer.status_code == 302
    assert [on_call(people, row.starts_at + n * HOUR) for n in (1, 2, 3, 4)] == [
        {people.nurse.pk},
        {people.nurse2.pk},
        {people.nurse2.pk},
        {people.nurse.pk},
    ]
    page = text(browser(people.nurse).get("/desk/oncall/"))
    assert "in place of Nora Staff" in page
    assert "put somebody in for a part of a shift: Niles Staff" in page
    Staff.objects.filter(pk=people.nurse2.pk).update(active=False)
    assert on_call(people, row.starts_at + 3 * HOUR) == {people.nurse.pk}


def test_a_part_stays_when_the_shift_goes(people: Cast, row: OnCallShift) -> None:
    client = browser(people.manager)
    client.post(url(row), typed("part", people.nurse2, row, 2, 4))
    client.post(f"{url(row)}remove/", {"seen": version_of(row)})
    assert on_call(people, row.starts_at + 3 * HOUR) == {people.nurse2.pk}


def test_a_nurse_puts_only_herself_in(people: Cast, row: OnCallShift) -> None:
    client = browser(people.nurse2)
    page = text(client.get(url(row)))
    assert "Put somebody in for a part" in page
    assert "Change this shift" not in page
    assert client.post(url(row), typed("part", people.nurse2, row, 0, 1)).status_code == 302
    assert client.post(url(row), typed("change", people.nurse2, row, 0, 1)).status_code == 404
    assert browser(people.physician).post(url(row), typed("part", people.physician, row, 0, 1)).status_code == 404


@pytest.mark.parametrize(
    ("name", "who", "start", "end", "sentence"),
    [
        ("part", "nurse2", -1, 2, "The part has to lie inside the shift"),
        ("part", "nurse2", 2, 2, "has to end after it starts"),
        ("part", "nurse", 2, 4, "Choose somebody who works here."),
        ("part", "physician", 2, 4, "Choose somebody who works here."),
        ("part", "nurse2", 6, 8, "Niles Staff is on call already: "),
        ("change", "nurse2", 6, 9, "Niles Staff is on call already: "),
        ("change", "nurse", 2, -3000, "has to end after it starts"),
        ("change", "manager", 2, 4, "Choose somebody who works here."),
    ],
)
def test_what_can_not_be_is_explained_and_kept(
    people: Cast, row: OnCallShift, name: str, who: str, start: int, end: int, sentence: str
) -> None:
    shift(people.nurse2, row.starts_at + 7 * HOUR, 5)
    data = typed(name, getattr(people, who), row, start, end)
    page = text(browser(people.manager).post(url(row), data))
    assert sentence in page
    assert f'value="{data[f"{name}-ends_at"]}"' in page
    assert OnCallShift.objects.count() == 2
    assert not OnCallChange.objects.exists()


def test_a_manager_changes_a_shift_and_it_is_written_down(people: Cast, row: OnCallShift) -> None:
    client = browser(people.manager)
    assert client.post(url(row), typed("change", people.nurse2, row, 1, 9)).status_code == 302
    now = OnCallShift.objects.get()
    assert (now.staff_id, now.ends_at) == (people.nurse2.pk, row.starts_at + 9 * HOUR)
    assert "(before: Nora Staff, " in text(client.get("/desk/oncall/"))


def test_an_offer_changes_nothing_until_the_colleague_accepts(people: Cast, row: OnCallShift) -> None:
    owner, colleague = browser(people.nurse), browser(people.nurse2)
    assert owner.post(url(row), {"do": "offer", "offer-to": people.nurse2.pk}).status_code == 302
    offered = ShiftSwap.objects.get()
    assert on_call(people, row.starts_at) == {people.nurse.pk}
    assert Delivery.objects.get().recipient == f"staff:{people.nurse2.pk}"
    assert "Nora Staff offers you a shift" in text(colleague.get("/desk/oncall/"))
    assert "You have offered this shift to Niles Staff" in text(owner.get(url(row)))
    answer = f"/desk/oncall/offers/{offered.pk}/"
    assert "not open" in text(owner.post(answer, {"do": "accept"}, follow=True))
    colleague.post(answer, {"do": "accept"})
    assert on_call(people, row.starts_at) == {people.nurse2.pk}
    offered.refresh_from_db()
    assert (offered.state, offered.from_staff_id) == ("accepted", people.nurse.pk)
    assert "took over a shift that was offered" in text(owner.get("/desk/oncall/"))
    assert "not open" in text(colleague.post(answer, {"do": "decline"}, follow=True))


@pytest.mark.parametrize("how", ["decline", "take_back"])
def test_an_offer_is_declined_or_taken_back(people: Cast, row: OnCallShift, how: str) -> None:
    swap = swaps.offer(shift=row, by=people.nurse, to_staff=people.nurse2, now=timezone.now())
    if how == "decline":
        browser(people.nurse2).post(f"/desk/oncall/offers/{swap.pk}/", {"do": "decline"})
    else:
        browser(people.nurse).post(url(row), {"do": "take_back"})
    swap.refresh_from_db()
    assert swap.state == {"decline": "declined", "take_back": "withdrawn"}[how]
    assert on_call(people, row.starts_at) == {people.nurse.pk}
    swaps.offer(shift=row, by=people.nurse, to_staff=people.nurse2, now=timezone.now())


def test_a_changed_shift_or_a_new_conflict_makes_the_offer_void(people: Cast, row: OnCallShift) -> None:
    now = timezone.now()
    swap = swaps.offer(shift=row, by=people.nurse, to_staff=people.nurse2, now=now)
    with pytest.raises(AlertError, match="offered this shift already"):
        swaps.offer(shift=row, by=people.nurse, to_staff=people.nurse2, now=now)
    other = shift(people.nurse2, row.starts_at + HOUR, 1)
    with pytest.raises(AlertError, match="Niles Staff is on call already"):
        swaps.accept(swap_pk=swap.pk, staff=people.nurse2, now=now)
    other.delete()
    OnCallShift.objects.filter(pk=row.pk).update(ends_at=row.ends_at + HOUR)
    with pytest.raises(AlertError, match="has changed since"):
        swaps.accept(swap_pk=swap.pk, staff=people.nurse2, now=now)
    assert on_call(people, row.starts_at) == {people.nurse.pk}


def test_a_shift_that_has_begun_is_cut_where_the_colleague_accepts(people: Cast, row: OnCallShift) -> None:
    at = row.starts_at + 3 * HOUR
    swap = swaps.offer(shift=row, by=people.nurse, to_staff=people.nurse2, now=row.starts_at + HOUR)
    swaps.accept(swap_pk=swap.pk, staff=people.nurse2, now=at)
    assert (on_call(people, at - HOUR), on_call(people, at)) == ({people.nurse.pk}, {people.nurse2.pk})


def test_what_a_colleague_changed_meanwhile_is_not_overwritten_unseen(people: Cast, row: OnCallShift) -> None:
    mine = typed("change", people.nurse2, row, 0, 6)
    OnCallShift.objects.filter(pk=row.pk).update(ends_at=row.ends_at - HOUR)
    client = browser(people.manager)
    page = text(client.post(url(row), mine))
    assert "This shift has been changed meanwhile: it is Nora Staff’s now" in page
    assert f'value="{mine["change-ends_at"]}"' in page
    removed = client.post(f"{url(row)}remove/", {"seen": mine["seen"]}, follow=True)
    assert "has been changed meanwhile" in text(removed)
    row.refresh_from_db()
    assert (row.staff_id, OnCallChange.objects.count()) == (people.nurse.pk, 0)
    # Seen now, and wanted all the same.
    assert version_of(row) in page
    assert client.post(url(row), {**mine, "seen": version_of(row)}).status_code == 302
    assert OnCallShift.objects.get().staff_id == people.nurse2.pk


def test_an_offer_stays_open_when_a_change_is_refused(people: Cast, row: OnCallShift) -> None:
    swap = swaps.offer(shift=row, by=people.nurse, to_staff=people.nurse2, now=timezone.now())
    browser(people.manager).post(url(row), {**typed("change", people.nurse2, row, 0, 6), "seen": "another one"})
    swap.refresh_from_db()
    assert swap.state == "offered"


def test_a_part_stays_inside_its_shift_and_of_its_role(people: Cast, row: OnCallShift) -> None:
    """A physician in a nurse's part would leave that time without any nurse."""
    client = browser(people.manager)
    client.post(url(row), typed("part", people.nurse2, row, 2, 4))
    part = OnCallShift.objects.get(replaces=row)
    page = text(client.post(url(part), typed("change", people.physician, part, 0, 2)))
    assert "Choose somebody who works here." in page
    page = text(client.post(url(part), typed("change", people.nurse2, part, 0, 8)))
    assert "The part has to lie inside the shift" in page
    page = text(client.post(url(row), typed("change", people.nurse, row, 3, 8)))
    assert "Niles Staff has a part of this shift: " in page
    assert "Change or remove that part first." in page
    page = text(client.post(url(row), typed("change", people.physician, row, 0, 8)))
    assert "Choose somebody who works here." in page
    assert on_call(people, row.starts_at + 3 * HOUR) == {people.nurse2.pk}
    assert client.post(url(part), typed("change", people.nurse2, part, 0, 1)).status_code == 302


def test_a_part_lies_inside_the_shift_as_it_is_by_now(people: Cast, row: OnCallShift) -> None:
    """A colleague made the shift shorter between the page and the press."""
    OnCallShift.objects.filter(pk=row.pk).update(ends_at=row.starts_at + 3 * HOUR)
    span = Span(row.starts_at + 2 * HOUR, row.starts_at + 4 * HOUR)
    with pytest.raises(AlertError, match="has to lie inside the shift"):
        take_part(by=people.manager, shift=row, person=people.nurse2, span=span, now=timezone.now())


def test_the_parts_of_a_shift_that_goes_on_with_a_colleague_go_with_it(people: Cast, row: OnCallShift) -> None:
    third = make_staff(people.clinic)
    part = shift(third, row.starts_at + 4 * HOUR, 2, replaces=row)
    swap = swaps.offer(shift=row, by=people.nurse, to_staff=people.nurse2, now=row.starts_at + HOUR)
    taken = swaps.accept(swap_pk=swap.pk, staff=people.nurse2, now=row.starts_at + 3 * HOUR)
    part.refresh_from_db()
    assert part.replaces_id == taken.pk
    assert on_call(people, row.starts_at + 5 * HOUR) == {third.pk}
