"""What a copy of the database knows of who is signed in: whose it is and when it ends. Nobody comes in by it."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.core import signing
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from patients.models import Session, User
from patients.services.sessions import sign_ins
from patients.sign_in.session_store import SessionStore, name_of
from patients.vault.keys import is_locked
from tests.architecture.test_secrets_at_rest import TOTP_SECRET, forward, in_the_clear, under
from tests.patients.pages import signed_in
from tests.patients.test_vault import new_key
from tests.people import Cast, cast

BACKEND = "django.contrib.auth.backends.ModelBackend"
OLD_TABLES = """
    CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date timestamptz);
    CREATE TABLE usersessions_usersession (session_key varchar(40), created_at timestamptz,
        last_seen_at timestamptz, user_agent varchar(200));
"""


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


def here(client: Client) -> bool:
    return client.get("/today/").status_code == 200


def test_neither_the_key_nor_what_is_kept_stands_in_a_row(people: Cast) -> None:
    phone = Client()
    phone.force_login(people.patient.user, backend=BACKEND)
    session = phone.session
    session["mfa.totp.secret"] = TOTP_SECRET
    session.save()
    assert in_the_clear(session.session_key or "?", TOTP_SECRET, session[HASH_SESSION_KEY]) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM patients_session")
        assert all(is_locked(data) for (data,) in cursor.fetchall())


def test_what_stands_in_a_row_lets_nobody_in(people: Cast) -> None:
    phone, thief = signed_in(people.patient), Client()
    assert here(phone)
    row = Session.objects.get(user=people.patient.user)
    for stolen in (row.name, row.__dict__["data"]):
        thief.cookies[django_settings.SESSION_COOKIE_NAME] = stolen
        assert not here(thief)
    assert here(phone)


def test_what_one_session_keeps_opens_in_no_other_and_its_person_signs_in_again(people: Cast) -> None:
    mine, stolen = signed_in(people.other_patient), signed_in(people.patient)
    assert here(mine)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE patients_session SET data = (SELECT data FROM patients_session WHERE user_id = %s)"
            " WHERE user_id = %s",
            [people.patient.user_id, people.other_patient.user_id],
        )
    answer = mine.get("/today/")
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, reverse("account_login"))
    assert here(stolen)


def test_new_keys_sign_nobody_out_and_a_lost_one_does(people: Cast, settings: Any) -> None:
    phone = signed_in(people.patient)
    settings.DATA_KEYS = [new_key(), *settings.DATA_KEYS]
    assert here(phone)
    call_command("rotate_keys", stdout=StringIO())
    settings.DATA_KEYS = settings.DATA_KEYS[:1]
    assert len(under()) == 1
    assert here(phone)
    settings.DATA_KEYS = [new_key()]
    assert not here(phone)


def test_a_session_that_was_ended_is_not_brought_back_by_whoever_saves_it(people: Cast) -> None:
    store = SessionStore()
    store.create()
    other = SessionStore(store.session_key)
    other["pressed"] = "1"
    store.delete()
    with pytest.raises(UpdateError):
        other.save()
    assert not SessionStore().exists(store.session_key or "")


def test_sessions_of_somebody_who_is_erased_go_with_them(people: Cast) -> None:
    user = User.objects.create(username="soon gone")
    Client().force_login(user, backend=BACKEND)
    assert Session.objects.filter(user=user).exists()
    user.delete()
    assert not Session.objects.filter(user_id=user.pk).exists()


def as_before(user: User, key: str) -> None:
    """The tables and the row of the libraries that kept sessions before."""
    kept = {
        SESSION_KEY: str(user.pk),
        "_auth_user_backend": BACKEND,
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    data = signing.dumps(kept, salt="django.contrib.sessions.SessionStore", compress=True)
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(OLD_TABLES)
        cursor.execute("INSERT INTO django_session VALUES (%s, %s, %s)", [key, data, now + timedelta(days=9)])
        cursor.execute("INSERT INTO django_session VALUES ('broken', 'x', %s)", [now + timedelta(days=9)])
        cursor.execute(
            "INSERT INTO usersessions_usersession VALUES (%s, %s, %s, 'iPhone Safari')", [key, now, now]
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_whoever_was_signed_in_before_the_update_still_is_and_the_old_rows_are_gone() -> None:
    user, key = cast().patient.user, "anoldkeyofthirtytwolettersabcdef"
    assert user
    try:
        call_command("migrate", "patients", "0030", verbosity=0)
        as_before(user, key)
    finally:
        forward()
    phone = Client()
    phone.cookies[django_settings.SESSION_COOKIE_NAME] = key
    assert here(phone)
    assert [(one.name, one.device) for one in sign_ins(user)] == [(name_of(key), "Safari on iPhone")]
    assert in_the_clear(key) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_session'), to_regclass('usersessions_usersession')")
        assert cursor.fetchone() == (None, None)
