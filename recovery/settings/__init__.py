"""Clinic settings: turn their rows into the config of triage and plan. May import: triage, plan."""
