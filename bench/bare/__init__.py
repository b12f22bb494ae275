"""The yardstick: a Django site that does the least a log and a list can do, on the same machine, in one run."""
