"""The command ``regional-sim``: it parses, calls the package, and prints.

Nothing slow is imported before a command needs it, so that ``--help`` answers at once.
"""
