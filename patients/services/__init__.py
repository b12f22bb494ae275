"""Changes to people's data, each in one transaction and recorded. May import: sign_in."""
