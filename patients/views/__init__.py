"""Pages about people: enrolment, the record, helpers, staff, signing in. May import: all other rooms."""
