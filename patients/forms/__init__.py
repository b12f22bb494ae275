"""What staff and patients type about people, checked. May import: services, selectors, models."""
