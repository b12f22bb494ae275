"""Enrols patients from a sheet: reads the file, checks and saves row by row. May import: forms, services."""
