"""Django's PostgreSQL, told in each transaction on whose behalf it works."""
