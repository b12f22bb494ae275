"""Second factors whose secret cannot be read: somebody else's, changed, or of a key that is lost for good."""

from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from alerts.models import WebhookEndpoint
from patients.models import ContactMethod, Session, TrailEvent, User
from patients.rotation import rotation
from patients.sign_in.factor_secrets import TABLE, activate_app, lock_of, open_of
from patients.sign_in.recovery_codes import make_codes
from patients.vault.keys import Unopened, lock
from tests.alerts.subscriber import Subscriber
from tests.architecture.rows import webhook
from tests.patients.pages import signed_in, text
from tests.patients.test_proofs import PASSWORD, code_of, with_password
from tests.patients.test_vault import new_key
from tests.people import Cast
from tests.waiting import until

SECRET, OTHER = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
FACTOR = "/accounts/2fa/authenticate/"


@pytest.fixture
def nurse(people: Cast, settings: Any) -> User:
    """A nurse with a password, an authenticator app and recovery codes, where both are asked for."""
    cache.clear()
    settings.STAFF_SECOND_FACTOR = True
    user = people.nurse.user
    user.set_password(PASSWORD)
    user.save()
    activate_app(user, SECRET)
    make_codes(user)
    return user


def put(user: User, kind: str, name: str, value: str) -> None:
    """Straight into the row, as whoever owns the database can."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mfa_authenticator SET data = jsonb_set(data, ARRAY[%s], to_jsonb(%s::text))"
            " WHERE user_id = %s AND type = %s",
            [name, value, user.pk, kind],
        )


def kept(user: User, kind: str = "totp") -> dict[str, Any]:
    data: dict[str, Any] = Authenticator.objects.get(user=user, type=kind).data
    return data


def recovery_code(user: User) -> str:
    return make_codes(user)[0]


def is_in(client: Client) -> bool:
    return client.get("/desk/").status_code == 200


def test_what_is_one_person_s_opens_nothing_in_another_s_row(people: Cast, nurse: User) -> None:
    thief = people.nurse2.user
    activate_app(thief, OTHER)
    put(nurse, "totp", "secret", kept(thief)["secret"])
    with pytest.raises(Unopened):
        open_of(nurse.pk, kept(nurse)["secret"])
    client = with_password(nurse)
    answer = client.post(FACTOR, {"code": code_of(OTHER)})
    assert "cannot be checked any more" in text(answer)
    assert not is_in(client)


def test_a_broken_app_says_what_to_do_stands_in_the_trail_and_stops_no_other_way(nurse: User) -> None:
    put(nurse, "totp", "secret", kept(nurse)["secret"][:-8] + "AAAAAAA=")
    client = with_password(nurse)
    words = text(client.post(FACTOR, {"code": code_of(SECRET)}))
    assert "Use a passkey or a recovery code" in words
    assert "ask a manager of your clinic for the way back" in words
    event = TrailEvent.objects.get(detail="cannot be opened: totp")
    assert (event.what, event.user) == ("sign_in_failed", nurse)
    client.post(FACTOR, {"code": recovery_code(nurse)})
    assert is_in(client)


def test_broken_recovery_codes_stop_no_app_and_new_ones_are_made(nurse: User) -> None:
    put(nurse, "recovery_codes", "hashes", lock_of(nurse.pk + 1, "somebody else's"))
    client = with_password(nurse)
    client.post(FACTOR, {"code": code_of(SECRET)})
    assert is_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.get("/accounts/2fa/recovery-codes/")
    assert (answer.status_code, "Make new ones now" in text(answer)) == (409, True)
    assert client.get("/accounts/2fa/").status_code == 200
    client.post("/accounts/2fa/recovery-codes/")
    assert client.get("/accounts/2fa/recovery-codes/").status_code == 200


def test_one_from_before_opens_and_is_bound_to_its_person_at_the_next_start(nurse: User) -> None:
    put(nurse, "totp", "secret", lock(SECRET, TABLE))
    client = with_password(nurse)
    client.post(FACTOR, {"code": code_of(SECRET)})
    assert is_in(client)
    call_command("rotate_keys", at_start=True)
    stored = kept(nurse)["secret"]
    assert open_of(nurse.pk, stored) == SECRET
    with pytest.raises(Unopened):
        open_of(nurse.pk + 1, stored)


def test_nobody_locks_or_opens_a_factor_without_saying_whose(nurse: User) -> None:
    with pytest.raises(LookupError, match="whose second factor"):
        Authenticator.objects.get(user=nurse, type="totp").wrap().validate_code("123456")


# --- A key that is lost for good ---


@pytest.fixture
def lost(people: Cast, nurse: User, settings: Any) -> Client:
    """A phone on which somebody was signed in; a webhook, a device: all of a key that is gone."""
    webhook(people, secret="whsec_bm9ib2R5", old_secret="")
    Subscriber("https://push.example/lost").owned_by(people.nurse)
    phone = signed_in(people.patient)
    assert phone.get("/today/").status_code == 200
    settings.DATA_KEYS = [new_key()]
    return phone


def test_without_a_yes_every_shut_row_is_named_and_nothing_changes(lost: Client, settings: Any) -> None:
    said = StringIO()
    with pytest.raises(
        CommandError, match=r"secrets cannot be opened; nothing was changed. Look for the key first"
    ):
        call_command("give_up_secrets", stdout=said)
    for place in (
        TABLE,
        "alerts_webhookendpoint.secret",
        "patients_contactmethod.subscription",
        "patients_session",
    ):
        assert f"{place}" in said.getvalue()
    assert Authenticator.objects.count() == 2
    settings.DATA_KEYS = []
    with pytest.raises(CommandError, match="DATA_KEYS is not set"):
        call_command("give_up_secrets", yes=True)


def test_given_up_everybody_is_asked_for_new_ones_and_all_may_start(
    nurse: User, lost: Client, mailoutbox: list[Any], settings: Any
) -> None:
    said = StringIO()
    assert "which DATA_KEYS does not have" in rotation.missing_keys()
    call_command("give_up_secrets", yes=True, stdout=said)
    assert rotation.missing_keys() == ""
    assert not Authenticator.objects.exists()
    assert not ContactMethod.objects.filter(kind="push").exists()
    assert not Session.objects.exists()
    row = WebhookEndpoint.objects.get()
    assert row.disabled_at
    assert "its secret was lost" in row.disabled_reason
    assert row.secret.startswith("whsec_")
    removed = TrailEvent.objects.filter(what="factor_removed", user=nurse).order_by("detail")
    assert [one.detail for one in removed] == ["recovery_codes: its key was lost", "totp: its key was lost"]
    assert until(lambda: [nurse.email] in [one.to for one in mailoutbox])
    assert lost.get("/today/").status_code == 302
    assert with_password(nurse).get("/desk/").url == "/accounts/2fa/"


def test_what_can_be_opened_is_never_given_up(nurse: User) -> None:
    said = StringIO()
    call_command("give_up_secrets", yes=True, stdout=said)
    assert "there is nothing to give up" in said.getvalue()
    assert Authenticator.objects.count() == 2


def test_a_webhook_that_was_given_up_says_why_on_its_page(people: Cast, lost: Client, settings: Any) -> None:
    call_command("give_up_secrets", yes=True, stdout=StringIO())
    settings.STAFF_SECOND_FACTOR = False
    page = text(signed_in(people.manager).get("/desk/webhooks/"))
    assert "Turned off</span>, " in page
    assert "Turn it on and give it a new secret" in page
