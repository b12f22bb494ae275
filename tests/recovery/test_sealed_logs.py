"""The door for a phone on which nobody is signed in: it takes sealed urgent logs, and gives nothing away."""

import base64
import hashlib
import json
import secrets
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client, override_settings
from django.utils import timezone

from alerts.models import Alert
from faults import envelopes
from faults.envelopes import Pen, b64
from patients.models import Caregiver, User
from patients.sign_in.phone_secrets import store_secrets
from patients.vault import phone_seal
from patients.vault.phone_seal import ORDER, newest_key
from recovery.journey import actions
from recovery.logs import phone_keys, sealed
from recovery.models import DailyLog, PhoneKey, SealedLog
from tests.people import Cast, make_helper
from tests.recovery.conftest import CALM, NUMB
from tests.recovery.phone import user_of

AT = "/api/sealed-logs/"
URGENT = {**CALM, **NUMB}


def seal_up(text: bytes, client_id: str, about: str) -> str:
    server = newest_key()
    return envelopes.seal_up(text, client_id, about, to=server.id, server=server.point_text)


class Phone:
    """A phone with its key pair, registered while its person was signed in."""

    def __init__(self, user: User) -> None:
        pen = Pen("", 1 + secrets.randbelow(ORDER - 1))
        self.row = phone_keys.register(user, pen.public, "Safari on iPhone", timezone.now())
        self.pen = replace(pen, code=str(self.row.code))
        self.client = Client(enforce_csrf_checks=True)

    def posted(self, about: object, answers: dict[str, Any] = URGENT, **changes: Any) -> dict[str, str]:
        """Everything it would post, signed."""
        client_id = str(changes.pop("client_id", uuid.uuid4()))
        body = {"client_id": client_id, "about": str(about), "answers": answers, **changes}
        return self.pen.signed(client_id, str(about), seal_up(json.dumps(body).encode(), client_id, str(about)))

    def post(self, body: Any) -> Any:
        return self.client.post(AT, json.dumps(body), content_type="application/json")

    def send(self, about: object, answers: dict[str, Any] = URGENT, **changes: Any) -> Any:
        return self.post(self.posted(about, answers, **changes))


@pytest.fixture
def phone(people: Cast) -> Phone:
    return Phone(user_of(people.patient))


def test_an_urgent_log_becomes_a_log_and_an_alert_with_nobody_signed_in(phone: Phone, people: Cast) -> None:
    body = phone.posted(people.patient.code, phone_tier="call_doctor_now")
    answer = phone.post(body)
    digest = hashlib.sha256(body["envelope"].encode()).hexdigest()
    assert (answer.status_code, answer.json()) == (201, {"id": body["id"], "hash": digest})
    log = DailyLog.objects.get()
    assert (str(log.client_id), log.patient, log.entered_by) == (
        body["id"],
        people.patient,
        user_of(people.patient),
    )
    assert log.told == URGENT
    assert Alert.objects.get().tier == "call_doctor_now"
    row = SealedLog.objects.get()
    assert (row.state, row.log) == ("opened", log)


def test_the_same_twice_and_the_session_beside_it_make_one_log(phone: Phone, people: Cast, client: Client) -> None:
    body = phone.posted(people.patient.code)
    assert [phone.post(body).status_code for _ in range(3)] == [201, 200, 200]
    client.force_login(user_of(people.patient))
    again = {"client_id": body["id"], "about": str(people.patient.code), "answers": URGENT}
    assert client.post("/api/logs/", json.dumps(again), content_type="application/json").status_code == 200
    assert (DailyLog.objects.count(), SealedLog.objects.count(), Alert.objects.count()) == (1, 1, 1)


def test_a_helper_is_written_down_as_a_helper(people: Cast) -> None:
    Phone(people.helper.user).send(people.patient.code)
    log = DailyLog.objects.get()
    assert (log.entered_by, log.answers["logged_by"]) == (people.helper.user, "caregiver")


Spoil = Callable[[dict[str, str]], dict[str, Any]]


@pytest.mark.parametrize(
    ("status", "spoil"),
    [
        (403, lambda body: {**body, "key": str(uuid.uuid4())}),
        (403, lambda body: {**body, "id": str(uuid.uuid4())}),
        (403, lambda body: {**body, "about": str(uuid.uuid4())}),
        (403, lambda body: {**body, "envelope": body["envelope"] + " "}),
        (403, lambda body: {**body, "signature": b64(b"\1" * 64)}),
        (403, lambda body: {**body, "signature": "%%%"}),
        (403, lambda body: {**body, "signature": ""}),
        (400, lambda body: {**body, "key": "1"}),
        (400, lambda body: {**body, "envelope": {"to": "x"}}),
        (400, lambda body: {**body, "envelope": body["envelope"] + "\0"}),
        (400, lambda body: {}),
        (413, lambda body: {**body, "envelope": "x" * 200_000}),
    ],
)
def test_only_what_this_phone_signed_counts(phone: Phone, people: Cast, status: int, spoil: Spoil) -> None:
    answer = phone.post(spoil(phone.posted(people.patient.code)))
    assert answer.status_code == status
    assert not SealedLog.objects.exists()


def test_a_key_that_ended_or_ran_out_or_whose_person_is_gone_sends_nothing(phone: Phone, people: Cast) -> None:
    body, keys = phone.posted(people.patient.code), PhoneKey.objects.filter(pk=phone.row.pk)
    now = timezone.now()
    keys.update(made_at=now - timedelta(days=91), expires_at=now - timedelta(seconds=1))
    assert phone.post(body).status_code == 403
    keys.update(expires_at=now + timedelta(days=1))
    User.objects.filter(pk=phone.row.user_id).update(is_active=False)
    assert phone.post(body).status_code == 403
    User.objects.filter(pk=phone.row.user_id).update(is_active=True)
    phone_keys.end(phone_keys.of_patient(people.patient, now), phone.row.code, people.nurse.user, now)
    refused = phone.post(body)
    assert (refused.status_code, refused.json()["title"][:24]) == (403, "This phone may not send.")
    assert not SealedLog.objects.exists()


def test_the_key_opens_no_page_and_reads_nothing(phone: Phone, people: Cast) -> None:
    phone.send(people.patient.code)
    for address in ("/today/", "/api/facts/", "/api/phone/", AT, "/history/"):
        assert phone.client.get(address).status_code in (302, 401, 405), address
    assert phone.client.post("/api/logs/", "{}", content_type="application/json").status_code in (401, 403)


@pytest.mark.parametrize("why", ["not_opened", "not_json", "not_a_log", "other_id", "about_nobody_known"])
def test_what_cannot_be_read_is_kept_and_somebody_calls(phone: Phone, people: Cast, why: str) -> None:
    about, client_id = str(people.patient.code), str(uuid.uuid4())
    if why == "about_nobody_known":
        body = phone.posted(people.other_patient.code)
    elif why == "other_id":
        inside = {"client_id": str(uuid.uuid4()), "about": about, "answers": URGENT}
        body = phone.pen.signed(client_id, about, seal_up(json.dumps(inside).encode(), client_id, about))
    else:
        texts = {"not_opened": None, "not_json": b"\xff", "not_a_log": b"{}"}
        text = texts[why]
        body = phone.pen.signed(client_id, about, seal_up(text, client_id, about) if text else "nonsense")
    answer = phone.post(body)
    assert answer.status_code == 202
    row = SealedLog.objects.get()
    assert (row.state, row.patient, row.envelope) == ("given", people.patient, body["envelope"])
    assert row.why == ("not_a_log" if why == "other_id" else why)
    assert not DailyLog.objects.exists()
    alert = Alert.objects.get()
    assert (alert.patient, alert.tier) == (people.patient, "call_doctor_now")
    assert [sign.sign for sign in alert.signs.all()] == ["unopened"]


def test_an_envelope_bound_to_one_log_is_no_other_one(phone: Phone, people: Cast) -> None:
    body = phone.posted(people.patient.code)
    moved = phone.pen.signed(str(uuid.uuid4()), body["about"], body["envelope"])
    assert phone.post(moved).status_code == 202
    assert SealedLog.objects.get().why == "not_opened"


@pytest.mark.parametrize("ended", ["removed", "may_not_log", "closed"])
def test_the_words_of_somebody_who_may_no_longer_log_still_reach_a_person(people: Cast, ended: str) -> None:
    phone = Phone(people.helper.user)
    body = phone.posted(people.patient.code)
    if ended == "closed":
        people.procedure.closed_at = timezone.now()
        people.procedure.save()
    else:
        change = {"removed": {"removed_at": timezone.now()}, "may_not_log": {"may_log": False}}[ended]
        Caregiver.objects.filter(pk=people.helper.pk).update(**change)
    assert phone.post(body).status_code == 202
    assert SealedLog.objects.get().why == ("recovery_closed" if ended == "closed" else "not_theirs")
    assert Alert.objects.get().patient == people.patient
    assert not DailyLog.objects.exists()


def test_a_request_that_died_before_opening_is_made_up_for(
    phone: Phone, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sealed, "open_envelope", lambda *_: 1 / 0)
        assert phone.send(people.patient.code).status_code == 202
        now = timezone.now() + timedelta(minutes=1)
        assert sealed.open_due(now) == 0
        # It could not be tried: a person is told, and it is tried again.
        assert [sign.sign for sign in Alert.objects.get().signs.all()] == ["unopened"]
    assert SealedLog.objects.get().state == "received"
    assert sealed.open_due(now + timedelta(minutes=1)) == 1
    row = SealedLog.objects.get()
    assert (row.state, row.log) == ("opened", DailyLog.objects.get())
    assert DailyLog.objects.get().received_at == row.received_at


def test_what_was_sealed_to_an_older_key_still_opens_and_a_new_key_opens_the_persons_things(
    phone: Phone, people: Cast, settings: Any
) -> None:
    body, before = phone.posted(people.patient.code), store_secrets(user_of(people.patient))
    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="x" * 50, SECRET_KEY_FALLBACKS=[old]):
        assert phone.post(body).status_code == 201
        assert store_secrets(user_of(people.patient))[1:] == before
    with override_settings(SECRET_KEY="x" * 50, SECRET_KEY_FALLBACKS=[]):
        assert phone.send(people.patient.code).status_code == 201
        assert phone.post({**phone.posted(people.patient.code)}).status_code == 201


def second_key(shared: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(algorithm=hashes.SHA512(), length=32, salt=None, info=b"second").derive(shared))


def seal_second(text: bytes, label: str) -> dict[str, object]:
    """Another algorithm, as a later version may have one."""
    server, own, iv = newest_key(), ec.generate_private_key(phone_seal.CURVE), secrets.token_bytes(12)
    data = second_key(own.exchange(ec.ECDH(), server.private.public_key())).encrypt(iv, text, label.encode())
    point = b64(envelopes.point(own.public_key()))
    return {"v": 2, "to": server.id, "from": point, "iv": b64(iv), "data": b64(data)}


def open_second(key: phone_seal.SealKey, parts: dict[str, object], bound: bytes) -> bytes:
    iv, data = (base64.b64decode(str(parts[name])) for name in ("iv", "data"))
    shared = key.private.exchange(ec.ECDH(), phone_seal.read_point(parts["from"]))
    return second_key(shared).decrypt(iv, data, bound)


def test_two_formats_of_envelopes_open_side_by_side_and_one_with_no_mark_is_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(phone_seal.FORMATS, 2, open_second)
    first = json.loads(seal_up(b"words", "one", "rosa"))
    unmarked = {name: value for name, value in first.items() if name != "v"}
    assert first["v"] == 1
    for envelope in (first, unmarked, seal_second(b"words", "one rosa")):
        assert phone_seal.open_envelope(json.dumps(envelope), "one rosa") == b"words"
        with pytest.raises(phone_seal.Unopened):
            phone_seal.open_envelope(json.dumps(envelope), "two rosa")


@pytest.mark.parametrize("version", [2, "2", None, [], {}, 1.5])
def test_an_unknown_format_is_kept_and_said_and_opens_once_a_version_knows_it(
    phone: Phone,
    people: Cast,
    version: object,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    about, client_id = str(people.patient.code), str(uuid.uuid4())
    body = json.dumps({"client_id": client_id, "about": about, "answers": URGENT}).encode()
    envelope = {**seal_second(body, f"{client_id} {about}"), "v": version}
    assert phone.post(phone.pen.signed(client_id, about, json.dumps(envelope))).status_code == 202
    row = SealedLog.objects.get()
    assert (row.state, row.why, row.envelope) == ("given", "not_opened", json.dumps(envelope))
    assert Alert.objects.get().tier == "call_doctor_now"
    assert sealed.open_again(timezone.now()) == (0, 1)
    if version == 2:
        assert f"envelope {row.pk} has format 2" in caplog.text
        monkeypatch.setitem(phone_seal.FORMATS, 2, open_second)
        assert sealed.open_again(timezone.now()) == (1, 0)
        assert DailyLog.objects.get().told == URGENT


def test_no_secret_of_one_person_is_anothers(people: Cast) -> None:
    secrets = {*store_secrets(user_of(people.patient)), *store_secrets(user_of(people.other_patient))}
    assert len(secrets) == 2
    assert all(len(base64.b64decode(one)) == 32 for one in secrets)


def test_a_key_is_registered_once_for_whoever_is_signed_in(client: Client, people: Cast) -> None:
    client.force_login(user_of(people.patient))
    key = Pen("", 7).public
    made = [
        client.post(
            "/api/phone/", json.dumps({"public_key": key, "label": "Safari\n on iPhone"}), "application/json"
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in made] == [201, 201]
    row = PhoneKey.objects.get()
    assert (row.user, row.label, row.expires_at - row.made_at) == (
        user_of(people.patient),
        "Safari on iPhone",
        timedelta(days=90),
    )
    for nonsense in ("", "AAAA", 7, None, b64(b"\4" + b"\1" * 64)):
        answer = client.post("/api/phone/", json.dumps({"public_key": nonsense}), "application/json")
        assert answer.status_code == 400, nonsense
    assert PhoneKey.objects.count() == 1


def test_of_many_keys_of_one_person_the_newest_live(people: Cast) -> None:
    phones = [Phone(people.helper.user) for _ in range(phone_keys.MOST_LIVE + 2)]
    live = set(phone_keys.live(timezone.now()).values_list("pk", flat=True))
    assert live == {phone.row.pk for phone in phones[2:]}


def test_the_keys_of_a_patient_are_theirs_and_their_helpers(people: Cast) -> None:
    now = timezone.now()
    own, helpers = Phone(user_of(people.patient)), Phone(people.helper.user)
    stranger = Phone(make_helper(people.other_patient).user)
    codes = {key.code for key in phone_keys.of_patient(people.patient, now)}
    assert codes == {own.row.code, helpers.row.code}
    assert (
        phone_keys.end(phone_keys.of_patient(people.patient, now), stranger.row.code, people.nurse.user, now)
        is None
    )
    stranger.row.refresh_from_db()
    assert stranger.row.ended_at is None


# --- How long an envelope is kept ---


def age(row: SealedLog, days: float) -> None:
    SealedLog.objects.filter(pk=row.pk).update(handled_at=timezone.now() - timedelta(days=days))


def test_an_opened_envelope_is_taken_out_and_the_same_one_is_still_known(phone: Phone, people: Cast) -> None:
    body = phone.posted(people.patient.code)
    phone.post(body)
    row = SealedLog.objects.get()
    age(row, 29)
    assert sealed.take_out(timezone.now()) == (0, 0)
    age(row, 31)
    assert sealed.take_out(timezone.now()) == (1, 0)
    row.refresh_from_db()
    assert (row.envelope, row.log) == ("", DailyLog.objects.get())
    assert phone.post(body).status_code == 200
    assert (DailyLog.objects.count(), SealedLog.objects.count()) == (1, 1)


def test_one_that_nobody_could_read_stays_while_somebody_may_be_asking(
    phone: Phone, people: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    phone.post(phone.pen.signed(str(uuid.uuid4()), str(people.patient.code), "{}"))
    age(SealedLog.objects.get(), 200)
    assert sealed.take_out(timezone.now()) == (0, 0)
    code, now = Alert.objects.get().code, timezone.now()
    actions.resolve(staff=people.nurse, code=code, outcome="advised", note="x", now=now)
    age(SealedLog.objects.get(), 119)
    assert sealed.take_out(timezone.now()) == (0, 0)
    age(SealedLog.objects.get(), 121)
    assert sealed.take_out(timezone.now()) == (0, 1)
    assert "1 that nobody could read" in caplog.text


def test_one_that_was_never_handled_is_never_taken_out(phone: Phone, people: Cast) -> None:
    row = SealedLog.objects.create(
        phone_key=phone.row,
        client_id=uuid.uuid4(),
        about=people.patient.code,
        patient=people.patient,
        envelope="{}",
        digest="0" * 64,
        received_at=timezone.now() - timedelta(days=400),
    )
    assert sealed.take_out(timezone.now()) == (0, 0)
    row.refresh_from_db()
    assert row.envelope == "{}"


def test_what_no_key_opened_is_a_log_once_the_old_key_is_back(phone: Phone, people: Cast) -> None:
    body = phone.posted(people.patient.code)
    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="another " * 8):
        assert phone.post(body).status_code == 202
        assert sealed.open_again(timezone.now()) == (0, 1)
    with override_settings(SECRET_KEY="another " * 8, SECRET_KEY_FALLBACKS=[old]):
        assert sealed.open_again(timezone.now()) == (1, 0)
        assert sealed.open_again(timezone.now()) == (0, 0)
    row, log = SealedLog.objects.get(), DailyLog.objects.get()
    assert (row.state, row.log, log.received_at) == ("opened", log, row.received_at)
    assert Alert.objects.get().tier == "call_doctor_now"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM recovery_sealedlog",
        "UPDATE recovery_sealedlog SET digest = 'x'",
        "UPDATE recovery_sealedlog SET patient_id = patient_id + 1",
        "UPDATE recovery_sealedlog SET envelope = 'x'",
    ],
)
def test_what_came_is_never_changed_or_removed(phone: Phone, people: Cast, statement: str) -> None:
    phone.send(people.patient.code)
    with pytest.raises(DatabaseError, match="as it came"), transaction.atomic():
        connection.cursor().execute(statement)
