"""Which factors decide an outcome, and in which direction."""
