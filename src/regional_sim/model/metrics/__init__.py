"""Metrics: what is measured every month, each defined once, one file for each theme.

Add a metric as a row of :class:`catalogue.Metric` and a loop in the file of its theme, called by
the phase of that theme in :mod:`measure`.
"""
