"""Live screens of staff: the mark of what waits, the event stream. May import: models, messaging."""
