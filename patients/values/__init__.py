"""Bounds and readers for typed numbers, dates, phone numbers and texts. PURE. May import: nothing of ours."""
