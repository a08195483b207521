"""Which policy is best, when nobody knows the parameters."""
