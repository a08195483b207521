"""Running batches of runs: what is asked for, the arrays, the policies and the compiled engine."""
