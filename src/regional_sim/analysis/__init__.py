"""Analysis: it reads results from disk, and what needs new runs asks the runner for them."""
