"""What a clinic can show of its records: who looked at them."""
