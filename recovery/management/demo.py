"""The data of the demo clinic: its people and their logs, which seed_demo submits with past times."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

CALM: dict[str, Any] = {
    "em_gate": "none",
    "nerve_gate": "none",
    "site_gate": "none",
    "fever_feel": "no",
    "pain_move": 3,
    "pain_rest": 1,
    "pain_site": 1,
    "site_pain_change": "less",
    "back_change": "better",
    "walk_level": "house",
    "mobility_change": "better",
    "activities": ["rest", "light_chores"],
    "pain_meds": ["none"],
}


@dataclass(frozen=True)
class DemoStaff:
    """A member of staff of the demo clinic."""

    first: str
    last: str
    email: str
    role: str


@dataclass(frozen=True)
class DemoPatient:
    """One patient: hours since the procedure, and logs as (hours ago, changes to a calm day's answers)."""

    first: str
    last: str
    born: date
    hours: float
    levels: list[str]
    logs: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)
    # What staff did: (hours ago, "acknowledge" | "contact" | "snooze" | "resolve", words)
    answers: list[tuple[float, str, str]] = field(default_factory=list)
    # The day after the procedure on which a new fracture was found.
    fracture_day: int | None = None
    # Staff answer each of their alerts soon after it was raised.
    is_worked: bool = False


CLINIC = "Riverside Spine Clinic (demo)"
ZONE = "America/Chicago"
# The phone numbers of a demo are four digits of one exchange.
MOST_PATIENTS = 2000
PASSWORD = "recovery-demo-2026"  # noqa: S105 (a demo's sign-ins are printed at every start)
STAFF = [
    DemoStaff("Ana", "Reyes", "nurse@demo.example", "nurse"),
    DemoStaff("Ben", "Carter", "nurse2@demo.example", "nurse"),
    DemoStaff("Priya", "Shah", "doctor@demo.example", "physician"),
    DemoStaff("Marie", "Dubois", "manager@demo.example", "manager"),
]


def days(*pains: int, **changes: Any) -> list[tuple[float, dict[str, Any]]]:
    """Return one log a day up to some hours ago, with pain on moving that falls by default."""
    last = len(pains) - 1
    return [
        (24.0 * (last - n) + 3, {"pain_move": pain, "pain_rest": max(0, pain - 2), **changes})
        for n, pain in enumerate(pains)
    ]


def by_day(hours: float, pains: dict[int, int]) -> list[tuple[float, dict[str, Any]]]:
    """Return logs by the day after a procedure that ended so many hours ago: day and pain on moving.

    The needle spot is well after two weeks.
    """
    return [
        (
            max(hours - 24 * day, 2.0),
            {"pain_move": pain, "pain_rest": max(0, pain - 2), "pain_site": 1 if day < 14 else 0},
        )
        for day, pain in pains.items()
    ]


# What a contact took, as staff wrote down.
MINUTES = 12
SURGEONS = ("Dr. Adam Cole", "Dr. Priya Shah")
PATIENTS = [
    DemoPatient("Rosa", "Alvarez", date(1951, 3, 14), 5, ["L1"], record={"baseline_pain": 8}),
    DemoPatient(
        "Harold",
        "Greene",
        date(1944, 7, 2),
        30,
        ["T12"],
        days(4, question_for_team="When may I work in my garden again?"),
        {
            "baseline_pain": 9,
            "opioid_prescribed": True,
            "allergies": "Penicillin",
            "medicine_instructions": "Blood pressure pill: mornings, as before\nStrong pain pill: as on its label",
        },
    ),
    DemoPatient(
        "Mei", "Lin", date(1955, 11, 23), 55, ["L2"], days(4, 3), {"baseline_pain": 8, "job_type": "desk"}
    ),
    DemoPatient(
        "Walter",
        "Brooks",
        date(1948, 1, 30),
        80,
        ["L3"],
        [
            *[(hours + 20, words) for hours, words in days(4, 3)],
            (
                0.2,
                {
                    "nerve_gate": "some",
                    "numb": "yes",
                    "numb_where": ["legs"],
                    "numb_change": "new",
                    "pain_move": 5,
                },
            ),
        ],
        {"baseline_pain": 8},
    ),
    DemoPatient(
        "Irene",
        "Kowalski",
        date(1939, 9, 9),
        100,
        ["T11", "T12"],
        [
            *[(hours + 24, words) for hours, words in days(5, 4, 3)],
            (2.0, {"em_gate": "some", "em_breath": "some"}),
        ],
        {"baseline_pain": 8, "cement_leakage": True},
        answers=[
            (1.95, "acknowledge", ""),
            (1.8, "contact", "Reached her daughter. The ambulance is on its way. Call again at noon."),
        ],
    ),
    DemoPatient(
        "Samuel",
        "Okafor",
        date(1950, 5, 17),
        150,
        ["L1"],
        [(hours + 70, words) for hours, words in days(4, 3)],
        {"baseline_pain": 7},
    ),
    DemoPatient(
        "Dolores",
        "Nguyen",
        date(1946, 12, 1),
        98,
        ["L4"],
        days(7, 7, 6, 6, back_change="same"),
        {"baseline_pain": 8, "intravertebral_cleft": True},
        answers=[(1.0, "snooze", "Sees Dr. Cole on Thursday; she has the number.")],
    ),
    DemoPatient(
        "George",
        "Martin",
        date(1941, 4, 4),
        200,
        ["L2"],
        [
            *[(hours + 24, words) for hours, words in days(4, 3, 3)],
            (20.0, {"fever_feel": "yes", "temp_value": 100.9, "temp_unit": "F"}),
            (3.0, {"fever_feel": "yes", "temp_value": 100.6, "temp_unit": "F"}),
        ],
        {"baseline_pain": 7},
        answers=[
            (19.9, "acknowledge", ""),
            (19.5, "contact", "Spoke with George. No other signs. He comes in tomorrow at ten for blood tests."),
        ],
    ),
    DemoPatient(
        "Edith",
        "Johansson",
        date(1937, 8, 19),
        365,
        ["T12", "L1"],
        by_day(365, dict(enumerate([6, 5, 4, 4, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2, 2], 1))),
        {"baseline_pain": 9, "brace_prescribed": True},
    ),
    DemoPatient(
        "Luis",
        "Romero",
        date(1953, 2, 11),
        530,
        ["L1"],
        by_day(530, {1: 5, 2: 4, 3: 4, 4: 3, 6: 3, 7: 3, 8: 2, 9: 2, 12: 2, 14: 2, 17: 1, 22: 1}),
        {"baseline_pain": 8},
    ),
    DemoPatient(
        "Margaret",
        "O'Neill",
        date(1943, 6, 25),
        780,
        ["T10"],
        by_day(780, {1: 4, 2: 3, 4: 3, 5: 3, 7: 2, 8: 2, 10: 2, 14: 2, 21: 2, 28: 1, 32: 1}),
        {"baseline_pain": 7, "pt_ordered": True},
    ),
    DemoPatient(
        "Yusuf",
        "Haddad",
        date(1949, 10, 8),
        1200,
        ["L3"],
        by_day(1200, {1: 5, 2: 4, 5: 3, 7: 3, 10: 2, 14: 2, 21: 2, 28: 1, 35: 1, 42: 1, 49: 1}),
        {"baseline_pain": 8},
    ),
    DemoPatient(
        "Agnes",
        "Petrov",
        date(1945, 1, 16),
        1250,
        ["T11"],
        by_day(1250, {1: 6, 2: 4, 3: 4, 4: 3, 6: 3, 7: 3, 8: 3, 10: 3, 14: 3, 21: 3, 28: 4, 35: 5, 42: 5, 49: 4}),
        {"baseline_pain": 8, "osteoporosis": True},
        answers=[
            (407.0, "contact", "Pain came back slowly, no fall. Dr. Cole sees her tomorrow with an X-ray."),
            (386.0, "resolve", "X-ray: new fracture of T12. Brace, bone medicine, visit in a week."),
        ],
        fracture_day=36,
    ),
]
