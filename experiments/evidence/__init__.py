"""The page of evidence, docs/evidence.md: what the model has to show, and whether it does."""
