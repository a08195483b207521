"""The speed limit: the heaviest phases by hand in C, on the arrays of the package, bit for bit.

The distance to it is what the compiled phases could still gain.
"""
