"""PURE: the words of screens about a log and about a patient. May import: triage."""
