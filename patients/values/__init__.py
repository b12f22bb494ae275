"""What a name, number, address, date or text may be, and how it is read. PURE. May import: nothing of ours."""
