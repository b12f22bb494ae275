"""PURE: what screens may say of a log and of a patient. Imports nothing of ours."""
