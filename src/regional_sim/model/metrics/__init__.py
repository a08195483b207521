"""Metrics: what is measured every month, each defined once."""
