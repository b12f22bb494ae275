"""A name that none of our texts contains: where it appears outside the database, health data leaked."""

SURNAME = "Canarysurname"
