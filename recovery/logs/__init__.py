"""Every log takes the same five steps: read, check, store, judge, tell (submit.py).

May import: selectors, forms, triage.
"""
