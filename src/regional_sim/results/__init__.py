"""What is on disk: the result folder, finished blocks, tables, and the manifest."""
