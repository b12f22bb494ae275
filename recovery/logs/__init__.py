"""A log from the door to the verdict, and what follows from silence. May import: settings, triage."""
