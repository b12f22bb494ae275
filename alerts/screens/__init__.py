"""Live screens of staff: what waits, the event stream. May import: models, messaging."""
