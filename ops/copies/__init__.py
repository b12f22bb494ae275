"""Copies of the records: made, closed for a key that is elsewhere, tried, and put back."""
