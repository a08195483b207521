"""What comes out for the shipped experiments, written as a page: ``make science``."""
