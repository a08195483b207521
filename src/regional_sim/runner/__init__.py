"""Running a plan: in which order, by which workers, and how shards are merged."""
