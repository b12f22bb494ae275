"""Forms about people, with their checks. May import: services, selectors, models."""
