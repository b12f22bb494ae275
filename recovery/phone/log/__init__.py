"""The log page, its JSON address, and answers kept for a patient who was signed out. May import: phone pages."""
