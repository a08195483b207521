"""Running a plan: tasks, workers, failures, shards, and the runner that puts them together."""
