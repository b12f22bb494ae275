"""PURE: the recovery plan, its cards and gates, by data and a moment. May import: nothing but values."""
