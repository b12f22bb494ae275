"""What a copy of the database gives away: no secret. And new keys, which lose none."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import CommandError, call_command
from django.db import connection

from alerts.messaging.addresses import where_to
from alerts.models import WebhookEndpoint
from ops import roles
from patients.models import ContactMethod
from patients.models.contact import mark_of
from patients.rotation import places, rotation
from patients.rotation.check import refuse_missing_keys
from patients.rotation.places import Column, Factors
from patients.sign_in.factor_secrets import activate_app, factors_of, open_of
from patients.sign_in.recovery_codes import Hashed, make_codes, use_code
from patients.vault.fields import BY_THE_ROW
from patients.vault.keys import Unopened, is_locked, read_keys
from tests import database
from tests.alerts.subscriber import Subscriber
from tests.architecture.rows import NOW, webhook
from tests.patients.pages import signed_in
from tests.patients.test_vault import new_key
from tests.people import Cast, cast

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WEBHOOK = "whsec_bm9ib2R5IG1heSByZWFkIHRoaXMgaW4gYSBkdW1w"
BROWSER = Subscriber("https://push.example/who-knows-this-may-send")
OLDER = "whsec_bm9yIHRoaXMsIHdoaWNoIHJ1bnMgb3V0IHNvb24h"


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


@pytest.fixture
def code(people: Cast) -> str:
    """A second factor, recovery codes (the first comes back), a browser and a webhook with two secrets."""
    activate_app(people.nurse.user, TOTP_SECRET)
    BROWSER.owned_by(people.nurse)
    webhook(people, secret=WEBHOOK, old_secret=OLDER, old_secret_until=NOW)
    return make_codes(people.nurse.user)[0]


def whole_database() -> Iterator[str]:
    """Every row of every table, as a dump has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM public."{table}" t')
            yield from (f"{table} {row}" for (row,) in cursor.fetchall())


def in_the_clear(*secrets: str) -> list[str]:
    return [row for row in whole_database() if any(secret in row for secret in secrets)]


def under() -> set[str]:
    """The ids of the keys in use, all places together."""
    return {key for used in places.keys_in_use().values() for key in used}


def forward() -> None:
    """To the newest version, with the grants of a real start."""
    call_command("migrate", verbosity=0)
    roles.prepare(database.administrator(), database.passwords())


def all_open(people: Cast, code: str) -> None:
    """Everything works: the code, the recovery codes, the signature."""
    factor = Authenticator.objects.get(user=people.nurse.user, type="totp")
    assert open_of(people.nurse.user_id, factor.data["secret"]) == TOTP_SECRET
    codes = Authenticator.objects.get(user=people.nurse.user, type="recovery_codes")
    assert len(Hashed.read(codes).without(code).hashes) == 9
    row = WebhookEndpoint.objects.get()
    assert (row.secret, row.old_secret) == (WEBHOOK, OLDER)
    device = ContactMethod.objects.get(kind="push")
    assert json.loads(device.subscription) == {"endpoint": BROWSER.endpoint, **BROWSER.keys}


def make_plain() -> None:
    """As rows were before there were keys."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE alerts_webhookendpoint SET secret = %s, old_secret = %s", [WEBHOOK, OLDER])
        change = "UPDATE mfa_authenticator SET data = jsonb_set(data, '{secret}', to_jsonb(%s::text))"
        cursor.execute(f"{change} WHERE type = 'totp'", [TOTP_SECRET])


def test_no_row_of_any_table_holds_a_secret(people: Cast, code: str) -> None:
    phone = signed_in(people.patient)
    phone.get("/today/")
    signed = (phone.session.session_key or "?", phone.session["_auth_user_hash"])
    assert in_the_clear(TOTP_SECRET, code, WEBHOOK, OLDER, BROWSER.endpoint, BROWSER.keys["auth"], *signed) == []
    all_open(people, code)


def test_a_locked_second_factor_and_recovery_code_let_somebody_in(people: Cast, code: str) -> None:
    of_the_app = format_hotp_value(hotp_value(TOTP_SECRET, next(iter(yield_hotp_counters_from_time()))))
    factors = {row.type: row.wrap() for row in Authenticator.objects.filter(user=people.nurse.user)}
    with factors_of(people.nurse.user_id):
        assert factors["totp"].validate_code(of_the_app)
    assert use_code(factors["recovery_codes"].instance, code)
    assert not use_code(factors["recovery_codes"].instance, code)


def test_rows_from_before_there_were_keys_work_and_are_locked_at_the_next_start(people: Cast, code: str) -> None:
    make_plain()
    all_open(people, code)
    assert len(in_the_clear(TOTP_SECRET, WEBHOOK, OLDER)) == 2
    call_command("rotate_keys", at_start=True)
    assert in_the_clear(TOTP_SECRET, code, WEBHOOK, OLDER) == []
    all_open(people, code)


def test_a_new_key_locks_everything_anew_and_says_how_many_lie_where(
    people: Cast, code: str, settings: Any
) -> None:
    old, new = settings.DATA_KEYS[0], new_key()
    settings.DATA_KEYS = [new, old]
    [old_id, new_id] = [key.id for key in read_keys([old, new])]
    said = StringIO()
    call_command("rotate_keys", look=True, stdout=said)
    assert f"mfa_authenticator.data: 2 under key {old_id} (an older key)" in said.getvalue()
    assert under() == {old_id}
    call_command("rotate_keys", stdout=said)
    assert f"mfa_authenticator.data: 2 under key {new_id} (the newest key)" in said.getvalue()
    settings.DATA_KEYS = [new]
    assert rotation.missing_keys() == ""
    all_open(people, code)


@pytest.mark.parametrize("rows", range(4))
def test_stopped_in_the_middle_it_has_lost_nothing_and_goes_on(
    people: Cast, code: str, settings: Any, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    class Killed(BaseException):
        """Ctrl-C, or worse."""

    settings.DATA_KEYS = [new_key(), *settings.DATA_KEYS]
    one, count = rotation._one, iter(range(10))

    def until(*arguments: Any) -> None:
        if next(count) == rows:
            raise Killed
        one(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "_one", until)
        with pytest.raises(Killed):
            call_command("rotate_keys")
    assert len(under()) == (2 if rows else 1)
    all_open(people, code)
    call_command("rotate_keys", stdout=StringIO())
    settings.DATA_KEYS = settings.DATA_KEYS[:1]
    all_open(people, code)


def test_a_row_that_cannot_be_opened_stops_no_other_and_stays_as_it_is(
    people: Cast, code: str, settings: Any
) -> None:
    settings.DATA_KEYS = [new_key(), *settings.DATA_KEYS]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE alerts_webhookendpoint SET secret = overlay(secret placing 'AAAA' from 30)")
        cursor.execute("SELECT secret FROM alerts_webhookendpoint")
        before = cursor.fetchone()
    with pytest.raises(CommandError, match=r"1 rows stay as they were:\nalerts_webhookendpoint.secret, row \d+: "):
        call_command("rotate_keys", stdout=StringIO())
    settings.DATA_KEYS = settings.DATA_KEYS[:1]
    assert WebhookEndpoint.objects.get().old_secret == OLDER
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM alerts_webhookendpoint")
        assert cursor.fetchone() == before


def test_a_missing_key_starts_nothing_in_a_sentence_and_changes_no_row(
    people: Cast, code: str, settings: Any
) -> None:
    lost = read_keys(settings.DATA_KEYS)[0].id
    before = list(whole_database())
    kept, settings.DATA_KEYS = settings.DATA_KEYS, [new_key()]
    words = f"5 of the secrets in this database are locked with key {lost}, which DATA_KEYS does not have"
    with pytest.raises(CommandError, match=words):
        call_command("rotate_keys", at_start=True)
    with pytest.raises(CommandError, match="5 rows stay as they were"):
        call_command("rotate_keys", stdout=StringIO())
    assert list(whole_database()) == before
    settings.DATA_KEYS = kept
    all_open(people, code)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("keys", "words"),
    [([], "DATA_KEYS is not set"), (["short"], "DATA_KEYS is a list of keys"), (None, "DATA_KEYS does not have")],
)
def test_no_process_serves_without_the_keys(
    keys: list[str] | None, words: str, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    activate_app(cast().nurse.user, TOTP_SECRET)
    refuse_missing_keys()
    settings.DATA_KEYS = [new_key()] if keys is None else keys
    with pytest.raises(SystemExit):
        refuse_missing_keys()
    assert words in capsys.readouterr().err


def test_a_secret_moved_to_another_row_or_column_opens_nothing(people: Cast, code: str) -> None:
    other = webhook(people, url="https://hooks.example.org/other", secret="whsec_other")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE alerts_webhookendpoint w SET secret = o.secret FROM alerts_webhookendpoint o"
            " WHERE w.id = %s AND o.id <> w.id",
            [other.pk],
        )
    moved = WebhookEndpoint.objects.get(pk=other.pk)
    assert moved.description == "Pager"  # all the rest of the row can be read
    with pytest.raises(Unopened):
        _ = moved.secret


def test_no_statement_can_write_a_secret_past_the_lock(people: Cast, code: str) -> None:
    with pytest.raises(TypeError, match=BY_THE_ROW[:20]):
        WebhookEndpoint.objects.update(secret="whsec_plain")
    with pytest.raises(TypeError):
        WebhookEndpoint.objects.filter(secret=WEBHOOK).exists()


def test_a_row_that_is_saved_for_something_else_keeps_what_it_had(people: Cast, code: str) -> None:
    row = WebhookEndpoint.objects.defer("secret").get()
    row.description = "Another"
    row.save()
    all_open(people, code)
    assert all(is_locked(text) for text in WebhookEndpoint.objects.values_list("secret", flat=True))


def test_an_export_of_a_row_has_it_locked(people: Cast, code: str) -> None:
    said = StringIO()
    call_command("dumpdata", "alerts.webhookendpoint", stdout=said)
    assert "locked1:" in said.getvalue()
    assert WEBHOOK not in said.getvalue()


def test_the_places_are_all_there_are() -> None:
    """A new column of secrets is rotated from its first day; here it is said which there are."""
    found = places.places()
    assert isinstance(found[0], Factors)
    assert {place.words for place in found if isinstance(place, Column)} == {
        "alerts_webhookendpoint.secret",
        "alerts_webhookendpoint.old_secret",
        "patients_contactmethod.subscription",
        "patients_session.data",
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_browser_of_before_is_locked_by_the_update_and_comes_back_as_it_was() -> None:
    BROWSER.owned_by(cast().nurse)
    try:
        call_command("migrate", "patients", "0029", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT address, push_keys::text FROM patients_contactmethod WHERE kind = 'push'")
            [(address, keys)] = cursor.fetchall()
        assert (address, json.loads(keys)) == (BROWSER.endpoint, BROWSER.keys)
    finally:
        forward()
    assert in_the_clear(BROWSER.endpoint, BROWSER.keys["auth"]) == []
    device = ContactMethod.objects.get(kind="push")
    assert device.address == mark_of(BROWSER.endpoint)
    assert json.loads(device.subscription) == {"endpoint": BROWSER.endpoint, **BROWSER.keys}


def test_a_browser_whose_key_is_gone_is_no_way_to_somebody_and_stops_nobody(
    people: Cast, code: str, settings: Any
) -> None:
    device = ContactMethod.objects.get(kind="push")
    hook = WebhookEndpoint.objects.get()
    settings.DATA_KEYS = [new_key()]
    for recipient in (f"staff:{people.nurse.pk}:{device.pk}", f"webhook:{hook.pk}"):
        contact = where_to(recipient, "webhook" if recipient.startswith("webhook") else "push")
        assert contact.address == ""
        assert "which DATA_KEYS does not have" in contact.why_not
