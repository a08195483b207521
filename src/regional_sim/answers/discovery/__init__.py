"""Where in the factors a condition holds, and where an effect flips."""
