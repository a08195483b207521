"""Analysis: comparing results on disk, running one again, and calibration."""
