"""Deployment: where a network could run, how fast, on how much memory and energy, and at what price."""
