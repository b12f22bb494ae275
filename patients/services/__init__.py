"""What a clinic changes about people: each in one transaction, each written down. May import: sign_in."""
