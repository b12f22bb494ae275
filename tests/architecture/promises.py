"""Every named constraint, with one attempt or more to break the promise it keeps."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial

from alerts.models import CanaryRun
from patients.models import Caregiver, Consent, Installation, Letter, Staff, TrailEvent, User
from recovery.models import Milestone
from tests.architecture.rows import (
    LATER,
    NOW,
    alert,
    assessment,
    calendar_entry,
    calendar_feed,
    call_back,
    care_message,
    care_message_read,
    change,
    delivery,
    digest,
    envelope,
    epoch,
    epoch_check,
    hand_over_note,
    helper_turn,
    job,
    log,
    note,
    override,
    patient_contact,
    patient_sheet,
    phone_count,
    phone_key,
    policy,
    policy_change,
    reply,
    rescue,
    resolved,
    seal,
    set_aside,
    setting,
    sheet_row,
    shift,
    sign,
    snoozed,
    stay,
    step,
    swap,
    travel,
    twice,
    webhook,
)
from tests.people import Cast, make_clinic, make_mobile, make_patient, make_procedure, make_user

Attempt = Callable[[Cast], object]

BEFORE, AFTER = datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)


def far(whose: str, field: str, people: Cast) -> None:
    """The year 206, as a browser hands over a year that is typed with three digits."""
    change(getattr(people, whose), **{field: BEFORE.replace(year=206)})


def far_day(whose: str, field: str, people: Cast) -> None:
    """The same for a date."""
    change(getattr(people, whose), **{field: date(206, 5, 12)})


ATTEMPTS: dict[str, list[Attempt]] = {
    # Who
    "one_way_back_at_a_time": [lambda people: twice(lambda: rescue(people))],
    "nobody_asks_for_their_own_way_back": [lambda people: rescue(people, person=people.manager)],
    "a_way_back_takes_two_other_people": [
        lambda people: rescue(people, confirmed_by=people.manager, confirmed_sure="called", ended_at=NOW),
        lambda people: rescue(people, confirmed_by=people.nurse, confirmed_sure="called", ended_at=NOW),
        lambda people: rescue(people, confirmed_by=people.physician, ended_at=NOW),
        lambda people: rescue(people, confirmed_by=people.physician, confirmed_sure="called"),
    ],
    "an_installation_is_one_thing": [
        lambda people: twice(lambda: Installation.objects.create(kind="real", since=NOW)),
    ],
    "there_is_no_second_installation": [
        lambda people: Installation.objects.create(kind="demo", since=NOW, only=False),
    ],
    "an_installation_is_demo_or_real": [
        lambda people: Installation.objects.create(kind="both", since=NOW),
    ],
    "an_event_of_the_trail_is_of_a_known_kind": [
        lambda people: TrailEvent.objects.create(at=NOW, what="gossip", user=people.nurse.user),
    ],
    "a_clinic_has_a_phone": [
        lambda people: make_clinic(phone=""),
    ],
    "at_most_one_canary_clinic": [
        lambda people: twice(lambda: make_clinic(is_canary=True)),
    ],
    "one_user_per_email_and_clinic": [
        lambda people: User.objects.create(username="other", email=people.nurse.user.email.upper()),
    ],
    "a_person_reads_a_language_we_speak": [
        lambda people: User.objects.filter(pk=people.patient.user_id).update(language="xx"),
    ],
    "staff_once_per_clinic": [
        lambda people: Staff.objects.create(user=people.nurse.user, clinic=people.clinic, role="manager"),
    ],
    "a_contact_method_once_per_person": [
        lambda people: twice(lambda: make_mobile(people.nurse, "+13125550111", verified_at=None)),
    ],
    "a_verified_address_has_one_owner": [
        lambda people: [make_mobile(person, "+13125550111") for person in (people.nurse, people.nurse2)],
    ],
    "a_contact_code_runs_out": [
        lambda people: make_mobile(people.nurse, "+13125550111", code_nonce="x"),
    ],
    "a_device_has_a_name_and_its_keys": [
        lambda people: make_mobile(people.nurse, "push:1", kind="push", label="Chrome"),
        lambda people: make_mobile(people.nurse, "push:1", kind="push", subscription="{}"),
    ],
    "an_alerts_message_has_its_clinic": [
        lambda people: delivery(people, alert=alert(people)),
    ],
    "a_clinic_tells_an_address_once": [
        lambda people: twice(lambda: webhook(people)),
    ],
    "a_webhook_is_off_for_a_reason": [
        lambda people: webhook(people, disabled_at=NOW, disabled_by=people.manager),
        lambda people: webhook(people, disabled_reason="x"),
    ],
    "an_old_secret_runs_out": [
        lambda people: webhook(people, old_secret="whsec_x"),
        lambda people: webhook(people, old_secret_until=NOW),
    ],
    "staff_has_a_known_role": [
        lambda people: Staff.objects.create(user=make_user(), clinic=people.clinic, role="janitor"),
    ],
    "record_number_once_per_clinic": [
        lambda people: make_patient(people.clinic, mrn=people.patient.mrn),
    ],
    "a_patient_has_a_name": [
        lambda people: change(people.patient, first_name=""),
    ],
    "a_patient_can_be_reached_by_phone_or_email": [
        lambda people: change(people.patient, phone="", email=""),
    ],
    "a_record_number_is_never_empty": [
        lambda people: change(people.patient, mrn=""),
    ],
    "a_helper_once_per_patient": [
        lambda people: Caregiver.objects.create(patient=people.patient, user=people.helper.user),
    ],
    "one_live_consent_per_purpose": [
        lambda people: Consent.objects.create(
            patient=people.patient, purpose="messages", wording_version="2", granted_at=NOW
        ),
    ],
    "consent_is_withdrawn_after_it_was_granted": [
        lambda people: Consent.objects.filter(patient=people.patient).update(granted_at=LATER, withdrawn_at=NOW),
    ],
    "a_letter_is_done_when_it_left_or_failed": [
        lambda people: Letter.objects.create(what="code", way="sms", state="left", created_at=NOW),
        lambda people: Letter.objects.create(what="code", way="sms", created_at=NOW, done_at=LATER),
    ],
    "a_recovery_closes_after_the_procedure_ended": [
        lambda people: change(people.procedure, closed_at=people.procedure.ended_at),
    ],
    "one_open_recovery_per_patient": [
        lambda people: make_procedure(people.patient),
    ],
    "baseline_pain_is_0_to_10": [
        lambda people: change(people.procedure, baseline_pain=11),
    ],
    "levels_are_T1_to_L5": [
        lambda people: change(people.procedure, levels=["L1", "C7"]),
    ],
    "one_live_override_per_key": [
        lambda people: twice(lambda: override(people)),
    ],
    "an_override_says_why": [
        lambda people: override(people, reason=""),
    ],
    # What is stored can be read
    "a_clinic_is_in_a_zone_of_a_place": [
        lambda people: change(people.clinic, timezone="EST"),
        lambda people: change(people.clinic, timezone="Etc/GMT-5"),
        lambda people: change(people.clinic, timezone="posix/America/Chicago"),
    ],
    "a_patient_is_in_a_zone_of_a_place": [
        lambda people: change(people.patient, timezone="Factory"),
        lambda people: change(people.patient, timezone=""),
    ],
    "a_planned_day_is_in_years_of_care": [
        lambda people: change(people.patient, planned_on=date(206, 1, 1)),
        lambda people: change(people.patient, planned_on=date(2101, 1, 1)),
    ],
    "a_birth_date_is_in_years_people_live": [
        lambda people: change(people.patient, birth_date=date(1899, 12, 31)),
        lambda people: change(people.patient, birth_date=date(2101, 1, 1)),
    ],
    "times_of_a_patient_are_in_years_of_care": [
        partial(far, "patient", name)
        for name in ("phone_confirmed_at", "phone_wrong_at", "waiting_since", "last_log_at", "plan_due_at")
    ],
    "times_of_a_recovery_are_in_years_of_care": [
        *(partial(far, "procedure", name) for name in ("ended_at", "next_visit_at", "dressing_removed_at")),
        lambda people: change(people.procedure, closed_at=AFTER),
    ],
    "dates_of_a_recovery_are_in_years_of_care": [
        partial(far_day, "procedure", name) for name in ("brace_until", "thinner_restart_on", "pt_start_on")
    ],
    "a_new_fracture_is_in_years_of_care": [partial(far_day, "procedure", "new_fracture_on")],
    "numbers_of_a_record_are_possible": [
        lambda people: change(people.procedure, hu_value=3001),
        lambda people: change(people.procedure, hu_value=float("nan")),
        lambda people: change(people.procedure, bmd_t_score=-10.1),
        lambda people: change(people.procedure, apap_max_mg=499),
        lambda people: change(people.procedure, apap_max_mg=4001),
    ],
    "an_override_is_set_in_years_of_care": [
        lambda people: override(people, set_at=BEFORE),
        lambda people: override(people, ended_at=AFTER),
    ],
    "a_helpers_right_is_in_years_of_care": [
        partial(far, "helper", "expires_at"),
        partial(far, "helper", "removed_at"),
    ],
    "an_agreement_is_in_years_of_care": [
        lambda people: Consent.objects.filter(patient=people.patient).update(granted_at=BEFORE),
        lambda people: Consent.objects.filter(patient=people.patient).update(withdrawn_at=AFTER),
    ],
    "a_shift_is_in_years_of_care": [
        lambda people: shift(people, starts_at=BEFORE),
        lambda people: shift(people, ends_at=AFTER),
    ],
    "times_of_an_alert_are_in_years_of_care": [
        lambda people: alert(people, next_step_at=BEFORE),
        lambda people: alert(people, opened_at=AFTER),
        lambda people: alert(people, next_check_at=AFTER),
        lambda people: alert(people, call_back_by=BEFORE),
        lambda people: alert(people, clock_started_at=BEFORE),
    ],
    "an_override_is_inside_its_bounds": [
        lambda people: override(people, key="no_drive_until", value="0206-12-05"),
        lambda people: override(people, key="fever_threshold_f", value=101),
        lambda people: override(people, key="ice_ok", value="no"),
        lambda people: override(people, key="not_known", value=1),
    ],
    "medicines_on_hold_have_days_in_years_of_care": [
        lambda people: change(people.procedure, meds_on_hold=[{"name": "x", "restart_on": "0206-12-31"}]),
        lambda people: change(people.procedure, meds_on_hold={}),
        lambda people: change(people.procedure, meds_on_hold=["x"]),
    ],
    "numbers_of_a_setting_are_possible": [
        lambda people: setting(people, value=-1),
        lambda people: setting(people, value=[1, {"x": 1e9}]),
    ],
    "a_setting_counts_in_years_of_care": [
        lambda people: setting(people, effective_from=BEFORE),
    ],
    "a_log_is_in_years_of_care": [
        lambda people: log(people, answered_at=BEFORE),
        lambda people: log(people, received_at=AFTER),
    ],
    "a_note_is_due_in_years_of_care": [
        lambda people: note(people, due_at=BEFORE),
    ],
    # Tell someone until a person answers
    "one_active_alert_per_patient": [
        lambda people: [
            alert(people),
            alert(people, state="acked", acked_by=people.nurse, acked_at=NOW, ack_expires_at=LATER),
        ],
    ],
    "one_active_alert_per_ack_code": [
        lambda people: [
            alert(people, ack_code="123456", patient=patient)
            for patient in (people.patient, make_patient(people.clinic))
        ],
    ],
    "a_reply_counts_once": [
        lambda people: twice(lambda: reply("SM1")),
    ],
    "active_if_and_only_if_scheduled": [
        lambda people: alert(people, next_step_at=None),
        lambda people: resolved(people, next_step_at=NOW),
        lambda people: alert(people, state="snoozed"),
    ],
    "acknowledged_only_by_a_named_person": [
        lambda people: alert(people, state="acked", acked_at=NOW, ack_expires_at=LATER),
        lambda people: alert(people, state="acked", acked_at=NOW, acked_by=people.nurse),
    ],
    "resolved_only_with_an_outcome": [
        lambda people: resolved(people, outcome=""),
        lambda people: alert(people, outcome="advised"),
    ],
    "an_urgent_alert_is_resolved_by_a_named_person": [
        lambda people: resolved(people, resolved_by=None, outcome="sign_gone"),
    ],
    "only_watch_is_snoozed_with_a_reason_for_a_week_at_most": [
        lambda people: snoozed(people, tier="call_doctor_now"),
        lambda people: snoozed(people, snooze_reason=""),
        lambda people: snoozed(people, snoozed_until=NOW + timedelta(days=7, seconds=1)),
        lambda people: snoozed(people, state="open"),
    ],
    "to_be_seen_by_is_said_by_a_named_person": [
        lambda people: alert(people, seen_by=LATER),
    ],
    "only_whoever_has_an_alert_is_told_again": [
        lambda people: alert(people, told_again_at=NOW),
        lambda people: resolved(people, told_again_at=NOW),
    ],
    "a_try_says_who_and_when": [
        lambda people: alert(people, tries=1, tried_at=NOW),
        lambda people: alert(people, tries=1, tried_by=people.nurse),
    ],
    "worth_is_useful_not_useful_or_unsure": [
        lambda people: resolved(people, worth="splendid"),
    ],
    "one_digest_per_clinic_and_morning": [
        lambda people: twice(lambda: digest(people, state="sent")),
    ],
    "one_coming_digest_per_clinic": [
        lambda people: [digest(people), digest(people, local_date=NOW.date() + timedelta(days=1))],
    ],
    "one_open_sign_per_patient": [
        lambda people: twice(partial(sign, people, alert(people))),
    ],
    "an_answered_sign_says_when": [
        lambda people: sign(people, alert(people), ack="seen"),
        lambda people: sign(people, alert(people), acked_at=NOW),
    ],
    "claimed_only_under_a_lease": [
        lambda people: delivery(people, state="claimed", claimed_at=NOW, lease_until=LATER),
        lambda people: delivery(people, state="sent", claim_token=uuid.uuid4()),
    ],
    "one_receipt_per_provider_id": [
        lambda people: [delivery(people, key, provider_id="x") for key in "ab"],
    ],
    "send_by_is_after_due": [
        lambda people: delivery(people, send_by=NOW),
    ],
    "one_policy_per_clinic_and_tier": [
        lambda people: twice(lambda: policy(people)),
    ],
    "the_last_step_repeats": [
        lambda people: policy(people, repeat_minutes=0),
        lambda people: policy(people, repeat_minutes=61),
    ],
    "an_acknowledgement_runs_out": [
        lambda people: policy(people, ack_minutes=0),
        lambda people: policy(people, ack_minutes=61),
    ],
    "one_step_per_position": [
        lambda people: twice(partial(step, people, policy=policy(people))),
    ],
    "a_step_names_a_role_or_a_person": [
        lambda people: step(people, audience="person"),
        lambda people: step(people, staff=people.nurse),
    ],
    "a_step_waits_at_most_an_hour": [
        lambda people: step(people, wait_minutes=61),
    ],
    "a_step_has_a_channel": [
        lambda people: step(people, channels=[]),
    ],
    "a_shift_ends_after_it_starts": [
        lambda people: shift(people, ends_at=NOW),
    ],
    "nobody_has_two_shifts_at_once": [
        lambda people: twice(lambda: shift(people)),
        lambda people: [shift(people, ends_at=NOW + timedelta(minutes=n)) for n in (2, 1)],
    ],
    "a_shift_is_offered_once_at_a_time": [
        lambda people: [swap(people, shift=row) for row in [shift(people)] * 2],
    ],
    "a_swap_is_between_two_people": [
        lambda people: swap(people, to_staff=people.nurse),
    ],
    "an_answered_offer_says_when": [
        lambda people: swap(people, state="accepted"),
        lambda people: swap(people, answered_at=NOW),
    ],
    "a_hand_over_note_is_for_somebody_else": [
        lambda people: hand_over_note(people, to=people.nurse),
    ],
    "a_hand_over_says_something": [
        lambda people: hand_over_note(people, text=""),
    ],
    "a_change_of_a_policy_says_why": [
        lambda people: policy_change(people, reason=""),
    ],
    "one_coming_canary_round": [
        lambda people: twice(lambda: CanaryRun.objects.create(due_at=NOW)),
    ],
    "a_canary_round_that_is_over_says_when": [
        lambda people: CanaryRun.objects.create(due_at=NOW, state="missed"),
        lambda people: CanaryRun.objects.create(due_at=NOW, ended_at=NOW),
    ],
    "one_epoch_follows_another": [
        lambda people: twice(epoch),
        lambda people: [epoch(cause="files", before=row) for row in [epoch()] * 2],
    ],
    "only_the_first_epoch_has_none_before_it": [
        lambda people: epoch(cause="files"),
        lambda people: epoch(before=epoch()),
    ],
    "a_clinic_checks_an_epoch_once": [
        lambda people: [epoch_check(people, row) for row in [epoch()] * 2],
    ],
    "one_seal_follows_another": [
        lambda people: twice(seal),
    ],
    "a_seal_is_over_some_rows": [
        lambda people: seal(up_to_id=0),
    ],
    "a_row_is_set_aside_once_per_sweep": [
        lambda people: twice(lambda: set_aside(7)),
    ],
    # The clinic's settings
    "one_live_setting_per_key": [
        lambda people: twice(lambda: setting(people)),
    ],
    "one_open_proposal_per_key": [
        lambda people: twice(lambda: setting(people, state="proposed")),
    ],
    "a_setting_has_a_known_state": [
        lambda people: setting(people, state="maybe"),
        lambda people: setting(people, state="", ended_by=people.manager, ended_at=NOW),
    ],
    "a_setting_says_why": [
        lambda people: setting(people, reason=""),
    ],
    "a_looser_setting_counts_only_signed": [
        lambda people: setting(people, loosens=True),
        lambda people: setting(people, loosens=True, state="ended", ended_by=people.manager, ended_at=LATER),
    ],
    "a_signature_says_when_and_never_reaches_back": [
        lambda people: setting(people, signed_by=people.physician),
        lambda people: setting(people, signed_at=NOW),
        lambda people: setting(people, signed_by=people.physician, signed_at=LATER),
    ],
    "a_setting_that_is_over_says_who_and_when": [
        lambda people: setting(people, state="ended", ended_at=NOW),
        lambda people: setting(people, state="refused", ended_by=people.physician),
        lambda people: setting(people, ended_by=people.manager, ended_at=NOW),
        lambda people: setting(people, state="proposed", ended_by=people.manager, ended_at=NOW),
    ],
    "a_call_back_is_promised_for_later": [
        lambda people: call_back(people, promised_at=LATER),
    ],
    "a_call_back_is_settled_by_a_named_person": [
        lambda people: call_back(people, settled_at=LATER),
        lambda people: call_back(people, settled_by=people.nurse),
    ],
    "a_call_back_is_in_years_of_care": [
        lambda people: call_back(people, promised_at=BEFORE, due_at=NOW),
        lambda people: call_back(people, due_at=AFTER),
        lambda people: call_back(people, late_at=BEFORE),
        lambda people: call_back(people, settled_at=AFTER, settled_by=people.nurse),
    ],
    "one_open_stay_per_patient": [
        lambda people: twice(lambda: stay(people)),
    ],
    "a_stay_has_begun_when_it_is_noted": [
        lambda people: stay(people, since=LATER),
    ],
    "a_stay_is_ended_by_a_named_person_after_it_began": [
        lambda people: stay(people, ended_at=LATER),
        lambda people: stay(people, ended_by=people.nurse),
        lambda people: stay(people, end_said_by=people.nurse.user),
        lambda people: stay(
            people, since=NOW - timedelta(hours=1), ended_at=NOW - timedelta(hours=2), ended_by=people.nurse
        ),
    ],
    "a_stay_is_noted_by_a_named_person": [
        lambda people: stay(people, noted_by=None),
        lambda people: stay(people, said_by=people.nurse.user),
    ],
    "short_logs_go_to_a_phone": [
        lambda people: change(people.patient, short_logs="sms", phone=""),
        lambda people: change(people.patient, short_logs="fax", phone="+13125550177"),
    ],
    "a_patients_notes_come_by_known_ways_and_by_day": [
        lambda people: change(people.patient, note_ways=["fax"]),
        lambda people: change(people.patient, log_hours=[7]),
        lambda people: change(people.patient, log_hours=[9, 12, 18]),
    ],
    "a_helpers_notes_come_by_known_ways": [
        lambda people: change(people.helper, note_ways=["board"]),
    ],
    "one_calendar_address_per_person_and_patient": [
        lambda people: twice(lambda: calendar_feed(people)),
    ],
    "a_calendar_address_is_in_years_of_care": [
        lambda people: calendar_feed(people, made_at=BEFORE),
        lambda people: calendar_feed(people, read_at=AFTER),
        lambda people: calendar_feed(people, ended_at=AFTER),
    ],
    "a_calendar_entry_once_per_recovery": [
        lambda people: twice(lambda: calendar_entry(people)),
    ],
    "a_calendar_entry_is_in_years_of_care": [
        lambda people: calendar_entry(people, starts_at=BEFORE),
        lambda people: calendar_entry(people, changed_at=AFTER),
        lambda people: calendar_entry(people, cancelled_at=AFTER),
    ],
    "a_helper_hands_over_once_at_a_time": [
        lambda people: twice(lambda: helper_turn(people)),
    ],
    "nobody_hands_over_to_themselves": [
        lambda people: helper_turn(people, taker=people.helper),
    ],
    "a_turn_comes_to_an_end": [
        lambda people: helper_turn(people, due_at=NOW),
    ],
    "a_turn_is_in_years_of_care": [
        lambda people: helper_turn(people, began_at=BEFORE),
        lambda people: helper_turn(people, due_at=AFTER),
        lambda people: helper_turn(people, ended_at=AFTER),
    ],
    "one_job_of_a_kind_at_a_time": [
        lambda people: twice(lambda: job(people)),
    ],
    "no_more_is_done_than_there_is": [
        lambda people: job(people, done=3),
    ],
    "a_job_is_due_until_it_is_over": [
        lambda people: job(people, due_at=None),
        lambda people: job(people, ended_at=LATER),
        lambda people: job(people, state="done"),
        lambda people: job(people, state="cancelled", due_at=None),
    ],
    "a_job_is_in_years_of_care": [
        lambda people: job(people, asked_at=BEFORE),
        lambda people: job(people, due_at=AFTER),
    ],
    "a_sheet_is_in_years_of_care": [
        lambda people: patient_sheet(people, made_at=BEFORE),
        lambda people: patient_sheet(people, confirmed_at=AFTER),
    ],
    "a_row_of_a_sheet_once": [
        lambda people: twice(partial(sheet_row, people, sheet=patient_sheet(people))),
    ],
    "who_was_imported_is_known": [
        lambda people: sheet_row(people, outcome="enrolled"),
        lambda people: sheet_row(people, outcome="updated"),
    ],
    "one_travel_at_a_time": [
        lambda people: twice(lambda: travel(people)),
    ],
    "a_travel_comes_to_an_end": [
        lambda people: travel(people, due_at=NOW),
    ],
    "a_travel_is_in_years_of_care": [
        lambda people: travel(people, began_at=BEFORE),
        lambda people: travel(people, due_at=AFTER),
        lambda people: travel(people, ended_at=AFTER),
    ],
    "a_travel_goes_to_a_zone_of_a_place": [
        lambda people: travel(people, zone="EST"),
    ],
    "a_travel_begins_in_a_zone_of_a_place": [
        lambda people: travel(people, home_zone="UTC"),
    ],
    # The journey
    "a_contact_is_of_a_known_kind": [
        lambda people: patient_contact(people, kind="letter"),
    ],
    "only_a_call_without_an_answer_needs_no_words": [
        lambda people: patient_contact(people, note=""),
    ],
    "minutes_of_a_contact_are_possible": [
        lambda people: patient_contact(people, minutes=0),
        lambda people: patient_contact(people, minutes=241),
    ],
    "a_contact_once_per_press": [
        lambda people: twice(lambda: patient_contact(people, once="x")),
    ],
    "a_care_message_has_words": [
        lambda people: care_message(people, text=""),
    ],
    "a_care_message_is_in_a_language_we_speak": [
        lambda people: care_message(people, language="xx"),
    ],
    "a_care_message_once_per_press": [
        lambda people: twice(lambda: care_message(people)),
    ],
    "a_care_message_is_in_years_of_care": [
        lambda people: care_message(people, sent_at=BEFORE),
        lambda people: care_message(people, sent_at=AFTER),
    ],
    "a_care_message_is_first_read_once": [
        lambda people: twice(partial(care_message_read, people, message=care_message(people))),
    ],
    "a_reading_is_in_years_of_care": [
        lambda people: care_message_read(people, at=BEFORE),
        lambda people: care_message_read(people, at=AFTER),
    ],
    "a_log_once_per_submission": [
        lambda people: twice(partial(log, people, client_id=uuid.uuid4())),
    ],
    "a_phone_counts_once": [
        lambda people: twice(lambda: phone_count(people)),
    ],
    "what_has_not_arrived_says_since_when": [
        lambda people: phone_count(people, missing_since=None),
        lambda people: phone_count(people, missing=0),
    ],
    "a_phone_counts_from_one": [
        lambda people: phone_count(people, last=0, up_to=0, beyond=[], missing=0, missing_since=None),
        lambda people: phone_count(people, up_to=3),
        lambda people: phone_count(people, missing=3),
    ],
    "a_phone_key_once_per_person": [
        lambda people: twice(lambda: phone_key(people)),
    ],
    "an_ended_phone_key_says_by_whom": [
        lambda people: phone_key(people, ended_at=NOW),
        lambda people: phone_key(people, ended_by=people.nurse.user),
    ],
    "a_phone_key_runs_out": [
        lambda people: phone_key(people, expires_at=NOW),
    ],
    "an_envelope_once_per_phone": [
        lambda people: twice(partial(envelope, people, phone_key=phone_key(people))),
    ],
    "an_envelope_is_a_log_or_says_why_not": [
        lambda people: envelope(people, state="opened", handled_at=NOW),
        lambda people: envelope(people, state="given", handled_at=NOW),
        lambda people: envelope(people, state="received", handled_at=NOW),
        lambda people: envelope(people, state="lost"),
    ],
    "an_envelope_is_kept_until_it_was_handled": [
        lambda people: envelope(people, envelope=""),
    ],
    "urgent_tiers_need_their_alert": [
        lambda people: assessment(people, tier="call_911"),
        lambda people: assessment(people, tier="call_doctor_now"),
    ],
    "an_assessment_has_a_known_tier": [
        lambda people: assessment(people, tier="fine"),
    ],
    "a_milestone_once_per_procedure": [
        lambda people: twice(
            partial(
                Milestone.objects.create,
                procedure=people.procedure,
                key="M-WALK-24H",
                status="active",
                updated_at=NOW,
            )
        ),
    ],
    "a_note_once_per_key": [
        lambda people: twice(lambda: note(people)),
    ],
    "a_note_taken_back_says_when_and_for_which_recovery": [
        lambda people: note(people, state="taken_back", handled_at=NOW),
        lambda people: note(people, state="taken_back", handled_at=NOW, taken_back_at=NOW),
        lambda people: note(people, state="sent", handled_at=NOW, taken_back_at=NOW),
        lambda people: note(people, taken_back_for=people.procedure),
    ],
    "a_handled_note_says_when": [
        lambda people: note(people, state="sent"),
        lambda people: note(people, handled_at=NOW),
    ],
}
