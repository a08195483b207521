"""The command ``regional-sim``: it parses, calls the package, and prints.

Each command stands in a file of its own.  Nothing slow is imported before a command needs it, so
that ``--help`` answers at once.
"""
