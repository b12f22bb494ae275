"""Pages and doors of patients and helpers. May import: logs, journey, selectors, forms."""
