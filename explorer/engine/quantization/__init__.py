"""Quantization: numbers in few bits, what that costs in accuracy, and what it saves in bytes and time."""
