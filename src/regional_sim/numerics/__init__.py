"""What the model computes with: the compiler, exact elementary functions, random bits, arrays."""
