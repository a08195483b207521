"""Tables: their columns, and their rows made of finished blocks."""
