"""Whether a claim holds, how widely, what decides it, and through whose response."""
