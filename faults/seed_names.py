"""A name that no text of ours contains: wherever it turns up outside the database, something leaked."""

SURNAME = "Canarysurname"
