"""Whether the model can tell what the next months bring."""
