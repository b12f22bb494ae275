"""The states of an alert, and which of them still wait for a person. Pure."""

OPEN, ACKED, RESOLVED = "open", "acked", "resolved"
# Staff must act on these alerts; a patient has at most one.
ACTIVE = (OPEN, ACKED)
