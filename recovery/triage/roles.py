"""Names for the rules that code asks for (`role` in the rule book's rows), so that no id of a rule stands in code.

The names stand in static/js too (emergency.js, phone_verdict.js): the phone's rule book carries them.
"""

# Nobody has logged for too long.
SILENCE = "silence"
# It fires for what was not answered.
MISSING = "missing"
# They read the note: a person who says "not now" clears these and nothing else.
NOTE = "note"
# The emergency list was opened, and nothing in it tapped yet.
NO_ITEM = "no_item"
# How many rules may have each: at least, at most.
HOW_MANY = {SILENCE: (1, 1), MISSING: (1, 1), NOTE: (1, 9), NO_ITEM: (1, 1)}
