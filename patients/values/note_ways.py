"""PURE: the ways in which a patient or helper may want notes, and the hours at which they may want to be asked."""

NOTE_WAYS = ("sms", "email", "push")
# Full hours outside the quiet hours (21:00 to 08:00, DF-28).
NOTE_HOURS = tuple(range(8, 21))
# Once to ask, and once to ask again (DF-24).
MOST_HOURS = 2
