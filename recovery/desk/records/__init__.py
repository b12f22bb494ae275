"""What a clinic can show of its records: who looked at them, and the whole record of one patient."""
