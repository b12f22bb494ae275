"""Row-level security: the database shows each person only the rows they may reach, whatever a page asks for."""
