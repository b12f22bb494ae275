"""When an education card is shown, in a clinician's words."""

from collections.abc import Iterator

from recovery.plan.cards_book import Card, Question

READER_WORDS = {"all": "Patient and helpers", "patient": "Patient only", "helper": "Helpers only"}
PHASE_WORDS = {
    "before": "Before the procedure",
    "after": "After the procedure",
    "any": "Before and after the procedure",
}
# One line for each test of recovery.plan.cards_tests.
TEST_WORDS = {
    "tired": "the last log, at most 36 h old, says tired or very sleepy",
    "slept_badly": "the last log, at most 36 h old, says poor sleep",
    "mood_low": "the last log, at most 36 h old, says low or worried",
    "pain_low": "back pain in the last log, at most 36 h old, is 2 or less",
    "limits_on": "the clinic has not cleared lifting, bending and twisting",
    "lifting_cleared": "the clinic cleared lifting, bending and twisting",
    "exercise_cleared": "the clinic cleared hard exercise",
    "visit_soon": "a visit is set within 72 h",
    "leg_sign": "a leg sign is open",
    "fell": "the last log tells of a fall, or a fall is open",
    "ice_on": "the ice milestone is active",
    "walk_ok": "the milestone for short walks is reached",
    "brace_on": "a brace is prescribed and its last day has not passed",
    "pt_ordered": "PT is ordered",
    "on_hold": "a blood thinner or another medicine is on hold",
    "strong_pills": "a strong pain medicine is prescribed, or was taken in the last log",
    "wound_text": "the clinic wrote its own bandage steps",
    "medicine_text": "the clinic wrote its own medicine list",
}


def card_when(card: Card) -> list[str]:
    """Reader and days, gates, and when it stands on Today."""
    return [*_shown(card), *_on_today(card)]


def question_when(question: Question) -> list[str]:
    """When the question is suggested."""
    return list(_shown(question))


def _shown(entry: Card | Question) -> Iterator[str]:
    when = entry.when
    first = f", from day {when.from_day}" if when.from_day else ""
    last = f", until day {when.until_day}" if when.until_day is not None else ""
    yield f"{READER_WORDS[when.reader]}. {PHASE_WORDS[when.phase]}{first}{last}."
    yield from (f"Only when {TEST_WORDS[test]}." for test in when.needs)
    yield from (f"Not when {TEST_WORDS[test]}." for test in when.unless)
    yield "Not at 911." if when.doctor_now else "Not on a doctor-now day, not at 911."


def _on_today(card: Card) -> Iterator[str]:
    if card.today is None and not card.today_if:
        yield "In the library only."
        return
    days = "" if card.today is None else f" from day {card.today[0]} until day {card.today[1]}"
    if card.when.phase == "before" and card.today is not None:
        days = " until the procedure"
    answers = " and ".join(TEST_WORDS[test] for test in card.today_if)
    yield f"On Today{days}{f' when {answers}' if answers else ''}."
