"""What a finished result answers: whether a claim holds, what decides it, where it flips."""
