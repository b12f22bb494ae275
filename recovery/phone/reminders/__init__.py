"""The page on which patients and helpers say how they want notes. May import: as the phone."""
