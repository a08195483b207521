"""The shared core: the arrays of a block of runs, the draws, the phases and their order."""
