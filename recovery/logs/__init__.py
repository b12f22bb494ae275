"""One log goes one way: read, check, store, judge, tell (submit.py). May import: selectors, forms, triage."""
