"""Names of the rules that code refers to (`role` in the rule book's rows), so that code holds no rule id.

The phone's scripts use the same names (emergency.js, phone_verdict.js); the phone's rule book has them.
"""

# Fires when no log has come for too long.
SILENCE = "silence"
# Fires for questions that were not answered.
MISSING = "missing"
# Read the note. The answer "not now" clears these rules and no others.
NOTE = "note"
# Fires when the emergency list was opened and no item of it is tapped yet.
NO_ITEM = "no_item"
# How many rules may have each role: (at least, at most).
HOW_MANY = {SILENCE: (1, 1), MISSING: (1, 1), NOTE: (1, 9), NO_ITEM: (1, 1)}
