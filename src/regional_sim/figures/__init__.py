"""Every picture: what it shows, and how it is drawn."""
