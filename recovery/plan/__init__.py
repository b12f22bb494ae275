"""PURE: the recovery plan, its cards and gates, computed from data and a moment. May import: only values."""
