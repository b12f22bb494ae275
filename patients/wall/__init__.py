"""The database as a second wall: whose rows it shows to whom, whatever the pages above it ask for."""
