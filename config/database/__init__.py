"""Django's PostgreSQL engine, which sets the scope of each transaction (patients.wall)."""
