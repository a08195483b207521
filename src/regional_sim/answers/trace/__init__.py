"""One run, month by month: what was decided, what weighed in it, and what followed."""
