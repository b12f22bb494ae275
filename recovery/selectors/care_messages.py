"""What the care team wrote to a patient, and who has read it: for the chart, Today and the pages of messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from patients.models import Patient, User
from patients.scoping import joined, rows_of
from recovery.models import CareMessage, CareMessageRead

# So many stand on a page of a phone, and on the chart.
ON_A_PHONE, ON_THE_CHART = 30, 3


@dataclass(frozen=True)
class Reading:
    """Who opened a message first when."""

    name: str
    at: datetime
    is_patient: bool


@dataclass(frozen=True)
class Written:
    """One message with its writer and its readings, oldest first."""

    text: str
    language: str
    at: datetime
    by: str
    readings: tuple[Reading, ...]

    @property
    def read_by_patient(self) -> bool:
        """Return whether the patient themself opened it."""
        return any(one.is_patient for one in self.readings)


def with_messages(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Annotate the patients with their newest messages for `written_to`, in the statement that finds them."""
    names = {"first": "user__first_name", "last": "user__last_name", "email": "user__email"}
    reader = {key: F(path) for key, path in names.items()}
    writer = {key: F(f"sent_by__{path}") for key, path in names.items()}
    opened = joined(CareMessageRead).filter(message=OuterRef("pk")).order_by("at", "pk")
    row = JSONObject(
        text=F("text"),
        language=F("language"),
        at=F("sent_at"),
        readings=ArraySubquery(opened.values(one=JSONObject(at=F("at"), user=F("user"), **reader))),
        **writer,
    )
    newest = rows_of(CareMessage, patient=OuterRef("pk")).order_by("-sent_at", "-pk")
    return patients.annotate(newest_messages=ArraySubquery(newest.values(row=row)[:ON_THE_CHART]))


def written_to(patient: Patient) -> list[Written]:
    """Return the newest messages to a patient of `with_messages`, newest first; runs no statement."""
    rows: list[dict[str, Any]] = getattr(patient, "newest_messages", None) or []
    return [
        Written(
            row["text"],
            row["language"],
            datetime.fromisoformat(row["at"]),
            _name(row),
            tuple(_reading(one, patient) for one in row["readings"]),
        )
        for row in rows
    ]


def _reading(row: Mapping[str, Any], patient: Patient) -> Reading:
    return Reading(_name(row), datetime.fromisoformat(row["at"]), row["user"] == patient.user_id)


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['first']} {row['last']}".strip() or str(row["email"])


def messages_to(patient: Patient) -> list[CareMessage]:
    """Return the newest messages to a patient with their writers, newest first."""
    rows = rows_of(CareMessage, patient=patient).select_related("sent_by__user")
    return list(rows.order_by("-sent_at", "-pk")[:ON_A_PHONE])


def newest_message() -> Subquery:
    """Return an expression for a procedure: when the newest message was sent, and the ids of its readers."""
    opened = joined(CareMessageRead).filter(message=OuterRef("pk"))
    rows = rows_of(CareMessage, patient=OuterRef("patient")).order_by("-sent_at", "-pk")
    row = JSONObject(at=F("sent_at"), readers=ArraySubquery(opened.values("user")))
    return Subquery(rows.values(row=row)[:1])


@dataclass(frozen=True)
class NewestMessage:
    """The newest message as Today speaks of it. unread: this person has not opened it."""

    at: datetime
    unread: bool


def waiting_for(user: User, row: Mapping[str, Any] | None) -> NewestMessage | None:
    """Return what Today says to this person about `newest_message`; None without a message."""
    return NewestMessage(datetime.fromisoformat(row["at"]), user.pk not in row["readers"]) if row else None
