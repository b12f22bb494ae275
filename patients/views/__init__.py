"""Pages for enrolment, the record, helpers, staff and signing in. May import: all other rooms."""
