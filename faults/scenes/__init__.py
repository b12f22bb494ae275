"""One short scene for each promise of the engine, in modules by fault (played by faults.scenarios)."""
