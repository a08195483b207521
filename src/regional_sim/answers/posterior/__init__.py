"""What observed targets say about uncertain parameters."""
