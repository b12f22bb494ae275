"""The words that staff read about signs, events, deliveries and plan reasons."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.policy.plan import CHANNEL_WORDS
from patients.templatetags.kypho import clock, day_and_clock
from patients.tiers import CALL_911, CALL_DOCTOR_NOW, WATCH
from recovery.triage.rulebook import sign_label

# Signs that are not in the rule book.
OWN_SIGNS = {
    "unreadable": "A log nobody could judge: read it",
    "unopened": "An urgent log from a phone could not be read: call and ask",
    "phone_judged_worse": "The phone judged it as more urgent",
    "call_back_missed": "A promised call-back is late",
}
EVENTS = {
    "opened": "Opened",
    "folded": "Logged again",
    "worse": "Worse in a new log",
    "upgraded": "More urgent now",
    "reopened": "Open again: new or worse",
    "ack_expired": "Open again: nobody wrote down a contact in time",
    "call_back_missed": "Open again: the promised call-back time passed",
    "check_due": "Open again: time to look again",
    "contact_ran_out": "Open again: the last contact is too long ago to count",
    "still_there": "Logged again after the contact: whoever has it was told",
    "still_there_unanswered": "Open again: nobody answered that the sign is still there",
    "not_seen_in_time": "Open again: the time to be seen passed",
    "snoozed": "Snoozed",
    "snooze_ended": "Open again: it was snoozed until now",
    "out_of_reach": "Out of reach: the physician’s step comes now",
    "clock_set_back": "The server’s clock was set back: the next step came at once",
    "told": "Told",
    "called": "Called",
    "step_empty": "Nobody could be told in this step",
    "no_one_on_call": "No nurse was on call",
    "nobody_reachable": "Nobody of the plan could be reached",
    "acknowledged": "Taken",
    "contacted": "Spoke with the patient",
    "evaluated": "Examined in person",
    "not_reached": "Tried, not reached",
    "handed_over": "Handed over",
    "let_go": "Open again: whoever had it has no access any more",
    "sign_gone": "A watch sign was gone in a later log",
    "resolved": "Closed",
    "restored": "The records were restored from a backup; what was done before this may be missing",
}
REASONS = {
    "tier": "the tier now",
    CALL_911: "911 now",
    CALL_DOCTOR_NOW: "call doctor now",
    WATCH: "watch now",
    "clinic_override": "clinic setting",
    "no_recent_log": "no fresh log",
    "leg_sign": "a leg sign",
    "leg_or_fall": "a leg sign, or a fall in 24 h",
    "opioid_24h": "recent strong pain pill",
    "opioid_unknown": "last strong pain pill not known",
    "physical_job": "physical job, not cleared",
    "needs_clearance": "clearance needed",
    "site_pain_still_there": "needle spot still hurts",
    "site_or_numb_sign": "a site, fever or numbness sign",
    "call_before_restart": "bruise or bleeding: call first",
    "no_date_set": "no date set",
    "no_visit_set": "no visit set",
}
DELIVERY_STATES = {
    "pending": "waiting",
    "claimed": "being sent",
    "sent": "sent",
    "delivered": "delivered",
    "dead": "failed",
    "cancelled": "no longer needed",
}


def sign_words(key: str) -> str:
    """Return a sign in a nurse's words."""
    return OWN_SIGNS.get(key) or sign_label(key)


def channel_words(channel: str) -> str:
    """Return a channel in everyday words."""
    return CHANNEL_WORDS.get(channel, channel)


def calls_without_answer(tries: int) -> str:
    """Return words such as "1 call without an answer"."""
    return "1 call without an answer" if tries == 1 else f"{tries} calls without an answer"


def for_how_long(passed: timedelta) -> str:
    """Return a time span in words: 4 min, 3 h, 2 days."""
    minutes = max(int(passed.total_seconds() // 60), 0)
    if minutes < 90:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def clock_words(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return the time, with the day when it is not today: 10:09 AM, or Sat Nov 21, 10:09 AM."""
    local = at.astimezone(zone)
    return clock(local) if local.date() == now.astimezone(zone).date() else day_and_clock(local)


def reported_late(happened: datetime, received: datetime, zone: ZoneInfo) -> str:
    """Return "Reported late: it happened Sat Nov 21, 10:09 AM, reported 3 days later, Tue Nov 24, 10:09 AM."."""
    then, since = day_and_clock(happened.astimezone(zone)), day_and_clock(received.astimezone(zone))
    return f"Reported late: it happened {then}, reported {for_how_long(received - happened)} later, {since}."
