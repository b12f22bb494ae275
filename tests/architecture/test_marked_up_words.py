"""Whatever anybody typed is shown as text: marks in every field of every row, and every page opened (H: XSS)."""

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.utils import DatabaseError
from django.test import override_settings

from patients.vault.fields import LockedText
from tests.architecture.test_access_matrix import ROWS, World, people, world  # noqa: F401 - fixtures
from tests.patients.pages import text
from tests.people import Cast
from tests.recovery.conftest import Send

MARKED = "<b>&\"'"
OURS = ("patients", "alerts", "recovery")
# What machines write and read: no person types it, and other words in it would be another row, place or provider.
NOT_WORDS = {
    "patients": {"timezone", "username", "password", "phone", "email", "address", "key", "action", "subject"},
    "alerts": {
        "key",
        "channel",
        "recipient",
        "message",
        "provider_id",
        "sign",
        "what",
        "url",
        "secret",
        "audience",
    },
    "recovery": {"key", "phone_rulebook", "rulebook", "answered_zone"},
}


def written_fields(model: type[models.Model]) -> list[models.CharField | models.TextField]:
    """The fields that hold words: no choice, no number of a machine."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and not isinstance(field, LockedText)
        and not field.unique
        and field.name not in NOT_WORDS[model._meta.app_label]
    ]


def mark_everything() -> set[str]:
    """Every field of words in every row; which models and fields could be written."""
    done = set()
    with connection.cursor() as cursor:
        # What is only ever added to (history, looks) is marked too.
        cursor.execute("SET session_replication_role = replica")
    for model in [found for label in OURS for found in apps.get_app_config(label).get_models()]:
        for field in written_fields(model):
            most = field.max_length or 1000
            try:
                with transaction.atomic():
                    if model._base_manager.update(**{field.name: MARKED[:most]}):
                        done.add(f"{model._meta.label}.{field.name}")
            except DatabaseError:
                continue
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = DEFAULT")
    return done


@pytest.fixture
def marked(world: World, send: Send) -> set[str]:  # noqa: F811 - the fixture of this name
    send({"notes": MARKED, "question_for_team": MARKED})
    world.oncall_ids()
    return mark_everything()


@override_settings(DEMO=True, STAFF_SECOND_FACTOR=False)
@pytest.mark.parametrize("who", ["patient", "helper", "nurse", "manager"])
@pytest.mark.slow
def test_no_page_shows_marks_as_marks(world: World, marked: set[str], who: str) -> None:  # noqa: F811
    shown = 0
    for name, row in ROWS.items():
        if row.method != "GET":
            continue
        answer = world.client(who).get(world.address(name))
        assert answer.status_code < 500, name
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        page = text(answer)
        assert MARKED not in page, name
        assert "<b>&" not in page, name
        shown += page.count("&lt;b&gt;&amp;")
    # the words were really there to be shown
    assert shown > 20


def test_the_words_of_people_are_among_what_is_marked(marked: set[str], people: Cast) -> None:  # noqa: F811
    named = {
        "patients.Patient.first_name",
        "patients.Clinic.name",
        "patients.User.first_name",
        "patients.Caregiver.relationship",
        "alerts.AlertEvent.note",
        "alerts.HandOverNote.text",
    }
    assert named <= marked
