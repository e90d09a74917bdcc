"""Benchmarks: what the program promises about speed, measured on the machine at hand, as ratios of one run."""
