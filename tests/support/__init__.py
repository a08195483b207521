"""What several tests share: random worlds, small sweeps, and processes that are ended early."""
