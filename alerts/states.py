"""PURE: the states of an alert, and which of them still need a person."""

OPEN, ACKED, RESOLVED = "open", "acked", "resolved"
# Staff must act on these alerts; a patient has at most one.
ACTIVE = (OPEN, ACKED)
