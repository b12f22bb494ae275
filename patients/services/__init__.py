"""What a clinic changes about people: each in one transaction, each written down."""
