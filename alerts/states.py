"""The states of an alert, and which of them still wait for a person. Pure."""

OPEN, ACKED, RESOLVED = "open", "acked", "resolved"
# Somebody has to act on these; a patient has at most one.
ACTIVE = (OPEN, ACKED)
