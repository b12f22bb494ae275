"""The promises of the engine, one short scene each, by what goes wrong (played by faults.scenarios)."""
