"""Arithmetic that gives the same bits everywhere, its compiler, arrays and statistics."""
