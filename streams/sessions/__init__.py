"""Live sessions: one broadcast each, from its slot to its archive."""
