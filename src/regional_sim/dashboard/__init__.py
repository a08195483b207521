"""A page in the browser on which a region is watched under two postures at once."""
