"""Pages and JSON addresses of patients and helpers. May import: logs, journey, selectors, forms."""
