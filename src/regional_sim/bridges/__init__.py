"""Bridges to tools that researchers know: one file for each.

The numbers are those of :func:`regional_sim.run` for the same settings, seed and replicates.
"""
